import { errors } from '../status.ts'
import type { Store } from '../store.ts'
import { accessOf, isMaster } from './access.ts'
import type { RequestInfo } from './request-info.ts'
import type { User } from './user.ts'

/**
 * Lets the administrator do everything, and everybody else what the stored roles and bindings allow.
 * @throws ApiError 403
 */
export function authorize(user: User, asked: RequestInfo, store: Store): void {
  if (isMaster(user)) return
  const { verb } = asked
  if (asked.kind === 'path') {
    const spec = { nonResourceAttributes: { verb, path: asked.path } }
    const { allowed, reason } = accessOf(user, spec, store)
    if (allowed) return
    throw errors.forbiddenPath(
      withReason(
        `User ${JSON.stringify(user.name)} cannot ${verb} path ${JSON.stringify(asked.path)}`,
        reason,
      ),
    )
  }
  assertAllowed(user, asked, store)
}

/** What is asked of one resource. */
export interface ResourceRequest {
  readonly verb: string
  readonly group: string
  readonly resource: string
  readonly subresource: string
  readonly namespace: string
  readonly name: string
}

/** @throws ApiError 403 */
function assertAllowed(user: User, asked: ResourceRequest, store: Store): void {
  const { verb, group, resource, subresource, namespace, name } = asked
  const { allowed, reason } = accessOf(user, { resourceAttributes: asked }, store)
  if (allowed) return
  const full = subresource === '' ? resource : `${resource}/${subresource}`
  const where =
    namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`
  const why = `User ${JSON.stringify(user.name)} cannot ${verb} resource ${JSON.stringify(full)} in API group ${JSON.stringify(group)} ${where}`
  throw errors.forbidden({ group, plural: resource }, name, withReason(why, reason))
}

function withReason(text: string, reason: string | undefined): string {
  return reason === undefined ? text : `${text}: ${reason}`
}

/**
 * Who is to be taken for the one that asks: `kubectl --as`, for those who may impersonate. Models pkg/endpoints/filters/impersonation.go.
 *
 * @param headers names in lower case
 * @throws ApiError 400 for a group, a uid or an extra value without a user, 403
 */
export function impersonated(user: User, headers: Headers, store: Store): User {
  const name = headers['impersonate-user'] ?? ''
  const given = listOf(headers['impersonate-group'])
  const uid = headers['impersonate-uid'] ?? ''
  const extra = extraOf(headers)
  if (name === '') {
    if (given.length > 0 || uid !== '' || extra !== undefined) {
      throw errors.badRequest(
        'a group, a uid or an extra value was requested without impersonating a user',
      )
    }
    return user
  }
  // system:serviceaccount:NAMESPACE:NAME belongs to groups of its own, where none are named.
  const [, namespace, account] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name) ?? []
  if (!isMaster(user)) {
    const asked = { verb: 'impersonate', group: '', subresource: '', namespace: '' }
    assertAllowed(
      user,
      namespace !== undefined && account !== undefined
        ? { ...asked, resource: 'serviceaccounts', namespace, name: account }
        : { ...asked, resource: 'users', name },
      store,
    )
    for (const group of given) {
      assertAllowed(user, { ...asked, resource: 'groups', name: group }, store)
    }
    const own = { ...asked, group: 'authentication.k8s.io' }
    if (uid !== '') assertAllowed(user, { ...own, resource: 'uids', name: uid }, store)
    for (const [key, values] of Object.entries(extra ?? {})) {
      for (const value of values) {
        const part = { resource: 'userextras', subresource: key, name: value }
        assertAllowed(user, { ...own, ...part }, store)
      }
    }
  }
  const groups =
    namespace === undefined || given.length > 0
      ? given
      : ['system:serviceaccounts', `system:serviceaccounts:${namespace}`]
  const isAnonymous = name === 'system:anonymous'
  const added = isAnonymous ? 'system:unauthenticated' : 'system:authenticated'
  const isSaid =
    groups.includes(added) || (!isAnonymous && groups.includes('system:unauthenticated'))
  return {
    name,
    groups: isSaid ? groups : [...groups, added],
    ...(uid === '' ? {} : { uid }),
    ...(extra === undefined ? {} : { extra }),
  }
}

type Headers = Readonly<Record<string, string | undefined>>
const EXTRA = 'impersonate-extra-'

function extraOf(headers: Headers): User['extra'] {
  const found = Object.entries(headers).flatMap(([header, value]) =>
    header.toLowerCase().startsWith(EXTRA) && value !== undefined
      ? [[unescaped(header.slice(EXTRA.length).toLowerCase()), listOf(value)] as const]
      : [],
  )
  return found.length === 0 ? undefined : Object.fromEntries(found)
}

/** What is no escape stays as it is. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** A header that may be there several times. */
function listOf(header: string | undefined): readonly string[] {
  return (header ?? '')
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '')
}
