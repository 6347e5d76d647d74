import type { KindInfo } from '../../../kube/kinds.ts'
import type { KubectlCommand, KubectlContext } from '../context.ts'
import type { FlagSpec, Flags } from '../flags.ts'
import { KubectlError } from '../kubectl-error.ts'
import { generator, requireFlags } from './generator.ts'

const RBAC = 'rbac.authorization.k8s.io/v1'
const GROUP = 'rbac.authorization.k8s.io'

const ROLE_FLAGS: readonly FlagSpec[] = [
  { name: 'resource', type: 'slice' },
  { name: 'resource-name', type: 'array' },
  { name: 'verb', type: 'slice' },
]

const RESOURCE_VERBS: ReadonlySet<string> = new Set([
  '*',
  'get',
  'delete',
  'list',
  'create',
  'update',
  'patch',
  'watch',
  'proxy',
  'deletecollection',
  'use',
  'bind',
  'escalate',
  'impersonate',
  'approve',
  'sign',
])
const URL_VERBS: ReadonlySet<string> = new Set([
  'get',
  'post',
  'put',
  'delete',
  'patch',
  'head',
  'options',
  '*',
])

const roleGenerator = generator({
  name: 'role',
  summary: 'Create a role with single rule',
  usage:
    'kubectl create role NAME --verb=verb --resource=resource.group/subresource [--resource-name=resourcename]',
  namespaced: true,
  flags: ROLE_FLAGS,
  async generate({ flags, context }) {
    const verbs = verbsOf(flags)
    if (flags.list('resource').length === 0) {
      throw new KubectlError('at least one resource must be specified')
    }
    const rules = await resourceRules(context, flags, verbs)
    return { kind: 'Role', apiVersion: RBAC, rules }
  },
})

const clusterRoleGenerator = generator({
  name: 'clusterrole',
  summary: 'Create a cluster role',
  usage:
    'kubectl create clusterrole NAME --verb=verb --resource=resource.group [--resource-name=resourcename]',
  namespaced: false,
  flags: [
    ...ROLE_FLAGS,
    { name: 'aggregation-rule', type: 'string', refused: 'Write it in a file and apply that.' },
    { name: 'non-resource-url', type: 'slice' },
  ],
  async generate({ flags, context }) {
    const verbs = verbsOf(flags)
    const urls = flags.list('non-resource-url')
    const resources = flags.list('resource')
    if (resources.length === 0 && urls.length === 0) {
      throw new KubectlError('one of resource or nonResourceURL must be specified')
    }
    const wrong = verbs.find((verb) => urls.length > 0 && !URL_VERBS.has(verb))
    if (wrong !== undefined) {
      throw new KubectlError(`invalid verb: '${wrong}' for nonResourceURL`)
    }
    const rules: unknown[] =
      resources.length === 0 ? [] : [...(await resourceRules(context, flags, verbs))]
    if (urls.length > 0) rules.push({ verbs, nonResourceURLs: urls })
    return { kind: 'ClusterRole', apiVersion: RBAC, rules }
  },
})

/** Each verb once; `*` stands for all. @throws KubectlError without one */
function verbsOf(flags: Flags): readonly string[] {
  const verbs = [...new Set(flags.list('verb'))]
  if (verbs.length === 0) throw new KubectlError('at least one verb must be specified')
  return verbs.includes('*') ? ['*'] : verbs
}

/** One rule for each API group, in the order of their names. */
async function resourceRules(context: KubectlContext, flags: Flags, verbs: readonly string[]) {
  const names = flags.list('resource-name')
  const typed = flags.list('resource')
  if (names.length > 0 && typed.length > 1) {
    throw new KubectlError('resource name(s) can not be applied to multiple resources')
  }
  for (const verb of verbs) {
    if (!RESOURCE_VERBS.has(verb)) {
      context.err(`Warning: '${verb}' is not a standard resource verb\n`)
    }
  }
  const byGroup = new Map<string, string[]>()
  for (const word of typed) {
    const slash = word.indexOf('/')
    const kind = await kindNamed(context, slash === -1 ? word : word.slice(0, slash))
    const resource = kind.plural + (slash === -1 ? '' : word.slice(slash))
    const known = byGroup.get(kind.group) ?? []
    if (!known.includes(resource)) byGroup.set(kind.group, [...known, resource])
  }
  return [...byGroup]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([group, resources]) => ({
      verbs,
      apiGroups: [group],
      resources,
      ...(names.length === 0 ? {} : { resourceNames: names }),
    }))
}

async function kindNamed(
  context: KubectlContext,
  word: string,
): Promise<Pick<KindInfo, 'group' | 'plural'>> {
  if (word === '*') return { group: '*', plural: '*' }
  try {
    return await context.kinds.typed(word)
  } catch (error) {
    throw error instanceof KubectlError ? new KubectlError(error.message, { plain: true }) : error
  }
}

const SUBJECT_FLAGS: readonly FlagSpec[] = [
  { name: 'clusterrole', type: 'string' },
  { name: 'group', type: 'array' },
  { name: 'serviceaccount', type: 'array' },
  { name: 'user', type: 'array' },
]

const roleBindingGenerator = generator({
  name: 'rolebinding',
  failing: 'rolebinding:',
  summary: 'Create a role binding for a particular role or cluster role',
  usage:
    'kubectl create rolebinding NAME --clusterrole=NAME|--role=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname]',
  namespaced: true,
  flags: [...SUBJECT_FLAGS, { name: 'role', type: 'string' }],
  generate({ flags }) {
    const role = flags.string('role')
    const clusterRole = flags.string('clusterrole')
    if ((role === '') === (clusterRole === '')) {
      throw new KubectlError('exactly one of clusterrole or role must be specified')
    }
    const kind = role === '' ? 'ClusterRole' : 'Role'
    return {
      kind: 'RoleBinding',
      apiVersion: RBAC,
      subjects: subjectsOf(flags),
      roleRef: { apiGroup: GROUP, kind, name: role || clusterRole },
    }
  },
})

const clusterRoleBindingGenerator = generator({
  name: 'clusterrolebinding',
  failing: 'clusterrolebinding:',
  summary: 'Create a cluster role binding for a particular cluster role',
  usage:
    'kubectl create clusterrolebinding NAME --clusterrole=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname]',
  namespaced: false,
  flags: SUBJECT_FLAGS,
  generate({ flags }) {
    requireFlags(flags, ['clusterrole'])
    return {
      kind: 'ClusterRoleBinding',
      apiVersion: RBAC,
      subjects: subjectsOf(flags),
      roleRef: { apiGroup: GROUP, kind: 'ClusterRole', name: flags.string('clusterrole') },
    }
  },
})

/** @throws KubectlError for a service account without its namespace */
function subjectsOf(flags: Flags): readonly Record<string, string>[] {
  const named = (kind: string, flag: string) =>
    flags.list(flag).map((name) => ({ kind, apiGroup: GROUP, name }))
  const accounts = flags.list('serviceaccount').map((word) => {
    const [namespace = '', name = '', more] = word.split(':')
    if (namespace === '' || name === '' || more !== undefined) {
      throw new KubectlError('serviceaccount must be <namespace>:<name>')
    }
    return { kind: 'ServiceAccount', name, namespace }
  })
  return [...named('User', 'user'), ...named('Group', 'group'), ...accounts]
}

export const CLUSTER_ROLE_GENERATORS: readonly KubectlCommand[] = [
  clusterRoleGenerator,
  clusterRoleBindingGenerator,
]

export const ROLE_GENERATORS: readonly KubectlCommand[] = [roleGenerator, roleBindingGenerator]
