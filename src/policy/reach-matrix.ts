import { BitSet } from './bit-set.ts'
import { type EndSet, EndSets } from './end-sets.ts'
import type { End } from './ends.ts'
import type { PreparedPolicies } from './evaluate.ts'
import { GrantBook, setsOf } from './grants.ts'
import { OPEN, type Side, type Sides, sidesOf } from './layers.ts'
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

/** What a matrix leaves to the next one of the same ends. */
interface Known {
  readonly sets: EndSets
  readonly book: GrantBook
  readonly nodes: OwnNodes
  /** The sets that the classes respect. */
  readonly respected: ReadonlySet<EndSet>
  readonly last?: Pick<ReachMatrix, 'classes' | 'pointClasses'> & {
    readonly sides: Sides
    readonly rows: Rows
  }
}

/** What a class of sources reaches: for each class of points the destinations, shared where they are the same. */
interface Row {
  readonly groupOf: readonly number[]
  readonly groups: readonly BitSet[]
  /** How many ends each group has, once somebody counted them. */
  readonly weights: number[]
}

/** Rows by what leaves and what comes in; those that nobody asks for any more go. */
type Rows = WeakMap<Side, WeakMap<Side, Row>>

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
  readonly #options: ReachOptions
  readonly #known: Known
  readonly #sides: Sides
  readonly #rows: Rows
  readonly #groupings = new Map<string, Grouping>()

  constructor(prepared: PreparedPolicies, options: ReachOptions = {}, known?: Known) {
    this.prepared = prepared
    this.#options = options
    this.points = options.points ?? pointsOf(prepared.state.pods, prepared.compiled)
    const { sets, book, nodes, respected, last } =
      known ?? nothingKnown(options.ends ?? podEnds(prepared))
    const grants = book.grantsOf(prepared.compiled)
    const news = [...setsOf(grants)].filter((set) => !respected.has(set))
    this.classes =
      last !== undefined && news.length === 0
        ? last.classes
        : partition(sets.ends.length, news, last?.classes)
    this.pointClasses = classifyPoints(this.points, grants.ports)
    this.#sides = sidesOf(grants, this.classes, last?.sides)
    // A row counts classes by number, of ends and of ports: it stands as long as these are the same.
    const stands =
      last?.classes === this.classes &&
      sameLists(last.pointClasses.listsOf, this.pointClasses.listsOf)
    this.#rows = stands ? last.rows : new WeakMap()
    this.#known = {
      sets,
      book,
      nodes,
      respected: new Set([...respected, ...news]),
      last: {
        classes: this.classes,
        pointClasses: this.pointClasses,
        sides: this.#sides,
        rows: this.#rows,
      },
    }
  }

  get ends(): readonly End[] {
    return this.#known.sets.ends
  }

  /**
   * The matrix of the same ends with other policies, as of `withPolicy`. What the other policies say is not looked at again; classes
   * are split further where needed and never joined again.
   */
  with(prepared: PreparedPolicies): ReachMatrix {
    return new ReachMatrix(prepared, this.#options, this.#known)
  }

  /** Whether a connection is let through by both sides; as `evaluate`, an end always reaches itself. */
  allows(from: number, to: number, point: number): boolean {
    if (this.ends[from] === this.ends[to] || this.#known.nodes.exempt(from, to)) return true
    const { classOf } = this.classes
    return this.classReaches(classOf[from] ?? 0, point).has(classOf[to] ?? 0)
  }

  /** The classes that a class reaches over a port, nodes and themselves aside. Not to be changed. */
  classReaches(from: number, point: number): BitSet {
    const { groupOf, groups } = this.#row(from)
    return groups[groupOf[this.pointClasses.classOf[point] ?? 0] ?? 0] ?? NOTHING
  }

  /** How many ordered pairs of different ends are let through, port by port. Works out every row. */
  counts(): readonly number[] {
    const { members, classOf } = this.classes
    const sizes = Uint32Array.from(members, ({ length }) => length)
    const byPointClass = new Float64Array(this.pointClasses.listsOf.length)
    const add = (pointClass: number, pairs: number) => {
      byPointClass[pointClass] = (byPointClass[pointClass] ?? 0) + pairs
    }
    for (const [from, { length }] of members.entries()) {
      const { groupOf, groups, weights } = this.#row(from)
      if (weights.length === 0) for (const group of groups) weights.push(group.weigh(sizes))
      const toThemselves = groups.map((group) => (group.has(from) ? 1 : 0))
      for (const [pointClass, group] of groupOf.entries()) {
        add(pointClass, length * ((weights[group] ?? 0) - (toThemselves[group] ?? 0)))
      }
    }
    for (const [from, to] of this.#known.nodes.pairs()) {
      const { groupOf, groups } = this.#row(classOf[from] ?? 0)
      const isReached = groups.map((group) => group.has(classOf[to] ?? 0))
      for (const [pointClass, group] of groupOf.entries()) {
        if (isReached[group] !== true) add(pointClass, 1)
      }
    }
    return this.pointClasses.classOf.map((pointClass) => byPointClass[pointClass] ?? 0)
  }

  #row(from: number): Row {
    const egress = this.#sides.egress[from] ?? OPEN
    const ingress = this.#sides.ingress[from] ?? OPEN
    const rows = this.#rows.get(egress) ?? new WeakMap<Side, Row>()
    this.#rows.set(egress, rows)
    const known = rows.get(ingress)
    if (known !== undefined) return known
    const { groupOf, groups } = this.#grouping(egress, ingress)
    const row: Row = {
      groupOf,
      weights: [],
      groups: groups.map((numbers) => {
        const reached = this.#joined(ingress, numbers.ingress)
        if (egress.parts !== undefined) reached.meet(this.#joined(egress, numbers.egress))
        return reached
      }),
    }
    rows.set(ingress, row)
    return row
  }

  #joined({ parts }: Side, numbers: readonly number[]): BitSet {
    if (parts === undefined) return BitSet.full(this.classes.count)
    const all = new BitSet(this.classes.count)
    for (const layers of parts) {
      for (const number of numbers) {
        const layer = layers.get(number)
        if (layer !== undefined) all.join(layer)
      }
    }
    return all
  }

  #grouping(egress: Side, ingress: Side): Grouping {
    const out = listsIn(egress)
    const into = listsIn(ingress)
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

const NOTHING = new BitSet(0)

function sameLists(first: PointClasses['listsOf'], second: PointClasses['listsOf']) {
  return (
    first.length === second.length &&
    second.every((lists, at) => {
      const others = first[at]
      return others?.size === lists.size && [...lists].every((number) => others.has(number))
    })
  )
}

function nothingKnown(ends: readonly End[]): Known {
  const sets = new EndSets(ends)
  return { sets, book: new GrantBook(sets), nodes: new OwnNodes(ends), respected: new Set() }
}

/** The numbers of the lists of ports that a side has something for. */
function listsIn({ parts = [] }: Side): readonly number[] {
  const numbers = new Set<number>()
  for (const layers of parts) for (const number of layers.keys()) numbers.add(number)
  return [...numbers].sort((a, b) => a - b)
}

function podEnds(prepared: PreparedPolicies): readonly End[] {
  return prepared.state.pods.map(({ namespace, name }) =>
    prepared.resolve({ kind: 'pod', namespace, name }),
  )
}
