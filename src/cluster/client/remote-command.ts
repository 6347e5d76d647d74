import type { WebSocket } from 'ws'
import type { RemoteExit, RemoteStreams, TerminalSize } from '../../kube/client.ts'
import type { Status } from '../../kube/objects.ts'

/** Newest first; v5 alone can say that stdin is over (k8s.io/apimachinery/pkg/util/remotecommand/constants.go). */
export const REMOTE_PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'] as const

const STDIN = 0
const STDOUT = 1
const STDERR = 2
const STATUS = 3
const RESIZE = 4
const CLOSE = 255

/** The query parameters of exec and attach that follow from the streams. */
export function streamQuery(streams: RemoteStreams): Record<string, boolean> {
  const tty = streams.tty !== undefined
  return { stdin: streams.stdin !== undefined, stdout: true, stderr: !tty, tty }
}

/**
 * Joins the streams with the channels of an open WebSocket until the server sends the final `Status` or the
 * connection ends. Never rejects.
 */
export function runRemoteCommand(socket: WebSocket, streams: RemoteStreams): Promise<RemoteExit> {
  return new Promise((resolve) => {
    const input = streams.stdin?.[Symbol.asyncIterator]()
    let over = false
    const finish = (exit: RemoteExit) => {
      if (over) return
      over = true
      streams.signal?.removeEventListener('abort', onAbort)
      // A generator that waits for a key answers only when the key comes: nobody waits for it here.
      void input?.return?.()?.catch(() => undefined)
      resolve(exit)
    }
    const onAbort = () => {
      finish({ kind: 'disconnected' })
      socket.terminate()
    }
    socket.on('message', (data) => {
      const frame = toBuffer(data)
      const channel = frame[0]
      const payload = frame.subarray(1)
      if (channel === STDOUT && payload.length > 0 && !over) streams.stdout(payload)
      else if (channel === STDERR && payload.length > 0 && !over) streams.stderr(payload)
      else if (channel === STATUS && payload.length > 0) {
        finish(exitOf(payload.toString('utf8')))
        socket.close(1000)
      }
    })
    socket.once('close', () => finish({ kind: 'disconnected' }))

    if (streams.signal?.aborted) onAbort()
    else streams.signal?.addEventListener('abort', onAbort, { once: true })
    if (streams.tty !== undefined) {
      const sendSize = (size: TerminalSize) => {
        if (over || socket.readyState !== socket.OPEN) return
        const json = JSON.stringify({ Width: size.columns, Height: size.rows })
        socket.send(Buffer.concat([Buffer.of(RESIZE), Buffer.from(json)]))
      }
      sendSize(streams.tty)
      streams.onResize?.(sendSize)
    }
    if (input !== undefined) void pump(input, socket, () => over)
    // Closed between the opening and now: the event is gone already.
    if (socket.readyState === socket.CLOSED) finish({ kind: 'disconnected' })
  })
}

async function pump(
  input: AsyncIterator<Uint8Array>,
  socket: WebSocket,
  isOver: () => boolean,
): Promise<void> {
  try {
    for (;;) {
      const { done, value } = await input.next()
      if (isOver()) return
      if (done) break
      if (value.length > 0) await sendFrame(socket, Buffer.concat([Buffer.of(STDIN), value]))
    }
    // Older servers know no half-close; there the only way to end the input is to end the connection.
    if (socket.protocol === 'v5.channel.k8s.io') await sendFrame(socket, Buffer.of(CLOSE, STDIN))
    else socket.close(1000)
  } catch {
    // The input broke or the connection went away; in both cases nothing more can be sent.
    if (!isOver()) socket.terminate()
  }
}

function sendFrame(socket: WebSocket, frame: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.send(frame, (error) => (error ? reject(error) : resolve()))
  })
}

function toBuffer(data: Buffer | ArrayBuffer | Buffer[]): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data)
  return Buffer.isBuffer(data) ? data : Buffer.from(data)
}

/** Reads the end of the stream as k8s.io/client-go/tools/remotecommand/v4.go does. */
function exitOf(text: string): RemoteExit {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    body = undefined
  }
  if (!isFinalStatus(body)) return { kind: 'failed', status: unreadable(text) }
  if (body.status === 'Success') return { kind: 'exited', code: 0 }
  if (body.reason === 'NonZeroExitCode') {
    const cause = body.details?.causes?.find((entry) => entry.reason === 'ExitCode')
    const code = Number(cause?.message)
    if (Number.isInteger(code)) return { kind: 'exited', code }
  }
  return { kind: 'failed', status: body }
}

/** The kubelet leaves out `kind` and `apiVersion` there: `{"metadata":{},"status":"Success"}`. */
function isFinalStatus(body: unknown): body is Status {
  return (
    typeof body === 'object' &&
    body !== null &&
    'status' in body &&
    (body.status === 'Success' || body.status === 'Failure')
  )
}

function unreadable(text: string): Status {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    reason: 'InternalError',
    message: `the end of the stream cannot be read: ${text.slice(0, 200)}`,
    code: 500,
  }
}
