import type { KindInfo } from '../../../kube/kinds.ts'
import type { AnyKubeObject, Container, KubeObject, Pod } from '../../../kube/objects.ts'
import { isLess, type ResourceList, resourcesOf } from '../../../kube/pod-resources.ts'
import { addQuantities, nanosOf } from '../../../kube/quantity.ts'
import type {
  LimitRange,
  LimitRangeItem,
  PersistentVolumeClaim,
} from '../../../kube/stored-objects.ts'
import { errors } from '../status.ts'
import type { Store } from '../store.ts'

const ANNOTATION = 'kubernetes.io/limit-ranger'

function itemsIn(store: Store, namespace: string, type: string): readonly LimitRangeItem[] {
  return store
    .list('LimitRange', namespace)
    .flatMap((range) => (range as KubeObject as LimitRange).spec?.limits ?? [])
    .filter((item) => item.type === type)
}

/**
 * A pod with the requests and limits that its namespace gives to containers that name none. Models the admission plugin LimitRanger,
 * `mergePodResourceRequirements`.
 */
export function withDefaultLimits(pod: Pod, store: Store): Pod {
  const items = itemsIn(store, pod.metadata.namespace ?? '', 'Container')
  if (items.length === 0) return pod
  const requests = merged(items.map((item) => item.defaultRequest))
  const limits = merged(items.map((item) => item.default))
  const said: string[] = []
  const filled = <T extends Container>(container: T, what: string): T => {
    const [ownRequests, ownLimits] = [
      resourcesOf(container, 'requests'),
      resourcesOf(container, 'limits'),
    ]
    const missing = (list: ResourceList, own: ResourceList) =>
      Object.keys(list).filter((name) => own[name] === undefined)
    const [newRequests, newLimits] = [missing(requests, ownRequests), missing(limits, ownLimits)]
    if (newRequests.length + newLimits.length === 0) return container
    for (const [names, kind] of [
      [newRequests, 'request'],
      [newLimits, 'limit'],
    ] as const) {
      if (names.length > 0)
        said.push(`${names.sort().join(', ')} ${kind} for ${what} ${container.name}`)
    }
    const all = (list: ResourceList, own: ResourceList) => ({ ...list, ...own })
    return {
      ...container,
      resources: {
        ...container.resources,
        ...(newLimits.length === 0 ? {} : { limits: all(limits, ownLimits) }),
        ...(newRequests.length === 0 ? {} : { requests: all(requests, ownRequests) }),
      },
    }
  }
  const containers = pod.spec.containers.map((container) => filled(container, 'container'))
  const first = pod.spec.initContainers?.map((container) => filled(container, 'init container'))
  if (said.length === 0) return pod
  const annotations = {
    ...pod.metadata.annotations,
    [ANNOTATION]: `LimitRanger plugin set: ${said.join('; ')}`,
  }
  return {
    ...pod,
    metadata: { ...pod.metadata, annotations },
    spec: { ...pod.spec, containers, ...(first === undefined ? {} : { initContainers: first }) },
  }
}

function merged(lists: readonly (ResourceList | undefined)[]): ResourceList {
  return Object.assign({}, ...lists)
}

/**
 * Refuses a pod or a claim that asks for more or less than its namespace allows. Models the admission plugin LimitRanger.
 * @throws ApiError 403
 */
export function assertWithinLimits(info: KindInfo, object: AnyKubeObject, store: Store): void {
  const { namespace = '', name } = object.metadata
  if (info.group !== '' || (info.kind !== 'Pod' && info.kind !== 'PersistentVolumeClaim')) return
  const problems =
    info.kind === 'Pod'
      ? podProblems(object as KubeObject as Pod, namespace, store)
      : claimProblems(object as KubeObject as PersistentVolumeClaim, namespace, store)
  if (problems.length === 0) return
  const [first = ''] = problems
  throw errors.forbidden(info, name, problems.length === 1 ? first : `[${problems.join(', ')}]`)
}

