import { kindOf } from '../../kube/kinds.ts'
import type { KubeObject } from '../../kube/objects.ts'

export interface ResourceKind {
  readonly plural: string
  readonly namespaced: boolean
}

/**
 * The plural of an object's kind, from the table of kinds, or from the server's discovery (`APIResourceList`) where a cluster has
 * more. `undefined` where the server has none either.
 */
export async function findResourceKind(
  object: KubeObject,
  discover: (path: string) => Promise<unknown>,
): Promise<ResourceKind | undefined> {
  const known = kindOf(object)
  if (known !== undefined) return known
  const list = await discover(
    `/${object.apiVersion.includes('/') ? 'apis' : 'api'}/${object.apiVersion}`,
  )
  if (typeof list !== 'object' || list === null || !('resources' in list)) return undefined
  if (!Array.isArray(list.resources)) return undefined
  for (const entry of list.resources as readonly unknown[]) {
    if (typeof entry !== 'object' || entry === null) continue
    if (!('kind' in entry) || entry.kind !== object.kind) continue
    if (!('name' in entry) || typeof entry.name !== 'string' || entry.name.includes('/')) continue
    return { plural: entry.name, namespaced: 'namespaced' in entry && entry.namespaced === true }
  }
  return undefined
}
