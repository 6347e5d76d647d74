import type { Protocol } from '../../../kube/objects.ts'
import type { PodNetwork } from '../../ports.ts'

/** One socket, as `netstat` and `ss` list it. */
export interface SocketRow {
  readonly protocol: Protocol
  readonly state: 'LISTEN' | 'SYN_SENT' | 'ESTABLISHED'
  readonly local: { readonly address: string; readonly port: number }
  readonly remote: { readonly address: string; readonly port: number | '*' }
  /** `7/nginx`, where it is known. */
  readonly owner: string | undefined
}

/** The sockets of a pod: those that listen first, by protocol and port. */
export function socketRows(
  network: PodNetwork,
  options: {
    readonly listening: boolean
    readonly connected: boolean
    readonly tcp: boolean
    readonly udp: boolean
  },
): SocketRow[] {
  const wanted = ({ protocol }: { readonly protocol: Protocol }) =>
    protocol === 'UDP' ? options.udp : protocol === 'TCP' && options.tcp
  const listening = network
    .listening()
    .filter(wanted)
    .map(
      ({ protocol, port, owner }): SocketRow => ({
        protocol,
        state: 'LISTEN',
        local: { address: '0.0.0.0', port },
        remote: { address: '0.0.0.0', port: '*' },
        owner,
      }),
    )
  const connected = network
    .sockets()
    .filter(wanted)
    .map(
      (socket): SocketRow => ({
        protocol: socket.protocol,
        state: socket.state,
        local: { address: socket.localAddress, port: socket.localPort },
        remote: { address: socket.remoteAddress, port: socket.remotePort },
        owner: undefined,
      }),
    )
  return [
    ...(options.listening ? listening : []),
    ...(options.connected ? connected : []),
  ].toSorted(
    (a, b) =>
      a.protocol.localeCompare(b.protocol) || rank(a) - rank(b) || a.local.port - b.local.port,
  )
}

function rank(row: SocketRow): number {
  return row.state === 'LISTEN' ? 0 : 1
}
