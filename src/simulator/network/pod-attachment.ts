import type { Pod, Protocol } from '../../kube/objects.ts'
import type { Endpoint } from '../../policy/types.ts'
import {
  AddressInUseError,
  type AttachedPodNetwork,
  type ConnectionHandler,
  type ConnectOutcome,
} from '../ports.ts'
import { type ConnectionEnd, createConnection } from './connection.ts'
import { type Place, placeOf } from './destination.ts'
import type { Host, NetworkCore } from './network-core.ts'
import { resolverOf } from './pod-resolver.ts'
import { type Destination, type Route, routeTo } from './routes.ts'

/** When Linux sends the first packet of a TCP connection again, in milliseconds after the one before. */
const SYN_RETRANSMITS_MS = [1000, 2000, 4000, 8000, 16_000, 32_000]
const LOOPBACK_DELAY_MS = 0.01

type Target = { readonly address: string; readonly port: number; readonly protocol: Protocol }

/** Puts a pod on the network: it can be reached, and can open connections. */
export function attachPod(core: NetworkCore, pod: Pod): AttachedPodNetwork {
  const { clock, hosts } = core
  const onHost = pod.spec.hostNetwork === true
  const address = (onHost ? pod.status?.hostIP : undefined) ?? pod.status?.podIP
  if (address === undefined) {
    throw new TypeError(`pod ${pod.metadata.name} has no address yet: give it one before it starts`)
  }
  const host: Host = hosts.get(address) ?? { listeners: new Map() }
  hosts.set(address, host)
  const own = new Map<string, ConnectionHandler>()
  const connections = new Set<ConnectionEnd>()
  const self: Endpoint = onHost
    ? { kind: 'node', name: pod.spec.nodeName ?? '' }
    : { kind: 'pod', namespace: pod.metadata.namespace ?? 'default', name: pod.metadata.name }

  const route = (to: Destination): Route | 'itself' => {
    const loopback = to.address.startsWith('127.') || to.address === '::1'
    if (to.address === address || loopback) return 'itself'
    return routeTo(to, {
      view: core.view,
      nodes: core.nodes(),
      world: core.world,
      from: { address, node: pod.spec.nodeName },
      pick: core.pickEndpoint(address),
    })
  }

  const place = (where: Route | 'itself', to: Destination): Place =>
    where === 'itself'
      ? {
          address,
          port: to.port,
          delayMs: LOOPBACK_DELAY_MS,
          handler: () => host.listeners.get(`${to.protocol}/${to.port}`),
        }
      : placeOf(core, where, to)

  const allowed = (where: Route, protocol: Protocol | 'ICMP'): boolean => {
    const to = endpointOf(where)
    if (to === undefined) return false
    // A pod that meets itself here came through a Service; its own address never leaves it.
    const port = protocol === 'ICMP' ? {} : { port: portOf(where) }
    const flow = { to, protocol, ...port, viaService: true }
    const judge = (from: Endpoint) => core.judge(core.view, core.nodes(), { from, ...flow })
    const verdict = judge(self)
    const through = where.kind === 'pod' ? where.through : undefined
    if (through === undefined || through.keepsSource) return verdict.egress && verdict.ingress
    // The node rewrites the source after the packet left the pod: each side sees another sender.
    return verdict.egress && judge({ kind: 'node', name: through.node.name }).ingress
  }

  const open = (to: Target, target: Place, handler: ConnectionHandler): ConnectionEnd => {
    const from = { address, port: core.ephemeralPort() }
    const pair = createConnection(clock, {
      delayMs: target.delayMs,
      client: from,
      asked: to,
      server: target,
      seenByServer: from,
      onClosed: () => connections.delete(pair.client),
      // A datagram socket learns of a peer by its first datagram; a stream by being connected.
      ...(to.protocol === 'UDP' ? { onFirstSend: () => handler(pair.server) } : {}),
    })
    connections.add(pair.client)
    if (to.protocol !== 'UDP') handler(pair.server)
    return pair.client
  }

  const attempt = async (to: Target, signal: AbortSignal): Promise<ConnectOutcome | 'dropped'> => {
    const where = route(to)
    const rejected = where !== 'itself' && where.kind === 'rejected'
    if (where !== 'itself' && !rejected && !allowed(where, to.protocol)) return 'dropped'
    const target = place(where, to)
    await clock.sleep(target.delayMs, { signal })
    const handler = target.handler()
    const connection = handler === undefined ? undefined : open(to, target, handler)
    try {
      await clock.sleep(target.delayMs, { signal })
    } catch (error) {
      connection?.close()
      throw error
    }
    return connection === undefined ? { kind: 'refused' } : { kind: 'connected', connection }
  }

  return {
    address,
    hostname: onHost
      ? (pod.spec.nodeName ?? pod.metadata.name)
      : (pod.spec.hostname ?? pod.metadata.name).slice(0, 63),
    resolver: resolverOf(core.view, pod),
    async connect(to, { signal }) {
      signal.throwIfAborted()
      if (to.address.includes(':') && to.address !== '::1') return { kind: 'unreachable' }
      const waits = to.protocol === 'UDP' ? [] : SYN_RETRANSMITS_MS
      for (const waitMs of [...waits, undefined]) {
        const outcome = await attempt(to, signal)
        if (outcome !== 'dropped') return outcome
        // The first packet is sent again and judged again: a policy that changed meanwhile counts.
        if (waitMs === undefined) break
        await clock.sleep(waitMs, { signal })
      }
      return untilAborted(signal)
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
    listen(port, protocol, handler) {
      const key = `${protocol}/${port}`
      if (host.listeners.has(key)) throw new AddressInUseError(port, protocol)
      host.listeners.set(key, handler)
      own.set(key, handler)
      return () => {
        if (host.listeners.get(key) === handler) host.listeners.delete(key)
        own.delete(key)
      }
    },
    listening() {
      return [...host.listeners.keys()].map((key) => {
        const [protocol, port] = key.split('/')
        const known = protocol === 'UDP' || protocol === 'SCTP' ? protocol : 'TCP'
        return { protocol: known, port: Number(port) }
      })
    },
    detach() {
      for (const [key, handler] of own) {
        if (host.listeners.get(key) === handler) host.listeners.delete(key)
      }
      own.clear()
      for (const connection of [...connections]) connection.close()
      // Pods of the host network share the host's entry.
      if (!onHost && hosts.get(address) === host) hosts.delete(address)
    },
  }
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
