/**
 * The kinds that the lab knows, in one table: the simulated API server serves them, discovery lists them, and the
 * lab's own kubectl resolves what is typed with them. Names, short names, categories and verbs are those of Kubernetes 1.32.
 */
export interface KindInfo {
  /** Empty for the core group. */
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly plural: string
  readonly singular: string
  readonly shortNames: readonly string[]
  readonly namespaced: boolean
  /** `all` makes it part of `kubectl get all`. */
  readonly categories: readonly string[]
  readonly verbs: readonly string[]
  readonly subresources: readonly SubresourceInfo[]
}

/** One entry of discovery below a resource: `pods/log`. */
export interface SubresourceInfo {
  readonly name: string
  readonly verbs: readonly string[]
  /** Kind of the subresource's own objects; the parent's kind where absent. */
  readonly kind?: { readonly group: string; readonly version: string; readonly kind: string }
}

const ALL_VERBS = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
] as const
const STATUS: SubresourceInfo = { name: 'status', verbs: ['get', 'patch', 'update'] }
/** Requests that go on to what listens behind an object. */
const proxy = (kind: string): SubresourceInfo => ({
  name: 'proxy',
  verbs: ['create', 'delete', 'get', 'patch', 'update'],
  kind: { group: '', version: 'v1', kind },
})
const SCALE: SubresourceInfo = {
  name: 'scale',
  verbs: ['get', 'patch', 'update'],
  kind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
}

function kind(
  groupVersion: string,
  name: string,
  plural: string,
  options: {
    readonly short?: readonly string[]
    readonly cluster?: true
    readonly categories?: readonly string[]
    readonly verbs?: readonly string[]
    readonly subresources?: readonly SubresourceInfo[]
  } = {},
): KindInfo {
  const { group, version } = parseApiVersion(groupVersion)
  return {
    group,
    version,
    kind: name,
    plural,
    singular: name.toLowerCase(),
    shortNames: options.short ?? [],
    namespaced: options.cluster !== true,
    categories: options.categories ?? [],
    verbs: options.verbs ?? ALL_VERBS,
    subresources: options.subresources ?? [],
  }
}

/** Every kind that is stored and served, in the order of `kubectl api-resources`. */
export const KINDS: readonly KindInfo[] = [
  kind('v1', 'ConfigMap', 'configmaps', { short: ['cm'] }),
  kind('v1', 'Endpoints', 'endpoints', { short: ['ep'] }),
  kind('v1', 'Event', 'events', { short: ['ev'] }),
  kind('v1', 'LimitRange', 'limitranges', { short: ['limits'] }),
  kind('v1', 'Namespace', 'namespaces', {
    short: ['ns'],
    cluster: true,
    verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
    subresources: [{ name: 'finalize', verbs: ['update'] }, STATUS],
  }),
  kind('v1', 'Node', 'nodes', {
    short: ['no'],
    cluster: true,
    subresources: [proxy('NodeProxyOptions'), STATUS],
  }),
  kind('v1', 'PersistentVolumeClaim', 'persistentvolumeclaims', {
    short: ['pvc'],
    subresources: [STATUS],
  }),
  kind('v1', 'PersistentVolume', 'persistentvolumes', {
    short: ['pv'],
    cluster: true,
    subresources: [STATUS],
  }),
  kind('v1', 'Pod', 'pods', {
    short: ['po'],
    categories: ['all'],
    subresources: [
      {
        name: 'attach',
        verbs: ['create', 'get'],
        kind: { group: '', version: 'v1', kind: 'PodAttachOptions' },
      },
      { name: 'binding', verbs: ['create'], kind: { group: '', version: 'v1', kind: 'Binding' } },
      { name: 'ephemeralcontainers', verbs: ['get', 'patch', 'update'] },
      {
        name: 'eviction',
        verbs: ['create'],
        kind: { group: 'policy', version: 'v1', kind: 'Eviction' },
      },
      {
        name: 'exec',
        verbs: ['create', 'get'],
        kind: { group: '', version: 'v1', kind: 'PodExecOptions' },
      },
      { name: 'log', verbs: ['get'] },
      {
        name: 'portforward',
        verbs: ['create', 'get'],
        kind: { group: '', version: 'v1', kind: 'PodPortForwardOptions' },
      },
      proxy('PodProxyOptions'),
      STATUS,
    ],
  }),
  kind('v1', 'PodTemplate', 'podtemplates'),
  kind('v1', 'ReplicationController', 'replicationcontrollers', {
    short: ['rc'],
    categories: ['all'],
    subresources: [SCALE, STATUS],
  }),
  kind('v1', 'ResourceQuota', 'resourcequotas', { short: ['quota'], subresources: [STATUS] }),
  kind('v1', 'Secret', 'secrets'),
  kind('v1', 'ServiceAccount', 'serviceaccounts', {
    short: ['sa'],
    subresources: [
      {
        name: 'token',
        verbs: ['create'],
        kind: { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' },
      },
    ],
  }),
  kind('v1', 'Service', 'services', {
    short: ['svc'],
    categories: ['all'],
    subresources: [proxy('ServiceProxyOptions'), STATUS],
  }),
  kind('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'customresourcedefinitions', {
    short: ['crd', 'crds'],
    cluster: true,
    categories: ['api-extensions'],
    subresources: [STATUS],
  }),
  kind('apps/v1', 'ControllerRevision', 'controllerrevisions'),
  kind('apps/v1', 'DaemonSet', 'daemonsets', {
    short: ['ds'],
    categories: ['all'],
    subresources: [STATUS],
  }),
  kind('apps/v1', 'Deployment', 'deployments', {
    short: ['deploy'],
    categories: ['all'],
    subresources: [SCALE, STATUS],
  }),
  kind('apps/v1', 'ReplicaSet', 'replicasets', {
    short: ['rs'],
    categories: ['all'],
    subresources: [SCALE, STATUS],
  }),
  kind('apps/v1', 'StatefulSet', 'statefulsets', {
    short: ['sts'],
    categories: ['all'],
    subresources: [SCALE, STATUS],
  }),
  kind('autoscaling/v2', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers', {
    short: ['hpa'],
    categories: ['all'],
    subresources: [STATUS],
  }),
  kind('batch/v1', 'CronJob', 'cronjobs', {
    short: ['cj'],
    categories: ['all'],
    subresources: [STATUS],
  }),
  kind('batch/v1', 'Job', 'jobs', { categories: ['all'], subresources: [STATUS] }),
  kind('coordination.k8s.io/v1', 'Lease', 'leases'),
  kind('discovery.k8s.io/v1', 'EndpointSlice', 'endpointslices'),
  kind('networking.k8s.io/v1', 'IngressClass', 'ingressclasses', { cluster: true }),
  kind('networking.k8s.io/v1', 'Ingress', 'ingresses', { short: ['ing'], subresources: [STATUS] }),
  kind('networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies', { short: ['netpol'] }),
  kind('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets', {
    short: ['pdb'],
    subresources: [STATUS],
  }),
  kind('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', 'clusterrolebindings', {
    cluster: true,
  }),
  kind('rbac.authorization.k8s.io/v1', 'ClusterRole', 'clusterroles', { cluster: true }),
  kind('rbac.authorization.k8s.io/v1', 'RoleBinding', 'rolebindings'),
  kind('rbac.authorization.k8s.io/v1', 'Role', 'roles'),
  kind('scheduling.k8s.io/v1', 'PriorityClass', 'priorityclasses', {
    short: ['pc'],
    cluster: true,
  }),
  kind('storage.k8s.io/v1', 'StorageClass', 'storageclasses', { short: ['sc'], cluster: true }),
]

