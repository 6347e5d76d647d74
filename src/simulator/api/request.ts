import type { Status } from '../../kube/objects.ts'
import type { User } from './access/user.ts'

/** One HTTP request, independent of a socket. */
export interface ApiRequest {
  readonly method: string
  /** As sent: still percent-encoded, without the query. */
  readonly path: string
  readonly query: URLSearchParams
  /** The query as sent, with its question mark; for who hands it on. */
  readonly search?: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Uint8Array
  /** Who sent it. @default the administrator */
  readonly user?: User
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal
}

/** One HTTP response. A stream is sent as it comes and ends with the iteration. */
export interface ApiResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly body: string | AsyncIterable<string>
  /** In the place of `body` where it is no text of the API's own. An error of the iteration ends the connection. */
  readonly bytes?: AsyncIterable<Uint8Array>
}

/** A JSON answer. */
export function json(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string | readonly string[]>> = {},
): ApiResponse {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : `${JSON.stringify(body)}\n`,
  }
}

/** A plain text answer. */
export function text(status: number, body: string): ApiResponse {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body }
}

/** JSON over several lines, as the server writes what is about itself: `WriteRawJSON`. */
export function indentedJson(status: number, value: unknown): ApiResponse {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(value, null, 2),
  }
}

/** The answer to a request that is refused. */
export function statusResponse(
  status: Status,
  headers: Readonly<Record<string, readonly string[]>> = {},
): ApiResponse {
  const retryAfter = status.details?.retryAfterSeconds
  return json(status.code ?? 500, status, {
    ...headers,
    ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
  })
}
