import type { KindInfo } from '../../../kube/kinds.ts'
import { type ApiContext, timestamp } from '../context.ts'
import { type ApiRequest, type ApiResponse, json } from '../request.ts'
import { decodeStruct, isPlainObject } from '../schema/decode.ts'
import { structNamed } from '../schema/schema.ts'
import { errors } from '../status.ts'
import { fieldError } from '../validation/field-error.ts'
import { ADMINISTRATOR, accessOf, rulesOf, type User } from './access.ts'
import { bodyOf } from './write.ts'

function review(group: string, kind: string, namespaced = false): KindInfo {
  return {
    group,
    version: 'v1',
    kind,
    plural: `${kind.toLowerCase()}s`,
    singular: kind.toLowerCase(),
    shortNames: [],
    namespaced,
    categories: [],
    verbs: ['create'],
    subresources: [],
  }
}

/** Requests that are answered and not stored. */
export const REVIEWS: readonly KindInfo[] = [
  review('authentication.k8s.io', 'SelfSubjectReview'),
  review('authentication.k8s.io', 'TokenReview'),
  review('authorization.k8s.io', 'LocalSubjectAccessReview', true),
  review('authorization.k8s.io', 'SelfSubjectAccessReview'),
  review('authorization.k8s.io', 'SelfSubjectRulesReview'),
  review('authorization.k8s.io', 'SubjectAccessReview'),
]

/**
 * Answers a review: who somebody is, and what they may do. Undefined for other paths.
 * @throws ApiError 400, 405 for anything but POST, 422
 */
export async function reviewResponse(
  request: ApiRequest,
  parts: readonly string[],
  context: ApiContext,
): Promise<ApiResponse | undefined> {
  const [root, group, version, ...rest] = parts
  const [namespace, plural] =
    rest.length === 3 && rest[0] === 'namespaces' ? [rest[1], rest[2]] : [undefined, rest[0]]
  if (root !== 'apis' || version !== 'v1') return undefined
  const info = REVIEWS.find((entry) => entry.group === group && entry.plural === plural)
  if (info === undefined || rest.length !== (info.namespaced ? 3 : 1)) return undefined
  if (request.method !== 'POST') throw errors.methodNotAllowed()
  const { kind } = info
  const { value } = await bodyOf(request, kind)
  const decoded = decodeStruct(structNamed(kind), kind, 'v1', value).value
  const spec = isPlainObject(decoded.spec) ? decoded.spec : {}
  return json(201, {
    kind,
    apiVersion: `${group}/v1`,
    metadata: {
      creationTimestamp: kind === 'SelfSubjectReview' ? timestamp(context.clock.now()) : null,
    },
    ...(kind === 'SelfSubjectReview' ? {} : { spec }),
    status: statusOf(info, spec, { user: userOf(request), namespace, context }),
  })
}

function statusOf(
  info: KindInfo,
  spec: Readonly<Record<string, unknown>>,
  asked: {
    readonly user: User
    readonly namespace: string | undefined
    readonly context: ApiContext
  },
): unknown {
  const { user, context } = asked
  switch (info.kind) {
    case 'SelfSubjectReview':
      return {
        userInfo: {
          username: user.name,
          ...(user.uid === undefined ? {} : { uid: user.uid }),
          groups: user.groups,
          ...(user.extra === undefined ? {} : { extra: user.extra }),
        },
      }
    case 'TokenReview':
      // Tokens of service accounts are handed out, and open nothing here.
      return { user: {}, error: '[invalid bearer token]' }
    case 'SelfSubjectRulesReview': {
      const namespace = textOf(spec.namespace)
      if (namespace === '') {
        throw errors.badRequest('no namespace on request')
      }
      return { ...rulesOf(user, namespace, context.store), incomplete: false }
    }
    case 'SelfSubjectAccessReview':
      assertAttributes(info, spec)
      return accessOf(user, spec, context.store)
    default: {
      assertAttributes(info, spec)
      const groups = Array.isArray(spec.groups) ? spec.groups.map(String) : []
      const name = textOf(spec.user)
      if (name === '' && groups.length === 0) {
        throw errors.invalid(info, '', [
          fieldError.required('spec.user', 'at least one of user or group must be specified'),
        ])
      }
      return accessOf({ name, groups }, spec, context.store)
    }
  }
}

function assertAttributes(info: KindInfo, spec: Readonly<Record<string, unknown>>): void {
  const [resource, path] = [spec.resourceAttributes, spec.nonResourceAttributes]
  if (resource !== undefined && path !== undefined) {
    throw errors.invalid(info, '', [
      fieldError.invalid(
        'spec.nonResourceAttributes',
        path,
        'cannot be specified in combination with resourceAttributes',
      ),
    ])
  }
  if (resource === undefined && path === undefined) {
    throw errors.invalid(info, '', [
      fieldError.invalid(
        'spec.resourceAttributes',
        null,
        'exactly one of nonResourceAttributes or resourceAttributes must be specified',
      ),
    ])
  }
}

/**
 * Who asks: the administrator, or whom the administrator impersonates (`kubectl --as`): models pkg/endpoints/filters/impersonation.go.
 * @throws ApiError 400 for a group, a uid or an extra value without a user
 */
export function userOf(request: ApiRequest): User {
  const { headers } = request
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
    return ADMINISTRATOR
  }
  // system:serviceaccount:NAMESPACE:NAME belongs to groups of its own, where none are named.
  const account = /^system:serviceaccount:([^:]+):[^:]+$/.exec(name)
  const groups =
    account === null || given.length > 0
      ? given
      : ['system:serviceaccounts', `system:serviceaccounts:${account[1]}`]
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

const EXTRA = 'impersonate-extra-'

function extraOf(headers: ApiRequest['headers']): User['extra'] {
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

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
