import type { WebSocket } from 'ws'
import type { TerminalSize } from '../ports.ts'
import { CHANNEL, exitStatus, frame, readClientFrame } from './channel-protocol.ts'
import type { RemoteCommand, RemoteProcess } from './http/remote-command.ts'
import { ApiError, errors } from './status.ts'

/** A client that does not read is cut off at so many unsent bytes. */
const BUFFER_LIMIT = 16 * 1024 * 1024

/** What a client has typed and the process has not read yet may grow to this. */
const INPUT_LIMIT = 16 * 1024 * 1024

/** Until a terminal says its size. */
const DEFAULT_SIZE: TerminalSize = { columns: 80, rows: 24 }

/**
 * Joins an open WebSocket to a process: stdin in, stdout and stderr out, the exit as a Status on the error channel.
 * Closes the socket when the process ends, and hangs up when the client goes away.
 */
export function serveRemoteCommand(socket: WebSocket, command: RemoteCommand): void {
  const input = createInput()
  let process: RemoteProcess | undefined
  let pendingSize: TerminalSize | undefined

  const send = (channel: number, data: Uint8Array) => {
    if (socket.readyState !== socket.OPEN) return
    if (socket.bufferedAmount > BUFFER_LIMIT) socket.terminate()
    else socket.send(frame(channel, data))
  }
  const finish = (status: object) => {
    process = undefined
    send(CHANNEL.error, new TextEncoder().encode(JSON.stringify(status)))
    socket.close(1000)
  }

  socket.on('message', (data) => {
    // A text frame is read as its bytes, as the server does: some clients type in text.
    const message = readClientFrame(bytesOf(data))
    switch (message?.kind) {
      case 'stdin':
        if (command.stdin && !input.push(message.data)) socket.terminate()
        return
      case 'stdin-closed':
        input.end()
        return
      case 'resize': {
        const size = { columns: message.columns, rows: message.rows }
        if (process === undefined) pendingSize = size
        else process.resize(size)
        return
      }
      case undefined:
        return
    }
  })
  socket.on('close', () => {
    input.end()
    process?.hangUp()
  })
  // The close event follows and does what there is to do.
  socket.on('error', () => {})

  try {
    process = command.start({
      stdin: command.stdin ? input.chunks : undefined,
      stdout: (chunk) => {
        if (command.stdout) send(CHANNEL.stdout, chunk)
      },
      stderr: (chunk) => {
        if (command.stderr || command.tty)
          send(command.tty ? CHANNEL.stdout : CHANNEL.stderr, chunk)
      },
      ...(command.tty ? { terminal: DEFAULT_SIZE } : {}),
    })
  } catch (error) {
    const status =
      error instanceof ApiError
        ? error.status
        : errors.internal(error instanceof Error ? error.message : String(error)).status
    finish(status)
    return
  }
  if (pendingSize !== undefined) process.resize(pendingSize)
  process.ended.then(
    (code) => finish(exitStatus(code)),
    (error: unknown) =>
      finish(errors.internal(error instanceof Error ? error.message : String(error)).status),
  )
}

function bytesOf(data: Buffer | ArrayBuffer | Buffer[]): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data)
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data
}

/** A queue of chunks that is read as it fills. */
function createInput() {
  const waiting: Uint8Array[] = []
  let size = 0
  let ended = false
  let wake: (() => void) | undefined
  return {
    /** False when the process reads too little and the queue is full. */
    push(chunk: Uint8Array): boolean {
      if (ended || chunk.byteLength === 0) return true
      size += chunk.byteLength
      waiting.push(chunk)
      wake?.()
      return size <= INPUT_LIMIT
    },
    end() {
      ended = true
      wake?.()
    },
    chunks: {
      async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
        while (true) {
          const chunk = waiting.shift()
          if (chunk !== undefined) {
            size -= chunk.byteLength
            yield chunk
            continue
          }
          if (ended) return
          await new Promise<void>((resolve) => {
            wake = resolve
          })
          wake = undefined
        }
      },
    },
  }
}
