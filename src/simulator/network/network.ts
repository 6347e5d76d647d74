import type { Clock } from '../../base/clock.ts'
import type { Pod, Protocol, Service } from '../../kube/objects.ts'
import type { Endpoint } from '../../policy/types.ts'
import { serveHttp } from '../http/serve-http.ts'
import {
  AddressInUseError,
  type AttachedPodNetwork,
  type ClusterView,
  type ConnectionHandler,
  type ConnectOutcome,
  type PodNetworks,
} from '../ports.ts'
import { type ConnectionEnd, createConnection } from './connection.ts'
import { createPolicyJudge, type Judge } from './judge.ts'
import { serveOutside } from './outside-services.ts'
import { NODE_NAME_SERVER, OUTSIDE_WORLD, type OutsideHost } from './outside-world.ts'
import { type Destination, type NodeAddress, type Route, routeTo } from './routes.ts'

export interface NetworkOptions {
  readonly view: ClusterView
  readonly clock: Clock
  /** Addresses of the nodes. @default what the pods' `status.hostIP` says */
  readonly nodes?: () => readonly NodeAddress[]
  /** @default OUTSIDE_WORLD */
  readonly world?: readonly OutsideHost[]
  /** @default the policy engine on the live objects */
  readonly judge?: Judge
}

/** When Linux sends the first packet of a TCP connection again, in milliseconds after the one before. */
const SYN_RETRANSMITS_MS = [1000, 2000, 4000, 8000, 16_000, 32_000]
/** Ports that every node answers on: API server and kubelet. */
const NODE_PORTS = [6443, 10_250]
const NODE_DELAY_MS = 0.05
const CLUSTER_DNS_FALLBACK = '10.96.0.10'

/** What answers at one address. */
interface Host {
  readonly listeners: Map<string, ConnectionHandler>
}

/**
 * The network of one simulated cluster. Policies judge each new connection on the live objects; a connection that
 * is set up lives on. Denied packets are dropped without a word, as kindnet, Calico and Cilium do.
 */
