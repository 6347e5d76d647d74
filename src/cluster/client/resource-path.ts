import type { ResourceRef } from '../../kube/client.ts'
import type { KubeObject } from '../../kube/objects.ts'

/** The URL path of a resource: `/api/v1/…` for the core group, `/apis/<group>/<version>/…` for the others. */
export function resourcePath(ref: ResourceRef): string {
  const root = ref.apiVersion.includes('/') ? `/apis/${ref.apiVersion}` : `/api/${ref.apiVersion}`
  const parts = [
    ...(ref.namespace === undefined ? [] : ['namespaces', ref.namespace]),
    ref.plural,
    ...(ref.name === undefined ? [] : [ref.name]),
    ...(ref.subresource === undefined ? [] : [ref.subresource]),
  ]
  return `${root}/${parts.map(encodeURIComponent).join('/')}`
}

export function queryString(
  query: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>,
): string {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue
    for (const item of typeof value === 'object' ? value : [value])
      params.append(name, String(item))
  }
  const text = params.toString()
  return text === '' ? '' : `?${text}`
}

export interface ResourceKind {
  readonly plural: string
  readonly namespaced: boolean
}

/** The kinds that the lab itself writes. Any other is asked of the server's discovery. */
const KNOWN: Readonly<Record<string, ResourceKind>> = {
  'v1/Namespace': { plural: 'namespaces', namespaced: false },
  'v1/Pod': { plural: 'pods', namespaced: true },
  'v1/Service': { plural: 'services', namespaced: true },
  'networking.k8s.io/v1/NetworkPolicy': { plural: 'networkpolicies', namespaced: true },
  'apps/v1/Deployment': { plural: 'deployments', namespaced: true },
}

/** The plural of an object's kind, from the table or from the server (`APIResourceList`). `undefined` where it has none. */
export async function findResourceKind(
  object: KubeObject,
  discover: (path: string) => Promise<unknown>,
): Promise<ResourceKind | undefined> {
  const known = KNOWN[`${object.apiVersion}/${object.kind}`]
  if (known !== undefined) return known
  const group = object.apiVersion.includes('/') ? 'apis' : 'api'
  const list = await discover(`/${group}/${object.apiVersion}`)
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
