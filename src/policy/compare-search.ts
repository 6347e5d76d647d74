import { type Arena, isPair } from './arena.ts'
import type { Candidate } from './classes.ts'
import type { Region } from './compare-regions.ts'
import { mistakeOf } from './mistake.ts'
import type { PortPoint } from './port-points.ts'
import type { Difference } from './types.ts'

interface Example {
  readonly from: Candidate
  readonly to: Candidate
  readonly point: PortPoint
  readonly cost: number
  readonly region: Region
}

/** Causes of which an example is judged: where everything differs there are hundreds, and the plainest ones say it all. */
const MOST_JUDGED = 40
/** Examples of one cause that are tried until one holds. */
const MOST_TRIED = 60

/** Turns regions into few concrete flows, the most telling ones first. */
export class Search {
  readonly #regions: readonly Region[]
  readonly #points: readonly PortPoint[]
  readonly #arena: Arena

  constructor(regions: readonly Region[], points: readonly PortPoint[], arena: Arena) {
    this.#regions = regions
    this.#points = points
    this.#arena = arena
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
      if (found.length >= MOST_JUDGED) break
      for (const example of examples.slice(0, MOST_TRIED)) {
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
    for (const to of few(region.to.members)) {
      const best = this.#bestPoint(region, to)
      if (best === undefined) continue
      const partners = few(region.from.members.filter((from) => isPair(from, to)))
      for (const from of partners) {
        // A pod that calls one just like itself is a strange example.
        const cost = from.cost + to.cost + best.cost + (from === to ? 30 : 0)
        examples.push({ from, to, point: best.point, cost, region })
      }
    }
    return examples
  }

  #bestPoint(region: Region, to: Candidate): { point: PortPoint; cost: number } | undefined {
    let best: { readonly point: PortPoint; readonly cost: number } | undefined
    for (const [bit, point] of this.#points.entries()) {
      if ((region.mask & (1n << BigInt(bit))) === 0n) continue
      const cost = point.cost + (isDeclared(to, point) ? 0 : 4)
      if (best === undefined || cost < best.cost) best = { point, cost }
    }
    return best
  }

  /** Holds an example against the engine itself: exemptions of nodes are not in the classes. */
  #judge({ from, to, point, region }: Example): Difference | undefined {
    const staged = this.#arena.stage(from, to, point)
    if (staged === undefined) return undefined
    const { flow, wanted, actual } = staged
    const before = wanted.evaluate(flow)
    const after = actual.evaluate(flow)
    const side = region.side === 'Egress' ? 'egress' : 'ingress'
    const was = region.side === undefined ? before.allowed : before[side].allowed
    const is = region.side === undefined ? after.allowed : after[side].allowed
    if (was === is || is !== (region.kind === 'opened')) return undefined
    const witness = from.witness || to.witness
    const difference = { flow, kind: region.kind, before, after, witness }
    return { ...difference, mistake: mistakeOf(difference, wanted, actual) }
  }
}

/** The best members of a class, and the best witnesses: what exempts an end of the world does not exempt those. */
function few(members: readonly Candidate[]): readonly Candidate[] {
  return [
    ...new Set([...members.slice(0, 5), ...members.filter(({ witness }) => witness).slice(0, 3)]),
  ]
}

function isDeclared({ end }: Candidate, { port, protocol }: PortPoint): boolean {
  return (
    end.kind === 'pod' &&
    end.pod.ports.some((entry) => entry.port === port && entry.protocol === protocol)
  )
}
