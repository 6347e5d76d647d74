import type { User } from './api/access/user.ts'
import type { Api } from './api/http/api.ts'
import type { ApiRequest, ApiResponse } from './api/request.ts'
import { statusResponse } from './api/request.ts'
import { errors } from './api/status.ts'
import { type HttpRequest, type HttpResponse, serveHttp } from './http/serve-http.ts'
import { acceptTls } from './http/tls.ts'
import type { Connection } from './ports.ts'

/** Where the API server listens on its node, for what comes from inside the simulated network. */
export const API_PORT = 6443

const ANONYMOUS: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] }

/** Who a token belongs to: a user, or `administrator` for the lab's own; `undefined` for one that is none. */
export type TokenCheck = (token: string) => User | 'administrator' | undefined

/**
 * Serves the API to one connection of the simulated network, as `listen.ts` does it to the computer: who shows no token is
 * `system:anonymous`. What goes on for ever, a watch or a log that is followed, is refused, since answers are sent whole here.
 */
export async function serveFromInside(
  connection: Connection,
  options: { readonly api: Api; readonly check: TokenCheck },
): Promise<void> {
  const channel = await acceptTls(connection, 'private')
  if (channel === undefined) {
    connection.close()
    return
  }
  const gone = new AbortController()
  try {
    await serveHttp(channel, async (request) => sent(await answer(request, gone.signal, options)))
  } finally {
    gone.abort()
  }
}

async function answer(
  request: HttpRequest,
  signal: AbortSignal,
  { api, check }: { readonly api: Api; readonly check: TokenCheck },
): Promise<ApiResponse> {
  const [path = '/'] = request.target.split('?')
  const search = request.target.slice(path.length)
  const query = new URLSearchParams(search)
  const token = /^Bearer (\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1]
  const user = token === undefined ? ANONYMOUS : check(token)
  if (user === undefined) return statusResponse(errors.unauthorized().status)
  if (query.get('watch') === 'true' || query.get('follow') === 'true') {
    const what = 'watches and followed logs are not simulated for clients inside the cluster'
    return statusResponse(errors.notSimulated(501, what).status)
  }
  const sentRequest: ApiRequest = {
    method: request.method,
    path,
    query,
    search,
    headers: Object.fromEntries(request.headers),
    body: request.body,
    signal,
    ...(user === 'administrator' ? {} : { user }),
  }
  return api.handle(sentRequest)
}

async function sent({ status, headers, body, bytes }: ApiResponse): Promise<HttpResponse> {
  const parts: Uint8Array[] = []
  const encoder = new TextEncoder()
  if (bytes !== undefined) for await (const chunk of bytes) parts.push(chunk)
  else if (typeof body === 'string') parts.push(encoder.encode(body))
  else for await (const chunk of body) parts.push(encoder.encode(chunk))
  const list = Object.entries(headers).flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : value).map((each) => [titled(name), each] as const),
  )
  return { status, quietConnection: true, headers: list, body: Buffer.concat(parts) }
}

/** `content-type` → `Content-Type`. */
function titled(name: string): string {
  return name.replaceAll(/(^|-)[a-z]/g, (letter) => letter.toUpperCase())
}
