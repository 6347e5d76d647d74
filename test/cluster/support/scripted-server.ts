import type { IncomingMessage, ServerResponse } from 'node:http'
import https from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { generate } from 'selfsigned'
import { type WebSocket, WebSocketServer } from 'ws'

/** An HTTPS server on 127.0.0.1 that answers as a test says: what an API server may do and a simulated one never does. */
export interface ScriptedServer {
  readonly server: string
  /** A kubeconfig of this server, as text. */
  readonly kubeconfig: string
  readonly requests: readonly {
    readonly method: string
    readonly url: string
    readonly headers: IncomingMessage['headers']
    readonly socket: number
  }[]
  close(): Promise<void>
}

export async function openScriptedServer(options: {
  readonly onRequest?: (request: IncomingMessage, response: ServerResponse, body: string) => void
  readonly onSocket?: (socket: WebSocket, request: IncomingMessage) => void
  /** Answers an upgrade without accepting it. */
  readonly refuseUpgrade?: (request: IncomingMessage) => string | undefined
}): Promise<ScriptedServer> {
  const pems = await generate([{ name: 'commonName', value: 'scripted' }], {
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
    ],
  })
  const requests: {
    method: string
    url: string
    headers: IncomingMessage['headers']
    socket: number
  }[] = []
  const sockets = new Map<Socket, number>()
  const note = (request: IncomingMessage) => {
    if (!sockets.has(request.socket)) sockets.set(request.socket, sockets.size)
    requests.push({
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      socket: sockets.get(request.socket) ?? -1,
    })
  }
  const server = https.createServer({ key: pems.private, cert: pems.cert }, (request, response) => {
    note(request)
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => options.onRequest?.(request, response, body))
  })
  const upgrades = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => (offered.has('v5.channel.k8s.io') ? 'v5.channel.k8s.io' : false),
  })
  server.on('upgrade', (request, socket, head) => {
    note(request)
    const refusal = options.refuseUpgrade?.(request)
    if (refusal !== undefined) {
      socket.end(refusal)
      return
    }
    upgrades.handleUpgrade(request, socket, head, (opened) => options.onSocket?.(opened, request))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const address = `https://127.0.0.1:${port}`
  return {
    server: address,
    kubeconfig: JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'scripted',
      clusters: [
        {
          name: 'c',
          cluster: {
            server: address,
            'certificate-authority-data': Buffer.from(pems.cert).toString('base64'),
          },
        },
      ],
      users: [{ name: 'u', user: { token: 'open-sesame' } }],
      contexts: [
        { name: 'scripted', context: { cluster: 'c', user: 'u', namespace: 'shop' } },
        { name: 'dangling', context: { cluster: 'gone', user: 'u' } },
      ],
    }),
    requests,
    close: async () => {
      for (const client of upgrades.clients) client.terminate()
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      for (const socket of sockets.keys()) socket.destroy()
      await closed
    },
  }
}

export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' })
  response.end(JSON.stringify(body))
}

/** A failure `Status` as an API server writes it. */
export function failure(code: number, reason: string, message: string) {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    code,
  }
}
