import { join } from 'node:path'
import type { ClusterKind } from '../../cluster/provider.ts'
import { readVersionedFile, writeFileAtomically } from '../../platform/atomic-file.ts'
import type { AppSettings } from '../../runner/app-ports.ts'
import type { Lab } from './lab.ts'

const KINDS: readonly ClusterKind[] = ['simulated', 'kind', 'context']

/** What the learner chose before. A file that cannot be read is set aside and told in `problem`. */
export async function loadSettings(
  lab: Lab,
): Promise<{ readonly settings: AppSettings; readonly problem: string | undefined }> {
  const none: AppSettings = { cluster: undefined, context: undefined }
  const read = await readVersionedFile(
    pathOf(lab),
    { format: 1, decode: decodeSettings },
    Date.now(),
  )
  switch (read.kind) {
    case 'absent':
      return { settings: none, problem: undefined }
    case 'read':
      return { settings: read.value, problem: undefined }
    case 'set-aside':
      return {
        settings: none,
        problem: `Your settings ${read.reason === 'newer' ? 'are of a newer netpol-lab' : 'could not be read'} (${read.detail}). They are kept as ${read.keptAs}.`,
      }
  }
}

export async function saveSettings(lab: Lab, settings: AppSettings): Promise<void> {
  await writeFileAtomically(pathOf(lab), `${JSON.stringify({ format: 1, ...settings }, null, 2)}\n`)
}

function pathOf(lab: Lab): string {
  return join(lab.home.config, 'settings.json')
}

function decodeSettings(json: unknown): AppSettings {
  if (typeof json !== 'object' || json === null) throw new Error('it is not an object')
  const cluster: unknown = Reflect.get(json, 'cluster')
  const context: unknown = Reflect.get(json, 'context')
  return {
    cluster: KINDS.find((kind) => kind === cluster),
    context: typeof context === 'string' ? context : undefined,
  }
}
