import type { PolicyType } from '../kube/objects.ts'
import type { CompiledPolicy, CompiledPort, CompiledRule } from './compile.ts'
import type { EndSet, EndSets } from './end-sets.ts'
import { type PlainPort, PortSets } from './port-sets.ts'

/** One thing that policies let through: from or to a set of peers, for a set of subjects, over a list of ports. */
export interface Grant {
  readonly direction: PolicyType
  readonly subjects: EndSet
  /** `undefined`: any peer. */
  readonly peers: EndSet | undefined
  /** Number of the list of ports. */
  readonly ports: number
  /** The destinations on which a port name means this list; `undefined` where no name is looked up. */
  readonly named: EndSet | undefined
}

/** What all policies together say: whom they isolate, and what they let through nevertheless. */
export interface Grants {
  readonly isolated: Readonly<Record<PolicyType, ReadonlySet<EndSet>>>
  readonly list: readonly Grant[]
  readonly ports: PortSets
}

/** Takes policies apart. Rules only ever add, so each pair of a peer and its ports stands alone. */
export function grantsOf(policies: readonly CompiledPolicy[], sets: EndSets): Grants {
  const ports = new PortSets()
  const isolated = { Ingress: new Set<EndSet>(), Egress: new Set<EndSet>() }
  const list: Grant[] = []
  const names = new Map<string, ReturnType<EndSets['named']>>()

  const portsOf = (rule: CompiledRule): readonly Pick<Grant, 'ports' | 'named'>[] => {
    if (rule.ports.length === 0) return [{ ports: 0, named: undefined }]
    const plain = rule.ports.filter(isPlain)
    const found: Pick<Grant, 'ports' | 'named'>[] = []
    if (plain.length > 0) found.push({ ports: ports.numberOf(plain), named: undefined })
    for (const entry of rule.ports) {
      if (isPlain(entry)) continue
      const key = `${entry.protocol} ${entry.port}`
      const numbers = names.get(key) ?? sets.named(entry)
      names.set(key, numbers)
      for (const [port, named] of numbers) {
        const { protocol } = entry
        found.push({ ports: ports.numberOf([{ protocol, port, endPort: undefined }]), named })
      }
    }
    return found
  }

  for (const policy of policies) {
    const subjects = sets.subjects(policy.namespace, policy.subject)
    if (subjects.length === 0) continue
    for (const direction of ['Ingress', 'Egress'] as const) {
      const rules = direction === 'Ingress' ? policy.ingress : policy.egress
      if (rules === undefined) continue
      isolated[direction].add(subjects)
      for (const rule of rules) {
        const peers =
          rule.peers.length === 0 ? [undefined] : rule.peers.map((one) => sets.peers(one))
        for (const through of portsOf(rule)) {
          for (const some of peers) list.push({ direction, subjects, peers: some, ...through })
        }
      }
    }
  }
  return { isolated, list, ports }
}

/** Every set of ends that a policy looks at. */
export function setsOf({ isolated, list }: Grants): ReadonlySet<EndSet> {
  const sets = new Set<EndSet>([...isolated.Ingress, ...isolated.Egress])
  for (const { peers, named } of list) {
    if (peers !== undefined) sets.add(peers)
    if (named !== undefined) sets.add(named)
  }
  return sets
}

function isPlain(entry: CompiledPort): entry is PlainPort {
  return typeof entry.port !== 'string'
}
