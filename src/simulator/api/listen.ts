import { createHash, timingSafeEqual } from 'node:crypto'
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import { createServer } from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Status } from '../../kube/objects.ts'
import type { User } from './access/user.ts'
import type { Certificate } from './certificate.ts'
import type { Api } from './http/api.ts'
import { BODY_LIMIT } from './read-body.ts'
import { type ApiRequest, type ApiResponse, statusResponse } from './request.ts'
import { errors } from './status.ts'

export interface ListenOptions {
  readonly api: Api
  readonly certificate: Certificate
  /** Bearer token of the administrator. Every request has to carry this one or one of a service account. */
  readonly token: string
  /** Whose token another one is; `undefined` where it is good for nothing. */
  readonly accountOf?: (token: string) => User | undefined
  /** @default 0, a free one */
  readonly port?: number
  /** Answers what is no business of the API, after the same checks; `undefined` passes a request on. */
  readonly aside?: ((request: ApiRequest) => Promise<ApiResponse | undefined>) | undefined
  readonly limits?: Partial<ListenLimits>
}

/** What keeps one client from taking everything. Times in milliseconds. */
export interface ListenLimits {
  /** Connections at once; the next one is closed. */
  readonly connections: number
  readonly handshakeMs: number
  /** From the connection, or the end of the last answer, to the end of the headers. */
  readonly headersMs: number
  /** From the first byte of a request to its last. */
  readonly requestMs: number
  /** How often the times of open connections are looked at. */
  readonly checkMs: number
  /** A connection without a request. */
  readonly idleMs: number
  /** Until a client of SPDY has opened the streams that belong together. */
  readonly streamsMs: number
}

const LIMITS: ListenLimits = {
  connections: 2000,
  handshakeMs: 10_000,
  headersMs: 10_000,
  requestMs: 60_000,
  checkMs: 5000,
  idleMs: 60_000,
  streamsMs: 30_000,
}

export interface Listener {
  /** `https://127.0.0.1:port`. */
  readonly server: string
  /** Ends every connection. Can run twice. */
  close(): Promise<void>
}

/** Nobody is named for the administrator. */
type Sender = Pick<ApiRequest, 'user'>

const HOST = '127.0.0.1'
const HEADER_LIMIT = 64 * 1024
/** What `exec`, `attach` and `portforward` go on with. */
const STREAM_UPGRADES = ['websocket', 'spdy/3.1']
/** One message of a client; stdin comes in pieces far smaller. */
const MESSAGE_LIMIT = 1024 * 1024

/**
 * Serves an API on the loopback interface over TLS. The only place of the simulator that opens a socket.
 * Rejects with the system's error where the port is taken.
 */
