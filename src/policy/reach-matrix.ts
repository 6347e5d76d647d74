import { BitSet } from './bit-set.ts'
import { type EndSet, EndSets } from './end-sets.ts'
import type { End } from './ends.ts'
import type { PreparedPolicies } from './evaluate.ts'
import { type Family, familiesIn } from './families.ts'
import { GrantBook, type Grants, grantsFor, setsOf } from './grants.ts'
import { OPEN, type Sides, sidesOf } from './layers.ts'
import { OwnNodes } from './own-nodes.ts'
import { type Partition, partition } from './partition.ts'
import { pointsOf } from './port-points.ts'
import { classifyPoints, type Point, type PointClasses } from './port-sets.ts'
import { ReachRows, type Row } from './reach-rows.ts'

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
    readonly sides: SidesByFamily
    readonly rows: ReachRows
  }
}

/** The sides in connections of each family: one object where no policy tells the families of an end apart. */
type SidesByFamily = Readonly<Record<Family, Sides>>

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
  readonly #sides: SidesByFamily
  readonly #rows: ReachRows

  constructor(prepared: PreparedPolicies, options: ReachOptions = {}, known?: Known) {
    this.prepared = prepared
    this.#options = options
    this.points = options.points ?? pointsOf(prepared.state.pods, prepared.compiled)
    const { sets, book, nodes, respected, last } =
      known ?? nothingKnown(options.ends ?? podEnds(prepared))
    const grants = book.grantsOf(prepared.compiled)
    const wanted = [...setsOf(grants), ...(grants.byFamily ? [sets.only[4], sets.only[6]] : [])]
    const news = wanted.filter((set) => !respected.has(set))
    this.classes =
      last !== undefined && news.length === 0
        ? last.classes
        : partition(sets.ends.length, news, last?.classes)
    this.pointClasses = classifyPoints(this.points, grants.ports)
    this.#sides = sidesByFamily(grants, this.classes, last?.sides)
    this.#rows =
      last?.rows.standFor(this.classes, this.pointClasses) === true
        ? last.rows
        : new ReachRows(this.classes, this.pointClasses, sets)
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

  /**
   * Whether a connection is let through by both sides; as `evaluate`, an end always reaches itself. Without a family, by one of
   * those that both ends have.
   */
  allows(from: number, to: number, point: number, family?: Family): boolean {
    if (this.ends[from] === this.ends[to] || this.#known.nodes.exempt(from, to)) return true
    const { classOf } = this.classes
    return this.classReaches(classOf[from] ?? 0, point, family).has(classOf[to] ?? 0)
  }

  /** The classes that a class reaches over a port, nodes and themselves aside. Not to be changed. */
  classReaches(from: number, point: number, family?: Family): BitSet {
    const row = family === undefined ? this.#row(from) : this.#rowBy(family, from)
    return row.groups[row.groupOf[this.pointClasses.classOf[point] ?? 0] ?? 0] ?? NOTHING
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
    if (this.#sides[4] === this.#sides[6]) return this.#rowBy(4, from)
    const [first = 0] = this.classes.members[from] ?? []
    // Classes do not mix ends of one family with others here.
    const [family, second] = familiesIn(this.ends[first] ?? NOBODY)
    if (family !== undefined && second === undefined) return this.#rowBy(family, from)
    return this.#rows.either(this.#rowBy(4, from), this.#rowBy(6, from))
  }

  #rowBy(family: Family, from: number): Row {
    const { egress, ingress } = this.#sides[family]
    return this.#rows.of(egress[from] ?? OPEN, ingress[from] ?? OPEN)
  }
}

const NOTHING = new BitSet(0)
const NOBODY: Pick<End, 'addresses'> = { addresses: [] }

function sidesByFamily(grants: Grants, classes: Partition, before?: SidesByFamily): SidesByFamily {
  const four = sidesOf(grantsFor(4, grants), classes, before?.[4])
  if (!grants.byFamily) return { 4: four, 6: four }
  return { 4: four, 6: sidesOf(grantsFor(6, grants), classes, before?.[6]) }
}

function nothingKnown(ends: readonly End[]): Known {
  const sets = new EndSets(ends)
  return { sets, book: new GrantBook(sets), nodes: new OwnNodes(ends), respected: new Set() }
}

function podEnds(prepared: PreparedPolicies): readonly End[] {
  return prepared.state.pods.map(({ namespace, name }) =>
    prepared.resolve({ kind: 'pod', namespace, name }),
  )
}
