import type { AnyKubeObject } from '../../../kube/objects.ts'
import type { AccountTokenRequest } from '../../ports.ts'
import { TOKEN_ISSUER } from '../access/account-tokens.ts'
import { type ApiContext, timestamp } from '../context.ts'
import { infoOf } from '../kinds/built-in-kinds.ts'
import { type ApiRequest, type ApiResponse, json } from '../request.ts'
import { decodeStruct, isPlainObject } from '../schema/decode.ts'
import { structNamed } from '../schema/schema.ts'
import { errors } from '../status.ts'
import { fieldError } from '../validation/field-error.ts'
import type { ResourceOptions } from './target.ts'
import { bodyOf } from './write.ts'

const INFO = { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' } as const

/**
 * POST of `serviceaccounts/NAME/token` (`kubectl create token`): models pkg/registry/core/serviceaccount/storage/token.go.
 * @throws ApiError 400, 404, 409, 422
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
  const { name, namespace = '' } = account.metadata
  const bound = boundTo(spec.boundObjectRef, account, context)
  const { token, expires } = context.tokens.issue({
    namespace,
    name,
    audiences: Array.isArray(spec.audiences) ? spec.audiences.map(String) : [],
    seconds,
    ...(bound === undefined ? {} : { bound }),
  })
  const audiences =
    Array.isArray(spec.audiences) && spec.audiences.length > 0 ? spec.audiences : [TOKEN_ISSUER]
  return json(201, {
    kind: INFO.kind,
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { name, namespace, creationTimestamp: timestamp(context.clock.now()) },
    spec: {
      audiences,
      expirationSeconds: seconds,
      boundObjectRef: isPlainObject(spec.boundObjectRef) ? spec.boundObjectRef : null,
    },
    status: { token, expirationTimestamp: timestamp(expires * 1000) },
  })
}

/**
 * The object that the token is to end with.
 * @throws ApiError 400, 404, 409
 */
function boundTo(
  reference: unknown,
  account: AnyKubeObject,
  { store }: ApiContext,
): AccountTokenRequest['bound'] {
  if (!isPlainObject(reference)) return undefined
  const [apiVersion, kind, name, uid] = ['apiVersion', 'kind', 'name', 'uid'].map((field) => {
    const value = reference[field]
    return typeof value === 'string' ? value : ''
  }) as [string, string, string, string]
  const isCore = apiVersion === '' || !apiVersion.includes('/')
  if (!isCore || (kind !== 'Pod' && kind !== 'Secret' && kind !== 'Node')) {
    const version = apiVersion.includes('/') ? apiVersion : `/${apiVersion}`
    throw errors.badRequest(`cannot bind token to object of type ${version}, Kind=${kind}`)
  }
  const { namespace = '' } = account.metadata
  const found = store.get(kind, kind === 'Node' ? name : `${namespace}/${name}`)
  if (found === undefined) throw errors.notFound(infoOf(kind), name)
  const spec = isPlainObject(found.spec) ? found.spec : {}
  if (kind === 'Pod' && spec.serviceAccountName !== account.metadata.name) {
    throw errors.badRequest(
      `cannot bind token for serviceaccount ${JSON.stringify(account.metadata.name)} to pod running with different serviceaccount name.`,
    )
  }
  const own = found.metadata.uid ?? ''
  if (uid !== '' && uid !== own) {
    throw errors.conflict(
      { ...infoOf(kind), plural: kind },
      name,
      `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    )
  }
  return { kind, name, uid: own }
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
