import { apiVersionOf, KINDS, type KindInfo } from '../../../kube/kinds.ts'
import { type ApiResponse, json } from '../request.ts'

/** Requests that are answered and not stored. */
const REVIEWS: readonly KindInfo[] = [
  review('authentication.k8s.io', 'SelfSubjectReview', 'selfsubjectreviews'),
  review('authorization.k8s.io', 'SelfSubjectAccessReview', 'selfsubjectaccessreviews'),
]

function review(group: string, kind: string, plural: string): KindInfo {
  return {
    group,
    version: 'v1',
    kind,
    plural,
    singular: kind.toLowerCase(),
    shortNames: [],
    namespaced: false,
    categories: [],
    verbs: ['create'],
    subresources: [],
  }
}

const SERVED: readonly KindInfo[] = [...KINDS, ...REVIEWS]

/** API groups in the order of a real server. */
const GROUP_ORDER = [
  '',
  'apps',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'autoscaling',
  'batch',
  'networking.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'storage.k8s.io',
  'scheduling.k8s.io',
  'coordination.k8s.io',
  'discovery.k8s.io',
]

function groups(): readonly string[] {
  return [...new Set(SERVED.map((info) => info.group))].sort(
    (a, b) => GROUP_ORDER.indexOf(a) - GROUP_ORDER.indexOf(b),
  )
}

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'

/**
 * Answers of discovery: `/api`, `/apis`, and below them one group or version. Clients that ask for the aggregated list of version v2
 * get it; others, and those of v2beta1, get the plain lists, which every client understands.
 */
export function discoveryResponse(
  parts: readonly string[],
  accept: string | undefined,
): ApiResponse | undefined {
  const [root, ...rest] = parts
  const [first, second, ...more] = rest.filter((part) => part !== '')
  if (more.length > 0) return undefined
  if (root === 'api') {
    if (first === undefined) {
      if (wantsAggregated(accept)) return aggregated([''])
      return json(200, {
        kind: 'APIVersions',
        versions: ['v1'],
        serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: '172.18.0.2:6443' }],
      })
    }
    return first === 'v1' && second === undefined ? resourceList('v1') : undefined
  }
  if (root !== 'apis') return undefined
  if (first === undefined) {
    const named = groups().filter((group) => group !== '')
    if (wantsAggregated(accept)) return aggregated(named)
    return json(200, { kind: 'APIGroupList', apiVersion: 'v1', groups: named.map(groupEntry) })
  }
  if (!groups().includes(first)) return undefined
  if (second === undefined)
    return json(200, { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(first) })
  return second === versionOf(first) ? resourceList(`${first}/${second}`) : undefined
}

function wantsAggregated(accept: string | undefined): boolean {
  return (accept ?? '')
    .split(',')
    .some((part) => part.includes('as=APIGroupDiscoveryList') && /;\s*v=v2(;|$)/.test(part))
}

/** The one version of a group that is served. */
function versionOf(group: string): string {
  return SERVED.find((info) => info.group === group)?.version ?? 'v1'
}

function groupEntry(group: string) {
  const served = versionOf(group)
  const version = { groupVersion: `${group}/${served}`, version: served }
  return { name: group, versions: [version], preferredVersion: version }
}

function resourceList(groupVersion: string): ApiResponse {
  const resources = SERVED.filter((info) => apiVersionOf(info) === groupVersion).flatMap((info) => [
    {
      name: info.plural,
      singularName: info.singular,
      namespaced: info.namespaced,
      kind: info.kind,
      verbs: info.verbs,
      ...(info.shortNames.length === 0 ? {} : { shortNames: info.shortNames }),
      ...(info.categories.length === 0 ? {} : { categories: info.categories }),
    },
    ...info.subresources.map((subresource) => ({
      name: `${info.plural}/${subresource.name}`,
      singularName: '',
      namespaced: info.namespaced,
      ...(subresource.kind === undefined
        ? {}
        : { group: subresource.kind.group, version: subresource.kind.version }),
      kind: subresource.kind?.kind ?? info.kind,
      verbs: subresource.verbs,
    })),
  ])
  return json(200, { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources })
}

function aggregated(names: readonly string[]): ApiResponse {
  const items = names.map((group) => ({
    metadata: { ...(group === '' ? {} : { name: group }), creationTimestamp: null },
    versions: [
      {
        version: versionOf(group),
        resources: SERVED.filter((info) => info.group === group).map(aggregatedResource),
        freshness: 'Current',
      },
    ],
  }))
  return json(
    200,
    {
      kind: 'APIGroupDiscoveryList',
      apiVersion: 'apidiscovery.k8s.io/v2',
      metadata: {},
      items,
    },
    { 'content-type': AGGREGATED },
  )
}

function aggregatedResource(info: KindInfo) {
  const { group, version, kind } = info
  return {
    resource: info.plural,
    responseKind: { group, version, kind },
    scope: info.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: info.singular,
    verbs: info.verbs,
    ...(info.shortNames.length === 0 ? {} : { shortNames: info.shortNames }),
    ...(info.categories.length === 0 ? {} : { categories: info.categories }),
    ...(info.subresources.length === 0
      ? {}
      : {
          subresources: info.subresources.map((subresource) => ({
            subresource: subresource.name,
            responseKind: subresource.kind ?? { group, version, kind },
            verbs: subresource.verbs,
          })),
        }),
  }
}
