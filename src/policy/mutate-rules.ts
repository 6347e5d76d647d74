import type {
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  PolicyType,
} from '../kube/objects.ts'
import type { Draft } from './mutate-policy.ts'
import { peerSlips, portSlips } from './slips.ts'
import type { PolicyPod } from './types.ts'

/** The two lists of a rule, whichever direction it has. */
interface Rule {
  readonly peers: readonly NetworkPolicyPeer[]
  readonly ports: readonly NetworkPolicyPort[]
}

/** Slips in the rules of one direction, where the policy lists it: rules that it does not list mean nothing. */
export function ruleDrafts(
  spec: NetworkPolicy['spec'],
  direction: PolicyType,
  pods: readonly PolicyPod[],
): readonly Draft[] {
  if (!(spec.policyTypes ?? []).includes(direction)) return []
  const rules: readonly Rule[] =
    direction === 'Ingress'
      ? (spec.ingress ?? []).map(({ from = [], ports = [] }) => ({ peers: from, ports }))
      : (spec.egress ?? []).map(({ to = [], ports = [] }) => ({ peers: to, ports }))
  const draft = (operator: string, sentence: string, changed: readonly Rule[]): Draft => ({
    operator: `${direction.toLowerCase()}: ${operator}`,
    sentence,
    spec: withRules(spec, direction, changed),
  })
  const word = direction.toLowerCase()
  const drafts = [
    draft('rules emptied', `The ${word} list is empty.`, []),
    draft('empty rule added', `An empty ${word} rule is added, which allows everything.`, [
      ...rules,
      { peers: [], ports: [] },
    ]),
    draft('own namespace allowed', `A ${word} rule for every pod of the namespace is added.`, [
      ...rules,
      { peers: [{ podSelector: {} }], ports: [] },
    ]),
  ]
  for (const [index, rule] of rules.entries()) {
    const place = rules.length === 1 ? '' : `rule ${index + 1} `
    const where = `${direction} rule ${index + 1}`
    const put = (...instead: readonly Rule[]) => rules.toSpliced(index, 1, ...instead)
    const add = (operator: string, says: string, changed: readonly Rule[]) =>
      drafts.push(draft(`${place}${operator}`, `${where}${says}.`, changed))
    add('removed', ' is left out', put())
    add(
      'peers removed',
      ': its peers are left out, so anyone is meant',
      put({ ...rule, peers: [] }),
    )
    add(
      'ports removed',
      ': its ports are left out, so every port is meant',
      put({ ...rule, ports: [] }),
    )
    if (rule.peers.length > 0 && rule.ports.length > 0) {
      add(
        'split into peers and ports',
        ': its peers and its ports stand in two rules, so one of them is enough',
        put({ peers: rule.peers, ports: [] }, { peers: [], ports: rule.ports }),
      )
    }
    for (const [offset, other] of rules.slice(index + 1).entries()) {
      const at = index + 1 + offset
      const merged = {
        peers: [...rule.peers, ...other.peers],
        ports: [...rule.ports, ...other.ports],
      }
      add(
        offset === 0 ? 'merged with the next' : `merged with rule ${at + 1}`,
        ` and rule ${at + 1} become one, so each peer gets the ports of both`,
        rules.toSpliced(at, 1).toSpliced(index, 1, merged),
      )
    }
    for (const [at, peer] of rule.peers.entries()) {
      for (const { operator, says, peers } of peerSlips(peer)) {
        const changed = { ...rule, peers: rule.peers.toSpliced(at, 1, ...peers) }
        // A rule that loses its last peer would allow everybody: that slip is `peers removed`.
        if (changed.peers.length === 0) continue
        add(`peer ${at + 1} ${operator}`, `, peer ${at + 1}: ${says}`, put(changed))
      }
    }
    for (const [at, port] of rule.ports.entries()) {
      for (const { operator, says, ports } of portSlips(port, numbersOf(port, pods))) {
        const changed = { ...rule, ports: rule.ports.toSpliced(at, 1, ...ports) }
        if (changed.ports.length === 0) continue
        add(`port ${at + 1} ${operator}`, `, port ${at + 1}: ${says}`, put(changed))
      }
    }
  }
  return drafts
}

/** What the pods of the world call by the name of a ports entry. */
function numbersOf(
  { port: name, protocol = 'TCP' }: NetworkPolicyPort,
  pods: readonly PolicyPod[],
): readonly number[] {
  if (typeof name !== 'string') return []
  const declared = pods.flatMap(({ ports }) => ports)
  return [
    ...new Set(
      declared
        .filter((entry) => entry.name === name && entry.protocol === protocol)
        .map(({ port }) => port),
    ),
  ]
}

function withRules(
  spec: NetworkPolicy['spec'],
  direction: PolicyType,
  rules: readonly Rule[],
): NetworkPolicy['spec'] {
  return direction === 'Ingress'
    ? {
        ...spec,
        ingress: rules.map(({ peers, ports }) => ({ from: [...peers], ports: [...ports] })),
      }
    : { ...spec, egress: rules.map(({ peers, ports }) => ({ to: [...peers], ports: [...ports] })) }
}