/** `v1` → core; `apps/v1` → apps. */
export function parseApiVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf('/')
  return slash === -1
    ? { group: '', version: apiVersion }
    : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) }
}

/** The reverse of `parseApiVersion`: what stands in an object's `apiVersion`. */
export function apiVersionOf(info: { readonly group: string; readonly version: string }): string {
  return info.group === '' ? info.version : `${info.group}/${info.version}`
}

/** `pods`, `deployments.apps`: how Kubernetes names a resource in messages. */
export function groupResource(info: { readonly group: string; readonly plural: string }): string {
  return info.group === '' ? info.plural : `${info.plural}.${info.group}`
}

/** `pod`, `deployment.apps`: how kubectl names a kind in `pod/web created`. */
export function groupKind(info: { readonly group: string; readonly kind: string }): string {
  const name = info.kind.toLowerCase()
  return info.group === '' ? name : `${name}.${info.group}`
}

/** The kind of an object's `apiVersion` and `kind`, both exactly as written. */
export function kindOf(object: {
  readonly apiVersion: string
  readonly kind: string
}): KindInfo | undefined {
  return KINDS.find((info) => info.kind === object.kind && apiVersionOf(info) === object.apiVersion)
}

/** The kind whose plural stands in a URL below this group and version. */
export function kindOfResource(apiVersion: string, plural: string): KindInfo | undefined {
  return KINDS.find((info) => info.plural === plural && apiVersionOf(info) === apiVersion)
}

/**
 * What a person types for a kind: plural, singular or short name in any case, alone or with its group or version and
 * group (`deploy`, `deployments.apps`, `deployments.v1.apps`), as kubectl's REST mapper resolves it.
 */
export function resolveKind(
  typed: string,
  kinds: readonly KindInfo[] = KINDS,
): KindInfo | undefined {
  const [name = '', ...rest] = typed.toLowerCase().split('.')
  const suffix = rest.join('.')
  return kinds.find((info) => {
    const named = info.plural === name || info.singular === name || info.shortNames.includes(name)
    if (!named) return false
    return (
      suffix === '' ||
      suffix === info.group ||
      suffix === `${info.version}.${info.group}` ||
      (info.group !== '' && info.group.startsWith(`${suffix}.`))
    )
  })
}

/** The path of a resource or object in the API, each part escaped. */
export function resourcePath(ref: {
  readonly apiVersion: string
  readonly plural: string
  readonly namespace?: string | undefined
  readonly name?: string | undefined
  readonly subresource?: string | undefined
}): string {
  const parts = [ref.apiVersion.includes('/') ? 'apis' : 'api', ...ref.apiVersion.split('/')]
  if (ref.namespace !== undefined) parts.push('namespaces', ref.namespace)
  parts.push(ref.plural)
  if (ref.name !== undefined) parts.push(ref.name)
  if (ref.subresource !== undefined) parts.push(...ref.subresource.split('/'))
  return `/${parts.map(encodeURIComponent).join('/')}`
}
