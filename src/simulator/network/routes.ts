import type { EndpointSlice, Pod, Protocol, Service } from '../../kube/objects.ts'
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

/** The node whose port led in; with policy `Cluster` the packet then comes from that node. */
export interface NodeEntry {
  readonly node: NodeAddress
  readonly keepsSource: boolean
}

export interface Destination {
  readonly address: string
  readonly port: number
  readonly protocol: Protocol | 'ICMP'
}

export interface RouteContext {
  readonly view: ClusterView
  readonly nodes: readonly NodeAddress[]
  readonly world: readonly OutsideHost[]
  readonly from: { readonly address: string; readonly node: string | undefined }
  /** Which of `count` equal endpoints gets this connection. */
  readonly pick: (service: Service, count: number) => number
}

/** Follows a packet as kube-proxy (iptables mode) and the nodes' routes would. */
export function routeTo(to: Destination, context: RouteContext): Route {
  const service = serviceAt(context.view, to.address)
  if (service !== undefined) return routeService(service, to, context, undefined)
  const node = context.nodes.find((candidate) => candidate.addresses.includes(to.address))
  if (node !== undefined) return routeNode(node, to, context)
  const pod = podAt(context.view, to.address)
  if (pod !== undefined) return { kind: 'pod', pod, address: to.address, port: to.port }
  const host = context.world.find((candidate) => candidate.address === to.address)
  return host === undefined ? { kind: 'lost' } : { kind: 'outside', host, port: to.port }
}

/** The pod that has an address now: a running one before one that has ended and whose address was given away. */
export function podAt(view: ClusterView, address: string): Pod | undefined {
  const owners = view
    .pods()
    .filter((pod) => pod.spec.hostNetwork !== true && pod.status?.podIP === address)
  const ended = (pod: Pod) => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
  return owners.find((pod) => !ended(pod)) ?? owners[0]
}

function serviceAt(view: ClusterView, address: string): Service | undefined {
  return view
    .services()
    .find(
      (service) =>
        service.spec.clusterIP === address ||
        service.status?.loadBalancer?.ingress?.some((entry) => entry.ip === address) === true,
    )
}

function routeService(
  service: Service,
  to: Destination,
  context: RouteContext,
  through: NodeEntry | undefined,
  nodePort = false,
): Route {
  const port = service.spec.ports?.find(
    (candidate) =>
      (nodePort ? candidate.nodePort : candidate.port) === to.port &&
      (candidate.protocol ?? 'TCP') === to.protocol,
  )
  // A ClusterIP is only a rewriting rule for its ports: it answers no ping and no other port.
  if (port === undefined) return { kind: 'lost' }
  const onlyNode = through?.keepsSource
    ? through.node.name
    : service.spec.internalTrafficPolicy === 'Local'
      ? context.from.node
      : undefined
  const endpoints = readyEndpoints(context.view, service, port.name, to.protocol).filter(
    (endpoint) => onlyNode === undefined || endpoint.node === onlyNode,
  )
  if (endpoints.length === 0) {
    // Without a local endpoint `Local` drops; without any endpoint kube-proxy rejects.
    return through?.keepsSource ? { kind: 'lost' } : { kind: 'rejected' }
  }
  const endpoint = endpoints[context.pick(service, endpoints.length)]
  if (endpoint === undefined) return { kind: 'rejected' }
  const pod = podAt(context.view, endpoint.address)
  if (pod !== undefined) {
    const entry = through === undefined ? {} : { through }
    return { kind: 'pod', pod, address: endpoint.address, port: endpoint.port, ...entry }
  }
  const node = context.nodes.find((candidate) => candidate.addresses.includes(endpoint.address))
  if (node !== undefined)
    return { kind: 'node', node, address: endpoint.address, port: endpoint.port }
  const host = context.world.find((candidate) => candidate.address === endpoint.address)
  return host === undefined ? { kind: 'lost' } : { kind: 'outside', host, port: endpoint.port }
}

function routeNode(node: NodeAddress, to: Destination, context: RouteContext): Route {
  const service = context.view
    .services()
    .find((candidate) =>
      candidate.spec.ports?.some(
        (port) => port.nodePort === to.port && (port.protocol ?? 'TCP') === to.protocol,
      ),
    )
  if (service === undefined || to.protocol === 'ICMP') {
    return { kind: 'node', node, address: to.address, port: to.port }
  }
  const keepsSource = service.spec.externalTrafficPolicy === 'Local'
  return routeService(service, to, context, { node, keepsSource }, true)
}

function readyEndpoints(
  view: ClusterView,
  service: Service,
  portName: string | undefined,
  protocol: string,
): { readonly address: string; readonly port: number; readonly node: string | undefined }[] {
  return view
    .endpointSlices()
    .filter((slice) => belongsTo(slice, service))
    .flatMap((slice) => {
      const port = slice.ports.find(
        (candidate) =>
          (candidate.name ?? '') === (portName ?? '') && (candidate.protocol ?? 'TCP') === protocol,
      )?.port
      if (port === undefined) return []
      return slice.endpoints
        .filter(
          (endpoint) =>
            endpoint.conditions?.ready !== false || service.spec.publishNotReadyAddresses === true,
        )
        .flatMap((endpoint) =>
          endpoint.addresses
            .slice(0, 1)
            .map((address) => ({ address, port, node: endpoint.nodeName })),
        )
    })
}

function belongsTo(slice: EndpointSlice, service: Service): boolean {
  return (
    slice.metadata.namespace === service.metadata.namespace &&
    slice.metadata.labels?.['kubernetes.io/service-name'] === service.metadata.name
  )
}
