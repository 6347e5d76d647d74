import type { ApiRequest, ApiResponse } from '../request.ts'
import { VERSION } from './version.ts'

/** As clients ask for it, and as it is answered: `@` is no sign of a media type. */
const ASKED = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf'
const ANSWERED = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'

/**
 * `/openapi/v2`, which holds nothing: kubectl asks for it where `/openapi/v3` has no document of a group, to find out
 * that a kind does not exist, and says so only with an answer in hand. In protobuf alone, the form that kubectl asks for.
 */
export function openApiV2Response({ path, method, headers }: ApiRequest): ApiResponse | undefined {
  if (path !== '/openapi/v2' || (method !== 'GET' && method !== 'HEAD')) return undefined
  if (headers.accept?.includes(ASKED) !== true) return undefined
  // openapi_v2.Document: 1 swagger, 2 info (1 title, 2 version). Every length is below 128, so bytes are characters.
  const info = field(1, 'Kubernetes') + field(2, VERSION.gitVersion)
  return {
    status: 200,
    headers: { 'content-type': ANSWERED },
    body: field(1, '2.0') + field(2, info),
  }
}

function field(number: number, content: string): string {
  return String.fromCharCode((number << 3) | 2, content.length) + content
}
