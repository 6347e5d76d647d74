import type { NetworkPolicy, PolicyType } from '../kube/objects.ts'
import {
  type CompiledPolicy,
  type CompiledRule,
  compilePolicy,
  peerFailure,
  portFailure,
} from './compile.ts'
import { type End, Ends } from './ends.ts'
import { type Family, familiesOf, shownBy } from './families.ts'
import { PolicyIndex } from './policy-index.ts'
import { policyReason } from './reasons.ts'
import type { Endpoint, Flow, PolicyReason, PolicyState, SideVerdict, Verdict } from './types.ts'

/** A state that was read once, so that many flows cost little. */
export interface PreparedPolicies {
  readonly state: PolicyState
  readonly compiled: readonly CompiledPolicy[]
  /** The verdict with its reasons, which are put together when they are first read. */
  evaluate(flow: Flow): Verdict
  /** The verdict alone: many times cheaper. */
  allows(flow: Flow): boolean
  resolve(endpoint: Endpoint): End
  /** The policies that select an end and list a direction, in order of name. */
  policiesOn(end: End, direction: PolicyType): readonly CompiledPolicy[]
  /**
   * The same state with one policy more, or changed where its namespace has one of that name. Pods, addresses and all other
   * policies are not read again.
   */
  withPolicy(policy: NetworkPolicy): PreparedPolicies
  /** The same state without one policy; the same where there is none of that name. */
  withoutPolicy(policy: { readonly namespace: string; readonly name: string }): PreparedPolicies
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
  return prepared(state, new Ends(state), new PolicyIndex(state.policies.map(compilePolicy)))
}

function prepared(state: PolicyState, ends: Ends, index: PolicyIndex): PreparedPolicies {
  const side = (
    direction: PolicyType,
    flow: Flow,
    { from, to, family }: Connection,
  ): SideVerdict => {
    const subject = direction === 'Egress' ? from : to
    const far = direction === 'Egress' ? to : from
    const peer = shownBy(far, family)
    const selected = index.selecting(subject).length > 0
    const exempt = exemption(direction, flow, subject, far)
    if (exempt !== undefined) {
      return { direction, allowed: true, isolated: false, selected, policies: [], ...exempt }
    }
    const isolating = index.isolating(subject, direction)
    const isolated = isolating.length > 0
    const choice = choiceOf(flow, isolated, subject === far)
    const opener = isolating.find((policy) => lets(policy, direction, flow, peer, to))
    const plugins =
      opener === undefined ? undefined : pluginsOf(opener, direction, flow, { peer, to })
    let reasons: readonly PolicyReason[] | undefined
    return {
      direction,
      allowed: !isolated || opener !== undefined,
      ...(choice === undefined ? {} : { choice }),
      ...(plugins === undefined ? {} : { plugins }),
      isolated,
      selected,
      // Most verdicts are only counted, so the reasons are put together for those who read them.
      get policies() {
        reasons ??= isolating.map((policy) =>
          policyReason(policy, rulesOf(policy, direction) ?? [], flow, { peer, destination: to }),
        )
        return reasons
      },
    }
  }

  const sideAllows = (
    direction: PolicyType,
    flow: Flow,
    { from, to, family }: Connection,
  ): boolean => {
    const subject = direction === 'Egress' ? from : to
    const far = direction === 'Egress' ? to : from
    if (exemption(direction, flow, subject, far) !== undefined) return true
    const isolating = index.isolating(subject, direction)
    if (isolating.length === 0) return true
    const peer = shownBy(far, family)
    return isolating.some((policy) => lets(policy, direction, flow, peer, to))
  }

  const isOpen = (flow: Flow, connection: Connection): boolean =>
    sideAllows('Egress', flow, connection) && sideAllows('Ingress', flow, connection)

  /** The connections that a flow may be: one for each family, where there is a choice. */
  const connectionsOf = (flow: Flow): readonly [Connection, ...Connection[]] => {
    const from = ends.resolve(flow.from)
    const to = ends.resolve(flow.to)
    const [family, ...others] = familiesOf(flow, from, to)
    return [{ from, to, family }, ...others.map((other) => ({ from, to, family: other }))]
  }

  return {
    state,
    compiled: index.policies,
    evaluate: (flow) => {
      const [first, ...others] = connectionsOf(flow)
      // A client tries the families in turn: the one that is let through counts, and where none is, the first tells why.
      const used =
        others.length === 0 || isOpen(flow, first)
          ? first
          : (others.find((other) => isOpen(flow, other)) ?? first)
      const egress = side('Egress', flow, used)
      const ingress = side('Ingress', flow, used)
      return { allowed: egress.allowed && ingress.allowed, flow, egress, ingress }
    },
    allows: (flow) => connectionsOf(flow).some((connection) => isOpen(flow, connection)),
    resolve: (endpoint) => ends.resolve(endpoint),
    policiesOn: (end, direction) => index.isolating(end, direction),
    withPolicy: (policy) => {
      const added = compilePolicy(policy)
      const policies = [...without(state, added), policy]
      return prepared({ ...state, policies }, ends, index.with(added, added))
    },
    withoutPolicy: (policy) =>
      prepared({ ...state, policies: without(state, policy) }, ends, index.with(policy)),
  }
}

