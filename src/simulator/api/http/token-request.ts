import type { AnyKubeObject } from '../../../kube/objects.ts'
import { serviceAccountToken, TOKEN_ISSUER } from '../../../kube/service-account-token.ts'
import { timestamp } from '../context.ts'
import { type ApiRequest, type ApiResponse, json } from '../request.ts'
import { decodeStruct, isPlainObject } from '../schema/decode.ts'
import { structNamed } from '../schema/schema.ts'
import { errors } from '../status.ts'
import { fieldError } from '../validation/field-error.ts'
import type { ResourceOptions } from './target.ts'
import { bodyOf } from './write.ts'

const INFO = { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' } as const

/**
 * POST of `serviceaccounts/NAME/token` (`kubectl create token`): a token with the claims of a real one. Nobody signed it, and this
 * server takes none but the administrator's.
 * @throws ApiError 400, 422
 */
export async function requestToken(
  request: ApiRequest,
  account: AnyKubeObject,
  { context }: ResourceOptions,
): Promise<ApiResponse> {
  const { value } = await bodyOf(request, INFO.kind)
  const decoded = decodeStruct(structNamed(INFO.kind), INFO.kind, 'v1', value).value
  const spec = isPlainObject(decoded.spec) ? decoded.spec : {}
  const seconds = typeof spec.expirationSeconds === 'number' ? spec.expirationSeconds : 3600
  const refused = (detail: string) =>
    errors.invalid({ ...INFO, ...NO_RESOURCE }, '', [
      fieldError.invalid('spec.expirationSeconds', seconds, detail),
    ])
  if (seconds < 600) throw refused('may not specify a duration less than 10 minutes')
  if (seconds > 2 ** 32) throw refused('may not specify a duration larger than 2^32 seconds')
  const audiences =
    Array.isArray(spec.audiences) && spec.audiences.length > 0 ? spec.audiences : [TOKEN_ISSUER]
  const now = Math.floor(context.clock.now() / 1000)
  const { name, namespace = '', uid } = account.metadata
  const token = serviceAccountToken({
    namespace,
    name,
    uid,
    audiences,
    issuedAt: now,
    lifetime: seconds,
    signature: context.randomBytes(256),
  })
  return json(201, {
    kind: INFO.kind,
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { name, namespace, creationTimestamp: timestamp(context.clock.now()) },
    spec: { audiences, expirationSeconds: seconds, boundObjectRef: null },
    status: {
      token,
      expirationTimestamp: timestamp((now + seconds) * 1000),
    },
  })
}

const NO_RESOURCE = {
  plural: 'tokenrequests',
  singular: '',
  shortNames: [],
  namespaced: true,
  categories: [],
  verbs: [],
  subresources: [],
}
