import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { ClusterKind } from '../../cluster/provider.ts'
import type { LabHome } from '../../platform/lab-home.ts'
import { isNodeError } from '../../platform/node-error.ts'

/** The lab's own kubeconfig of a kind of cluster, where the lab has made one. */
export async function findKubeconfigOf(
  kind: ClusterKind,
  home: LabHome,
): Promise<string | undefined> {
  const folder = join(home.clusters, kind)
  try {
    const names = await readdir(folder)
    const name = names.find((each) => each === 'kubeconfig' || each.endsWith('.kubeconfig'))
    return name === undefined ? undefined : join(folder, name)
  } catch (error) {
    if (isNodeError(error, 'ENOENT')) return undefined
    throw error
  }
}
