import type { EndpointSlice, Pod, Protocol, Service, ServicePort } from '../../kube/objects.ts'
import { containsAddress, parseAddress, parseCidr } from '../../policy/address.ts'
import type { ClusterView } from '../ports.ts'
import type { OutsideHost } from './outside-world.ts'

/** A machine that pods run on. */
export interface NodeAddress {
  readonly name: string
  readonly addresses: readonly string[]
}

/** Where a packet ends up after service translation. */
export type Route =
  | {
      readonly kind: 'pod'
      readonly pod: Pod
      readonly address: string
      readonly port: number
      readonly through?: NodeEntry
    }
  | {
      readonly kind: 'node'
      readonly node: NodeAddress
      readonly address: string
      readonly port: number
    }
  | { readonly kind: 'outside'; readonly host: OutsideHost; readonly port: number }
  /** A service without a ready endpoint: kube-proxy rejects at once. */
  | { readonly kind: 'rejected' }
  /** Nobody owns the address, or the service has no such port: the packet is lost. */
  | { readonly kind: 'lost' }

/** The node that led in from a port, an external address or a load balancer of a service. */
export interface NodeEntry {
  readonly node: NodeAddress
  /** `false` where the node puts its own address in the place of the sender's (policy `Cluster`). */
  readonly keepsSource: boolean
}

export interface Destination {
  readonly address: string
  readonly port: number
  readonly protocol: Protocol | 'ICMP'
}

/** Who sends: kube-proxy treats pods, nodes and the rest of the world differently. */
export interface RouteSource {
  readonly kind: 'pod' | 'node' | 'outside'
  readonly address: string
  readonly node: string | undefined
}

export interface RouteContext {
  readonly view: ClusterView
  readonly nodes: readonly NodeAddress[]
  readonly world: readonly OutsideHost[]
  readonly from: RouteSource
  /** Which of several equal endpoints gets this connection. */
  readonly pick: (service: Service, addresses: readonly string[]) => number
}

/** Follows a packet as kube-proxy (iptables mode), the port mapper and the nodes' routes would. */
export function routeTo(to: Destination, context: RouteContext): Route {
  const { view, from } = context
  const outside = from.kind === 'outside'
  for (const service of view.services()) {
    if (service.spec.clusterIP === to.address) {
      return outside ? { kind: 'lost' } : routeClusterIp(service, to, context)
    }
    if (hasExternalAddress(service, to.address)) return routeExternal(service, to, context)
  }
  const node = context.nodes.find((candidate) => candidate.addresses.includes(to.address))
  if (node !== undefined) return routeNode(node, to, context)
  const pod = podAt(view, to.address)
  // The addresses of pods are routed inside the cluster only.
  if (pod !== undefined) {
    return outside ? { kind: 'lost' } : { kind: 'pod', pod, address: to.address, port: to.port }
  }
  return outsideAt(context, to.address, to.port)
}

function outsideAt(context: RouteContext, address: string, port: number): Route {
  const host = context.world.find((candidate) => candidate.address === address)
  return host === undefined ? { kind: 'lost' } : { kind: 'outside', host, port }
}

/** The pod that has an address now: a running one before one that has ended and whose address was given away. */
export function podAt(view: ClusterView, address: string): Pod | undefined {
  const owners = view
    .pods()
    .filter((pod) => pod.spec.hostNetwork !== true && pod.status?.podIP === address)
  const ended = (pod: Pod) => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
  return owners.find((pod) => !ended(pod)) ?? owners[0]
}

function hasExternalAddress(service: Service, address: string): boolean {
  return (
    service.spec.externalIPs?.includes(address) === true ||
    loadBalancerAddresses(service).includes(address)
  )
}

function isInCidr(text: string, range: string): boolean {
  const [address, cidr] = [parseAddress(text), parseCidr(range)]
  return address !== undefined && cidr !== undefined && containsAddress(cidr, address)
}

function loadBalancerAddresses(service: Service): string[] {
  if (service.spec.type !== 'LoadBalancer') return []
  return (service.status?.loadBalancer?.ingress ?? []).flatMap(({ ip, ipMode }) =>
    ip === undefined || ipMode === 'Proxy' ? [] : [ip],
  )
}

function portOf(
  service: Service,
  to: Destination,
  numberOf: (port: ServicePort) => number | undefined,
): ServicePort | undefined {
  return service.spec.ports?.find(
    (port) => numberOf(port) === to.port && (port.protocol ?? 'TCP') === to.protocol,
  )
}

function routeClusterIp(service: Service, to: Destination, context: RouteContext): Route {
  const port = portOf(service, to, (candidate) => candidate.port)
  // A ClusterIP is only a rewriting rule for its ports: it answers no ping and no other port.
  if (port === undefined) return { kind: 'lost' }
  const onlyNode =
    service.spec.internalTrafficPolicy === 'Local' ? (context.from.node ?? '') : undefined
  const endpoints = endpointsFor(context.view, service, port, to)
  const reachable = endpoints.filter(({ node }) => onlyNode === undefined || node === onlyNode)
  // Without any endpoint kube-proxy rejects; with endpoints elsewhere only, `Local` drops.
  if (reachable.length === 0)
    return endpoints.length === 0 ? { kind: 'rejected' } : { kind: 'lost' }
  return deliver(service, reachable, context, undefined)
}