export async function listen(options: ListenOptions): Promise<Listener> {
  const { api } = options
  const sockets = new Set<Socket>()
  const answering = new Set<Duplex>()
  const isAdministrator = tokenCheck(options.token)
  const limits = { ...LIMITS, ...options.limits }
  const server = createServer({
    key: options.certificate.key,
    cert: options.certificate.cert,
    maxHeaderSize: HEADER_LIMIT,
    handshakeTimeout: limits.handshakeMs,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    connectionsCheckingInterval: limits.checkMs,
    // Watches and log streams are silent for long and no part of this; the kernel tells when their client is gone.
    keepAliveTimeout: limits.idleMs,
  })
  server.maxConnections = limits.connections
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  // A client that speaks no TLS, or does not trust us, is its own problem.
  server.on('tlsClientError', () => {})
  server.on('clientError', (error, socket: Duplex) => {
    const isHttp = 'code' in error && /^(HPE|ERR_HTTP)_/.test(String(error.code))
    // Whoever is in the middle of an answer would take another one for a part of it.
    if (!isHttp || answering.has(socket) || !socket.writable) socket.destroy()
    else void writeAnswer(socket, statusResponse(malformed(error)))
  })

  /** Who sent a request, or what is refused before the API sees it. */
  const senderOf = (message: IncomingMessage): Sender | ApiResponse => {
    if (!isLoopbackHost(message.headers.host, portOf(server.address()))) {
      return statusResponse(
        errors.badRequest('this server answers only to 127.0.0.1, localhost and its port').status,
      )
    }
    const token = bearerTokenIn(message.headers.authorization)
    if (token !== undefined) {
      if (isAdministrator(token)) return {}
      const user = options.accountOf?.(token)
      if (user !== undefined) return { user }
    }
    return statusResponse(errors.unauthorized().status)
  }

  server.on('request', (message: IncomingMessage, response: ServerResponse) => {
    const { socket } = message
    answering.add(socket)
    response.on('close', () => answering.delete(socket))
    void answer(message, response).catch(() => response.destroy())
  })
  const answer = async (message: IncomingMessage, response: ServerResponse) => {
    const sender = senderOf(message)
    if ('status' in sender) {
      message.resume()
      await send(sender, message, response)
      return
    }
    const gone = new AbortController()
    response.on('close', () => gone.abort())
    const body = await readAll(message)
    if (body === undefined) {
      await send(statusResponse(errors.tooLarge(BODY_LIMIT).status), message, response)
      message.destroy()
      return
    }
    const request = { ...requestOf(message, body, gone.signal), ...sender }
    // What the lab itself is asked is the administrator's business.
    const aside = sender.user === undefined ? await options.aside?.(request) : undefined
    await send(aside ?? (await api.handle(request)), message, response)
  }

  /** What was agreed on before the handshake is written. */
  const protocols = new WeakMap<IncomingMessage, string>()
  const webSockets = new WebSocketServer({
    noServer: true,
    maxPayload: MESSAGE_LIMIT,
  })
  webSockets.on('headers', (lines, message) => {
    const protocol = protocols.get(message)
    if (protocol !== undefined) lines.push(`Sec-WebSocket-Protocol: ${protocol}`)
  })
  server.on('upgrade', (message: IncomingMessage, socket: Duplex, head: Buffer) => {
    void upgrade(message, socket, head).catch(() => socket.destroy())
  })
  const upgrade = async (message: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    const gone = new AbortController()
    const sender = senderOf(message)
    const isStream = STREAM_UPGRADES.includes(message.headers.upgrade?.toLowerCase() ?? '')
    const answerTo = async ({ user }: Sender) => {
      const sent = requestOf(message, new Uint8Array(), gone.signal)
      const request = user === undefined ? sent : { ...sent, user }
      return isStream ? await api.connect(request) : await api.handle(request)
    }
    const found = 'status' in sender ? sender : await answerTo(sender)
    if ('status' in found) {
      await writeAnswer(socket, found)
      return
    }
    const { chooseUpgrade } = await import('./streams/upgrade.ts')
    const chosen = chooseUpgrade(found, message.headers, limits)
    if ('status' in chosen) {
      await writeAnswer(socket, chosen)
      return
    }
    const { protocol } = chosen
    if (chosen.kind === 'websocket') {
      // The one that tunnels SPDY has a slash in its name, which the library takes for a mistake.
      delete message.headers['sec-websocket-protocol']
      protocols.set(message, protocol)
      webSockets.handleUpgrade(message, socket, head, (opened: WebSocket) => chosen.serve(opened))
      return
    }
    if (head.length > 0) socket.unshift(head)
    const lines = [
      'HTTP/1.1 101 Switching Protocols',
      'Connection: Upgrade',
      'Upgrade: SPDY/3.1',
      `X-Stream-Protocol-Version: ${protocol}`,
    ]
    socket.write(`${lines.join('\r\n')}\r\n\r\n`)
    chosen.serve(socket)
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, HOST, () => {
      server.off('error', reject)
      resolve()
    })
  })

  let closing: Promise<void> | undefined
  return {
    server: `https://${HOST}:${portOf(server.address())}`,
    close() {
      closing ??= new Promise((resolve) => {
        server.close(() => resolve())
        for (const client of webSockets.clients) client.terminate()
        webSockets.close()
        for (const socket of sockets) socket.destroy()
      })
      return closing
    },
  }
}