export function createNetwork(options: NetworkOptions): PodNetworks {
  const { view, clock } = options
  const world = options.world ?? OUTSIDE_WORLD
  const judge = options.judge ?? createPolicyJudge()
  const hosts = new Map<string, Host>()
  const rotation = new Map<string, number>()
  const jitter = createJitter()
  let ephemeralPort = 32_768

  const nodes = (): readonly NodeAddress[] => options.nodes?.() ?? nodesOf(view.pods())

  const pick = (from: string) => (service: Service, count: number) => {
    if (service.spec.sessionAffinity === 'ClientIP') return hash(from) % count
    const key = `${service.metadata.namespace}/${service.metadata.name}`
    const turn = rotation.get(key) ?? 0
    rotation.set(key, turn + 1)
    return turn % count
  }

  const attach = (pod: Pod): AttachedPodNetwork => {
    const onHost = pod.spec.hostNetwork === true
    const address = (onHost ? pod.status?.hostIP : undefined) ?? pod.status?.podIP
    if (address === undefined) {
      throw new TypeError(
        `pod ${pod.metadata.name} has no address yet, so it cannot be on the network`,
      )
    }
    const host = hosts.get(address) ?? { listeners: new Map() }
    hosts.set(address, host)
    const own = new Map<string, ConnectionHandler>()
    const connections = new Set<ConnectionEnd>()
    const self: Endpoint = onHost
      ? { kind: 'node', name: pod.spec.nodeName ?? '' }
      : { kind: 'pod', namespace: pod.metadata.namespace ?? 'default', name: pod.metadata.name }

    const route = (to: Destination): Route | 'itself' => {
      if (to.address === address || to.address.startsWith('127.') || to.address === '::1')
        return 'itself'
      return routeTo(to, {
        view,
        nodes: nodes(),
        world,
        from: { address, node: pod.spec.nodeName },
        pick: pick(address),
      })
    }
    const allowed = (
      where: Route,
      protocol: Protocol | 'ICMP',
      port: number | undefined,
    ): boolean => {
      const destination = endpointOf(where)
      if (destination === undefined) return false
      const flow = { protocol, ...(port === undefined ? {} : { port }) }
      const through = where.kind === 'pod' ? where.through : undefined
      if (through === undefined || through.keepsSource) {
        const verdict = judge(view, nodes(), { from: self, to: destination, ...flow })
        return verdict.egress && verdict.ingress
      }
      // The node rewrites the source after the packet left the pod: each side sees another sender.
      const asNode: Endpoint = { kind: 'node', name: through.node.name }
      return (
        judge(view, nodes(), { from: self, to: destination, ...flow }).egress &&
        judge(view, nodes(), { from: asNode, to: destination, ...flow }).ingress
      )
    }

    const open = (
      to: { readonly address: string; readonly port: number },
      target: { readonly address: string; readonly port: number; readonly delayMs: number },
      handler: ConnectionHandler,
      protocol: Protocol,
    ): ConnectionEnd => {
      const from = { address, port: nextPort() }
      const pair = createConnection(clock, {
        delayMs: target.delayMs,
        client: from,
        asked: to,
        server: target,
        seenByServer: from,
        onClosed: () => connections.delete(pair.client),
        // A datagram socket learns of a peer by its first datagram; a stream by being connected.
        ...(protocol === 'UDP' ? { onFirstSend: () => handler(pair.server) } : {}),
      })
      connections.add(pair.client)
      if (protocol !== 'UDP') handler(pair.server)
      return pair.client
    }

    const attempt = async (
      to: { readonly address: string; readonly port: number; readonly protocol: Protocol },
      signal: AbortSignal,
    ): Promise<ConnectOutcome | 'dropped'> => {
      const where = route(to)
      if (where !== 'itself' && where.kind === 'rejected') {
        await clock.sleep(jitter(NODE_DELAY_MS), { signal })
        return { kind: 'refused' }
      }
      if (where !== 'itself' && !allowed(where, to.protocol, portOf(where))) return 'dropped'
      const target = place(where, to)
      await clock.sleep(target.delayMs, { signal })
      const handler = target.handler()
      const connection = handler === undefined ? undefined : open(to, target, handler, to.protocol)
      try {
        await clock.sleep(target.delayMs, { signal })
      } catch (error) {
        connection?.close()
        throw error
      }
      return connection === undefined ? { kind: 'refused' } : { kind: 'connected', connection }
    }

    /** Who is at the end of a route, how far away, and what listens there. */
    const place = (where: Route | 'itself', to: Destination) => {
      const key = (port: number) => `${to.protocol}/${port}`
      if (where === 'itself') {
        return {
          address,
          port: to.port,
          delayMs: 0.01,
          handler: () => host.listeners.get(key(to.port)),
        }
      }
      switch (where.kind) {
        case 'pod':
          return {
            address: where.address,
            port: where.port,
            delayMs: jitter(0.05),
            handler: () => hosts.get(where.address)?.listeners.get(key(where.port)),
          }
        case 'node':
          return {
            address: where.address,
            port: where.port,
            delayMs: jitter(NODE_DELAY_MS),
            handler: () =>
              hosts.get(where.address)?.listeners.get(key(where.port)) ??
              (to.protocol === 'TCP' && NODE_PORTS.includes(where.port)
                ? refuseAnonymous
                : undefined),
          }
        case 'outside': {
          const service = where.host.ports.find(
            (candidate) => candidate.port === where.port && candidate.protocol === to.protocol,
          )?.service
          return {
            address: where.host.address,
            port: where.port,
            delayMs: jitter(where.host.delayMs),
            handler: (): ConnectionHandler | undefined =>
              service === undefined
                ? undefined
                : (connection) =>
                    void serveOutside(service, where.host, world, connection, () => clock.now()),
          }
        }
        default:
          return { address: to.address, port: to.port, delayMs: 0, handler: () => undefined }
      }
    }

    const clusterDns =
      view
        .services()
        .find(
          (service) =>
            service.metadata.name === 'kube-dns' && service.metadata.namespace === 'kube-system',
        )?.spec.clusterIP ?? CLUSTER_DNS_FALLBACK
    const namespace = pod.metadata.namespace ?? 'default'
    const usesNodeDns =
      pod.spec.dnsPolicy === 'Default' ||
      (onHost && pod.spec.dnsPolicy !== 'ClusterFirstWithHostNet')

    return {
      address,
      hostname: onHost
        ? (pod.spec.nodeName ?? pod.metadata.name)
        : (pod.spec.hostname ?? pod.metadata.name).slice(0, 63),
      resolver: usesNodeDns
        ? { nameserver: NODE_NAME_SERVER, search: [], ndots: 1 }
        : {
            nameserver: clusterDns,
            search: [`${namespace}.svc.cluster.local`, 'svc.cluster.local', 'cluster.local'],
            ndots: 5,
          },
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
        const where = route({ address: to, port: 0, protocol: 'ICMP' })
        const answers =
          where === 'itself' ||
          ((where.kind === 'pod' ||
            where.kind === 'node' ||
            (where.kind === 'outside' && where.host.answersPing)) &&
            (where.kind !== 'pod' || hosts.has(where.address)) &&
            allowed(where, 'ICMP', undefined))
        if (!answers) return untilAborted(signal)
        const roundTripMs = place(where, { address: to, port: 0, protocol: 'ICMP' }).delayMs * 2
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
          const [protocol = 'TCP', port = '0'] = key.split('/')
          return { protocol: protocol as Protocol, port: Number(port) }
        })
      },
      detach() {
        for (const [key, handler] of own) {
          if (host.listeners.get(key) === handler) host.listeners.delete(key)
        }
        own.clear()
        for (const connection of [...connections]) connection.close()
        if (host.listeners.size === 0 && hosts.get(address) === host) hosts.delete(address)
      },
    }
  }

  const nextPort = () => {
    ephemeralPort = ephemeralPort >= 60_999 ? 32_768 : ephemeralPort + 1
    return ephemeralPort
  }

  return { attach }
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

function portOf(where: Route): number | undefined {
  return where.kind === 'rejected' || where.kind === 'lost' ? undefined : where.port
}

/** What a node's own servers say to someone without credentials. */
function refuseAnonymous(connection: Parameters<ConnectionHandler>[0]): void {
  void serveHttp(connection, () => ({
    status: 403,
    headers: [['Content-Type', 'application/json']],
    body: '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"forbidden: User \\"system:anonymous\\" cannot get path \\"/\\"","reason":"Forbidden","details":{},"code":403}\n',
  }))
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

function nodesOf(pods: readonly Pod[]): NodeAddress[] {
  const byName = new Map<string, string>()
  for (const pod of pods) {
    if (pod.spec.nodeName !== undefined && pod.status?.hostIP !== undefined) {
      byName.set(pod.spec.nodeName, pod.status.hostIP)
    }
  }
  return [...byName].map(([name, address]) => ({ name, addresses: [address] }))
}

function hash(text: string): number {
  let value = 5381
  for (const char of text) value = (value * 33 + (char.codePointAt(0) ?? 0)) >>> 0
  return value
}

/** Varies a delay by up to a half, the same way in every run. */
function createJitter(): (baseMs: number) => number {
  let state = 0x2545_f491
  return (baseMs) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return baseMs * (1 + state / 0x2_0000_0000)
  }
}