function podProblems({ spec }: Pod, namespace: string, store: Store): readonly string[] {
  const containers: readonly Container[] = [...spec.containers, ...(spec.initContainers ?? [])]
  const ofContainers = itemsIn(store, namespace, 'Container').flatMap((item) =>
    containers.flatMap((container) =>
      problemsWith(
        item,
        'Container',
        resourcesOf(container, 'requests'),
        resourcesOf(container, 'limits'),
      ),
    ),
  )
  const ofPod = itemsIn(store, namespace, 'Pod').flatMap((item) =>
    problemsWith(
      item,
      'Pod',
      total(spec.containers.map((container) => resourcesOf(container, 'requests'))),
      total(spec.containers.map((container) => resourcesOf(container, 'limits'))),
    ),
  )
  return [...new Set([...ofContainers, ...ofPod])]
}

/** The sum of what every list names; what one of them leaves out has none. */
function total(lists: readonly ResourceList[]): ResourceList {
  const names = Object.keys(lists[0] ?? {}).filter((name) =>
    lists.every((list) => list[name] !== undefined),
  )
  return Object.fromEntries(
    names.map((name) => [
      name,
      lists.reduce((sum, list) => addQuantities(sum, list[name] ?? '0'), '0'),
    ]),
  )
}

function claimProblems(
  { spec }: PersistentVolumeClaim,
  namespace: string,
  store: Store,
): readonly string[] {
  const type = 'PersistentVolumeClaim'
  const requests = spec?.resources?.requests ?? {}
  return itemsIn(store, namespace, type).flatMap(({ min = {}, max = {} }) => [
    ...entriesOf(min).flatMap(([name, least]) => tooLittle(type, name, least, requests, {})),
    // A claim has no limits of its own: its request is what may be too much.
    ...entriesOf(max).flatMap(([name, most]) => {
      const request = requests[name]
      return request !== undefined && isLess(most, request)
        ? [`maximum ${name} usage per ${type} is ${most}, but request is ${request}`]
        : []
    }),
  ])
}

function problemsWith(
  { min = {}, max = {}, maxLimitRequestRatio = {} }: LimitRangeItem,
  type: string,
  requests: ResourceList,
  limits: ResourceList,
): readonly string[] {
  return [
    ...entriesOf(min).flatMap(([name, least]) => tooLittle(type, name, least, requests, limits)),
    ...entriesOf(max).flatMap(([name, most]) => tooMuch(type, name, most, requests, limits)),
    ...entriesOf(maxLimitRequestRatio).flatMap(([name, ratio]) =>
      tooFarApart(type, name, ratio, requests[name], limits[name]),
    ),
  ]
}

function entriesOf(list: ResourceList): readonly (readonly [string, string])[] {
  return Object.entries(list).sort(([a], [b]) => (a < b ? -1 : 1))
}

/** `minConstraint`. */
function tooLittle(
  type: string,
  name: string,
  least: string,
  requests: ResourceList,
  limits: ResourceList,
): readonly string[] {
  const rule = `minimum ${name} usage per ${type} is ${least}`
  const [request, limit] = [requests[name], limits[name]]
  if (request === undefined) return [`${rule}.  No request is specified`]
  if (isLess(request, least)) return [`${rule}, but request is ${request}`]
  if (limit !== undefined && isLess(limit, least)) return [`${rule}, but limit is ${limit}`]
  return []
}

/** `maxConstraint`. */
function tooMuch(
  type: string,
  name: string,
  most: string,
  requests: ResourceList,
  limits: ResourceList,
): readonly string[] {
  const rule = `maximum ${name} usage per ${type} is ${most}`
  const [request, limit] = [requests[name], limits[name]]
  if (limit === undefined) return [`${rule}.  No limit is specified`]
  if (isLess(most, limit)) return [`${rule}, but limit is ${limit}`]
  if (request !== undefined && isLess(most, request)) return [`${rule}, but request is ${request}`]
  return []
}

/** `limitRequestRatioConstraint`. */
function tooFarApart(
  type: string,
  name: string,
  ratio: string,
  request: string | undefined,
  limit: string | undefined,
): readonly string[] {
  const rule = `${name} max limit to request ratio per ${type} is ${ratio}`
  const [asked, most] = [nanosOf(request ?? '0') ?? 0n, nanosOf(limit ?? '0') ?? 0n]
  if (asked === 0n) return [`${rule}, but no request is specified or request is 0`]
  if (most === 0n) return [`${rule}, but no limit is specified or limit is 0`]
  const observed = Number(most) / Number(asked)
  const wanted = Number(nanosOf(ratio) ?? 0n) / 1e9
  return observed > wanted ? [`${rule}, but provided ratio is ${observed.toFixed(6)}`] : []
}
