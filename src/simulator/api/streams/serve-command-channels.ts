import type { WebSocket } from 'ws'
import type { RemoteCommand } from '../http/remote-command.ts'
import { errors } from '../status.ts'
import { CHANNEL, exitStatus, frame, readClientFrame } from './channel-protocol.ts'
import { bytesOf } from './message-bytes.ts'
import { RemoteInput } from './remote-input.ts'
import { runCommand } from './run-command.ts'

/** From so many unsent bytes on, a process has to wait. */
const BUFFER_ENOUGH = 256 * 1024
/** A client that does not read is cut off at so many: a terminal, and who is attached, waits for nobody. */
const BUFFER_LIMIT = 16 * 1024 * 1024
/** How often a client that is held back is asked whether it is there: what it sends is not read meanwhile, its going neither. */
const HELD_PING_MS = 5000

/**
 * Joins an open WebSocket to a process: stdin in, stdout and stderr out, the exit as a Status on the error channel.
 * Closes the socket when the process ends, and hangs up when the client goes away.
 */
export function serveCommandChannels(socket: WebSocket, command: RemoteCommand): void {
  const send = (channel: number, data: Uint8Array): Promise<void> | undefined => {
    if (socket.readyState !== socket.OPEN) return undefined
    if (socket.bufferedAmount > BUFFER_LIMIT) socket.terminate()
    else if (socket.bufferedAmount < BUFFER_ENOUGH) socket.send(frame(channel, data))
    // Called when it is sent, or when it cannot be any more.
    else return new Promise((resolve) => socket.send(frame(channel, data), () => resolve()))
    return undefined
  }
  const finish = (status: object) => {
    void send(CHANNEL.error, new TextEncoder().encode(JSON.stringify(status)))
    socket.close(1000)
  }
  // The close event follows and does what there is to do.
  socket.on('error', () => {})
  const refusal = command.refusal()
  if (refusal !== undefined) {
    finish(errors.internal(`unable to upgrade connection: ${refusal}`).status)
    return
  }
  const input = new RemoteInput()
  const running = runCommand(command, {
    input,
    stdout: (chunk) => send(CHANNEL.stdout, chunk),
    stderr: (chunk) => send(CHANNEL.stderr, chunk),
    finish(ending) {
      // The API server's words around those of the node, which begin the same way: clients show both.
      if (ending.kind === 'failed') finish(errors.internal(ending.error.message).status)
      else finish(exitStatus(ending.code))
    },
  })
  const holdBack = (wait: Promise<void>) => {
    socket.pause()
    const beat = setInterval(() => socket.ping(), HELD_PING_MS)
    socket.once('close', () => clearInterval(beat))
    void wait.then(() => {
      clearInterval(beat)
      socket.resume()
    })
  }

  socket.on('message', (data) => {
    // A text frame is read as its bytes, as the server does: some clients type in text.
    const message = readClientFrame(bytesOf(data))
    switch (message?.kind) {
      case 'stdin': {
        const wait = command.stdin ? input.push(message.data) : undefined
        if (wait !== undefined) holdBack(wait)
        return
      }
      case 'stdin-closed':
        input.end()
        return
      case 'resize':
        running.resize({ columns: message.columns, rows: message.rows })
        return
      case undefined:
        return
    }
  })
  socket.on('close', () => running.hangUp())
}