/** Two ends, and the family by which both sides see them; `undefined` where no end has a choice. */
interface Connection {
  readonly from: End
  readonly to: End
  readonly family: Family | undefined
}

/** The policies of a state except the one of a name. */
function without(
  { policies }: PolicyState,
  { namespace, name }: Pick<CompiledPolicy, 'namespace' | 'name'>,
): readonly NetworkPolicy[] {
  return policies.filter(
    ({ metadata }) => metadata.name !== name || (metadata.namespace ?? 'default') !== namespace,
  )
}

/** The rules of a direction; `undefined` where the policy does not list it. */
export function rulesOf(policy: CompiledPolicy, direction: PolicyType): CompiledPolicy['ingress'] {
  return direction === 'Ingress' ? policy.ingress : policy.egress
}

/** Whether any rule of a policy allows a flow in one direction. */
function lets(
  policy: CompiledPolicy,
  direction: PolicyType,
  flow: Flow,
  peer: End,
  destination: End,
): boolean {
  return (rulesOf(policy, direction) ?? []).some((rule) => matches(rule, flow, peer, destination))
}

function matches(rule: CompiledRule, flow: Flow, peer: End, destination: End): boolean {
  return (
    (rule.peers.length === 0 || rule.peers.some((item) => peerFailure(item, peer) === undefined)) &&
    (rule.ports.length === 0 ||
      rule.ports.some((item) => portFailure(item, flow, destination) === undefined))
  )
}

const HOST_NETWORK_CHOICE =
  'The specification leaves pods on the network of their node to the plugin; here they count as the node, as most plugins have it. Others tell their traffic apart and select them like any pod.'
const TO_NODE_CHOICE = 'Plugins differ on what a pod may send to its own node; here it always may.'
const HAIRPIN_CHOICE =
  'The specification leaves open whether a pod that reaches itself through its Service is limited; here it is, like any other connection, as in kindnet and Calico. Cilium and Antrea always allow it.'
const ICMP_CHOICE =
  'The specification promises nothing for ping; here an isolated pod needs a rule without ports for it, as in kindnet, Calico and Cilium.'
const BLOCK_PLUGINS =
  'A block of addresses allows this, and it matches pods by their addresses. Cilium leaves pods out of blocks and would deny it.'
const RANGE_PLUGINS = 'Cilium before 1.16 takes no notice of endPort: it opens the first port only.'
const SCTP_PLUGINS =
  'SCTP has to be switched on in Cilium; without that it drops SCTP whatever the policies say.'

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

/** Where a plugin that many use does not do what the rule that allows says. */
function pluginsOf(
  policy: CompiledPolicy,
  direction: PolicyType,
  flow: Flow,
  { peer, to }: { readonly peer: End; readonly to: End },
): string | undefined {
  const rule = (rulesOf(policy, direction) ?? []).find((one) => matches(one, flow, peer, to))
  if (rule === undefined) return undefined
  const by = rule.peers.find((item) => peerFailure(item, peer) === undefined)
  if (by?.kind === 'block' && peer.kind !== 'address') return BLOCK_PLUGINS
  const entry = rule.ports.find((item) => portFailure(item, flow, to) === undefined)
  if (entry?.endPort !== undefined && flow.port !== entry.port) return RANGE_PLUGINS
  return flow.protocol === 'SCTP' ? SCTP_PLUGINS : undefined
}
