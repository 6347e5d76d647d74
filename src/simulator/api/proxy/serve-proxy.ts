import type { IncomingMessage } from 'node:http'
import { secure } from '../../http/tls.ts'
import type { Connection, NodeDialer } from '../../ports.ts'
import type { ApiContext } from '../context.ts'
import type { ApiRequest, ApiResponse } from '../request.ts'
import { errors } from '../status.ts'
import { exchange } from './exchange.ts'
import { nodeResponse } from './node-api.ts'
import type { ProxyRoute } from './proxy-route.ts'
import { type ProxyTarget, proxyTargetOf } from './proxy-target.ts'
import { type LinkPlace, rewriteLink, rewriteLinks } from './rewrite-links.ts'

/** As long as the API server waits for a connection. */
const DIAL_MS = 30_000
/** Pages up to this size get their links rewritten. */
const PAGE_LIMIT = 4 * 1024 * 1024
/** Headers that belong to one connection (RFC 7230), and the credentials of the API server. */
const NOT_FORWARDED = new Set([
  'authorization',
  'connection',
  'content-length',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])
const NOT_RETURNED =
  /^(connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|access-control-.*)$/

/**
 * Hands a request on to a pod or a service, from the node, and the answer back. Models UpgradeAwareHandler of k8s.io/apimachinery
 * pkg/util/proxy.
 * @throws ApiError 400, 404, 501, 503
 */
export async function proxyResponse(
  request: ApiRequest,
  route: ProxyRoute,
  { context, dialer }: { readonly context: ApiContext; readonly dialer: NodeDialer | undefined },
): Promise<ApiResponse> {
  const { method, search = '' } = request
  if (request.headers.upgrade !== undefined) {
    throw errors.notSimulated(
      501,
      'the proxy subresource hands on requests, but no upgrade of them',
    )
  }
  if (route.served.stored === 'Node') return nodeResponse(request, route, context)
  const target = proxyTargetOf(route, context)
  if (dialer === undefined) {
    throw errors.notSimulated(501, 'this cluster has no network: proxy reaches nothing')
  }
  if (route.rest === '' && (method === 'GET' || method === 'HEAD')) {
    return { status: 301, headers: { location: `${route.prefix}/${search}` }, body: '' }
  }
  const path = route.rest === '' ? '/' : route.rest
  const connection = await dial(target, dialer, context, request.signal)
  const response = await exchange(connection, {
    method,
    target: `${path}${search}`,
    headers: forwardedHeaders(request, `${route.prefix}${route.rest}`),
    body: request.body,
    signal: request.signal,
  })
  const place = {
    prefix: route.prefix,
    source: target.host,
    asked: request.headers.host ?? '',
  }
  return answerOf(response, place, method)
}

/** @throws ApiError 503 */
async function dial(
  { address, port, isTls }: ProxyTarget,
  dialer: NodeDialer,
  { clock }: ApiContext,
  gone: AbortSignal,
): Promise<Connection> {
  const failed = (why: string) => errors.serviceUnavailable(`error trying to reach service: ${why}`)
  const words = `dial tcp ${address}:${port}:`
  const late = new AbortController()
  const cancel = clock.after(DIAL_MS, () => late.abort())
  const signal = AbortSignal.any([late.signal, gone])
  try {
    const outcome = await dialer.connect({ address, port, protocol: 'TCP' }, { signal })
    if (outcome.kind === 'refused') throw failed(`${words} connect: connection refused`)
    if (outcome.kind === 'unreachable') throw failed(`${words} connect: no route to host`)
    if (!isTls) return outcome.connection
    const greeting = await secure(outcome.connection)
    if (greeting.kind === 'secured') return greeting.connection
    outcome.connection.close()
    throw failed(
      greeting.kind === 'closed' ? 'EOF' : 'http: server gave HTTP response to HTTPS client',
    )
  } catch (error) {
    if (!signal.aborted) throw error
    throw failed(late.signal.aborted ? `${words} i/o timeout` : 'context canceled')
  } finally {
    cancel()
  }
}

/** Names as Go writes them: `X-Forwarded-For`. */
function canonical(name: string): string {
  return name.replace(/(^|-)[a-z]/g, (part) => part.toUpperCase())
}

function forwardedHeaders(request: ApiRequest, uri: string): Record<string, string> {
  const { headers, body, method } = request
  const own: Record<string, string> = { Host: headers.host ?? 'localhost' }
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !NOT_FORWARDED.has(name)) own[canonical(name)] = value
  }
  const before = headers['x-forwarded-for']
  own['X-Forwarded-For'] = before === undefined ? '127.0.0.1' : `${before}, 127.0.0.1`
  own['X-Forwarded-Uri'] = uri
  if (body.length > 0 || ['POST', 'PUT', 'PATCH'].includes(method)) {
    own['Content-Length'] = String(body.length)
  }
  return own
}

async function answerOf(
  response: IncomingMessage,
  place: LinkPlace,
  method: string,
): Promise<ApiResponse> {
  const headers: Record<string, string | readonly string[]> = {}
  for (const [name, values] of Object.entries(response.headersDistinct)) {
    if (values === undefined || NOT_RETURNED.test(name)) continue
    const [first = ''] = values
    headers[name] = values.length === 1 ? first : values
  }
  const status = response.statusCode ?? 502
  const location = response.headers.location
  const isPage = response.headers['content-type']?.split(';')[0]?.trim() === 'text/html'
  if (location !== undefined) headers.location = rewriteLink(location, place)
  else if (isPage && method !== 'HEAD' && response.headers['content-encoding'] === undefined) {
    const { content, rest } = await readPage(response)
    if (rest !== undefined) return { status, headers, body: '', bytes: rest }
    const page = Buffer.from(rewriteLinks(content.toString('latin1'), place), 'latin1')
    return {
      status,
      headers: { ...headers, 'content-length': String(page.length) },
      body: '',
      bytes: once(page),
    }
  }
  return { status, headers, body: '', bytes: response }
}

/** A page, or what is too long for one. */
async function readPage(response: IncomingMessage): Promise<{
  readonly content: Buffer
  readonly rest?: AsyncIterable<Uint8Array>
}> {
  const chunks: Buffer[] = []
  let size = 0
  const incoming = response[Symbol.asyncIterator]()
  for (;;) {
    const next: IteratorResult<Buffer> = await readNext(incoming)
    if (next.done === true) return { content: Buffer.concat(chunks) }
    chunks.push(next.value)
    size += next.value.length
    if (size > PAGE_LIMIT) {
      return { content: Buffer.alloc(0), rest: joined(chunks, incoming) }
    }
  }
}

async function readNext(incoming: AsyncIterator<Buffer>): Promise<IteratorResult<Buffer>> {
  try {
    return await incoming.next()
  } catch {
    throw errors.serviceUnavailable('error trying to reach service: unexpected EOF')
  }
}

async function* joined(
  chunks: readonly Buffer[],
  incoming: AsyncIterator<Buffer>,
): AsyncGenerator<Uint8Array> {
  yield* chunks
  for (let next = await incoming.next(); next.done !== true; next = await incoming.next()) {
    yield next.value
  }
}

async function* once(page: Buffer): AsyncGenerator<Uint8Array> {
  yield page
}
