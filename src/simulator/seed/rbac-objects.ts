import { aggregatedRules } from '../../kube/aggregated-rules.ts'
import type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  RbacSubject,
  Role,
  RoleBinding,
} from '../../kube/stored-objects.ts'
import { CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, ROLE_BINDINGS, ROLES } from './rbac-policy.ts'

/** A role, in the brief form of its table. */
export interface BootstrapRole {
  readonly namespace?: string
  readonly name: string
  /** The end of a label `rbac.authorization.k8s.io/aggregate-to-…` that it has. */
  readonly into?: string
  /** The end of the label whose roles it is made of. */
  readonly from?: string
  /** `verbs;groups;resources;names;paths`, each a list with commas; what is at the end and empty is left out. */
  readonly rules: readonly string[]
}

/** A binding, in the brief form of its table. */
export interface BootstrapBinding {
  readonly namespace?: string
  readonly name: string
  /** @default the name */
  readonly role?: string
  /** `Group system:masters`, `ServiceAccount kube-system/kube-dns`. */
  readonly subjects: readonly string[]
}

/** The roles and bindings of a new cluster, by kind. */
export interface RbacObjects {
  readonly ClusterRole: readonly ClusterRole[]
  readonly ClusterRoleBinding: readonly ClusterRoleBinding[]
  readonly Role: readonly Role[]
  readonly RoleBinding: readonly RoleBinding[]
}

const GROUP = 'rbac.authorization.k8s.io'
const API_VERSION = `${GROUP}/v1`
const AGGREGATES = `${GROUP}/aggregate-to-`

let made: RbacObjects | undefined

/**
 * What an API server makes when it starts (plugin/pkg/auth/authorizer/rbac/bootstrappolicy), and what kubeadm adds for
 * the administrator of its kubeconfig and for CoreDNS (cmd/kubeadm/app/phases). Without uids and times, so that all clusters share it.
 */
export function rbacObjects(): RbacObjects {
  made ??= {
    ClusterRole: withAggregates([...CLUSTER_ROLES.map(clusterRoleOf), COREDNS_ROLE]),
    ClusterRoleBinding: [
      ...CLUSTER_ROLE_BINDINGS.map((binding) => clusterBindingOf(binding, MARKS)),
      clusterBindingOf({
        name: 'kubeadm:cluster-admins',
        role: 'cluster-admin',
        subjects: ['Group kubeadm:cluster-admins'],
      }),
      clusterBindingOf({
        name: 'system:coredns',
        subjects: ['ServiceAccount kube-system/coredns'],
      }),
    ],
    Role: ROLES.map((role): Role => ({ ...roleOf(role), kind: 'Role' })),
    RoleBinding: ROLE_BINDINGS.map(
      (binding): RoleBinding => ({ ...bindingOf(binding, 'Role', MARKS), kind: 'RoleBinding' }),
    ),
  }
  return made
}

/** As the controller that aggregates will find them: `admin` is made of `edit`, and `edit` of `view`. */
function withAggregates(roles: readonly ClusterRole[]): readonly ClusterRole[] {
  const sorted = [...roles].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
  for (const name of ['view', 'edit', 'admin']) {
    const index = sorted.findIndex((role) => role.metadata.name === name)
    const role = sorted[index]
    if (role !== undefined) sorted[index] = { ...role, rules: aggregatedRules(role, sorted) }
  }
  return sorted
}

const COREDNS_ROLE: ClusterRole = {
  apiVersion: API_VERSION,
  kind: 'ClusterRole',
  metadata: { name: 'system:coredns' },
  rules: [
    {
      apiGroups: [''],
      resources: ['endpoints', 'services', 'pods', 'namespaces'],
      verbs: ['list', 'watch'],
    },
    { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
  ],
}

const LABELS = { 'kubernetes.io/bootstrapping': 'rbac-defaults' }
const ANNOTATIONS = { 'rbac.authorization.kubernetes.io/autoupdate': 'true' }
const MARKS = { labels: LABELS, annotations: ANNOTATIONS }

function clusterRoleOf(role: BootstrapRole): ClusterRole {
  return {
    ...roleOf(role),
    kind: 'ClusterRole',
    ...(role.from === undefined
      ? {}
      : {
          aggregationRule: {
            clusterRoleSelectors: [{ matchLabels: { [`${AGGREGATES}${role.from}`]: 'true' } }],
          },
        }),
  }
}

function roleOf({ namespace, name, into, rules }: BootstrapRole) {
  return {
    apiVersion: API_VERSION,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      labels: into === undefined ? LABELS : { ...LABELS, [`${AGGREGATES}${into}`]: 'true' },
      annotations: ANNOTATIONS,
    },
    rules: rules.map(ruleOf),
  }
}

function ruleOf(text: string): PolicyRule {
  const [verbs = '', groups, resources, names = '', paths = ''] = text.split(';')
  const isResource = resources !== undefined && resources !== ''
  return {
    ...(isResource ? { apiGroups: (groups ?? '').split(',') } : {}),
    ...(paths === '' ? {} : { nonResourceURLs: paths.split(',') }),
    ...(names === '' ? {} : { resourceNames: names.split(',') }),
    ...(isResource ? { resources: resources.split(',') } : {}),
    verbs: verbs.split(','),
  }
}

function clusterBindingOf(binding: BootstrapBinding, marks?: object): ClusterRoleBinding {
  return { ...bindingOf(binding, 'ClusterRole', marks), kind: 'ClusterRoleBinding' }
}

function bindingOf(
  { namespace, name, role = name, subjects }: BootstrapBinding,
  kind: 'Role' | 'ClusterRole',
  marks: object = {},
) {
  return {
    apiVersion: API_VERSION,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), ...marks },
    roleRef: { apiGroup: GROUP, kind, name: role },
    ...(subjects.length === 0 ? {} : { subjects: subjects.map(subjectOf) }),
  }
}

function subjectOf(text: string): RbacSubject {
  const space = text.indexOf(' ')
  const [kind, who] = [text.slice(0, space), text.slice(space + 1)]
  if (kind !== 'ServiceAccount') return { apiGroup: GROUP, kind, name: who }
  const slash = who.indexOf('/')
  return { kind, name: who.slice(slash + 1), namespace: who.slice(0, slash) }
}
