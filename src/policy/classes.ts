import type { PolicyType } from '../kube/objects.ts'
import {
  type CompiledPolicy,
  type CompiledRule,
  namedPorts,
  peerFailure,
  portFailure,
} from './compile.ts'
import type { End } from './ends.ts'
import { type PreparedPolicies, rulesOf } from './evaluate.ts'
import { type Family, familiesIn, shownBy } from './families.ts'
import type { PortPoint } from './port-points.ts'
import type { Endpoint } from './types.ts'

/** An end of the world or a witness by one address family, with how little a person expects it in an example. */
export interface Candidate {
  readonly endpoint: Endpoint
  /** As connections of the family show it. */
  readonly end: End
  /** `undefined` where the end has no address. */
  readonly family: Family | undefined
  readonly witness: boolean
  readonly cost: number
}

/** Ends that two sets of policies cannot tell apart, best example first. */
export interface EndClass {
  readonly members: readonly Candidate[]
  /** What each set does with the class; index 0 is the first set. */
  readonly views: readonly ClassView[]
}

interface ClassView {
  readonly egress: readonly CompiledPolicy[]
  readonly ingress: readonly CompiledPolicy[]
  /** Rules, by number, of which a peer matches this class (or that have none). */
  readonly admittedBy: ReadonlySet<CompiledRule>
}

/** An end once for each family that it has: connections are compared, and each is of one. */
export function byFamily({ end, ...rest }: Omit<Candidate, 'family'>): readonly Candidate[] {
  const families = familiesIn(end)
  if (families.length === 0) return [{ ...rest, end, family: undefined }]
  return families.map((family) => ({ ...rest, end: shownBy(end, family), family }))
}

/** Groups ends by everything that the prepared sets can see of them. */
export function classify(
  candidates: readonly Candidate[],
  sets: readonly PreparedPolicies[],
  policies: readonly (readonly CompiledPolicy[])[],
): readonly EndClass[] {
  const rules = policies.map((list) =>
    list.flatMap((policy) => [...(policy.ingress ?? []), ...(policy.egress ?? [])]),
  )
  const classes = new Map<string, { members: Candidate[]; views: readonly ClassView[] }>()
  for (const candidate of candidates) {
    const signature: unknown[] = [
      candidate.end.kind === 'address' || candidate.end.kind === 'host',
      candidate.family,
    ]
    const views = sets.map((set, index) => {
      const egress = set.policiesOn(candidate.end, 'Egress')
      const ingress = set.policiesOn(candidate.end, 'Ingress')
      const admittedBy = new Set<CompiledRule>()
      for (const [number, rule] of (rules[index] ?? []).entries()) {
        const isOpen = rule.peers.length === 0
        if (isOpen || rule.peers.some((peer) => peerFailure(peer, candidate.end) === undefined)) {
          admittedBy.add(rule)
          signature.push(number)
        }
        for (const port of rule.ports) {
          if (typeof port.port === 'string') signature.push(namedPorts(port, candidate.end))
        }
      }
      const indexOf = (policy: CompiledPolicy) => policies[index]?.indexOf(policy)
      signature.push('E', egress.map(indexOf), 'I', ingress.map(indexOf))
      return { egress, ingress, admittedBy }
    })
    const key = JSON.stringify(signature)
    const known = classes.get(key)
    if (known === undefined) classes.set(key, { members: [candidate], views })
    else known.members.push(candidate)
  }
  for (const { members } of classes.values()) members.sort((a, b) => a.cost - b.cost)
  return [...classes.values()]
}

/** Sets of port points as bits of a number; bit n is point n. */
export type PointMask = bigint

/** Computes, for two classes, which port points a set of policies lets through on each side. */
export class Reach {
  readonly #points: readonly PortPoint[]
  readonly #all: PointMask
  readonly #plain = new Map<CompiledRule, PointMask>()

  constructor(points: readonly PortPoint[]) {
    this.#points = points
    this.#all = (1n << BigInt(points.length)) - 1n
  }

  side(direction: PolicyType, view: number, from: EndClass, to: EndClass): PointMask {
    const subject = (direction === 'Egress' ? from : to).views[view]
    const peer = (direction === 'Egress' ? to : from).views[view]
    const policies = direction === 'Egress' ? subject?.egress : subject?.ingress
    if (policies === undefined || policies.length === 0) return this.#all
    let mask = 0n
    for (const policy of policies) {
      for (const rule of rulesOf(policy, direction) ?? []) {
        if (peer?.admittedBy.has(rule) === true) mask |= this.#rule(rule, to)
      }
    }
    return mask
  }

  #rule(rule: CompiledRule, to: EndClass): PointMask {
    if (rule.ports.length === 0) return this.#all
    const hasNames = rule.ports.some(({ port }) => typeof port === 'string')
    const known = hasNames ? undefined : this.#plain.get(rule)
    if (known !== undefined) return known
    const [example] = to.members
    let mask = 0n
    for (const [bit, point] of this.#points.entries()) {
      const isOpen =
        example !== undefined &&
        rule.ports.some((entry) => portFailure(entry, point, example.end) === undefined)
      if (isOpen) mask |= 1n << BigInt(bit)
    }
    if (!hasNames) this.#plain.set(rule, mask)
    return mask
  }
}
