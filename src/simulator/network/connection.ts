import type { Clock } from '../../base/clock.ts'
import type { Connection } from '../ports.ts'
import { Channel } from './channel.ts'

/** One end of a connection, with ways to learn that it is over. */
export interface ConnectionEnd extends Connection {
  readonly closed: boolean
  /** Calls back once when this end is closed. */
  whenClosed(callback: () => void): void
}

interface Address {
  readonly address: string
  readonly port: number
}

/**
 * Two joined ends. `client` sees the address that it asked for (a service's, say), `server` sees the address that
 * the packets come from.
 */
export function createConnection(
  clock: Clock,
  options: {
    readonly delayMs: number
    readonly client: Address
    readonly asked: Address
    readonly server: Address
    readonly seenByServer: Address
    /** Called when the client sends for the first time. */
    readonly onFirstSend?: () => void
  },
): { readonly client: ConnectionEnd; readonly server: ConnectionEnd } {
  const toServer = new Channel(clock, options.delayMs)
  const toClient = new Channel(clock, options.delayMs)
  let sent = false
  const firstSend = () => {
    if (sent) return
    sent = true
    options.onFirstSend?.()
  }
  const end = (local: Address, remote: Address, out: Channel, incoming: Channel): ConnectionEnd => {
    let closed = false
    const callbacks: (() => void)[] = []
    return {
      localAddress: local.address,
      localPort: local.port,
      remoteAddress: remote.address,
      remotePort: remote.port,
      incoming,
      get closed() {
        return closed
      },
      whenClosed(callback) {
        if (closed) callback()
        else callbacks.push(callback)
      },
      send(data) {
        if (closed) return
        if (out === toServer) firstSend()
        out.send(data)
      },
      end() {
        out.end()
      },
      drained: (bytes) => out.drained(bytes),
      close() {
        if (closed) return
        closed = true
        out.end()
        incoming.stop()
        for (const callback of callbacks.splice(0)) callback()
      },
    }
  }
  return {
    client: end(options.client, options.asked, toServer, toClient),
    server: end(options.server, options.seenByServer, toClient, toServer),
  }
}
