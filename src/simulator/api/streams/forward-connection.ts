import type { Connection } from '../../ports.ts'
import type { PortForward } from '../http/port-forward.ts'
import type { StreamReceiver } from './spdy/spdy-session.ts'

/** Where a forwarded connection comes from. */
export interface ForwardingClient {
  /** The promise, where there is one, is settled when the client has read enough for more. */
  write(data: Uint8Array): Promise<void> | undefined
  /** Nothing more comes. Can run twice. */
  end(): void
  /** The connection could not be opened; `end` is called before. */
  fail(message: string): void
  /** Everything is over. Called once. */
  close(): void
}

/** What the pod has not read yet may grow to this before the client is held back. */
const UNREAD_LIMIT = 1024 * 1024
/** As much as is given to the client at once. */
const PIECE_LENGTH = 32 * 1024
/** How long one direction may go on after the other has ended, as containerd has it from socat; on the time of the client. */
const GRACE_MS = 1000

/** Joins a client to a port of a pod: what the client sends is given to what this returns. */
export function forwardConnection(
  forward: PortForward,
  port: number,
  client: ForwardingClient,
): StreamReceiver {
  const gone = new AbortController()
  let connection: Connection | undefined
  let clientEnded = false
  let podEnded = false
  let isOver = false
  let grace: NodeJS.Timeout | undefined

  const close = () => {
    if (isOver) return
    isOver = true
    clearTimeout(grace)
    gone.abort()
    connection?.close()
    client.end()
    client.close()
  }
  const endedOneWay = () => {
    if (clientEnded && podEnded) close()
    else if (!isOver) grace = setTimeout(close, GRACE_MS)
  }
  const relay = async (from: Connection) => {
    for await (const chunk of from.incoming) {
      for (let at = 0; at < chunk.length && !isOver; at += PIECE_LENGTH) {
        await client.write(chunk.subarray(at, at + PIECE_LENGTH))
      }
    }
    podEnded = true
    // The client is not told yet: it would take the end of one direction for the end of both.
    endedOneWay()
  }
  const opened = (async () => {
    try {
      const found = await forward.connect(port, gone.signal)
      if (isOver) found.close()
      else {
        connection = found
        void relay(found)
      }
    } catch (error) {
      if (isOver) return
      client.end()
      client.fail(error instanceof Error ? error.message : String(error))
      close()
    }
  })()

  return {
    async data(chunk) {
      await opened
      connection?.send(chunk)
      await connection?.drained(UNREAD_LIMIT)
    },
    end() {
      void opened.then(() => {
        if (isOver) return
        clientEnded = true
        connection?.end()
        endedOneWay()
      })
    },
    gone: close,
  }
}
