import { type ApiRequest, type ApiResponse, json } from '../request.ts'
import { isPlainObject } from '../schema/decode.ts'
import { errors } from '../status.ts'
import { bodyOf } from './write.ts'

/** Whoever has the token is the administrator, as with kind's kubeconfig. */
const USER = {
  username: 'kubernetes-admin',
  groups: ['kubeadm:cluster-admins', 'system:authenticated'],
}

/**
 * SelfSubjectAccessReview and SelfSubjectReview: answered, never stored. Undefined for other paths.
 * @throws ApiError 405 for anything but POST
 */
export async function reviewResponse(
  request: ApiRequest,
  parts: readonly string[],
): Promise<ApiResponse | undefined> {
  const path = parts.join('/')
  const access = path === 'apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
  const self = path === 'apis/authentication.k8s.io/v1/selfsubjectreviews'
  if (!access && !self) return undefined
  if (request.method !== 'POST') throw errors.methodNotAllowed()
  const kind = access ? 'SelfSubjectAccessReview' : 'SelfSubjectReview'
  const { value } = await bodyOf(request, kind)
  const spec = isPlainObject(value) ? value.spec : undefined
  if (access) {
    return json(201, {
      kind,
      apiVersion: 'authorization.k8s.io/v1',
      metadata: { creationTimestamp: null },
      spec: isPlainObject(spec) ? spec : {},
      status: { allowed: true, reason: '' },
    })
  }
  return json(201, {
    kind,
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { creationTimestamp: null },
    status: { userInfo: USER },
  })
}
