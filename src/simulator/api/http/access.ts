import { isPlainObject } from '../schema/decode.ts'
import type { Store } from '../store.ts'

/** Somebody who asks. */
export interface User {
  readonly name: string
  readonly groups: readonly string[]
}

/** Whoever has the token is the administrator, as with kind's kubeconfig. */
export const ADMINISTRATOR: User = {
  name: 'kubernetes-admin',
  groups: ['kubeadm:cluster-admins', 'system:authenticated'],
}

/** A rule of a role, as RBAC reads it. */
interface Rule {
  readonly verbs: readonly string[]
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly resourceNames: readonly string[]
  readonly nonResourceURLs: readonly string[]
}

/** A rule and why somebody has it. */
interface Grant {
  readonly rule: Rule
  readonly reason: string
}

const rule = (part: Partial<Rule>): Rule => ({
  verbs: [],
  apiGroups: [],
  resources: [],
  resourceNames: [],
  nonResourceURLs: [],
  ...part,
})

/** What the bindings of every cluster give. */
const EVERYTHING: readonly Grant[] = [
  rule({ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }),
  rule({ verbs: ['*'], nonResourceURLs: ['*'] }),
].map((own) => ({
  rule: own,
  reason:
    'RBAC: allowed by ClusterRoleBinding "kubeadm:cluster-admins" of ClusterRole "cluster-admin" to Group "kubeadm:cluster-admins"',
}))

const AUTHENTICATED: readonly Grant[] = [
  rule({
    verbs: ['create'],
    apiGroups: ['authorization.k8s.io'],
    resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
  }),
  rule({
    verbs: ['create'],
    apiGroups: ['authentication.k8s.io'],
    resources: ['selfsubjectreviews'],
  }),
  rule({
    verbs: ['get'],
    nonResourceURLs: [
      '/api',
      '/api/*',
      '/apis',
      '/apis/*',
      '/healthz',
      '/livez',
      '/openapi',
      '/openapi/*',
      '/readyz',
      '/version',
      '/version/',
    ],
  }),
].map((own) => ({ rule: own, reason: 'RBAC: allowed by ClusterRoleBinding "system:basic-user"' }))

/** Everything that somebody was granted, everywhere or in a namespace, in the order in which RBAC looks. */
function grantsOf(user: User, namespace: string, store: Store): readonly Grant[] {
  const built = [
    ...(user.groups.includes('kubeadm:cluster-admins') || user.groups.includes('system:masters')
      ? EVERYTHING
      : []),
    ...(user.groups.includes('system:authenticated') ? AUTHENTICATED : []),
  ]
  const own = (kind: 'ClusterRoleBinding' | 'RoleBinding') =>
    store.list(kind, kind === 'RoleBinding' ? namespace : undefined).flatMap((binding): Grant[] => {
      const subject = subjectOf(binding.subjects, user, binding.metadata.namespace ?? '')
      if (subject === undefined) return []
      const ref = recordOf(binding.roleRef)
      const [roleKind, roleName] = [String(ref.kind), String(ref.name)]
      const key = roleKind === 'Role' ? `${binding.metadata.namespace ?? ''}/${roleName}` : roleName
      const role = store.get(roleKind === 'Role' ? 'Role' : 'ClusterRole', key)
      const place =
        kind === 'RoleBinding'
          ? `RoleBinding "${binding.metadata.name}/${binding.metadata.namespace}"`
          : `ClusterRoleBinding "${binding.metadata.name}"`
      const reason = `RBAC: allowed by ${place} of ${roleKind} "${roleName}" to ${subject}`
      return rulesIn(role?.rules).map((found) => ({ rule: found, reason }))
    })
  return [...built, ...own('ClusterRoleBinding'), ...(namespace === '' ? [] : own('RoleBinding'))]
}

/** Which of a binding's subjects somebody is. */
function subjectOf(subjects: unknown, user: User, namespace: string): string | undefined {
  for (const entry of Array.isArray(subjects) ? subjects : []) {
    const { kind, name, namespace: own } = recordOf(entry)
    const where = typeof own === 'string' && own !== '' ? own : namespace
    if (kind === 'User' && (name === user.name || name === '*')) return `User "${String(name)}"`
    if (kind === 'Group' && user.groups.includes(String(name))) return `Group "${String(name)}"`
    if (
      kind === 'ServiceAccount' &&
      user.name === `system:serviceaccount:${where}:${String(name)}`
    ) {
      return `ServiceAccount "${String(name)}/${where}"`
    }
  }
  return undefined
}

function rulesIn(rules: unknown): readonly Rule[] {
  return (Array.isArray(rules) ? rules : []).map((entry) => {
    const own = recordOf(entry)
    const texts = (value: unknown) => (Array.isArray(value) ? value.map(String) : [])
    return {
      verbs: texts(own.verbs),
      apiGroups: texts(own.apiGroups),
      resources: texts(own.resources),
      resourceNames: texts(own.resourceNames),
      nonResourceURLs: texts(own.nonResourceURLs),
    }
  })
}

/**
 * Whether somebody may do what a review asks about: models plugin/pkg/auth/authorizer/rbac over the roles and bindings that are
 * stored.
 *
 * @param spec of a SubjectAccessReview, decoded
 */
export function accessOf(
  user: User,
  spec: Readonly<Record<string, unknown>>,
  store: Store,
): { readonly allowed: boolean; readonly reason?: string } {
  const attributes = recordOf(spec.resourceAttributes ?? spec.nonResourceAttributes)
  const namespace = textOf(attributes.namespace)
  const verb = textOf(attributes.verb)
  const isPath = spec.resourceAttributes === undefined
  const found = grantsOf(user, namespace, store).find(({ rule: own }) => {
    if (!includes(own.verbs, verb)) return false
    if (isPath) return own.nonResourceURLs.some((url) => pathFits(url, textOf(attributes.path)))
    const subresource = textOf(attributes.subresource)
    const resource = `${textOf(attributes.resource)}${subresource === '' ? '' : `/${subresource}`}`
    const name = textOf(attributes.name)
    return (
      includes(own.apiGroups, textOf(attributes.group)) &&
      (includes(own.resources, resource) ||
        (subresource !== '' && own.resources.includes(`*/${subresource}`))) &&
      (own.resourceNames.length === 0 || own.resourceNames.includes(name))
    )
  })
  return found === undefined ? { allowed: false } : { allowed: true, reason: found.reason }
}

/** What somebody may do in a namespace, as `kubectl auth can-i --list` prints it. */
export function rulesOf(user: User, namespace: string, store: Store) {
  const rules = grantsOf(user, namespace, store).map((grant) => grant.rule)
  return {
    resourceRules: rules
      .filter(({ resources }) => resources.length > 0)
      .map(({ verbs, apiGroups, resources, resourceNames }) => ({
        verbs,
        apiGroups,
        resources,
        ...(resourceNames.length === 0 ? {} : { resourceNames }),
      })),
    nonResourceRules: rules
      .filter(({ nonResourceURLs }) => nonResourceURLs.length > 0)
      .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
  }
}

function includes(list: readonly string[], value: string): boolean {
  return list.includes('*') || list.includes(value)
}

function pathFits(pattern: string, path: string): boolean {
  return (
    pattern === '*' ||
    pattern === path ||
    (pattern.endsWith('*') && path.startsWith(pattern.slice(0, -1)))
  )
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return isPlainObject(value) ? value : {}
}
