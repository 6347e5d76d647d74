import { BitSet } from './bit-set.ts'
import type { EndSets } from './end-sets.ts'
import type { Family } from './families.ts'
import type { Side } from './layers.ts'
import type { Partition } from './partition.ts'
import type { PointClasses } from './port-sets.ts'

/** What a class of sources reaches: for each class of points the destinations, shared where they are the same. */
export interface Row {
  readonly groupOf: readonly number[]
  readonly groups: readonly BitSet[]
  /** How many ends each group has, once somebody counted them. */
  readonly weights: number[]
}

/** Which layers of each side a class of points is in; for rows with the same lists of ports. */
interface Grouping {
  readonly groupOf: readonly number[]
  readonly groups: readonly {
    readonly egress: readonly number[]
    readonly ingress: readonly number[]
  }[]
}

/** Rows by what they are made of; those that nobody asks for any more go. They stand as long as the classes do. */
export class ReachRows {
  readonly #classes: Partition
  readonly #listsOf: PointClasses['listsOf']
  readonly #sets: EndSets
  readonly #rows = new WeakMap<Side, WeakMap<Side, Row>>()
  readonly #either = new WeakMap<Row, WeakMap<Row, Row>>()
  readonly #groupings = new Map<string, Grouping>()
  #not: Readonly<Record<Family, BitSet>> | undefined

  constructor(classes: Partition, { listsOf }: PointClasses, sets: EndSets) {
    this.#classes = classes
    this.#listsOf = listsOf
    this.#sets = sets
  }

  /** Whether the rows are right for these classes of ends and ports. */
  standFor(classes: Partition, { listsOf }: PointClasses): boolean {
    return (
      classes === this.#classes &&
      listsOf.length === this.#listsOf.length &&
      listsOf.every((lists, at) => {
        const others = this.#listsOf[at]
        return others?.size === lists.size && [...lists].every((number) => others.has(number))
      })
    )
  }

  /** What both sides let through. */
  of(egress: Side, ingress: Side): Row {
    return kept(this.#rows, egress, ingress, () => {
      const { groupOf, groups } = this.#grouping(egress, ingress)
      return {
        groupOf,
        weights: [],
        groups: groups.map((numbers) => {
          const reached = this.#joined(ingress, numbers.ingress)
          if (egress.parts !== undefined) reached.meet(this.#joined(egress, numbers.egress))
          return reached
        }),
      }
    })
  }

  /** What a class that has both families reaches by either: an end of one family is reached by that one alone. */
  either(four: Row, six: Row): Row {
    return kept(this.#either, four, six, () => {
      this.#not ??= { 4: this.#classesWithout(4), 6: this.#classesWithout(6) }
      const not = this.#not
      const numbers = new Map<string, number>()
      const groups: BitSet[] = []
      const groupOf = four.groupOf.map((first, point) => {
        const second = six.groupOf[point] ?? 0
        const known = numbers.get(`${first} ${second}`)
        if (known !== undefined) return known
        const [byFour, bySix] = [four.groups[first]?.copy(), six.groups[second]?.copy()]
        const reached = byFour ?? new BitSet(this.#classes.count)
        reached.meet(not[6])
        bySix?.meet(not[4])
        if (bySix !== undefined) reached.join(bySix)
        numbers.set(`${first} ${second}`, groups.length)
        return groups.push(reached) - 1
      })
      return { groupOf, groups, weights: [] }
    })
  }

  /** The classes other than those that have one family only, this one. */
  #classesWithout(family: Family): BitSet {
    const only = new Set(this.#sets.only[family])
    const classes = new BitSet(this.#classes.count)
    for (const [own, [first = 0]] of this.#classes.members.entries()) {
      if (!only.has(first)) classes.add(own)
    }
    return classes
  }

  #joined({ parts }: Side, numbers: readonly number[]): BitSet {
    if (parts === undefined) return BitSet.full(this.#classes.count)
    const all = new BitSet(this.#classes.count)
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
    const groupOf = this.#listsOf.map((lists) => {
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

function kept<Part extends object>(
  rows: WeakMap<Part, WeakMap<Part, Row>>,
  first: Part,
  second: Part,
  make: () => Row,
): Row {
  const some = rows.get(first) ?? new WeakMap<Part, Row>()
  rows.set(first, some)
  const row = some.get(second) ?? make()
  some.set(second, row)
  return row
}

/** The numbers of the lists of ports that a side has something for. */
function listsIn({ parts = [] }: Side): readonly number[] {
  const numbers = new Set<number>()
  for (const layers of parts) for (const number of layers.keys()) numbers.add(number)
  return [...numbers].sort((a, b) => a - b)
}
