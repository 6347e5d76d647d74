import { request as httpRequest, type IncomingMessage } from 'node:http'
import type { Connection } from '../../ports.ts'
import { errors } from '../status.ts'
import { connectionStream } from './connection-stream.ts'

/**
 * Sends one request over a connection and waits for the head of the answer, with Node's own client. The connection ends with the answer.
 * @throws ApiError 503 in the words of Go's net/http
 */
export function exchange(
  connection: Connection,
  options: {
    readonly method: string
    /** Path and query. */
    readonly target: string
    readonly headers: Readonly<Record<string, string>>
    readonly body: Uint8Array
    readonly signal: AbortSignal
  },
): Promise<IncomingMessage> {
  const { method, target, headers, body, signal } = options
  const stream = connectionStream(connection)
  return new Promise((resolve, reject) => {
    const asked = httpRequest({
      method,
      path: target,
      headers,
      setHost: false,
      signal,
      createConnection: () => stream,
    })
    asked.on('response', (response) => {
      response.on('close', () => stream.destroy())
      // Whoever reads the answer is told; nobody else has to be.
      response.on('error', () => {})
      resolve(response)
    })
    asked.on('error', (error) => {
      stream.destroy()
      reject(errors.serviceUnavailable(`error trying to reach service: ${wordsFor(error)}`))
    })
    asked.on('upgrade', (_response, socket) => {
      socket.destroy()
      reject(errors.serviceUnavailable('error trying to reach service: unexpected upgrade'))
    })
    asked.end(body)
  })
}

function wordsFor(error: Error): string {
  const raw = 'rawPacket' in error && Buffer.isBuffer(error.rawPacket) ? error.rawPacket : undefined
  if (raw === undefined) return 'EOF'
  const line = raw.toString('latin1').split(/\r?\n/)[0] ?? ''
  return `net/http: HTTP/1.x transport connection broken: malformed HTTP response ${JSON.stringify(line)}`
}
