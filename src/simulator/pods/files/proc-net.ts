import type { PodNetwork, PodSocket } from '../../ports.ts'
import { hardwareAddress, linksOf, routesOf } from '../net/links.ts'

/** The files of `/proc/net` that say where a pod's packets go and what it listens on, in the kernel's formats. */
export const PROC_NET_FILES: readonly (readonly [string, (network: PodNetwork) => string])[] = [
  ['/proc/net/arp', arp],
  ['/proc/net/dev', devices],
  ['/proc/net/route', routes],
  ['/proc/net/tcp', (network) => sockets(network, 'TCP')],
  ['/proc/net/udp', (network) => sockets(network, 'UDP')],
]

function arp(network: PodNetwork): string {
  const head = 'IP address       HW type     Flags       HW address            Mask     Device\n'
  const { gateway } = network.node
  return network.hasSent()
    ? `${head}${gateway.padEnd(16)} 0x1         0x2         ${hardwareAddress(gateway)}     *        eth0\n`
    : head
}

function devices(network: PodNetwork): string {
  const zeros = Array.from({ length: 16 }, (_none, at) =>
    '0'.padStart([8, 7, 4, 4, 4, 5, 10, 9, 8, 7, 4, 4, 4, 5, 7, 10][at] ?? 4),
  ).join(' ')
  const rows = linksOf(network).map(({ name }) => `${name.padStart(6)}: ${zeros.trimStart()}\n`)
  return `Inter-|   Receive                                                |  Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n${rows.join('')}`
}

function routes(network: PodNetwork): string {
  const head = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT'
  const rows = routesOf(network).map(({ destination, gateway }) => {
    const [base = '', length] = destination.split('/')
    const bits = base === 'default' ? 0 : Number(length ?? '32')
    const mask = bits === 0 ? 0 : (0xffff_ffff << (32 - bits)) >>> 0
    const flags = 1 + (gateway === undefined ? 0 : 2) + (bits === 32 ? 4 : 0)
    const address = base === 'default' ? '0.0.0.0' : base
    return `eth0\t${hex(address)}\t${hex(gateway ?? '0.0.0.0')}\t${flags.toString().padStart(4, '0')}\t0\t0\t0\t${swapped(mask)}\t0\t0\t0`
  })
  return [head, ...rows].map((line) => `${line.padEnd(127)}\n`).join('')
}

const STATES = { ESTABLISHED: '01', SYN_SENT: '02', LISTEN: '0A', NONE: '07' }

function sockets(network: PodNetwork, protocol: 'TCP' | 'UDP'): string {
  const head =
    protocol === 'TCP'
      ? '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode'
      : '   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops'
  const listening = network
    .listening()
    .filter((socket) => socket.protocol === protocol)
    .map(({ port }) => ({
      local: end('0.0.0.0', port),
      remote: end('0.0.0.0', 0),
      state: protocol === 'TCP' ? STATES.LISTEN : STATES.NONE,
    }))
  const connected = network
    .sockets()
    .filter((socket: PodSocket) => socket.protocol === protocol)
    .map((socket) => ({
      local: end(socket.localAddress, socket.localPort),
      remote: end(socket.remoteAddress, socket.remotePort),
      state: STATES[socket.state],
    }))
  const rows = [...listening, ...connected].map(
    ({ local, remote, state }, at) =>
      `${String(at).padStart(4)}: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000     0        0 ${1000 + at} 1 0000000000000000 100 0 0 10 0`,
  )
  return [head, ...rows].map((line) => `${line.padEnd(149)}\n`).join('')
}

function end(address: string, port: number): string {
  return `${hex(address)}:${port.toString(16).toUpperCase().padStart(4, '0')}`
}

/** An address as the kernel prints it: the bytes of a little-endian number. */
function hex(address: string): string {
  return address
    .split('.')
    .reverse()
    .map((part) => Number(part).toString(16).toUpperCase().padStart(2, '0'))
    .join('')
}

function swapped(mask: number): string {
  return hex([mask >>> 24, (mask >>> 16) & 255, (mask >>> 8) & 255, mask & 255].join('.'))
}
