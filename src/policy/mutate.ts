import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from '../kube/objects.ts'
import { peerSlips, portSlips, selectorSlips } from './slips.ts'
import { defaultNetworkPolicy, validateNetworkPolicy } from './validate.ts'

/** A policy with one plausible slip in it. */
export interface Mutation {
  /** Stable name of the slip, `endPort +1`, with the place where there are several. */
  readonly operator: string
  readonly policy: NetworkPolicy
}

/** The two lists of a rule, whichever direction it has. */
interface Rule {
  readonly peers: readonly NetworkPolicyPeer[]
  readonly ports: readonly NetworkPolicyPort[]
}

interface Draft {
  readonly operator: string
  readonly spec: NetworkPolicy['spec']
  readonly namespace?: string
}

/** Where a policy is moved to by the slip "wrong namespace". */
const ELSEWHERE = ['default', 'kube-system']

/**
 * Every policy that one slip away from `policy` that the API would take. Whether a slip changes the meaning in a world is for
 * `compare` to say: some do not.
 */
export function mutate(policy: NetworkPolicy): readonly Mutation[] {
  const stored = defaultNetworkPolicy(policy)
  const drafts = [
    ...policyDrafts(stored),
    ...subjectDrafts(stored.spec),
    ...ruleDrafts(stored.spec, 'Ingress'),
    ...ruleDrafts(stored.spec, 'Egress'),
  ]
  const seen = new Set([contentOf(stored)])
  return drafts
    .map(({ operator, spec, namespace }): Mutation => {
      const metadata = namespace === undefined ? stored.metadata : { ...stored.metadata, namespace }
      return { operator, policy: defaultNetworkPolicy({ ...stored, metadata, spec }) }
    })
    .filter(({ policy: mutant }) => {
      const content = contentOf(mutant)
      const isNew = !seen.has(content) && validateNetworkPolicy(mutant).length === 0
      seen.add(content)
      return isNew
    })
}

function contentOf({ metadata, spec }: NetworkPolicy): string {
  return JSON.stringify([metadata.namespace, spec])
}

function policyDrafts({ metadata, spec }: NetworkPolicy): readonly Draft[] {
  const home = metadata.namespace ?? 'default'
  const elsewhere = ELSEWHERE.find((namespace) => namespace !== home) ?? 'default'
  const types = spec.policyTypes ?? []
  const { policyTypes: _, ...untyped } = spec
  const drafts: Draft[] = [
    { operator: 'moved to another namespace', spec, namespace: elsewhere },
    { operator: 'policyTypes removed', spec: untyped },
    { operator: 'direction swapped', spec: swapped(spec) },
  ]
  const [only] = types
  if (types.length === 1 && only !== undefined) {
    const other = only === 'Ingress' ? 'Egress' : 'Ingress'
    drafts.push(
      { operator: 'only the type flipped', spec: { ...spec, policyTypes: [other] } },
      { operator: 'other type added', spec: { ...spec, policyTypes: ['Ingress', 'Egress'] } },
    )
  } else {
    for (const type of types) {
      const rest = types.filter((one) => one !== type)
      drafts.push({ operator: `type ${type} removed`, spec: { ...spec, policyTypes: rest } })
    }
  }
  return drafts
}

function swapped(spec: NetworkPolicy['spec']): NetworkPolicy['spec'] {
  const { ingress = [], egress = [], policyTypes = [], podSelector = {} } = spec
  return {
    podSelector,
    policyTypes: policyTypes.map((type) => (type === 'Ingress' ? 'Egress' : 'Ingress')),
    ingress: egress.map(({ to = [], ports = [] }) => ({ from: to, ports })),
    egress: ingress.map(({ from = [], ports = [] }) => ({ to: from, ports })),
  }
}

function subjectDrafts(spec: NetworkPolicy['spec']): readonly Draft[] {
  return selectorSlips(spec.podSelector ?? {}).map(({ operator, selector }) => ({
    operator: `subject: ${operator}`,
    spec: { ...spec, podSelector: selector },
  }))
}

function ruleDrafts(
  spec: NetworkPolicy['spec'],
  direction: 'Ingress' | 'Egress',
): readonly Draft[] {
  if (!(spec.policyTypes ?? []).includes(direction)) return []
  const rules: readonly Rule[] =
    direction === 'Ingress'
      ? (spec.ingress ?? []).map(({ from = [], ports = [] }) => ({ peers: from, ports }))
      : (spec.egress ?? []).map(({ to = [], ports = [] }) => ({ peers: to, ports }))
  const draft = (operator: string, changed: readonly Rule[]): Draft => ({
    operator: `${direction.toLowerCase()}: ${operator}`,
    spec: withRules(spec, direction, changed),
  })
  const drafts = [
    draft('rules emptied', []),
    draft('empty rule added', [...rules, { peers: [], ports: [] }]),
    draft('own namespace allowed', [...rules, { peers: [{ podSelector: {} }], ports: [] }]),
  ]
  for (const [index, rule] of rules.entries()) {
    const place = rules.length === 1 ? '' : `rule ${index + 1} `
    const put = (...instead: readonly Rule[]) => rules.toSpliced(index, 1, ...instead)
    drafts.push(draft(`${place}removed`, put()))
    drafts.push(draft(`${place}peers removed`, put({ ...rule, peers: [] })))
    drafts.push(draft(`${place}ports removed`, put({ ...rule, ports: [] })))
    if (rule.peers.length > 0 && rule.ports.length > 0) {
      const halves = [
        { peers: rule.peers, ports: [] },
        { peers: [], ports: rule.ports },
      ]
      drafts.push(draft(`${place}split into peers and ports`, put(...halves)))
    }
    const next = rules[index + 1]
    if (next !== undefined) {
      const merged = {
        peers: [...rule.peers, ...next.peers],
        ports: [...rule.ports, ...next.ports],
      }
      drafts.push(draft(`${place}merged with the next`, rules.toSpliced(index, 2, merged)))
    }
    for (const [at, peer] of rule.peers.entries()) {
      for (const { operator, peers } of peerSlips(peer)) {
        const changed = { ...rule, peers: rule.peers.toSpliced(at, 1, ...peers) }
        // A rule that loses its last peer would allow everybody: that slip is `peers removed`.
        if (changed.peers.length === 0) continue
        drafts.push(draft(`${place}peer ${at + 1} ${operator}`, put(changed)))
      }
    }
    for (const [at, port] of rule.ports.entries()) {
      for (const { operator, ports } of portSlips(port)) {
        const changed = { ...rule, ports: rule.ports.toSpliced(at, 1, ...ports) }
        if (changed.ports.length === 0) continue
        drafts.push(draft(`${place}port ${at + 1} ${operator}`, put(changed)))
      }
    }
  }
  return drafts
}

function withRules(
  spec: NetworkPolicy['spec'],
  direction: 'Ingress' | 'Egress',
  rules: readonly Rule[],
): NetworkPolicy['spec'] {
  return direction === 'Ingress'
    ? {
        ...spec,
        ingress: rules.map(({ peers, ports }) => ({ from: [...peers], ports: [...ports] })),
      }
    : { ...spec, egress: rules.map(({ peers, ports }) => ({ to: [...peers], ports: [...ports] })) }
}
