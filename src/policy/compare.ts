import type { PolicyType } from '../kube/objects.ts'
import { type Candidate, classify, type EndClass, type PointMask, Reach } from './classes.ts'
import { type PreparedPolicies, prepare } from './evaluate.ts'
import { mistakeOf } from './mistake.ts'
import { type PortPoint, portPoints } from './port-points.ts'
import type { Comparison, Difference, Endpoint, Flow, PolicyState } from './types.ts'
import { addWitnesses, PUBLIC_ADDRESS } from './witnesses.ts'

export interface CompareOptions {
  /** Most differences to give back, and most masked ones. @default 8 */
  readonly limit?: number
}

/**
 * Whether two sets of policies let the same connections through, in this world and for its witnesses, and a small set
 * of flows that shows where not. `before` is what was wanted, `after` what is there. Pods, namespaces and nodes are those of `after`.
 *
 * Connections are compared, both sides together: what one side changes and the other shuts anyway is `masked`. Over TCP, UDP and
 * SCTP; ping is left out, as the specification promises nothing for it.
 */
export function compare(
  before: PolicyState,
  after: PolicyState,
  { limit = 8 }: CompareOptions = {},
): Comparison {
  const policies = [...before.policies, ...after.policies]
  const witnesses = addWitnesses({ ...after, policies: [] }, policies)
  const sets = [before, after].map((state) =>
    prepare({ ...witnesses.state, policies: state.policies }),
  )
  const [wanted, actual] = sets
  if (wanted === undefined || actual === undefined)
    return { same: true, differences: [], masked: [] }
  const points = portPoints(after, policies)
  const classes = classify(
    candidates(after, witnesses, actual),
    sets,
    sets.map((set) => set.compiled),
  )
  const found = regions(classes, new Reach(points))
  const open = new Search(found.differing, points, wanted, actual)
  const differences = open.results(limit)
  const known = new Set(differences.map(({ kind, mistake }) => `${kind} ${mistake}`))
  const masked = new Search(found.masked, points, wanted, actual)
    .results(limit)
    .filter(({ kind, mistake }) => !known.has(`${kind} ${mistake}`))
  return { same: differences.length === 0, differences, masked }
}

/** Costs put the world's pods first, then an address from outside, then witnesses; nodes are the least telling. */
function candidates(
  world: PolicyState,
  witnesses: ReturnType<typeof addWitnesses>,
  prepared: PreparedPolicies,
): readonly Candidate[] {
  const list: Candidate[] = []
  const add = (endpoint: Endpoint, witness: boolean, cost: number) => {
    const end = prepared.resolve(endpoint)
    // An edge of a block may be the address of a pod, which is there already.
    if (endpoint.kind === 'address' && end.kind !== 'address') return
    list.push({ endpoint, end, witness, cost })
  }
  for (const { namespace, name, hostNetwork } of world.pods) {
    const isSystem = namespace.startsWith('kube-')
    add(
      { kind: 'pod', namespace, name },
      false,
      (isSystem ? 2 : 0) + (hostNetwork === true ? 4 : 0),
    )
  }
  for (const { name } of world.nodes ?? []) add({ kind: 'node', name }, false, 80)
  for (const endpoint of witnesses.addresses) {
    const isPublic = endpoint.kind === 'address' && endpoint.address === PUBLIC_ADDRESS
    add(endpoint, true, isPublic ? 40 : 55)
  }
  for (const endpoint of witnesses.pods) add(endpoint, true, 50)
  return list
}

/** Two classes and the ports between them on which the sets differ. */
interface Region {
  readonly from: EndClass
  readonly to: EndClass
  readonly kind: Difference['kind']
  readonly mask: PointMask
  /** The side that changed, for differences that the other side hides. */
  readonly side: PolicyType | undefined
  /** Regions of one cause: one example is enough for all. */
  readonly cause: string
}

function regions(classes: readonly EndClass[], reach: Reach) {
  const differing: Region[] = []
  const masked: Region[] = []
  for (const from of classes) {
    for (const to of classes) {
      if (from === to && from.members.length === 1) continue
      const egress = [0, 1].map((view) => reach.side('Egress', view, from, to))
      const ingress = [0, 1].map((view) => reach.side('Ingress', view, from, to))
      const [egressBefore = 0n, egressAfter = 0n] = egress
      const [ingressBefore = 0n, ingressAfter = 0n] = ingress
      if (egressBefore === egressAfter && ingressBefore === ingressAfter) continue
      const was = egressBefore & ingressBefore
      const is = egressAfter & ingressAfter
      const cause = causeOf(from, to, egressBefore !== egressAfter, ingressBefore !== ingressAfter)
      const push = (list: Region[], kind: Region['kind'], mask: PointMask, side?: PolicyType) => {
        if (mask !== 0n)
          list.push({ from, to, kind, mask, side, cause: `${kind} ${side} ${cause}` })
      }
      push(differing, 'opened', is & ~was)
      push(differing, 'closed', was & ~is)
      const hidden = ~(was | is)
      push(masked, 'opened', egressAfter & ~egressBefore & hidden, 'Egress')
      push(masked, 'closed', egressBefore & ~egressAfter & hidden, 'Egress')
      push(masked, 'opened', ingressAfter & ~ingressBefore & hidden, 'Ingress')
      push(masked, 'closed', ingressBefore & ~ingressAfter & hidden, 'Ingress')
    }
  }
  return { differing, masked }
}

