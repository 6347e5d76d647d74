import type { Container, KubeObject, Pod, Service } from './objects.ts'
import { podResources, type ResourceList, resourcesOf } from './pod-resources.ts'
import type { PersistentVolumeClaim, QuotaScope, ResourceQuota } from './stored-objects.ts'

/** What a quota counts of one kind of object. Models pkg/quota/v1/evaluator/core. */

/** Kinds that are counted by their plain plural too. */
const COUNTED_PLAINLY: ReadonlySet<string> = new Set([
  'configmaps',
  'persistentvolumeclaims',
  'pods',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'services',
])
const OF_PODS: ReadonlySet<string> = new Set([
  'pods',
  'cpu',
  'memory',
  'ephemeral-storage',
  'requests.cpu',
  'requests.memory',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
])
/** Where a quota limits one of these, every container has to say how much it wants. */
const MUST_BE_SAID: ReadonlySet<string> = new Set([
  'cpu',
  'memory',
  'requests.cpu',
  'requests.memory',
  'limits.cpu',
  'limits.memory',
])
const OF_SERVICES: ReadonlySet<string> = new Set([
  'services',
  'services.nodeports',
  'services.loadbalancers',
])
const CLASS_SUFFIX = '.storageclass.storage.k8s.io/'

/** A kind as quotas know it. */
export interface CountedKind {
  readonly group: string
  readonly plural: string
}

/** `count/deployments.apps`. */
function countName({ group, plural }: CountedKind): string {
  return group === '' ? `count/${plural}` : `count/${plural}.${group}`
}

/** Whether a kind's objects use a resource, by its name. */
export function countsFor(kind: CountedKind, resource: string): boolean {
  if (resource === countName(kind)) return true
  if (kind.group !== '') return false
  switch (kind.plural) {
    case 'pods':
      return OF_PODS.has(resource) || isExtended(resource) || resource.startsWith('hugepages-')
    case 'services':
      return OF_SERVICES.has(resource)
    case 'persistentvolumeclaims':
      return (
        resource === 'persistentvolumeclaims' ||
        resource === 'requests.storage' ||
        resource.includes(CLASS_SUFFIX)
      )
    default:
      return COUNTED_PLAINLY.has(resource) && resource === kind.plural
  }
}

/** Resources that nodes and their vendors define: `requests.example.com/gpu`. */
function isExtended(resource: string): boolean {
  return (
    resource.startsWith('requests.') && resource.includes('/') && !resource.includes(CLASS_SUFFIX)
  )
}

/** What an object uses of everything that a quota may limit. */
export function usageOf(kind: CountedKind, object: KubeObject): ResourceList {
  const count = { [countName(kind)]: '1' }
  if (kind.group !== '') return count
  switch (kind.plural) {
    case 'pods':
      return { ...count, ...podUsage(object as Pod) }
    case 'services':
      return { ...count, ...serviceUsage(object as Service) }
    case 'persistentvolumeclaims':
      return { ...count, ...claimUsage(object as PersistentVolumeClaim) }
    default:
      return COUNTED_PLAINLY.has(kind.plural) ? { ...count, [kind.plural]: '1' } : count
  }
}

/** A pod that ended for good uses nothing but its place among the objects. */
function podUsage({ spec, status }: Pod): ResourceList {
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed') return {}
  return {
    pods: '1',
    ...computeUsage(podResources(spec, 'requests'), podResources(spec, 'limits')),
  }
}

/** `podComputeUsageHelper`. */
function computeUsage(requests: ResourceList, limits: ResourceList): ResourceList {
  const usage: Record<string, string> = {}
  for (const name of ['cpu', 'memory', 'ephemeral-storage']) {
    const [request, limit] = [requests[name], limits[name]]
    if (request !== undefined) {
      usage[name] = request
      usage[`requests.${name}`] = request
    }
    if (limit !== undefined) usage[`limits.${name}`] = limit
  }
  for (const [name, request] of Object.entries(requests)) {
    if (name.startsWith('hugepages-')) usage[name] = request
    if (name.startsWith('hugepages-') || name.includes('/')) usage[`requests.${name}`] = request
  }
  return usage
}

function serviceUsage({ spec }: Service): ResourceList {
  const ports = String(spec.ports?.length ?? 0)
  const isBalanced = spec.type === 'LoadBalancer'
  const hasPorts =
    spec.type === 'NodePort' ||
    (isBalanced && Reflect.get(spec, 'allocateLoadBalancerNodePorts') !== false)
  return {
    services: '1',
    'services.nodeports': hasPorts ? ports : '0',
    'services.loadbalancers': isBalanced ? '1' : '0',
  }
}

function claimUsage({ spec }: PersistentVolumeClaim): ResourceList {
  const storage = spec?.resources?.requests?.storage
  const name = spec?.storageClassName ?? ''
  const ofClass = (what: string) => `${name}${CLASS_SUFFIX}${what}`
  return {
    persistentvolumeclaims: '1',
    ...(name === '' ? {} : { [ofClass('persistentvolumeclaims')]: '1' }),
    ...(storage === undefined
      ? {}
      : {
          'requests.storage': storage,
          ...(name === '' ? {} : { [ofClass('requests.storage')]: storage }),
        }),
  }
}

/** Whether a quota looks at an object: its scopes fit, and it limits something that such objects use. */
export function quotaMatches(
  quota: ResourceQuota,
  kind: CountedKind,
  object: KubeObject,
  limited: readonly string[],
): boolean {
  if (!limited.some((name) => countsFor(kind, name))) return false
  const scopes: readonly QuotaScope[] = [
    ...(quota.spec?.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists' })),
    ...(quota.spec?.scopeSelector?.matchExpressions ?? []),
  ]
  if (scopes.length === 0) return true
  if (kind.group !== '' || kind.plural !== 'pods') return false
  return scopes.every((scope) => inScope(object as Pod, scope))
}

function inScope({ spec, status }: Pod, { scopeName, operator, values = [] }: QuotaScope): boolean {
  const isBestEffort = (status?.qosClass ?? 'BestEffort') === 'BestEffort'
  const isTerminating = typeof spec.activeDeadlineSeconds === 'number'
  switch (scopeName) {
    case 'Terminating':
      return isTerminating
    case 'NotTerminating':
      return !isTerminating
    case 'BestEffort':
      return isBestEffort
    case 'NotBestEffort':
      return !isBestEffort
    case 'PriorityClass': {
      const name = typeof spec.priorityClassName === 'string' ? spec.priorityClassName : ''
      if (operator === 'In') return values.includes(name)
      if (operator === 'NotIn') return !values.includes(name)
      return (operator === 'DoesNotExist') === (name === '')
    }
    default:
      return false
  }
}

/** What every container of a pod has to say because of a quota and does not: `must specify limits.cpu for: main`. */
export function unsaidIn(pod: Pod, limited: readonly string[]): string | undefined {
  const wanted = limited.filter((name) => MUST_BE_SAID.has(name)).sort()
  const containers: readonly Container[] = [
    ...pod.spec.containers,
    ...(pod.spec.initContainers ?? []),
  ]
  const missing = wanted.flatMap((name) => {
    const silent = containers
      .filter((container) => {
        const usage = computeUsage(
          resourcesOf(container, 'requests'),
          resourcesOf(container, 'limits'),
        )
        return usage[name] === undefined
      })
      .map((container) => container.name)
    return silent.length === 0 ? [] : [`${name} for: ${[...new Set(silent)].sort().join(',')}`]
  })
  return missing.length === 0 ? undefined : `must specify ${missing.join('; ')}`
}
