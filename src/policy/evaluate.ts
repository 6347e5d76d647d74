import { matchesSelector } from '../kube/label-selector.ts'
import type { PolicyType } from '../kube/objects.ts'
import { type CompiledPolicy, compilePolicy, peerFailure, portFailure } from './compile.ts'
import { type End, Ends } from './ends.ts'
import { policyReason } from './reasons.ts'
import type { Endpoint, Flow, PolicyState, SideVerdict, Verdict } from './types.ts'

/** A state that was read once, so that many flows cost little. */
export interface PreparedPolicies {
  readonly state: PolicyState
  readonly compiled: readonly CompiledPolicy[]
  /** The verdict with its reasons. */
  evaluate(flow: Flow): Verdict
  /** The verdict alone: many times cheaper. */
  allows(flow: Flow): boolean
  resolve(endpoint: Endpoint): End
  /** The policies that select an end and list a direction, in order of name. */
  policiesOn(end: End, direction: PolicyType): readonly CompiledPolicy[]
}

/**
 * Whether both sides let a new connection be set up, and why.
 * @throws UnknownEndError where the flow names a pod or node that the state does not have
 */
export function evaluate(state: PolicyState, flow: Flow): Verdict {
  return prepare(state).evaluate(flow)
}

/** Reads a state once for many flows. */
export function prepare(state: PolicyState): PreparedPolicies {
  const ends = new Ends(state)
  const policies = state.policies.map(compilePolicy).sort((a, b) => (a.name < b.name ? -1 : 1))
  const selecting = new Map<End, readonly CompiledPolicy[]>()

  const policiesOf = (end: End): readonly CompiledPolicy[] => {
    if (end.kind !== 'pod') return []
    const known = selecting.get(end)
    if (known !== undefined) return known
    const { namespace, labels } = end.pod
    const found = policies.filter(
      (policy) => policy.namespace === namespace && matchesSelector(policy.subject, labels),
    )
    selecting.set(end, found)
    return found
  }
  const policiesOn = (end: End, direction: PolicyType) =>
    policiesOf(end).filter((policy) => rulesOf(policy, direction) !== undefined)

  const side = (direction: PolicyType, flow: Flow, from: End, to: End): SideVerdict => {
    const subject = direction === 'Egress' ? from : to
    const peer = direction === 'Egress' ? to : from
    const selected = policiesOf(subject).length > 0
    const exempt = exemption(direction, flow, subject, peer)
    if (exempt !== undefined) {
      return { direction, allowed: true, isolated: false, selected, policies: [], ...exempt }
    }
    const reasons = policiesOn(subject, direction).map((policy) =>
      policyReason(policy, rulesOf(policy, direction) ?? [], flow, { peer, destination: to }),
    )
    const isolated = reasons.length > 0
    const choice = choiceOf(flow, isolated, subject === peer)
    return {
      direction,
      allowed: !isolated || reasons.some(({ allowed }) => allowed),
      ...(choice === undefined ? {} : { choice }),
      isolated,
      selected,
      policies: reasons,
    }
  }

  const sideAllows = (direction: PolicyType, flow: Flow, from: End, to: End): boolean => {
    const subject = direction === 'Egress' ? from : to
    const peer = direction === 'Egress' ? to : from
    if (exemption(direction, flow, subject, peer) !== undefined) return true
    const isolating = policiesOn(subject, direction)
    if (isolating.length === 0) return true
    return isolating.some((policy) =>
      (rulesOf(policy, direction) ?? []).some(
        (rule) =>
          (rule.peers.length === 0 ||
            rule.peers.some((item) => peerFailure(item, peer) === undefined)) &&
          (rule.ports.length === 0 ||
            rule.ports.some((item) => portFailure(item, flow, to) === undefined)),
      ),
    )
  }

  return {
    state,
    compiled: policies,
    evaluate: (flow) => {
      const from = ends.resolve(flow.from)
      const to = ends.resolve(flow.to)
      const egress = side('Egress', flow, from, to)
      const ingress = side('Ingress', flow, from, to)
      return { allowed: egress.allowed && ingress.allowed, flow, egress, ingress }
    },
    allows: (flow) => {
      const from = ends.resolve(flow.from)
      const to = ends.resolve(flow.to)
      return sideAllows('Egress', flow, from, to) && sideAllows('Ingress', flow, from, to)
    },
    resolve: (endpoint) => ends.resolve(endpoint),
    policiesOn,
  }
}

/** The rules of a direction; `undefined` where the policy does not list it. */
export function rulesOf(policy: CompiledPolicy, direction: PolicyType): CompiledPolicy['ingress'] {
  return direction === 'Ingress' ? policy.ingress : policy.egress
}

const HOST_NETWORK_CHOICE =
  'Pods on the network of their node are outside the specification; here they count as the node, as most plugins have it.'
const TO_NODE_CHOICE = 'Plugins differ on what a pod may send to its own node; here it always may.'
const HAIRPIN_CHOICE =
  'The specification leaves open whether a pod that reaches itself through its Service is limited; here it is, like any other connection.'
const ICMP_CHOICE =
  'The specification promises nothing for ping; here an isolated pod needs a rule without ports for it, as in kindnet, Calico and Cilium.'

function exemption(
  direction: PolicyType,
  flow: Flow,
  subject: End,
  peer: End,
): Pick<SideVerdict, 'exempt' | 'choice'> | undefined {
  if (subject.kind === 'address') return { exempt: 'not-a-pod' }
  if (subject.kind === 'host') {
    return subject.pod === undefined
      ? { exempt: 'not-a-pod' }
      : { exempt: 'host-network', choice: HOST_NETWORK_CHOICE }
  }
  if (subject === peer && flow.viaService !== true) return { exempt: 'itself' }
  if (peer.kind === 'host' && peer.node !== undefined && peer.node === subject.pod.node) {
    // Node to pod is promised by the API; pod to node is not.
    return direction === 'Ingress'
      ? { exempt: 'own-node' }
      : { exempt: 'own-node', choice: TO_NODE_CHOICE }
  }
  return undefined
}

function choiceOf(flow: Flow, isolated: boolean, toItself: boolean): string | undefined {
  if (!isolated) return undefined
  if (toItself) return HAIRPIN_CHOICE
  return flow.protocol === 'ICMP' ? ICMP_CHOICE : undefined
}
