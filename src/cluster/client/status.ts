import type { Status } from '../../kube/objects.ts'

/** Whether a decoded body is a `Status` object. */
export function isStatus(body: unknown): body is Status {
  return (
    typeof body === 'object' &&
    body !== null &&
    'kind' in body &&
    body.kind === 'Status' &&
    'status' in body
  )
}

/** The `Status` in an answer; made up from the HTTP status where something that is no API server answered. */
export function statusOf(httpStatus: number, body: unknown): Status {
  if (isStatus(body)) return { ...body, code: body.code ?? httpStatus }
  const text = typeof body === 'string' ? body.trim() : ''
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message:
      text === '' ? `the server answered with HTTP status ${httpStatus}` : text.slice(0, 500),
    reason: REASONS[httpStatus] ?? 'Unknown',
    code: httpStatus,
  }
}

/** k8s.io/apimachinery/pkg/apis/meta/v1/types.go, StatusReason. */
const REASONS: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  409: 'Conflict',
  410: 'Expired',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
}
