import type { KindInfo } from '../../../kube/kinds.ts'
import { accessOf, rulesOf } from '../access/access.ts'
import { type User, userInfoOf } from '../access/user.ts'
import { type ApiContext, timestamp } from '../context.ts'
import { type ApiRequest, type ApiResponse, json } from '../request.ts'
import { decodeStruct, isPlainObject } from '../schema/decode.ts'
import { structNamed } from '../schema/schema.ts'
import { errors } from '../status.ts'
import { fieldError } from '../validation/field-error.ts'
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
  user: User,
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
    status: statusOf(info, spec, { user, namespace, context }),
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
      return { userInfo: userInfoOf(user) }
    case 'TokenReview':
      return reviewOf(spec, context)
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

/** Whose token it is: models pkg/registry/authentication/tokenreview. */
function reviewOf(spec: Readonly<Record<string, unknown>>, { tokens }: ApiContext) {
  const token = textOf(spec.token)
  if (token === '') throw errors.badRequest('token is required for TokenReview in authentication')
  const audiences = Array.isArray(spec.audiences) ? spec.audiences.map(String) : []
  const checked = tokens.check(token, audiences.length === 0 ? undefined : audiences)
  if (checked.kind === 'user') {
    return { authenticated: true, user: userInfoOf(checked.user), audiences: checked.audiences }
  }
  const { why } = checked
  return { user: {}, error: `[invalid bearer token${why === '' ? '' : `, ${why}`}]` }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
