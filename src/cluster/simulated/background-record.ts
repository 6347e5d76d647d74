import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomically } from '../../platform/atomic-file.ts'
import { lockOwner } from '../../platform/lock-file.ts'
import { isNodeError } from '../../platform/node-error.ts'

/** What the process of a background cluster tells others about itself. */
export interface BackgroundRecord {
  readonly pid: number
  /** RFC 3339. */
  readonly since: string
  /** `https://127.0.0.1:port`. */
  readonly server: string
  readonly clock: 'real' | 'fast'
}

/** Files of the slot of the saved cluster. */
export const backgroundFiles = (folder: string) => ({
  record: join(folder, 'background.json'),
  lock: join(folder, 'lock'),
  /** Held by a lesson that is played on the background cluster. */
  lesson: join(folder, 'lesson-lock'),
  log: join(folder, 'background.log'),
  kubeconfig: join(folder, 'kubeconfig'),
  state: join(folder, 'state.json'),
})

export async function writeBackgroundRecord(
  folder: string,
  record: BackgroundRecord,
): Promise<void> {
  await writeFileAtomically(
    backgroundFiles(folder).record,
    `${JSON.stringify({ format: 1, ...record })}\n`,
  )
}

export async function removeBackgroundRecord(folder: string): Promise<void> {
  await rm(backgroundFiles(folder).record, { force: true })
}

/** What the last background cluster wrote, whether it still runs or not. */
export async function readBackgroundRecord(folder: string): Promise<BackgroundRecord | undefined> {
  try {
    const json: unknown = JSON.parse(await readFile(backgroundFiles(folder).record, 'utf8'))
    if (typeof json !== 'object' || json === null) return undefined
    if (!('pid' in json && 'since' in json && 'server' in json && 'clock' in json)) return undefined
    const { pid, since, server, clock } = json
    if (typeof pid !== 'number' || typeof since !== 'string' || typeof server !== 'string') {
      return undefined
    }
    return { pid, since, server, clock: clock === 'fast' ? 'fast' : 'real' }
  } catch (error) {
    if (error instanceof SyntaxError || isNodeError(error, 'ENOENT')) return undefined
    throw error
  }
}

/** The background cluster that runs now. A record that its process left behind when it was killed is none. */
export async function runningBackground(folder: string): Promise<BackgroundRecord | undefined> {
  const [record, owner] = await Promise.all([
    readBackgroundRecord(folder),
    lockOwner(backgroundFiles(folder).lock),
  ])
  return record !== undefined && record.pid === owner ? record : undefined
}