/** Which rules and policies of either set have a say: differences with the same ones teach the same. */
function causeOf(from: EndClass, to: EndClass, egress: boolean, ingress: boolean): string {
  const parts: unknown[] = []
  for (const view of [0, 1]) {
    const source = from.views[view]
    const target = to.views[view]
    if (egress) {
      for (const { namespace, name, egress: rules } of source?.egress ?? []) {
        parts.push(
          namespace,
          name,
          (rules ?? []).map((rule) => target?.admittedBy.has(rule)),
        )
      }
    }
    if (ingress) {
      for (const { namespace, name, ingress: rules } of target?.ingress ?? []) {
        parts.push(
          namespace,
          name,
          (rules ?? []).map((rule) => source?.admittedBy.has(rule)),
        )
      }
    }
    parts.push('|')
  }
  return JSON.stringify([egress, ingress, parts])
}

interface Example {
  readonly flow: Flow
  readonly witness: boolean
  readonly cost: number
  readonly region: Region
}

const MOST_JUDGED = 40

/** Turns regions into few concrete flows, the most telling ones first. */
class Search {
  readonly #regions: readonly Region[]
  readonly #points: readonly PortPoint[]
  readonly #wanted: PreparedPolicies
  readonly #actual: PreparedPolicies

  constructor(
    regions: readonly Region[],
    points: readonly PortPoint[],
    wanted: PreparedPolicies,
    actual: PreparedPolicies,
  ) {
    this.#regions = regions
    this.#points = points
    this.#wanted = wanted
    this.#actual = actual
  }

  results(limit: number): readonly Difference[] {
    const byCause = new Map<string, Example[]>()
    for (const region of this.#regions) {
      const examples = byCause.get(region.cause) ?? []
      examples.push(...this.#examples(region))
      byCause.set(region.cause, examples)
    }
    const found: { readonly difference: Difference; readonly cost: number }[] = []
    for (const examples of byCause.values()) examples.sort((a, b) => a.cost - b.cost)
    const causes = [...byCause.values()].sort((a, b) => (a[0]?.cost ?? 0) - (b[0]?.cost ?? 0))
    for (const examples of causes) {
      // Where everything differs there are hundreds of causes: the plainest ones say it all.
      if (found.length >= MOST_JUDGED) break
      for (const example of examples.slice(0, 12)) {
        const difference = this.#judge(example)
        if (difference === undefined) continue
        found.push({ difference, cost: example.cost })
        break
      }
    }
    found.sort((a, b) => a.cost - b.cost)
    const seen = new Set<string>()
    const few = found.filter(({ difference: { kind, mistake } }) => {
      const key = `${kind} ${mistake}`
      return !seen.has(key) && seen.add(key)
    })
    return few.slice(0, limit).map(({ difference }) => difference)
  }

  /** The best few flows of a region: best ends over the port that a person expects there. */
  #examples(region: Region): readonly Example[] {
    const examples: Example[] = []
    for (const to of region.to.members.slice(0, 6)) {
      const from = region.from.members.find((candidate) => candidate !== to)
      if (from === undefined) continue
      let best: { readonly point: PortPoint; readonly cost: number } | undefined
      for (const [bit, point] of this.#points.entries()) {
        if ((region.mask & (1n << BigInt(bit))) === 0n) continue
        const cost = point.cost + (isDeclared(to, point) ? 0 : 4)
        if (best === undefined || cost < best.cost) best = { point, cost }
      }
      if (best === undefined) continue
      const { protocol, port } = best.point
      examples.push({
        flow: { from: from.endpoint, to: to.endpoint, protocol, port },
        witness: from.witness || to.witness,
        cost: from.cost + to.cost + best.cost,
        region,
      })
    }
    return examples
  }

  /** Holds an example against the engine itself: exemptions of nodes are not in the classes. */
  #judge({ flow, witness, region }: Example): Difference | undefined {
    const before = this.#wanted.evaluate(flow)
    const after = this.#actual.evaluate(flow)
    const sides = region.side === 'Egress' ? (['egress'] as const) : (['ingress'] as const)
    const was =
      region.side === undefined ? before.allowed : sides.every((side) => before[side].allowed)
    const is =
      region.side === undefined ? after.allowed : sides.every((side) => after[side].allowed)
    if (was === is || is !== (region.kind === 'opened')) return undefined
    const difference = { flow, kind: region.kind, before, after, witness }
    return { ...difference, mistake: mistakeOf(difference, this.#wanted, this.#actual) }
  }
}

function isDeclared({ end }: Candidate, { port, protocol }: PortPoint): boolean {
  return (
    end.kind === 'pod' &&
    end.pod.ports.some((entry) => entry.port === port && entry.protocol === protocol)
  )
}
