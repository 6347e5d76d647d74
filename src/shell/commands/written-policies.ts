import { type ManifestObject, readManifest } from '../../kube/manifest.ts'
import type { NetworkPolicy } from '../../kube/objects.ts'
import { defaultNetworkPolicy } from '../../policy/validate.ts'
import type { WorkFolder } from '../work-folder.ts'
import type { PlaceOf } from './deciding-rules.ts'
import { isNetworkPolicy } from './is-network-policy.ts'

const MANIFEST = /\.(ya?ml|json)$/

/**
 * Where policies of the cluster are written in the learner's files: those whose text means what is in the cluster now. A file that
 * was changed since, or that cannot be read, is no such place.
 */
export async function writtenIn(
  folder: WorkFolder,
  policies: readonly NetworkPolicy[],
  namespace: string,
): Promise<PlaceOf> {
  const stored = new Map(policies.map((policy) => [keyOf(policy, namespace), meaning(policy)]))
  const found = new Map<string, ManifestObject>()
  for (const { name, kind } of (await folder.list('.')) ?? []) {
    if (kind !== 'file' || !MANIFEST.test(name)) continue
    const { objects } = readManifest((await folder.read(name)) ?? '', name)
    for (const each of objects) {
      if (!isNetworkPolicy(each.object)) continue
      const key = keyOf(each.object, namespace)
      if (!found.has(key) && stored.get(key) === meaning(each.object)) found.set(key, each)
    }
  }
  return (policy, path) => {
    const written = found.get(`${policy.namespace}/${policy.name}`)
    return written === undefined ? undefined : `${written.file}:${written.lineOf(path)}`
  }
}

function keyOf({ metadata }: NetworkPolicy, namespace: string): string {
  return `${metadata.namespace ?? namespace}/${metadata.name}`
}

/** The spec as the server would store it, with its fields in order. */
function meaning(policy: NetworkPolicy): string {
  return JSON.stringify(defaultNetworkPolicy(policy).spec, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  )
}
