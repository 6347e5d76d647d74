import type { EndpointSlice, Protocol, Service } from '../../kube/objects.ts'
import { formatAddress, parseAddress } from '../../policy/address.ts'
import type { Endpoint, PolicyState } from '../../policy/types.ts'
import { KubectlError } from '../kubectl/kubectl-error.ts'

/** Where a connection ends after service translation. */
export interface ResolvedEnd {
  readonly endpoint: Endpoint
  /** The port there. */
  readonly port: number
  /** How it was found, where that is worth saying: `service web sends port 80 to pod web-1, port 8080`. */
  readonly note?: string
  /** A Service picked it. */
  readonly viaService?: boolean
  /** The family of the address that was named, where it leads to a pod that may have two. */
  readonly family?: 4 | 6
  /** The node that puts its own address in place of the sender's before the packet enters the pod. */
  readonly rewrittenBy?: string
  /** The other pods that the Service may pick. */
  readonly others?: readonly Endpoint[]
}

type NodeEnd = Extract<Endpoint, { kind: 'node' }>

export interface World {
  readonly state: PolicyState
  readonly services: readonly Service[]
  readonly slices: readonly EndpointSlice[]
}

/** The pod or address that starts a connection: `test`, `ns/test`, `10.0.0.1`. @throws KubectlError */
export function resolveSource(world: World, typed: string, home: string): Endpoint {
  if (parseAddress(typed) !== undefined) return addressEnd(world, typed)
  const name = typed.replace(/^pods?\//, '')
  const pod = findPod(world, name, home)
  if (pod !== undefined) return pod
  throw new KubectlError(`there is no pod ${name} with an address in namespace ${home}`)
}

/**
 * The other end: a pod, `service/web`, `node/NAME`, or an address; that of a Service, a load balancer or a node with a port of a
 * Service leads to the pod behind it. @throws KubectlError
 */
export function resolveDestination(
  world: World,
  typed: string,
  port: number,
  protocol: Protocol,
  home: string,
  from?: Endpoint,
): ResolvedEnd {
  const node = nodeNamed(world, typed)
  if (node !== undefined) {
    return behindNodePort(world, node, port, protocol) ?? { endpoint: node, port }
  }
  const address = parseAddress(typed)
  if (address !== undefined) {
    const { family } = address
    const text = formatAddress(address)
    const service = world.services.find((one) =>
      addressesOf(one).some((own) => sameText(own, text)),
    )
    if (service !== undefined) {
      const end = behindService(world, service, port, protocol, { family })
      const isBalancer = balancerAddresses(service).some((own) => sameText(own, text))
      return { ...(isBalancer ? fromOutside(world, service, end, from) : end), family }
    }
    const owner = nodeAt(world, text)
    const behind = owner && behindNodePort(world, owner, port, protocol)
    return behind ?? { endpoint: addressEnd(world, text), port, family }
  }
  const forced = /^(?:services?|svc)\/(.+)$/.exec(typed)?.[1]
  if (forced === undefined) {
    const pod = findPod(world, typed.replace(/^pods?\//, ''), home)
    if (pod !== undefined) return { endpoint: pod, port }
  }
  const name = forced ?? typed
  const [namespace, own] = name.includes('/') ? (name.split('/') as [string, string]) : [home, name]
  const service = world.services.find(
    (one) => one.metadata.name === own && (one.metadata.namespace ?? 'default') === namespace,
  )
  if (service !== undefined) return behindService(world, service, port, protocol)
  if (typed.includes('.')) {
    throw new KubectlError(
      `${typed} is a name that only a pod can look up. Ask from a pod with nslookup ${typed}, then name its address here`,
    )
  }
  throw new KubectlError(`there is no pod and no service ${own} in namespace ${namespace}`)
}

function findPod(world: World, name: string, home: string): Endpoint | undefined {
  const [namespace, own] = name.includes('/') ? (name.split('/') as [string, string]) : [home, name]
  const pod = world.state.pods.find((one) => one.name === own && one.namespace === namespace)
  return pod === undefined ? undefined : { kind: 'pod', namespace, name: own }
}

/** The addresses that lead to a Service: its own, and those of a load balancer. */
function addressesOf(service: Service): readonly string[] {
  const { clusterIP, clusterIPs = [] } = service.spec
  return [...(clusterIP === undefined ? [] : [clusterIP]), ...clusterIPs].concat(
    balancerAddresses(service),
  )
}

function balancerAddresses({ status }: Service): readonly string[] {
  return (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => (ip === undefined ? [] : [ip]))
}

/** Whether a text is the address of this usual text. */
function sameText(text: string, usual: string): boolean {
  const address = parseAddress(text)
  return address !== undefined && formatAddress(address) === usual
}

function nodeNamed({ state }: World, typed: string): NodeEnd | undefined {
  const name = /^nodes?\/(.+)$/.exec(typed)?.[1]
  if (name === undefined) return undefined
  if (state.nodes?.some((one) => one.name === name) === true) return { kind: 'node', name }
  throw new KubectlError(`there is no node ${name}`)
}

function nodeAt({ state }: World, usual: string): NodeEnd | undefined {
  const found = state.nodes?.find(({ addresses }) => addresses.some((own) => sameText(own, usual)))
  return found === undefined ? undefined : { kind: 'node', name: found.name }
}

/** A port of a node that belongs to a Service leads to its pods. */
function behindNodePort(
  world: World,
  { name: node }: NodeEnd,
  port: number,
  protocol: Protocol,
): ResolvedEnd | undefined {
  for (const service of world.services) {
    const declared = service.spec.ports?.find(
      (one) => one.nodePort === port && (one.protocol ?? 'TCP') === protocol,
    )
    if (declared === undefined) continue
    const isLocal = service.spec.externalTrafficPolicy === 'Local'
    const end = behindService(world, service, declared.port, protocol, isLocal ? { node } : {})
    const { name } = service.metadata
    const opening = `Port ${port} of every node belongs to service ${name}, whose port is ${declared.port}.`
    return isLocal
      ? {
          ...end,
          note: `${opening} ${end.note} Only pods of node ${node} are picked, and they see who called.`,
        }
      : { ...end, rewrittenBy: node, note: `${opening} ${end.note} ${rewriteText(node)}` }
  }
  return undefined
}

/** What comes to a load balancer from outside enters through some node, which rewrites the sender unless it is told not to. */
function fromOutside(
  { state }: World,
  service: Service,
  end: ResolvedEnd,
  from: Endpoint | undefined,
): ResolvedEnd {
  if (from?.kind !== 'address' || service.spec.externalTrafficPolicy === 'Local') return end
  const { endpoint } = end
  const pod =
    endpoint.kind === 'pod'
      ? state.pods.find((one) => one.name === endpoint.name && one.namespace === endpoint.namespace)
      : undefined
  // The own node of a pod may always reach it, so another one says more.
  const node = state.nodes?.find(({ name }) => name !== pod?.node) ?? state.nodes?.[0]
  if (node === undefined) return end
  return { ...end, rewrittenBy: node.name, note: `${end.note} ${rewriteText(node.name)}` }
}

function rewriteText(node: string): string {
  return `Node ${node} puts its own address in place of the sender's, so a block with the sender's address does not match; externalTrafficPolicy: Local keeps it.`
}

function addressEnd(world: World, address: string): Endpoint {
  const pod = world.state.pods.find((one) => one.ips.includes(address) && one.hostNetwork !== true)
  return pod === undefined
    ? { kind: 'address', address }
    : { kind: 'pod', namespace: pod.namespace, name: pod.name }
}

/** Looking up a headless service gives the pods themselves: no port is translated. */
function behindHeadless(world: World, service: Service, port: number): ResolvedEnd {
  const { name, namespace = 'default' } = service.metadata
  const address = world.slices
    .filter(
      ({ metadata }) =>
        metadata.namespace === namespace &&
        metadata.labels?.['kubernetes.io/service-name'] === name,
    )
    .flatMap(({ endpoints }) => endpoints)
    .find(({ conditions }) => conditions?.ready !== false)?.addresses[0]
  if (address === undefined) {
    throw new KubectlError(`no ready pod stands behind service ${name}, so its name leads nowhere`)
  }
  const endpoint = addressEnd(world, address)
  const shown = endpoint.kind === 'pod' ? `pod ${endpoint.name}` : address
  return { endpoint, port, note: `Service ${name} is headless: its name leads to ${shown} itself.` }
}

function behindService(
  world: World,
  service: Service,
  port: number,
  protocol: Protocol,
  only: { readonly node?: string; readonly family?: 4 | 6 } = {},
): ResolvedEnd {
  const { name, namespace = 'default' } = service.metadata
  if (service.spec.type === 'ExternalName') {
    throw new KubectlError(
      `service ${name} is another name for ${service.spec.externalName ?? 'a host'}: explain that, or its address`,
    )
  }
  if (service.spec.clusterIP === 'None') return behindHeadless(world, service, port)
  const declared = service.spec.ports?.find(
    (one) => one.port === port && (one.protocol ?? 'TCP') === protocol,
  )
  if (declared === undefined) {
    const ports = (service.spec.ports ?? []).map((one) => `${one.port}/${one.protocol ?? 'TCP'}`)
    throw new KubectlError(
      `service ${name} has no port ${port}/${protocol}; it has ${ports.join(', ') || 'none'}`,
    )
  }
  const ready = world.slices
    .filter(
      (one) =>
        one.metadata.namespace === namespace &&
        one.metadata.labels?.['kubernetes.io/service-name'] === name &&
        (only.family === undefined || one.addressType === `IPv${only.family}`),
    )
    .flatMap(({ endpoints, ports }) => {
      const target = ports.find((its) => (its.name ?? '') === (declared.name ?? ''))?.port
      return (endpoints ?? []).flatMap(({ addresses, conditions, nodeName }) =>
        conditions?.ready === false && service.spec.publishNotReadyAddresses !== true
          ? []
          : [{ address: addresses[0], target, nodeName }],
      )
    })
  const [picked, ...others] = ready.filter(
    ({ nodeName }) => only.node === undefined || nodeName === only.node,
  )
  if (picked?.address === undefined || picked.target === undefined) {
    throw new KubectlError(
      only.node === undefined || ready.length === 0
        ? `no ready pod stands behind service ${name}, so a connection to it is refused before any policy is asked`
        : `no ready pod of service ${name} is on node ${only.node}, and externalTrafficPolicy: Local drops what comes there`,
    )
  }
  const { address, target } = picked
  const endpoint = addressEnd(world, address)
  const shown = endpoint.kind === 'pod' ? `pod ${endpoint.name}` : address
  return {
    endpoint,
    port: target,
    viaService: true,
    others: differentEnds(
      endpoint,
      others.flatMap((one) => (one.address === undefined ? [] : [addressEnd(world, one.address)])),
    ),
    note: `Service ${name} sends port ${port} to ${shown}, port ${target}. Policies see that port.`,
  }
}

/** A pod of two families stands in two slices. */
function differentEnds(first: Endpoint, others: readonly Endpoint[]): readonly Endpoint[] {
  const all = new Map([first, ...others].map((end) => [JSON.stringify(end), end]))
  all.delete(JSON.stringify(first))
  return [...all.values()]
}
