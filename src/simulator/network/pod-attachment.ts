import type { Pod, Protocol } from '../../kube/objects.ts'
import type { Endpoint } from '../../policy/types.ts'
import {
  AddressInUseError,
  type AttachedPodNetwork,
  type ConnectOutcome,
  type PodNetwork,
  type PodSocket,
} from '../ports.ts'
import { type ConnectionEnd, createConnection } from './connection.ts'
import { type Place, placeOf } from './destination.ts'
import { type Acceptor, hostAt, type Listener, type NetworkCore } from './network-core.ts'
import { resolverOf } from './pod-resolver.ts'
import { type Destination, type Route, type RouteSource, routeTo } from './routes.ts'

/** When Linux sends the first packet of a TCP connection again, in milliseconds after the one before. */
const SYN_RETRANSMITS_MS = [1000, 2000, 4000, 8000, 16_000, 32_000]
const LOOPBACK_DELAY_MS = 0.01

type Target = { readonly address: string; readonly port: number; readonly protocol: Protocol }

/** Who is put on the network. */
interface Self {
  readonly source: RouteSource
  /** As policies see it. */
  readonly endpoint: Endpoint
  readonly hostname: string
  readonly resolver: PodNetwork['resolver']
  readonly nodeAddress: string
}

/** Puts a pod on the network: it can be reached, and can open connections. */
export function attachPod(core: NetworkCore, pod: Pod): AttachedPodNetwork {
  const onHost = pod.spec.hostNetwork === true
  const nodeAddress = pod.status?.hostIP
  const address = (onHost ? nodeAddress : undefined) ?? pod.status?.podIP
  if (address === undefined) {
    throw new TypeError(`pod ${pod.metadata.name} has no address yet: give it one before it starts`)
  }
  return attachTo(core, {
    source: { kind: onHost ? 'node' : 'pod', address, node: pod.spec.nodeName },
    endpoint: onHost
      ? { kind: 'node', name: pod.spec.nodeName ?? '' }
      : { kind: 'pod', namespace: pod.metadata.namespace ?? 'default', name: pod.metadata.name },
    hostname: onHost
      ? (pod.spec.nodeName ?? pod.metadata.name)
      : (pod.spec.hostname ?? pod.metadata.name).slice(0, 63),
    resolver: resolverOf(core.view, pod),
    nodeAddress: nodeAddress ?? address,
  })
}

/** Puts a machine outside the cluster on the network. */
export function attachOutside(core: NetworkCore, address: string): AttachedPodNetwork {
  return attachTo(core, {
    source: { kind: 'outside', address, node: undefined },
    endpoint: { kind: 'address', address },
    hostname: core.world.find((host) => host.address === address)?.names[0] ?? address,
    resolver: { nameserver: '8.8.8.8', search: [], ndots: 1 },
    nodeAddress: address,
  })
}

