import type { Connection } from '../ports.ts'
import { ByteReader } from './byte-reader.ts'

export interface HttpRequest {
  readonly method: string
  /** Path and query as sent. */
  readonly target: string
  readonly version: string
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: Uint8Array
  readonly remoteAddress: string
  readonly remotePort: number
}

export interface HttpResponse {
  readonly status: number
  /** In the order in which they are sent; Content-Length and Connection are added. */
  readonly headers?: readonly (readonly [string, string])[]
  readonly body?: string | Uint8Array
  /** The server closes without a word. */
  readonly hangUp?: boolean
  /** No `Connection` header where the connection stays, as Go and Apache have it with HTTP/1.1. */
  readonly quietConnection?: boolean
}

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  204: 'No Content',
  301: 'Moved Permanently',
  302: 'Found',
  304: 'Not Modified',
  307: 'Temporary Redirect',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Not Allowed',
  412: 'Precondition Failed',
  413: 'Request Entity Too Large',
  417: 'Expectation Failed',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
}

const BODY_LIMIT = 1_048_576

/** Answers the requests of one connection until the client or `Connection: close` ends it. */
export async function serveHttp(
  connection: Connection,
  respond: (request: HttpRequest) => HttpResponse | Promise<HttpResponse>,
  options: {
    /** What is answered to something that is no request, with its first line. @default a plain 400 */
    readonly onBadRequest?: (line: string) => HttpResponse | Promise<HttpResponse>
  } = {},
): Promise<void> {
  const reader = new ByteReader(connection.incoming)
  try {
    for (;;) {
      const request = await readRequest(reader, connection)
      if (request === undefined) return
      const bad = 'badLine' in request
      const response = bad
        ? await (options.onBadRequest?.(request.badLine) ?? badRequest())
        : await respond(request)
      if (response.hangUp) return
      const keepAlive =
        !bad &&
        (request.version === 'HTTP/1.1'
          ? request.headers.get('connection')?.toLowerCase() !== 'close'
          : request.headers.get('connection')?.toLowerCase() === 'keep-alive')
      connection.send(
        renderResponse(response, { keepAlive, withoutBody: !bad && request.method === 'HEAD' }),
      )
      if (!keepAlive) return
    }
  } finally {
    connection.close()
  }
}

function badRequest(): HttpResponse {
  return { status: 400, headers: [['Content-Type', 'text/plain']], body: 'Bad Request\n' }
}

async function readRequest(
  reader: ByteReader,
  { remoteAddress, remotePort }: Connection,
): Promise<HttpRequest | { readonly badLine: string } | undefined> {
  const first = await reader.readRequestLine()
  if (first === undefined) return undefined
  const bad = { badLine: first }
  const match = /^([A-Z]+) (\S+) (HTTP\/1\.[01])$/.exec(first)
  if (match === null) return bad
  const headers = new Map<string, string>()
  for (;;) {
    const line = await reader.readLine()
    if (line === undefined) return undefined
    if (line === '') break
    const colon = line.indexOf(':')
    if (colon < 1 || headers.size > 100) return bad
    headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim())
  }
  const length = Number(headers.get('content-length') ?? '0')
  if (!Number.isInteger(length) || length < 0 || length > BODY_LIMIT) return bad
  const body = new Uint8Array(length)
  for (let at = 0; at < length; ) {
    const chunk = await reader.read(length - at)
    if (chunk === undefined) return undefined
    body.set(chunk, at)
    at += chunk.length
  }
  const [, method = '', target = '', version = ''] = match
  return { method, target, version, headers, body, remoteAddress, remotePort }
}

function renderResponse(
  response: HttpResponse,
  options: { readonly keepAlive: boolean; readonly withoutBody: boolean },
): Uint8Array {
  const body =
    typeof response.body === 'string' ? new TextEncoder().encode(response.body) : response.body
  const lines = [`HTTP/1.1 ${response.status} ${REASONS[response.status] ?? 'Unknown'}`]
  const given = response.headers ?? []
  for (const [name, value] of given) {
    lines.push(`${name}: ${value}`)
    // Where nginx puts them: the length after the type, the connection before what follows.
    if (name === 'Content-Type') lines.push(`Content-Length: ${body?.length ?? 0}`)
  }
  if (!given.some(([name]) => name === 'Content-Type'))
    lines.push(`Content-Length: ${body?.length ?? 0}`)
  const connectionLine = `Connection: ${options.keepAlive ? 'keep-alive' : 'close'}`
  const after = lines.findIndex((line) => line.startsWith('ETag:'))
  if (response.quietConnection && options.keepAlive) {
    // Nothing to say: HTTP/1.1 keeps the connection by itself.
  } else if (after === -1) lines.push(connectionLine)
  else lines.splice(after, 0, connectionLine)
  const head = new TextEncoder().encode(`${lines.join('\r\n')}\r\n\r\n`)
  const sent = options.withoutBody || body === undefined ? new Uint8Array(0) : body
  const out = new Uint8Array(head.length + sent.length)
  out.set(head)
  out.set(sent, head.length)
  return out
}