/** A load balancer's or an external address: with kube-proxy each node answers for it (chain KUBE-EXT). */
function routeExternal(service: Service, to: Destination, context: RouteContext): Route {
  const port = portOf(service, to, (candidate) => candidate.port)
  const { from } = context
  if (port === undefined) return { kind: 'lost' }
  const ranges = service.spec.loadBalancerSourceRanges ?? []
  const balanced = loadBalancerAddresses(service).includes(to.address)
  if (
    balanced &&
    ranges.length > 0 &&
    from.kind !== 'node' &&
    !ranges.some((range) => isInCidr(from.address, range))
  ) {
    return { kind: 'lost' }
  }
  const endpoints = endpointsFor(context.view, service, port, to)
  const local = service.spec.externalTrafficPolicy === 'Local'
  // The balancer sends to a node that has an endpoint, as its health check tells it.
  const entry =
    context.nodes.find(({ name }) => !local || endpoints.some(({ node }) => node === name)) ??
    context.nodes[0]
  return entry === undefined ? { kind: 'lost' } : enter(service, endpoints, entry, context)
}

/** Through the front door of a node, by `externalTrafficPolicy`. */
function enter(
  service: Service,
  endpoints: readonly Endpoint[],
  node: NodeAddress,
  context: RouteContext,
): Route {
  const local = service.spec.externalTrafficPolicy === 'Local'
  if (endpoints.length === 0) return { kind: local ? 'lost' : 'rejected' }
  if (!local) return deliver(service, endpoints, context, { node, keepsSource: false })
  // The cluster's own senders get every endpoint also then; pods keep their address, nodes do not.
  if (context.from.kind !== 'outside') {
    const keepsSource = context.from.kind === 'pod'
    return deliver(service, endpoints, context, { node, keepsSource })
  }
  const here = endpoints.filter((endpoint) => endpoint.node === node.name)
  if (here.length === 0) return { kind: 'lost' }
  return deliver(service, here, context, { node, keepsSource: true })
}

function deliver(
  service: Service,
  endpoints: readonly Endpoint[],
  context: RouteContext,
  through: NodeEntry | undefined,
): Route {
  const endpoint =
    endpoints[
      context.pick(
        service,
        endpoints.map(({ address }) => address),
      )
    ]
  if (endpoint === undefined) return { kind: 'rejected' }
  const { address, port } = endpoint
  const pod = podAt(context.view, address)
  if (pod !== undefined) {
    return { kind: 'pod', pod, address, port, ...(through === undefined ? {} : { through }) }
  }
  const node = context.nodes.find((candidate) => candidate.addresses.includes(address))
  if (node !== undefined) return { kind: 'node', node, address, port }
  return outsideAt(context, address, port)
}

function routeNode(node: NodeAddress, to: Destination, context: RouteContext): Route {
  if (to.protocol !== 'ICMP') {
    for (const service of context.view.services()) {
      const port = portOf(service, to, (candidate) => candidate.nodePort)
      if (port === undefined) continue
      return enter(service, endpointsFor(context.view, service, port, to), node, context)
    }
    const mapped = hostPortAt(context.view, node, to)
    if (mapped !== undefined) return mapped
  }
  return { kind: 'node', node, address: to.address, port: to.port }
}

/** A `hostPort` leads to the container (CNI plugin portmap); the sender's address stays. */
function hostPortAt(view: ClusterView, node: NodeAddress, to: Destination): Route | undefined {
  for (const pod of view.pods()) {
    const address = pod.status?.podIP
    if (pod.spec.hostNetwork === true || pod.spec.nodeName !== node.name) continue
    if (address === undefined || podAt(view, address) !== pod) continue
    const port = pod.spec.containers
      .flatMap((container) => container.ports ?? [])
      .find(({ hostPort, protocol }) => hostPort === to.port && (protocol ?? 'TCP') === to.protocol)
    if (port === undefined) continue
    const through = { node, keepsSource: true }
    return { kind: 'pod', pod, address, port: port.containerPort, through }
  }
  return undefined
}

interface Endpoint {
  readonly address: string
  readonly port: number
  readonly node: string | undefined
}

/** Ready endpoints; where there are none, those that are going but still serve (KEP-1669). */
function endpointsFor(
  view: ClusterView,
  service: Service,
  servicePort: ServicePort,
  to: Destination,
): Endpoint[] {
  const publishes = service.spec.publishNotReadyAddresses === true
  const all = view
    .endpointSlices()
    .filter((slice) => belongsTo(slice, service))
    .flatMap((slice) => {
      const port = (slice.ports ?? []).find(
        (candidate) =>
          (candidate.name ?? '') === (servicePort.name ?? '') &&
          (candidate.protocol ?? 'TCP') === to.protocol,
      )?.port
      if (port === undefined) return []
      return slice.endpoints.flatMap(({ addresses, nodeName, conditions }) =>
        addresses.slice(0, 1).map((address) => ({
          endpoint: { address, port, node: nodeName },
          ready: publishes || conditions?.ready !== false,
          leaving: conditions?.terminating === true && conditions.serving === true,
        })),
      )
    })
  const ready = all.filter((one) => one.ready)
  return (ready.length > 0 ? ready : all.filter((one) => one.leaving)).map((one) => one.endpoint)
}

function belongsTo(slice: EndpointSlice, service: Service): boolean {
  return (
    slice.metadata.namespace === service.metadata.namespace &&
    slice.metadata.labels?.['kubernetes.io/service-name'] === service.metadata.name
  )
}
