import type { KindInfo } from '../../../kube/kinds.ts'
import type { AnyKubeObject, KubeObject, Pod } from '../../../kube/objects.ts'
import { isLess, type ResourceList, sum } from '../../../kube/pod-resources.ts'
import { subtractQuantities } from '../../../kube/quantity.ts'
import { countsFor, quotaMatches, unsaidIn, usageOf } from '../../../kube/quota-usage.ts'
import type { ResourceQuota } from '../../../kube/stored-objects.ts'
import { errors } from '../status.ts'
import type { Store } from '../store.ts'

/** Kinds whose changes are charged as well; of all others the creation alone. */
const CHARGED_ON_UPDATE: ReadonlySet<string> = new Set(['services', 'persistentvolumeclaims'])

/**
 * The quotas of a namespace as they are once an object has been created or changed. Models the admission plugin ResourceQuota of
 * k8s.io/apiserver.
 * @throws ApiError 403 where one of them does not allow it
 */
export function chargedQuotas(
  info: KindInfo,
  object: AnyKubeObject,
  previous: AnyKubeObject | undefined,
  store: Store,
): readonly AnyKubeObject[] {
  const { namespace, name } = object.metadata
  if (namespace === undefined || info.kind === 'Event') return []
  if (previous !== undefined && (info.group !== '' || !CHARGED_ON_UPDATE.has(info.plural)))
    return []
  const quotas = store.list('ResourceQuota', namespace)
  if (quotas.length === 0) return []
  const forbidden = (why: string) => errors.forbidden(info, name, why)
  const found = quotas.flatMap((stored) => {
    const quota = stored as KubeObject as ResourceQuota
    const limited = Object.keys(quota.status?.hard ?? {})
    if (!quotaMatches(quota, info, object, limited)) return []
    const own = limited.filter((resource) => countsFor(info, resource))
    const unsaid = info.kind === 'Pod' ? unsaidIn(object as KubeObject as Pod, own) : undefined
    if (unsaid !== undefined) {
      throw forbidden(`failed quota: ${quota.metadata.name}: ${unsaid}`)
    }
    const unknown = own.filter((resource) => quota.status?.used?.[resource] === undefined)
    if (unknown.length > 0) {
      const names = unknown.sort().join(',')
      throw forbidden(`status unknown for quota: ${quota.metadata.name}, resources: ${names}`)
    }
    return [{ quota, own }]
  })
  const usage = usageOf(info, object)
  const before = previous === undefined ? {} : usageOf(info, previous)
  return found.flatMap(({ quota, own }) => {
    const { hard = {}, used = {} } = quota.status ?? {}
    const requested: Record<string, string> = {}
    for (const resource of own) {
      const amount = subtractQuantities(usage[resource] ?? '0', before[resource] ?? '0')
      if (amount !== '0') requested[resource] = amount
    }
    if (Object.keys(requested).length === 0) return []
    const next = sum(used, requested)
    const exceeded = Object.keys(requested)
      .filter((resource) => isLess(hard[resource] ?? '0', next[resource] ?? '0'))
      .sort()
    if (exceeded.length > 0) {
      const shown = (list: ResourceList) =>
        exceeded.map((resource) => `${resource}=${list[resource] ?? '0'}`).join(',')
      throw forbidden(
        `exceeded quota: ${quota.metadata.name}, requested: ${shown(requested)}, used: ${shown(used)}, limited: ${shown(hard)}`,
      )
    }
    return [{ ...quota, status: { ...quota.status, used: next } }]
  })
}