function attachTo(core: NetworkCore, self: Self): AttachedPodNetwork {
  const { clock, hosts } = core
  const { address } = self.source
  const host = hostAt(core, address)
  const own = new Map<string, Listener>()
  const ends = new Set<ConnectionEnd>()
  let hasSent = false
  let detached = false

  const hold = (end: ConnectionEnd) => {
    ends.add(end)
    end.whenClosed(() => ends.delete(end))
  }

  const isItself = (to: string) => to === address || to.startsWith('127.') || to === '::1'

  const route = (to: Destination): Route | 'itself' => {
    if (isItself(to.address) && !leadsOut(to)) return 'itself'
    hasSent ||= !to.address.startsWith('127.')
    return routeTo(to, {
      view: core.view,
      nodes: core.nodes(),
      world: core.world,
      from: self.source,
      pick: core.pickEndpoint(address),
    })
  }

  /** A node reaches its own node ports and host ports through the rules as everybody does. */
  const leadsOut = (to: Destination) =>
    self.source.kind === 'node' &&
    to.address === address &&
    !host.listeners.has(`${to.protocol}/${to.port}`)

  const place = (where: Route | 'itself', to: Destination): Place =>
    where === 'itself'
      ? {
          address,
          port: to.port,
          delayMs: LOOPBACK_DELAY_MS,
          acceptor: () => host.listeners.get(`${to.protocol}/${to.port}`)?.accept,
        }
      : placeOf(core, where, to)

  const allowed = (where: Route, protocol: Protocol | 'ICMP'): boolean => {
    const to = endpointOf(where)
    if (to === undefined) return false
    // A pod that meets itself here came through a Service; its own address never leaves it.
    const port = protocol === 'ICMP' ? {} : { port: portOf(where) }
    const flow = { to, protocol, ...port, viaService: true }
    const judge = (from: Endpoint) => core.judge(core.view, core.nodes(), { from, ...flow })
    const verdict = judge(self.endpoint)
    const through = where.kind === 'pod' ? where.through : undefined
    if (through === undefined || through.keepsSource) return verdict.egress && verdict.ingress
    // The node rewrites the source after the packet left the pod: each side sees another sender.
    return verdict.egress && judge({ kind: 'node', name: through.node.name }).ingress
  }

  /** The address that the packets carry when they arrive. */
  const seenAs = (where: Route | 'itself'): string => {
    if (where === 'itself' || self.source.kind === 'outside') {
      return where !== 'itself' && where.kind === 'pod' && where.through?.keepsSource === false
        ? (where.through.node.addresses[0] ?? address)
        : address
    }
    if (where.kind === 'outside') return self.nodeAddress
    if (where.kind !== 'pod') return address
    if (where.through?.keepsSource === false) return where.through.node.addresses[0] ?? address
    // Back to the sender through a service: only the node's address makes the answer come back to it.
    return where.address === address ? self.nodeAddress : address
  }

  const open = (to: Target, target: Place, seen: string, acceptor: Acceptor): ConnectionEnd => {
    const port = core.ephemeralPort()
    const pair = createConnection(clock, {
      delayMs: target.delayMs,
      client: { address, port },
      asked: to,
      server: target,
      seenByServer: { address: seen, port },
      // A datagram socket learns of a peer by its first datagram; a stream by being connected.
      ...(to.protocol === 'UDP' ? { onFirstSend: () => accept() } : {}),
    })
    const there = hosts.get(target.address)
    const accept = () => {
      if (there !== undefined && to.protocol !== 'UDP') {
        listSocket(there.sockets, pair.server, to.protocol)
      }
      acceptor(pair.server)
    }
    hold(pair.client)
    listSocket(host.sockets, pair.client, to.protocol)
    if (to.protocol !== 'UDP') accept()
    return pair.client
  }

  const attempt = async (to: Target, signal: AbortSignal): Promise<ConnectOutcome | 'dropped'> => {
    const where = route(to)
    const rejected = where !== 'itself' && where.kind === 'rejected'
    if (where !== 'itself' && !rejected && !allowed(where, to.protocol)) return 'dropped'
    const target = place(where, to)
    await clock.sleep(target.delayMs, { signal })
    const acceptor = detached ? undefined : target.acceptor()
    const connection =
      acceptor === undefined ? undefined : open(to, target, seenAs(where), acceptor)
    try {
      await clock.sleep(target.delayMs, { signal })
    } catch (error) {
      connection?.close()
      throw error
    }
    return connection === undefined ? { kind: 'refused' } : { kind: 'connected', connection }
  }

  const connect = async (to: Target, signal: AbortSignal): Promise<ConnectOutcome> => {
    const waits = to.protocol === 'UDP' ? [] : SYN_RETRANSMITS_MS
    for (const waitMs of [...waits, undefined]) {
      const outcome = await attempt(to, signal)
      if (outcome !== 'dropped') return outcome
      // The first packet is sent again and judged again: a policy that changed meanwhile counts.
      if (waitMs === undefined) break
      await clock.sleep(waitMs, { signal })
    }
    return untilAborted(signal)
  }

  return {
    address,
    hostname: self.hostname,
    resolver: self.resolver,
    node: { address: self.nodeAddress, gateway: gatewayOf(self) },
    hasSent: () => hasSent,
    async connect(to, { signal }) {
      signal.throwIfAborted()
      if (to.address.includes(':') && to.address !== '::1') return { kind: 'unreachable' }
      if (to.protocol === 'UDP') return connect(to, signal)
      const opening: PodSocket = {
        protocol: to.protocol,
        localAddress: address,
        localPort: core.ephemeralPort(),
        remoteAddress: to.address,
        remotePort: to.port,
        state: 'SYN_SENT',
      }
      host.sockets.add(opening)
      try {
        return await connect(to, signal)
      } finally {
        host.sockets.delete(opening)
      }
    },
    async ping(to, { signal }) {
      signal.throwIfAborted()
      const destination: Destination = { address: to, port: 0, protocol: 'ICMP' }
      const where = route(destination)
      if (where !== 'itself' && !(answersPing(core, where) && allowed(where, 'ICMP'))) {
        return untilAborted(signal)
      }
      const roundTripMs = place(where, destination).delayMs * 2
      await clock.sleep(roundTripMs, { signal })
      return roundTripMs
    },
    hops(to) {
      if (self.source.kind === 'outside' || isItself(to)) return []
      const toNode = core.nodes().some((node) => node.addresses.includes(to))
      // The node answers for its own pods before any policy is asked (ip_forward looks at the time to live first).
      const first = self.source.kind === 'node' || toNode ? [] : [gatewayOf(self)]
      const where = route({ address: to, port: TRACE_PORT, protocol: 'UDP' })
      const abroad = where !== 'itself' && where.kind === 'outside' && to !== NODE_GATEWAY
      return abroad && allowed(where, 'UDP') ? [...first, NODE_GATEWAY] : first
    },
    listen(port, protocol, handler, owner) {
      const key = `${protocol}/${port}`
      if (host.listeners.has(key)) throw new AddressInUseError(port, protocol)
      const accept: Acceptor = (connection) => {
        hold(connection)
        handler(connection)
      }
      const listener: Listener = { accept, ...(owner === undefined ? {} : { owner }) }
      host.listeners.set(key, listener)
      own.set(key, listener)
      return () => {
        if (host.listeners.get(key) === listener) host.listeners.delete(key)
        own.delete(key)
      }
    },
    listening() {
      return [...host.listeners].map(([key, { owner }]) => {
        const [protocol, port] = key.split('/')
        const known = protocol === 'UDP' || protocol === 'SCTP' ? protocol : 'TCP'
        return { protocol: known, port: Number(port), ...(owner === undefined ? {} : { owner }) }
      })
    },
    sockets: () => [...host.sockets],
    detach() {
      detached = true
      for (const [key, listener] of own) {
        if (host.listeners.get(key) === listener) host.listeners.delete(key)
      }
      own.clear()
      for (const end of [...ends]) end.close()
      // Pods of the host network share the host's entry.
      if (self.source.kind === 'pod' && hosts.get(address) === host) hosts.delete(address)
    },
  }
}

