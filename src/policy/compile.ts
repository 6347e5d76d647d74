import { matchesSelector } from '../kube/label-selector.ts'
import type {
  LabelSelector,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  Protocol,
} from '../kube/objects.ts'
import { type Cidr, containsAddress, parseCidr } from './address.ts'
import { defaultNetworkPolicy } from './default.ts'
import type { End } from './ends.ts'
import type { FailedPart, Flow } from './types.ts'

/** Policies in a form in which matching costs little: defaults filled in, blocks read. */
export interface CompiledPolicy {
  readonly namespace: string
  readonly name: string
  readonly subject: LabelSelector
  /** Rules of a direction that is listed; `undefined` where it is not. */
  readonly ingress: readonly CompiledRule[] | undefined
  readonly egress: readonly CompiledRule[] | undefined
}

/** A rule. An empty list of peers or ports limits nothing. */
export interface CompiledRule {
  readonly index: number
  readonly peers: readonly CompiledPeer[]
  readonly ports: readonly CompiledPort[]
}

export type CompiledPeer =
  | {
      readonly kind: 'block'
      readonly text: string
      readonly exceptTexts: readonly string[]
      /** `undefined` where it cannot be read: it matches nothing. */
      readonly cidr: Cidr | undefined
      readonly excepts: readonly Cidr[]
    }
  | {
      readonly kind: 'selectors'
      /** Namespace of the policy: where a peer without namespaceSelector looks. */
      readonly home: string
      readonly podSelector: LabelSelector | undefined
      readonly namespaceSelector: LabelSelector | undefined
    }

export interface CompiledPort {
  readonly protocol: Protocol
  readonly port: number | string | undefined
  readonly endPort: number | undefined
}

export function compilePolicy(policy: NetworkPolicy): CompiledPolicy {
  const { spec, metadata } = defaultNetworkPolicy(policy)
  const home = metadata.namespace ?? 'default'
  const rules = (
    list: readonly { peers: readonly NetworkPolicyPeer[]; ports: readonly NetworkPolicyPort[] }[],
  ) =>
    list.map(({ peers, ports }, index) => ({
      index,
      peers: peers.map((peer) => compilePeer(peer, home)),
      ports: ports.map(compilePort),
    }))
  const types = spec.policyTypes ?? []
  const ingress = (spec.ingress ?? []).map(({ from = [], ports = [] }) => ({ peers: from, ports }))
  const egress = (spec.egress ?? []).map(({ to = [], ports = [] }) => ({ peers: to, ports }))
  return {
    namespace: home,
    name: metadata.name,
    subject: spec.podSelector ?? {},
    ingress: types.includes('Ingress') ? rules(ingress) : undefined,
    egress: types.includes('Egress') ? rules(egress) : undefined,
  }
}

function compilePeer(peer: NetworkPolicyPeer, home: string): CompiledPeer {
  const { ipBlock, podSelector, namespaceSelector } = peer
  if (ipBlock != null) {
    const exceptTexts = ipBlock.except ?? []
    return {
      kind: 'block',
      text: ipBlock.cidr,
      exceptTexts,
      cidr: parseCidr(ipBlock.cidr),
      excepts: exceptTexts.map(parseCidr).filter((cidr) => cidr !== undefined),
    }
  }
  return {
    kind: 'selectors',
    home,
    podSelector: podSelector ?? undefined,
    namespaceSelector: namespaceSelector ?? undefined,
  }
}

function compilePort({ protocol, port, endPort }: NetworkPolicyPort): CompiledPort {
  return { protocol: protocol ?? 'TCP', port: port ?? undefined, endPort: endPort ?? undefined }
}

/** The first part of a peer that an end does not meet; `undefined` where it matches. */
export function peerFailure(peer: CompiledPeer, end: End): FailedPart | undefined {
  if (peer.kind === 'block') {
    const { cidr } = peer
    const inside =
      cidr === undefined ? [] : end.addresses.filter((one) => containsAddress(cidr, one))
    if (inside.length === 0) return 'cidr'
    // Of a family a node may have several addresses: one that matches is enough.
    return inside.every((one) => peer.excepts.some((except) => containsAddress(except, one)))
      ? 'except'
      : undefined
  }
  if (end.kind === 'host') return end.pod === undefined ? 'not-a-pod' : 'host-network'
  if (end.kind === 'address') return 'not-a-pod'
  if (peer.namespaceSelector === undefined) {
    if (end.pod.namespace !== peer.home) return 'namespace'
  } else if (!matchesSelector(peer.namespaceSelector, end.namespaceLabels)) {
    return 'namespace-labels'
  }
  return matchesSelector(peer.podSelector, end.pod.labels) ? undefined : 'pod-labels'
}

/**
 * The first part of a ports entry that a flow does not meet. Names are looked up on the destination: name,
 * protocol and number have to agree, and only pods have names.
 */
export function portFailure(
  entry: CompiledPort,
  flow: Pick<Flow, 'protocol' | 'port'>,
  destination: End,
): FailedPart | undefined {
  if (entry.protocol !== flow.protocol) return 'protocol'
  if (entry.port === undefined) return undefined
  if (flow.port === undefined) return 'port'
  if (typeof entry.port === 'number') {
    return entry.port <= flow.port && flow.port <= (entry.endPort ?? entry.port)
      ? undefined
      : 'port'
  }
  const named = namedPorts(entry, destination)
  if (named.length === 0) return 'port-name'
  return named.includes(flow.port) ? undefined : 'port'
}

/** The numbers that a named ports entry stands for on one destination. */
export function namedPorts(entry: CompiledPort, destination: End): readonly number[] {
  if (destination.kind !== 'pod') return []
  return destination.pod.ports
    .filter(({ name, protocol }) => name === entry.port && protocol === entry.protocol)
    .map(({ port }) => port)
}
