import { BitSet } from './bit-set.ts'
import { EndSets } from './end-sets.ts'
import type { End } from './ends.ts'
import type { PreparedPolicies } from './evaluate.ts'
import { grantsOf, setsOf } from './grants.ts'
import { type Side, type Sides, sidesOf } from './layers.ts'
import { OwnNodes } from './own-nodes.ts'
import { type Partition, partition } from './partition.ts'
import { pointsOf } from './port-points.ts'
import { classifyPoints, type Point, type PointClasses } from './port-sets.ts'

export interface ReachOptions {
  /** The ends to look at. @default every pod of the state, in its order */
  readonly ends?: readonly End[]
  /** The destination ports to look at. @default every port that the policies or the pods mention, and neighbours */
  readonly points?: readonly Point[]
}

/** What a class of sources reaches: for each class of points the destinations, shared where they are the same. */
interface Row {
  readonly groupOf: readonly number[]
  readonly groups: readonly BitSet[]
}

/** Which layers of each side a class of points is in; for rows with the same lists of ports. */
interface Grouping {
  readonly groupOf: readonly number[]
  readonly groups: readonly {
    readonly egress: readonly number[]
    readonly ingress: readonly number[]
  }[]
}

/**
 * Who reaches whom over which port, for all ends at once. Ends that no policy can tell apart are one class, ports likewise; for
 * a class of sources the reached classes are sets of bits. Agrees with `evaluate` cell by cell, which works end by end.
 *
 * A row is worked out when it is first asked for. Ends and ports are named by their position.
 */
export class ReachMatrix {
  readonly prepared: PreparedPolicies
  readonly points: readonly Point[]
  readonly classes: Partition
  readonly pointClasses: PointClasses
  readonly #sets: EndSets
  readonly #options: ReachOptions
  readonly #nodes: OwnNodes
  readonly #sides: Sides
  readonly #rows = new Map<Side, Map<Side, Row>>()
  readonly #groupings = new Map<string, Grouping>()

  constructor(prepared: PreparedPolicies, options: ReachOptions = {}, sets?: EndSets) {
    this.prepared = prepared
    this.#options = options
    this.#sets = sets ?? new EndSets(options.ends ?? podEnds(prepared))
    const { ends } = this.#sets
    this.points = options.points ?? pointsOf(prepared.state.pods, prepared.compiled)
    const grants = grantsOf(prepared.compiled, this.#sets)
    this.classes = partition(ends.length, setsOf(grants))
    this.pointClasses = classifyPoints(this.points, grants.ports)
    this.#sides = sidesOf(grants, this.classes)
    this.#nodes = new OwnNodes(ends)
  }

  get ends(): readonly End[] {
    return this.#sets.ends
  }

  /** The matrix of the same ends with other policies, as of `withPolicy`: what labels and addresses match is known already. */
  with(prepared: PreparedPolicies): ReachMatrix {
    return new ReachMatrix(prepared, this.#options, this.#sets)
  }

  /** Whether a connection is let through by both sides; as `evaluate`, an end always reaches itself. */
  allows(from: number, to: number, point: number): boolean {
    if (this.ends[from] === this.ends[to] || this.#nodes.exempt(from, to)) return true
    const { classOf } = this.classes
    return this.classReaches(classOf[from] ?? 0, point).has(classOf[to] ?? 0)
  }

  /** The classes that a class reaches over a port, nodes and themselves aside. Not to be changed. */
  classReaches(from: number, point: number): BitSet {
    return this.#reached(this.#row(from), this.pointClasses.classOf[point] ?? 0)
  }

  /** How many ordered pairs of different ends are let through, port by port. Works out every row. */
  counts(): readonly number[] {
    const { members, classOf } = this.classes
    const sizes = Uint32Array.from(members, ({ length }) => length)
    const byPointClass = this.pointClasses.listsOf.map(() => 0)
    const weights = new Map<BitSet, number>()
    for (const [from, { length }] of members.entries()) {
      const row = this.#row(from)
      for (const [pointClass, before] of byPointClass.entries()) {
        const reached = this.#reached(row, pointClass)
        const weight = weights.get(reached) ?? reached.weigh(sizes)
        weights.set(reached, weight)
        const toThemselves = reached.has(from) ? 1 : 0
        byPointClass[pointClass] = before + length * (weight - toThemselves)
      }
    }
    for (const [from, to] of this.#nodes.pairs()) {
      const row = this.#row(classOf[from] ?? 0)
      for (const [pointClass, before] of byPointClass.entries()) {
        if (!this.#reached(row, pointClass).has(classOf[to] ?? 0)) {
          byPointClass[pointClass] = before + 1
        }
      }
    }
    return this.pointClasses.classOf.map((pointClass) => byPointClass[pointClass] ?? 0)
  }

  #reached({ groupOf, groups }: Row, pointClass: number): BitSet {
    return groups[groupOf[pointClass] ?? 0] ?? NOTHING
  }

  #row(from: number): Row {
    const egress = this.#sides.egress[from] ?? OPEN
    const ingress = this.#sides.ingress[from] ?? OPEN
    const rows = this.#rows.get(egress) ?? new Map<Side, Row>()
    this.#rows.set(egress, rows)
    const known = rows.get(ingress)
    if (known !== undefined) return known
    const { groupOf, groups } = this.#grouping(egress, ingress)
    const row = {
      groupOf,
      groups: groups.map((numbers) => {
        const reached = this.#joined(ingress, numbers.ingress)
        if (egress.layers !== undefined) reached.meet(this.#joined(egress, numbers.egress))
        return reached
      }),
    }
    rows.set(ingress, row)
    return row
  }

  #joined({ layers }: Side, numbers: readonly number[]): BitSet {
    if (layers === undefined) return BitSet.full(this.classes.count)
    const all = new BitSet(this.classes.count)
    for (const number of numbers) {
      const layer = layers.get(number)
      if (layer !== undefined) all.join(layer)
    }
    return all
  }

  #grouping(egress: Side, ingress: Side): Grouping {
    const out = [...(egress.layers?.keys() ?? [])].sort()
    const into = [...(ingress.layers?.keys() ?? [])].sort()
    const key = `${out}|${into}`
    const known = this.#groupings.get(key)
    if (known !== undefined) return known
    const numbers = new Map<string, number>()
    const groups: { egress: number[]; ingress: number[] }[] = []
    const groupOf = this.pointClasses.listsOf.map((lists) => {
      const group = {
        egress: out.filter((number) => lists.has(number)),
        ingress: into.filter((number) => lists.has(number)),
      }
      const text = `${group.egress}|${group.ingress}`
      const old = numbers.get(text)
      if (old !== undefined) return old
      numbers.set(text, groups.length)
      return groups.push(group) - 1
    })
    const grouping = { groupOf, groups }
    this.#groupings.set(key, grouping)
    return grouping
  }
}

const OPEN: Side = { layers: undefined }
const NOTHING = new BitSet(0)

function podEnds(prepared: PreparedPolicies): readonly End[] {
  return prepared.state.pods.map(({ namespace, name }) =>
    prepared.resolve({ kind: 'pod', namespace, name }),
  )
}
