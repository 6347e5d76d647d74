import type { ApiRequest, ApiResponse } from '../request.ts'
import { preferredFormat } from './accept.ts'
import { booleanOf } from './query.ts'

const BROWSERS = /^(curl|Wget|Mozilla\/5\.0)/

/**
 * The answer as YAML, or as JSON that a person reads, where that is wanted: models isPrettyPrint and the YAML serializer of
 * k8s.io/apiserver. Streams stay as they are.
 */
export async function written(request: ApiRequest, response: ApiResponse): Promise<ApiResponse> {
  const format = preferredFormat(request.headers.accept)
  const { body, headers } = response
  if (typeof body !== 'string' || headers['content-type'] !== 'application/json') return response
  if (format === 'yaml') {
    const { stringify } = await import('yaml')
    return {
      ...response,
      headers: { ...headers, 'content-type': 'application/yaml' },
      body: stringify(JSON.parse(body), { aliasDuplicateObjects: false }),
    }
  }
  const isPretty = request.query.has('pretty')
    ? booleanOf(request.query, 'pretty')
    : BROWSERS.test(request.headers['user-agent'] ?? '')
  return isPretty ? { ...response, body: JSON.stringify(JSON.parse(body), null, 2) } : response
}
