import { LabError } from '../../base/errors.ts'
import { type VersionedFormat, writeFileAtomically } from '../../platform/atomic-file.ts'
import { textIfThere } from '../../platform/text-if-there.ts'
import type { SavedCluster } from '../../simulator/simulated-cluster.ts'

/** The file's format is the version of what the simulator saves: a newer simulator does not compile with an older number here. */
const FORMAT: SavedCluster['version'] = 1

/** The file of a saved simulated cluster: what the simulator wrote, in an envelope that tells its version. */
export function savedClusterFormat(
  decode: (value: unknown) => SavedCluster,
): VersionedFormat<SavedCluster> {
  return {
    format: FORMAT,
    decode: (json) => {
      if (!isEnvelope(json)) throw new Error('it holds no cluster')
      return decode(json.cluster)
    },
  }
}

export function encodeSavedCluster(cluster: SavedCluster): string {
  return `${JSON.stringify({ format: cluster.version, cluster })}\n`
}

/**
 * Reads a file that somebody keeps a cluster in. Unlike the lab's own state it is left where it is, whatever is in it.
 *
 * @throws LabError ERR_PROGRESS_DAMAGED, ERR_PROGRESS_NEWER, or ERR_USAGE where there is none
 */
export async function readSavedClusterFile(path: string): Promise<SavedCluster> {
  const { decodeSavedCluster } = await import('../../simulator/simulated-cluster.ts')
  const text = await textIfThere(path, refusal(path))
  if (text === undefined) {
    throw new LabError('ERR_USAGE', `There is no file ${path}.`, {
      next: ['netpol-lab cluster save FILE writes one.'],
    })
  }
  const json = parsed(text)
  if (!isEnvelope(json)) {
    throw new LabError('ERR_PROGRESS_DAMAGED', `${path} holds no saved cluster.`, {
      next: ['Name a file that netpol-lab cluster save has written.'],
    })
  }
  return decodeSavedCluster(json.cluster)
}

/**
 * Writes a cluster into a file of somebody's choice, mode 0600. Only a saved cluster is replaced, nothing else.
 *
 * @throws LabError ERR_USAGE where something else is there
 */
export async function writeSavedClusterFile(path: string, text: string): Promise<void> {
  const before = await textIfThere(path, refusal(path))
  if (before !== undefined && !isEnvelope(parsed(before))) {
    throw new LabError('ERR_USAGE', `${path} is no saved cluster, so it is not replaced.`, {
      next: ['Name a new file.'],
    })
  }
  await writeFileAtomically(path, text)
}

function refusal(path: string) {
  return { message: `${path} cannot be read.`, next: ['Name another file.'] }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isEnvelope(json: unknown): json is { readonly cluster: unknown } {
  return typeof json === 'object' && json !== null && 'format' in json && 'cluster' in json
}
