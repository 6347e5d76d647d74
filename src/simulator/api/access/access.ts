import { isPlainObject } from '../schema/decode.ts'
import type { Store } from '../store.ts'
import { ADMINISTRATOR, type User } from './user.ts'

/** A rule of a role, as RBAC reads it. */
export interface Rule {
  readonly verbs: readonly string[]
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly resourceNames: readonly string[]
  readonly nonResourceURLs: readonly string[]
}

/** A rule and why somebody has it; or why the rules of a binding cannot be found. */
type Grant =
  | { readonly rule: Rule; readonly reason: string }
  | { readonly rule?: undefined; readonly problem: string }

/** The group that no role is asked about. */
const MASTERS = 'system:masters'

/** Whether somebody may do everything, whatever the stored roles say. Nobody locks the administrator out. */
export function isMaster(user: User): boolean {
  return user === ADMINISTRATOR || user.groups.includes(MASTERS)
}

/**
 * Everything that somebody was granted, everywhere or in a namespace, in the order in which RBAC looks:
 * models VisitRulesFor of pkg/registry/rbac/validation.
 */
function* grantsOf(user: User, namespace: string, store: Store): Generator<Grant> {
  const kinds =
    namespace === ''
      ? (['ClusterRoleBinding'] as const)
      : (['ClusterRoleBinding', 'RoleBinding'] as const)
  for (const kind of kinds) {
    for (const binding of store.list(kind, kind === 'RoleBinding' ? namespace : undefined)) {
      const own = binding.metadata.namespace ?? ''
      const subject = subjectOf(binding.subjects, user, own)
      if (subject === undefined) continue
      const found = rulesOfReference(binding.roleRef, own, store)
      if ('problem' in found) {
        yield found
        continue
      }
      const { kind: roleKind, name: roleName } = recordOf(binding.roleRef)
      const place =
        kind === 'RoleBinding'
          ? `RoleBinding "${binding.metadata.name}/${own}"`
          : `ClusterRoleBinding "${binding.metadata.name}"`
      const reason = `RBAC: allowed by ${place} of ${String(roleKind)} "${String(roleName)}" to ${subject}`
      for (const rule of found.rules) yield { rule, reason }
    }
  }
}

/** The rules of the role that a binding names, or the sentence of the server that it is not there. */
export function rulesOfReference(
  roleRef: unknown,
  namespace: string,
  store: Store,
): { readonly rules: readonly Rule[] } | { readonly problem: string } {
  const { kind, name } = recordOf(roleRef)
  if (kind !== 'Role' && kind !== 'ClusterRole') {
    return { problem: `unsupported role reference kind: ${JSON.stringify(String(kind))}` }
  }
  const role = store.get(kind, kind === 'Role' ? `${namespace}/${String(name)}` : String(name))
  if (role === undefined) {
    return {
      problem: `${kind.toLowerCase()}.rbac.authorization.k8s.io ${JSON.stringify(String(name))} not found`,
    }
  }
  return { rules: rulesIn(role.rules) }
}

/** The rules that somebody has in a namespace. */
export function rulesHeldBy(
  user: User,
  namespace: string,
  store: Store,
): { readonly rules: readonly Rule[]; readonly problems: readonly string[] } {
  const rules: Rule[] = []
  const problems: string[] = []
  for (const grant of grantsOf(user, namespace, store)) {
    if (grant.rule === undefined) problems.push(grant.problem)
    else rules.push(grant.rule)
  }
  return { rules, problems }
}

/** Which of a binding's subjects somebody is. */
function subjectOf(subjects: unknown, user: User, namespace: string): string | undefined {
  for (const entry of Array.isArray(subjects) ? subjects : []) {
    const { kind, name, namespace: own } = recordOf(entry)
    const where = typeof own === 'string' && own !== '' ? own : namespace
    if (kind === 'User' && name === user.name) return `User "${String(name)}"`
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

/** The rules of a role, with an empty list for each that it leaves out. */
export function rulesIn(rules: unknown): readonly Rule[] {
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
  if (user.groups.includes(MASTERS)) return { allowed: true }
  const fits = (own: Rule) => {
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
  }
  const problems: string[] = []
  for (const grant of grantsOf(user, namespace, store)) {
    if (grant.rule === undefined) problems.push(grant.problem)
    else if (fits(grant.rule)) return { allowed: true, reason: grant.reason }
  }
  if (isMaster(user)) return { allowed: true }
  return problems.length === 0
    ? { allowed: false }
    : { allowed: false, reason: `RBAC: ${aggregate(problems)}` }
}

/** Several errors as apimachinery prints them: each sentence once. */
function aggregate(problems: readonly string[]): string {
  const once = [...new Set(problems)]
  return once.length === 1 ? (once[0] ?? '') : `[${once.join(', ')}]`
}

/** What somebody may do in a namespace, as `kubectl auth can-i --list` prints it. */
export function rulesOf(user: User, namespace: string, store: Store) {
  const { rules, problems } = rulesHeldBy(user, namespace, store)
  return {
    ...(problems.length === 0 ? {} : { evaluationError: aggregate(problems) }),
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
