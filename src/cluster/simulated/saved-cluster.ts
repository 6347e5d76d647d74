import type { VersionedFormat } from '../../platform/atomic-file.ts'

/** The file of a saved simulated cluster: an envelope with a version around what the simulator wrote. */
export const SAVED_CLUSTER: VersionedFormat<unknown> = {
  format: 1,
  decode: (json) => {
    if (typeof json !== 'object' || json === null || !('cluster' in json)) {
      throw new Error('it holds no cluster')
    }
    return json.cluster
  },
}

export function encodeSavedCluster(cluster: unknown): string {
  return `${JSON.stringify({ format: SAVED_CLUSTER.format, cluster })}\n`
}
