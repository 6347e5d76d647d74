import type { Pod, Protocol } from '../../kube/objects.ts'
import type { Endpoint } from '../../policy/types.ts'
import {
  AddressInUseError,
  type AttachedPodNetwork,
  type Connection,
  type ConnectOutcome,
  type PodNetwork,
  type PodSocket,
} from '../ports.ts'
import { type ConnectionEnd, createConnection } from './connection.ts'
import { type Place, placeOf } from './destination.ts'
import {
  type Acceptor,
  type Host,
  hostAt,
  type Listener,
  listenerAt,
  type NetworkCore,
  socketsOf,
} from './network-core.ts'
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
  return new Attachment(core, self)
}

/** One machine or pod on the network. There may be thousands that listen and never send: what only a sender needs is made when it sends. */
class Attachment implements AttachedPodNetwork {
  private readonly core: NetworkCore
  private readonly self: Self
  private readonly host: Host
  /** The listeners that are its own: pods of the host network share the host's. */
  private own: readonly Listener[] = []
  private ends: Set<ConnectionEnd> | undefined
  private sent = false
  private detached = false

  constructor(core: NetworkCore, self: Self) {
    this.core = core
    this.self = self
    this.host = hostAt(core, self.source.address)
  }

  get address(): string {
    return this.self.source.address
  }
  get hostname(): string {
    return this.self.hostname
  }
  get resolver(): PodNetwork['resolver'] {
    return this.self.resolver
  }
  get node(): PodNetwork['node'] {
    return { address: this.self.nodeAddress, gateway: gatewayOf(this.self) }
  }

  hasSent(): boolean {
    return this.sent
  }

  async connect(to: Target, { signal }: { readonly signal: AbortSignal }): Promise<ConnectOutcome> {
    signal.throwIfAborted()
    if (to.address.includes(':') && to.address !== '::1') return { kind: 'unreachable' }
    if (to.protocol === 'UDP') return this.tryAgain(to, signal)
    const opening: PodSocket = {
      protocol: to.protocol,
      localAddress: this.address,
      localPort: this.core.ephemeralPort(),
      remoteAddress: to.address,
      remotePort: to.port,
      state: 'SYN_SENT',
    }
    socketsOf(this.host).add(opening)
    try {
      return await this.tryAgain(to, signal)
    } finally {
      this.host.sockets?.delete(opening)
    }
  }

  async ping(to: string, { signal }: { readonly signal: AbortSignal }): Promise<number> {
    signal.throwIfAborted()
    const destination: Destination = { address: to, port: 0, protocol: 'ICMP' }
    const where = this.route(destination)
    if (where !== 'itself' && !(answersPing(this.core, where) && this.allowed(where, 'ICMP'))) {
      return untilAborted(signal)
    }
    const roundTripMs = this.place(where, destination).delayMs * 2
    await this.core.clock.sleep(roundTripMs, { signal })
    return roundTripMs
  }

  hops(to: string): string[] {
    const { source } = this.self
    if (source.kind === 'outside' || this.isItself(to)) return []
    const toNode = this.core.nodes().some((node) => node.addresses.includes(to))
    // The node answers for its own pods before any policy is asked (ip_forward looks at the time to live first).
    const first = source.kind === 'node' || toNode ? [] : [gatewayOf(this.self)]
    const where = this.route({ address: to, port: TRACE_PORT, protocol: 'UDP' })
    const abroad = where !== 'itself' && where.kind === 'outside' && to !== NODE_GATEWAY
    return abroad && this.allowed(where, 'UDP') ? [...first, NODE_GATEWAY] : first
  }

  listen(
    port: number,
    protocol: Protocol,
    handler: (connection: Connection) => void,
    owner?: string,
  ): () => void {
    const { host } = this
    if (listenerAt(host, { protocol, port }) !== undefined) {
      throw new AddressInUseError(port, protocol)
    }
    const accept: Acceptor = (connection) => {
      this.hold(connection)
      handler(connection)
    }
    const listener = { protocol, port, accept, ...(owner === undefined ? {} : { owner }) }
    host.listeners = host.listeners.concat(listener)
    this.own = this.own.concat(listener)
    return () => this.close([listener])
  }

  listening() {
    return this.host.listeners.map(({ accept: _internal, ...listener }) => listener)
  }

  sockets(): PodSocket[] {
    return [...(this.host.sockets ?? [])]
  }

  detach(): void {
    this.detached = true
    this.close(this.own)
    for (const end of [...(this.ends ?? [])]) end.close()
    // Pods of the host network share the host's entry.
    const { hosts } = this.core
    if (this.self.source.kind === 'pod' && hosts.get(this.address) === this.host) {
      hosts.delete(this.address)
    }
  }

  private close(listeners: readonly Listener[]): void {
    const rest = (listener: Listener) => !listeners.includes(listener)
    this.own = this.own.filter(rest)
    this.host.listeners = this.host.listeners.filter(rest)
  }