function portOf(address: ReturnType<ReturnType<typeof createServer>['address']>): number {
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Only the loopback names: a web page that resolves its own name to 127.0.0.1 gets nothing. */
function isLoopbackHost(host: string | undefined, port: number): boolean {
  return [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`].includes(host ?? '')
}

function bearerTokenIn(header: string | undefined): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1]
}

/** Compares digests, so that the time taken tells nothing of the token. */
function tokenCheck(token: string): (given: string) => boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  const wanted = digest(token)
  return (given) => timingSafeEqual(digest(given), wanted)
}

/** The body, or `undefined` where it is too large. */
async function readAll(message: IncomingMessage): Promise<Uint8Array | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of message) {
    const bytes: Buffer = chunk
    size += bytes.byteLength
    if (size > BODY_LIMIT) return undefined
    chunks.push(bytes)
  }
  return Buffer.concat(chunks)
}

function requestOf(message: IncomingMessage, body: Uint8Array, signal: AbortSignal): ApiRequest {
  const url = message.url ?? '/'
  const question = url.indexOf('?')
  const headers = Object.fromEntries(
    Object.entries(message.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : value,
    ]),
  )
  return {
    method: message.method ?? 'GET',
    path: question === -1 ? url : url.slice(0, question),
    query: new URLSearchParams(question === -1 ? '' : url.slice(question + 1)),
    search: question === -1 ? '' : url.slice(question),
    headers,
    body,
    signal,
  }
}

async function send(
  answer: ApiResponse,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  response.statusCode = answer.status
  for (const [name, value] of Object.entries(answer.headers)) {
    response.setHeader(name, typeof value === 'string' ? value : [...value])
  }
  response.setHeader('cache-control', response.getHeader('cache-control') ?? 'no-cache, private')
  if (typeof answer.body === 'string' && answer.bytes === undefined) {
    response.setHeader('content-length', Buffer.byteLength(answer.body))
    response.end(message.method === 'HEAD' ? undefined : answer.body)
    return
  }
  response.flushHeaders()
  if (message.method === 'HEAD') {
    response.end()
    return
  }
  for await (const chunk of answer.bytes ?? answer.body) {
    if (response.destroyed) break
    if (!response.write(chunk)) await drained(response)
  }
  response.end()
}

/** Resolves when the client has read, or is gone. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done)
      response.off('close', done)
      resolve()
    }
    response.once('drain', done)
    response.once('close', done)
    if (response.destroyed) done()
  })
}

/** How long a client that was refused may take to read why. */
const LINGER_MS = 1000

/** Writes a whole answer to a connection that no HTTP response belongs to, and ends it. */
async function writeAnswer(socket: Duplex, answer: ApiResponse): Promise<void> {
  const body = typeof answer.body === 'string' ? answer.body : ''
  const lines = [
    `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status] ?? 'Refused'}`,
    ...Object.entries(answer.headers).flatMap(([name, value]) =>
      [value].flat().map((one) => `${name}: ${one}`),
    ),
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ]
  socket.on('error', () => socket.destroy())
  // Closed with bytes unread, the kernel would throw away what the client has not read yet.
  socket.resume()
  socket.end(lines.join('\r\n'))
  const late = setTimeout(() => socket.destroy(), LINGER_MS)
  socket.once('close', () => clearTimeout(late))
}

/** What Node's parser or its clocks say of a request, as a Status. */
function malformed(error: Error): Status {
  switch ('code' in error ? error.code : undefined) {
    case 'HPE_HEADER_OVERFLOW':
      return errors.headersTooLarge(HEADER_LIMIT).status
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return errors.requestTimeout().status
    default:
      return errors.badRequest('the request is no HTTP/1.1 that this server can read').status
  }
}
