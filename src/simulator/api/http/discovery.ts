import { apiVersionOf, type KindInfo } from '../../../kube/kinds.ts'
import { compareVersions } from '../kinds/custom-kind.ts'
import type { Kinds } from '../kinds/served-kind.ts'
import { type ApiResponse, json } from '../request.ts'
import { REVIEWS } from './reviews.ts'

/** API groups in the order of a real server; groups of custom resources follow in the order of their names. */
const GROUP_ORDER = [
  '',
  'apps',
  'events.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'autoscaling',
  'batch',
  'networking.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'storage.k8s.io',
  'apiextensions.k8s.io',
  'scheduling.k8s.io',
  'coordination.k8s.io',
  'discovery.k8s.io',
]

/** A group and its versions, the preferred one first. */
interface Group {
  readonly name: string
  readonly versions: readonly { readonly version: string; readonly kinds: readonly KindInfo[] }[]
}

function groupsOf(kinds: Kinds): readonly Group[] {
  const served = [...kinds.all().map(({ info }) => info), ...REVIEWS]
  const rank = (name: string) => {
    const at = GROUP_ORDER.indexOf(name)
    return at === -1 ? GROUP_ORDER.length : at
  }
  return [...new Set(served.map((info) => info.group))]
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .map((name) => {
      const own = served.filter((info) => info.group === name)
      const versions = [...new Set(own.map((info) => info.version))].sort(compareVersions)
      return {
        name,
        versions: versions.map((version) => ({
          version,
          kinds: own.filter((info) => info.version === version),
        })),
      }
    })
}

/**
 * Answers of discovery: `/api`, `/apis`, and below them one group or version. Clients that ask for the aggregated list of version v2
 * get it; others, and those of v2beta1, get the plain lists, which every client understands.
 */
export function discoveryResponse(
  parts: readonly string[],
  accept: string | undefined,
  kinds: Kinds,
): ApiResponse | undefined {
  const [root, ...rest] = parts
  const [first, second, ...more] = rest.filter((part) => part !== '')
  if (more.length > 0) return undefined
  const groups = groupsOf(kinds)
  if (root === 'api') {
    if (first === undefined) {
      if (wantsAggregated(accept)) return aggregated(groups.filter(({ name }) => name === ''))
      return json(200, {
        kind: 'APIVersions',
        versions: ['v1'],
        serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: '172.18.0.2:6443' }],
      })
    }
    return first === 'v1' && second === undefined ? resourceList(groups, '', 'v1') : undefined
  }
  if (root !== 'apis') return undefined
  const named = groups.filter(({ name }) => name !== '')
  if (first === undefined) {
    if (wantsAggregated(accept)) return aggregated(named)
    return json(200, { kind: 'APIGroupList', apiVersion: 'v1', groups: named.map(groupEntry) })
  }
  const group = named.find(({ name }) => name === first)
  if (group === undefined) return undefined
  if (second === undefined) {
    return json(200, { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(group) })
  }
  return resourceList(named, first, second)
}

function wantsAggregated(accept: string | undefined): boolean {
  return (accept ?? '')
    .split(',')
    .some((part) => part.includes('as=APIGroupDiscoveryList') && /;\s*v=v2(;|$)/.test(part))
}

function groupEntry({ name, versions }: Group) {
  const entries = versions.map(({ version }) => ({ groupVersion: `${name}/${version}`, version }))
  return { name, versions: entries, preferredVersion: entries[0] }
}

function resourceList(
  groups: readonly Group[],
  group: string,
  version: string,
): ApiResponse | undefined {
  const kinds = groups
    .find(({ name }) => name === group)
    ?.versions.find((entry) => entry.version === version)?.kinds
  if (kinds === undefined) return undefined
  return json(200, {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersionOf({ group, version }),
    resources: kinds.flatMap((info) => [
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
    ]),
  })
}

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'

function aggregated(groups: readonly Group[]): ApiResponse {
  const items = groups.map(({ name, versions }) => ({
    metadata: { ...(name === '' ? {} : { name }), creationTimestamp: null },
    versions: versions.map(({ version, kinds }) => ({
      version,
      resources: kinds.map(aggregatedResource),
      freshness: 'Current',
    })),
  }))
  return json(
    200,
    {
      kind: 'APIGroupDiscoveryList',
      apiVersion: 'apidiscovery.k8s.io/v2',
      metadata: {},
      items,
    },
    { 'content-type': AGGREGATED, vary: 'Accept' },
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
