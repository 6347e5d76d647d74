import type { AnyKubeObject } from '../../../kube/objects.ts'
import { sameJson } from '../../../kube/same-json.ts'
import {
  accessOf,
  isMaster,
  type Rule,
  rulesHeldBy,
  rulesIn,
  rulesOfReference,
} from '../access/access.ts'
import { ADMINISTRATOR } from '../access/user.ts'
import type { ApiContext } from '../context.ts'
import type { ApiRequest } from '../request.ts'
import { ApiError, errors } from '../status.ts'
import type { Target } from './target.ts'

const GROUP = 'rbac.authorization.k8s.io'

/**
 * Refuses a role that allows more than whoever writes it may do, and a binding to such a role, unless they may "escalate" or
 * "bind" it. Models the policybased storages of pkg/registry/rbac.
 *
 * @param previous what is stored, where the object is changed
 * @throws ApiError 403; 404 where a binding names a role that is not there
 */
export function assertNoEscalation(
  request: ApiRequest,
  target: Target,
  object: AnyKubeObject,
  previous: AnyKubeObject | undefined,
  { store }: ApiContext,
): void {
  const { info } = target
  if (info.group !== GROUP) return
  const { user = ADMINISTRATOR } = request
  if (isMaster(user)) return
  if (previous !== undefined && onlyForCollector(object, previous)) return
  const namespace = target.namespace ?? ''
  const may = (verb: string, resource: string, name: string) =>
    accessOf(user, { resourceAttributes: { verb, group: GROUP, resource, namespace, name } }, store)
      .allowed
  let rules: readonly Rule[]
  if (info.kind === 'Role' || info.kind === 'ClusterRole') {
    if (may('escalate', info.plural, target.name ?? '')) return
    rules = rulesIn(object.rules)
  } else {
    const ref = isRecord(object.roleRef) ? object.roleRef : {}
    const plural = ref.kind === 'Role' ? 'roles' : 'clusterroles'
    if (may('bind', plural, String(ref.name))) return
    const found = rulesOfReference(ref, namespace, store)
    if ('problem' in found) throw notFound(found.problem, String(ref.kind), String(ref.name))
    rules = found.rules
  }
  const held = rulesHeldBy(user, namespace, store)
  const missing = rules
    .flatMap(broken)
    .filter((rule) => !held.rules.some((own) => covers(own, rule)))
  if (missing.length === 0) return
  const texts = [...new Set(compacted(missing).map(textOf))].sort()
  const problems =
    held.problems.length === 0 ? '' : `; resolution errors: [${held.problems.join(' ')}]`
  throw errors.forbidden(
    info,
    object.metadata.name,
    `user ${JSON.stringify(user.name)} (groups=${goList(user.groups)}) is attempting to grant RBAC permissions not currently held:\n${texts.join('\n')}${problems}`,
  )
}

/** Owners and finalizers, which the garbage collector has to change, are no grant. */
function onlyForCollector(object: AnyKubeObject, previous: AnyKubeObject): boolean {
  const bare = ({ metadata, ...rest }: AnyKubeObject) => {
    const {
      ownerReferences: _owners,
      finalizers: _finalizers,
      managedFields: _managed,
      ...own
    } = metadata
    return { ...rest, metadata: own }
  }
  return sameJson(bare(object), bare(previous))
}

/** One rule for each verb, group, resource and name. */
function broken(rule: Rule): readonly Rule[] {
  const empty = { apiGroups: [], resources: [], resourceNames: [], nonResourceURLs: [] }
  const found: Rule[] = []
  for (const group of rule.apiGroups) {
    for (const resource of rule.resources) {
      for (const verb of rule.verbs) {
        const own = { ...empty, apiGroups: [group], resources: [resource], verbs: [verb] }
        if (rule.resourceNames.length === 0) found.push(own)
        for (const name of rule.resourceNames) found.push({ ...own, resourceNames: [name] })
      }
    }
  }
  for (const url of rule.nonResourceURLs) {
    for (const verb of rule.verbs) found.push({ ...empty, nonResourceURLs: [url], verbs: [verb] })
  }
  return found
}

/** Models ruleCovers of component-helpers/auth/rbac/validation. */
function covers(owner: Rule, rule: Rule): boolean {
  const has = (list: readonly string[], wanted: readonly string[]) =>
    wanted.every((value) => list.includes(value))
  const resources = rule.resources.every((resource) => {
    if (owner.resources.includes('*') || owner.resources.includes(resource)) return true
    const slash = resource.indexOf('/')
    return slash !== -1 && owner.resources.includes(`*${resource.slice(slash)}`)
  })
  const urls = rule.nonResourceURLs.every((url) =>
    owner.nonResourceURLs.some(
      (own) => own === url || (own.endsWith('*') && url.startsWith(own.replace(/\*+$/, ''))),
    ),
  )
  return (
    (owner.verbs.includes('*') || has(owner.verbs, rule.verbs)) &&
    (owner.apiGroups.includes('*') || has(owner.apiGroups, rule.apiGroups)) &&
    resources &&
    urls &&
    (owner.resourceNames.length === 0 ||
      (rule.resourceNames.length > 0 && has(owner.resourceNames, rule.resourceNames)))
  )
}

/** Rules about one resource with all their verbs: models CompactRules. */
function compacted(rules: readonly Rule[]): readonly Rule[] {
  const found = new Map<string, Rule>()
  for (const rule of rules) {
    const { apiGroups, resources, resourceNames, nonResourceURLs, verbs } = rule
    // Rules of paths stay one for each verb.
    const own = nonResourceURLs.length === 0 ? [] : [nonResourceURLs, verbs]
    const key = JSON.stringify([apiGroups, resources, resourceNames, ...own])
    const before = found.get(key)
    found.set(key, before === undefined ? rule : { ...before, verbs: [...before.verbs, ...verbs] })
  }
  return [...found.values()]
}

/** As CompactString of pkg/apis/rbac/v1 prints a rule. */
function textOf(rule: Rule): string {
  const part = (name: string, list: readonly string[]) =>
    list.length === 0 ? [] : [`${name}:${goList(list)}`]
  return `{${[
    ...part('APIGroups', rule.apiGroups),
    ...part('Resources', rule.resources),
    ...part('NonResourceURLs', rule.nonResourceURLs),
    ...part('ResourceNames', rule.resourceNames),
    ...part('Verbs', rule.verbs),
  ].join(', ')}}`
}

/** `%q` of a list of texts. */
function goList(list: readonly string[]): string {
  return `[${list.map((text) => JSON.stringify(text)).join(' ')}]`
}

function notFound(message: string, kind: string, name: string): ApiError {
  return new ApiError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason: 'NotFound',
    details: { name, group: GROUP, kind: kind.toLowerCase() },
    code: 404,
  })
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
