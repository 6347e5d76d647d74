import type { IncomingMessage } from 'node:http'
import type { WebSocket } from 'ws'
import { KubeStatusError } from '../../kube/client.ts'
import { toConnectionError } from './connection-error.ts'
import { statusOf } from './status.ts'

/**
 * Waits until a WebSocket is open. A refused upgrade rejects with the server's `Status`, which the
 * WebSocket API itself hides; no answer rejects with `ERR_CLUSTER_UNREACHABLE`; an abort with the signal's reason.
 */
export function openSocket(
  socket: WebSocket,
  server: string,
  signal: AbortSignal | undefined,
): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void) => {
      signal?.removeEventListener('abort', onAbort)
      finish()
    }
    const onAbort = () => {
      settle(() => reject(signal?.reason))
      socket.terminate()
    }
    socket.once('open', () => settle(() => resolve(socket)))
    // Stays for good: a WebSocket without a listener throws on a late error.
    socket.on('error', (error) => settle(() => reject(toConnectionError(error, server))))
    socket.once('unexpected-response', (_request, response) => {
      readBody(response)
        .then(
          (body) => new KubeStatusError(statusOf(response.statusCode ?? 0, body)),
          (error: unknown) => toConnectionError(error, server),
        )
        .then((refusal) => {
          settle(() => reject(refusal))
          socket.terminate()
        })
    })
    if (signal?.aborted) onAbort()
    else signal?.addEventListener('abort', onAbort, { once: true })
  })
}

async function readBody(response: IncomingMessage): Promise<unknown> {
  let text = ''
  for await (const chunk of response.setEncoding('utf8')) text += String(chunk)
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
