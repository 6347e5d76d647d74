import type { PolicyType } from '../kube/objects.ts'
import type { CompiledPolicy, CompiledPort, CompiledRule } from './compile.ts'
import type { EndSet, EndSets } from './end-sets.ts'
import type { Family } from './families.ts'
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
  /** The family of connections that it is about; `undefined`: any. */
  readonly family: Family | undefined
}

/** What all policies together say: whom they isolate, and what they let through nevertheless. */
export interface Grants {
  readonly isolated: Readonly<Record<PolicyType, ReadonlySet<EndSet>>>
  readonly list: readonly Grant[]
  readonly ports: PortSets
  /** Whether some of them are about one family only. */
  readonly byFamily: boolean
}

/** What one policy adds. */
interface Share {
  readonly subjects: EndSet
  readonly isolates: readonly PolicyType[]
  readonly list: readonly Grant[]
}

/** Takes policies apart, each once: rules only ever add, so each pair of a peer and its ports stands alone. */
export class GrantBook {
  readonly #sets: EndSets
  /** Grows only: a list of ports that no policy has any more does no harm. */
  readonly #ports = new PortSets()
  readonly #shares = new WeakMap<CompiledPolicy, Share>()

  constructor(sets: EndSets) {
    this.#sets = sets
  }

  grantsOf(policies: readonly CompiledPolicy[]): Grants {
    const isolated = { Ingress: new Set<EndSet>(), Egress: new Set<EndSet>() }
    const list: Grant[] = []
    for (const policy of policies) {
      const share = this.#shares.get(policy) ?? this.#shareOf(policy)
      this.#shares.set(policy, share)
      if (share.subjects.length === 0) continue
      for (const direction of share.isolates) isolated[direction].add(share.subjects)
      for (const grant of share.list) list.push(grant)
    }
    const byFamily = list.some(({ family }) => family !== undefined)
    return { isolated, list, ports: this.#ports, byFamily }
  }

  #shareOf(policy: CompiledPolicy): Share {
    const subjects = this.#sets.subjects(policy.namespace, policy.subject)
    const isolates: PolicyType[] = []
    const list: Grant[] = []
    for (const direction of ['Ingress', 'Egress'] as const) {
      const rules = direction === 'Ingress' ? policy.ingress : policy.egress
      if (rules === undefined) continue
      isolates.push(direction)
      for (const rule of rules) {
        const peers = this.#peersOf(rule)
        for (const through of this.#through(rule)) {
          for (const some of peers) list.push({ direction, subjects, ...some, ...through })
        }
      }
    }
    return { subjects, isolates, list }
  }

  /** Each peer of a rule, once where the family makes no difference. */
  #peersOf({ peers }: CompiledRule): readonly Pick<Grant, 'peers' | 'family'>[] {
    if (peers.length === 0) return [{ peers: undefined, family: undefined }]
    return peers.flatMap((peer): Pick<Grant, 'peers' | 'family'>[] => {
      const [four, six] = [this.#sets.peersBy(4, peer), this.#sets.peersBy(6, peer)]
      if (four === six) return [{ peers: four, family: undefined }]
      return [
        { peers: four, family: 4 },
        { peers: six, family: 6 },
      ]
    })
  }

  #through(rule: CompiledRule): readonly Pick<Grant, 'ports' | 'named'>[] {
    if (rule.ports.length === 0) return [{ ports: 0, named: undefined }]
    const plain = rule.ports.filter(isPlain)
    const found: Pick<Grant, 'ports' | 'named'>[] = []
    if (plain.length > 0) found.push({ ports: this.#ports.numberOf(plain), named: undefined })
    for (const entry of rule.ports) {
      if (isPlain(entry)) continue
      const { protocol } = entry
      for (const [port, named] of this.#sets.named(entry)) {
        const ports = this.#ports.numberOf([{ protocol, port, endPort: undefined }])
        found.push({ ports, named })
      }
    }
    return found
  }
}

/** What holds for connections of one family. */
export function grantsFor(family: Family, grants: Grants): Grants {
  if (!grants.byFamily) return grants
  const list = grants.list.filter((one) => one.family === undefined || one.family === family)
  return { ...grants, list }
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