/** Where traceroute begins to send. */
const TRACE_PORT = 33_434
/** The node's own gateway, on the way to the outside. */
const NODE_GATEWAY = '172.18.0.1'

/** The first address of the node's /24, as kindnet has it; of the node itself, the network's. */
function gatewayOf({ source }: Self): string {
  return source.kind === 'pod' ? source.address.replace(/\.\d+$/, '.1') : NODE_GATEWAY
}

function listSocket(sockets: Set<PodSocket>, end: ConnectionEnd, protocol: Protocol): void {
  const { localAddress, localPort, remoteAddress, remotePort } = end
  const socket = { protocol, localAddress, localPort, remoteAddress, remotePort } as const
  const listed: PodSocket = { ...socket, state: 'ESTABLISHED' }
  sockets.add(listed)
  end.whenClosed(() => sockets.delete(listed))
}

function answersPing(core: NetworkCore, where: Route): boolean {
  if (where.kind === 'pod') return core.hosts.has(where.address)
  return where.kind === 'node' || (where.kind === 'outside' && where.host.answersPing)
}

function endpointOf(where: Route): Endpoint | undefined {
  switch (where.kind) {
    case 'pod':
      return {
        kind: 'pod',
        namespace: where.pod.metadata.namespace ?? 'default',
        name: where.pod.metadata.name,
      }
    case 'node':
      return { kind: 'node', name: where.node.name }
    case 'outside':
      return { kind: 'address', address: where.host.address }
    default:
      return undefined
  }
}

function portOf(where: Route): number {
  return where.kind === 'rejected' || where.kind === 'lost' ? 0 : where.port
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
