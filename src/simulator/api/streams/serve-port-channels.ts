import type { WebSocket } from 'ws'
import type { PortForward } from '../http/port-forward.ts'
import { frame } from './channel-protocol.ts'
import { forwardConnection } from './forward-connection.ts'
import { bytesOf } from './message-bytes.ts'

/** From so many unsent bytes on, the pod's answers wait. */
const UNSENT_ENOUGH = 256 * 1024

/**
 * Forwards ports over plain WebSocket channels: for each port of the query one connection, with a channel for its data and one for an
 * error. Models k8s.io/kubelet pkg/cri/streaming/portforward/websocket.go.
 */
export function servePortChannels(socket: WebSocket, forward: PortForward): void {
  const send = (channel: number, data: Uint8Array): Promise<void> | undefined => {
    if (socket.readyState !== socket.OPEN) return undefined
    if (socket.bufferedAmount < UNSENT_ENOUGH) {
      socket.send(frame(channel, data))
      return undefined
    }
    // Called when it is sent, or when it cannot be any more.
    return new Promise((resolve) => socket.send(frame(channel, data), () => resolve()))
  }
  let open = forward.ports.length
  const receivers = forward.ports.map((port, index) => {
    const channel = index * 2
    // Each channel begins with its port.
    const number = Uint8Array.of(port & 0xff, port >> 8)
    void send(channel, number)
    void send(channel + 1, number)
    return forwardConnection(forward, port, {
      write: (data) => send(channel, data),
      end() {},
      fail: (message) => void send(channel + 1, Buffer.from(message)),
      close() {
        open -= 1
        if (open === 0) socket.close(1000)
      },
    })
  })

  socket.on('message', (data) => {
    // A text frame is read as its bytes, as the server does.
    const bytes = bytesOf(data)
    const [channel = 1] = bytes
    const receiver = channel % 2 === 0 ? receivers[channel / 2] : undefined
    if (receiver === undefined || bytes.length < 2) return
    const wait = receiver.data(bytes.subarray(1))
    if (wait === undefined) return
    socket.pause()
    void wait.then(() => socket.resume())
  })
  socket.on('close', () => {
    for (const receiver of receivers) receiver.gone()
  })
  // The close event follows and does what there is to do.
  socket.on('error', () => {})
}