  private hold(end: ConnectionEnd): void {
    this.ends ??= new Set()
    this.ends.add(end)
    end.whenClosed(() => this.ends?.delete(end))
  }

  private isItself(to: string): boolean {
    return to === this.address || to.startsWith('127.') || to === '::1'
  }

  private route(to: Destination): Route | 'itself' {
    if (this.isItself(to.address) && !this.leadsOut(to)) return 'itself'
    this.sent ||= !to.address.startsWith('127.')
    return routeTo(to, {
      view: this.core.view,
      nodes: this.core.nodes(),
      world: this.core.world,
      from: this.self.source,
      pick: this.core.pickEndpoint(this.address),
    })
  }

  /** A node reaches its own node ports and host ports through the rules as everybody does. */
  private leadsOut(to: Destination): boolean {
    return (
      this.self.source.kind === 'node' &&
      to.address === this.address &&
      listenerAt(this.host, to) === undefined
    )
  }

  private place(where: Route | 'itself', to: Destination): Place {
    if (where !== 'itself') return placeOf(this.core, where, to)
    return {
      address: this.address,
      port: to.port,
      delayMs: LOOPBACK_DELAY_MS,
      acceptor: () => listenerAt(this.host, to)?.accept,
    }
  }

  private allowed(where: Route, protocol: Protocol | 'ICMP'): boolean {
    const { core } = this
    const to = endpointOf(where)
    if (to === undefined) return false
    // A pod that meets itself here came through a Service; its own address never leaves it.
    const port = protocol === 'ICMP' ? {} : { port: portOf(where) }
    const flow = { to, protocol, ...port, viaService: true }
    const judge = (from: Endpoint) => core.judge(core.view, core.nodes(), { from, ...flow })
    const verdict = judge(this.self.endpoint)
    const through = where.kind === 'pod' ? where.through : undefined
    if (through === undefined || through.keepsSource) return verdict.egress && verdict.ingress
    // The node rewrites the source after the packet left the pod: each side sees another sender.
    return verdict.egress && judge({ kind: 'node', name: through.node.name }).ingress
  }

  /** The address that the packets carry when they arrive. */
  private seenAs(where: Route | 'itself'): string {
    const { address, self } = this
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

  private open(to: Target, target: Place, seen: string, acceptor: Acceptor): ConnectionEnd {
    const { core, host, address } = this
    const port = core.ephemeralPort()
    const pair = createConnection(core.clock, {
      delayMs: target.delayMs,
      client: { address, port },
      asked: to,
      server: target,
      seenByServer: { address: seen, port },
      // A datagram socket learns of a peer by its first datagram; a stream by being connected.
      ...(to.protocol === 'UDP' ? { onFirstSend: () => accept() } : {}),
    })
    const there = core.hosts.get(target.address)
    const accept = () => {
      if (there !== undefined && to.protocol !== 'UDP') {
        listSocket(there, pair.server, to.protocol)
      }
      acceptor(pair.server)
    }
    this.hold(pair.client)
    listSocket(host, pair.client, to.protocol)
    if (to.protocol !== 'UDP') accept()
    return pair.client
  }

  private async attempt(to: Target, signal: AbortSignal): Promise<ConnectOutcome | 'dropped'> {
    const { clock } = this.core
    const where = this.route(to)
    const rejected = where !== 'itself' && where.kind === 'rejected'
    if (where !== 'itself' && !rejected && !this.allowed(where, to.protocol)) return 'dropped'
    const target = this.place(where, to)
    await clock.sleep(target.delayMs, { signal })
    const acceptor = this.detached ? undefined : target.acceptor()
    const connection =
      acceptor === undefined ? undefined : this.open(to, target, this.seenAs(where), acceptor)
    try {
      await clock.sleep(target.delayMs, { signal })
    } catch (error) {
      connection?.close()
      throw error
    }
    return connection === undefined ? { kind: 'refused' } : { kind: 'connected', connection }
  }

  /** The first packet is sent again and judged again: a policy that changed meanwhile counts. */
  private async tryAgain(to: Target, signal: AbortSignal): Promise<ConnectOutcome> {
    const waits = to.protocol === 'UDP' ? [] : SYN_RETRANSMITS_MS
    for (const waitMs of [...waits, undefined]) {
      const outcome = await this.attempt(to, signal)
      if (outcome !== 'dropped') return outcome
      if (waitMs === undefined) break
      await this.core.clock.sleep(waitMs, { signal })
    }
    return untilAborted(signal)
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

function listSocket(host: Host, end: ConnectionEnd, protocol: Protocol): void {
  const { localAddress, localPort, remoteAddress, remotePort } = end
  const socket = { protocol, localAddress, localPort, remoteAddress, remotePort } as const
  const listed: PodSocket = { ...socket, state: 'ESTABLISHED' }
  socketsOf(host).add(listed)
  end.whenClosed(() => host.sockets?.delete(listed))
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
