import type { VersionedFormat } from '../../platform/atomic-file.ts'
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
      if (typeof json !== 'object' || json === null || !('cluster' in json)) {
        throw new Error('it holds no cluster')
      }
      return decode(json.cluster)
    },
  }
}

export function encodeSavedCluster(cluster: SavedCluster): string {
  return `${JSON.stringify({ format: cluster.version, cluster })}\n`
}
