import http from 'node:http'
import https from 'node:https'
import { createSecureContext } from 'node:tls'
import fetch, { type RequestInit, type Response } from 'node-fetch'
import { WebSocket } from 'ws'
import { toConnectionError } from './connection-error.ts'
import type { Credentials } from './credentials.ts'
import { openSocket } from './open-socket.ts'

/** How long an idle connection is kept; a shorter time that the server announces wins. */
const IDLE_MS = 60_000

/** One API server with its credentials: HTTP requests and WebSockets over kept-alive connections. */
export interface Connection {
  readonly server: string
  readonly namespace: string
  /** Sends one HTTP request. Rejects with `ERR_CLUSTER_UNREACHABLE`, or with the signal's reason. */
  send(pathAndQuery: string, request: SendRequest): Promise<Response>
  /** Opens a WebSocket of the remote command protocol; rejects with the `Status` of a refused upgrade. */
  upgrade(
    pathAndQuery: string,
    protocols: readonly string[],
    signal?: AbortSignal,
  ): Promise<WebSocket>
  close(): void
}

export interface SendRequest {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
  readonly signal?: AbortSignal | undefined
}

export function createConnection(credentials: Credentials, userAgent: string): Connection {
  const { server, namespace } = credentials
  let kept: { readonly key: string; readonly agent: http.Agent } | undefined

  /** Credentials as of now (a token may be renewed), with an agent that is kept while they stay the same. */
  const authorize = async () => {
    const options = await credentials.options()
    const { ca, cert, key, servername, rejectUnauthorized } = options
    const identity = JSON.stringify([ca, cert, key, servername, rejectUnauthorized].map(String))
    if (kept?.key !== identity) {
      kept?.agent.destroy()
      kept = { key: identity, agent: keptAlive(credentials, options) }
    }
    const headers: Record<string, string> = { 'User-Agent': userAgent }
    for (const [name, value] of Object.entries(options.headers ?? {})) headers[name] = String(value)
    if (typeof options.auth === 'string') {
      headers.Authorization = `Basic ${Buffer.from(options.auth).toString('base64')}`
    }
    return { headers, agent: kept.agent, tls: { ca, cert, key, servername, rejectUnauthorized } }
  }

  const attempt = async (pathAndQuery: string, request: SendRequest) => {
    const { headers, agent } = await authorize()
    const init: RequestInit = {
      method: request.method,
      headers: { ...headers, ...request.headers },
      agent,
      // node-fetch 2 has its own narrower type for signals; a standard one is what it expects.
      signal: (request.signal ?? null) as RequestInit['signal'],
    }
    if (request.body !== undefined) init.body = request.body
    return fetch(server + pathAndQuery, init)
  }

  return {
    server,
    namespace,
    send: async (pathAndQuery, request) => {
      request.signal?.throwIfAborted()
      try {
        return await attempt(pathAndQuery, request)
      } catch (error) {
        request.signal?.throwIfAborted()
        // A server may close an idle connection in the moment in which it is used again. Reading twice is harmless.
        if (request.method === 'GET' && isReset(error)) {
          try {
            return await attempt(pathAndQuery, request)
          } catch (again) {
            request.signal?.throwIfAborted()
            throw toConnectionError(again, server)
          }
        }
        throw toConnectionError(error, server)
      }
    },
    upgrade: async (pathAndQuery, protocols, signal) => {
      let authorized: Awaited<ReturnType<typeof authorize>>
      try {
        authorized = await authorize()
      } catch (error) {
        throw toConnectionError(error, server)
      }
      const { headers, agent, tls } = authorized
      const url = server.replace(/^http/, 'ws') + pathAndQuery
      const socket = new WebSocket(url, [...protocols], {
        headers,
        agent,
        ...withoutUndefined(tls),
      })
      return openSocket(socket, server, signal)
    },
    close: () => {
      kept?.agent.destroy()
      kept = undefined
    },
  }
}

function keptAlive(credentials: Credentials, options: https.RequestOptions): http.Agent {
  const { agent } = options
  if (credentials.proxied && agent instanceof http.Agent) return agent
  const keepAlive = { keepAlive: true, keepAliveMsecs: 15_000, timeout: IDLE_MS }
  if (credentials.server.startsWith('http:')) return new http.Agent(keepAlive)
  const { ca, cert, key, servername, rejectUnauthorized, passphrase, pfx } = options
  return new https.Agent({
    ...keepAlive,
    ...withoutUndefined({ servername, rejectUnauthorized }),
    // Made once: Node would read the certificates again for each connection, and each command in a pod is one.
    secureContext: createSecureContext(withoutUndefined({ ca, cert, key, passphrase, pfx })),
  })
}

function withoutUndefined<T extends object>(
  value: T,
): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>
  }
}

function isReset(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'ECONNRESET' || code === 'EPIPE'
}
