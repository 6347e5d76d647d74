import { BitSet } from './bit-set.ts'
import type { EndSet } from './end-sets.ts'
import type { Grant, Grants } from './grants.ts'
import type { Partition } from './partition.ts'

/** Classes of destinations by the list of ports that is open to them. */
export type Layers = ReadonlyMap<number, BitSet>

/** What one side lets a class of sources reach. Sources that are treated alike share the object. */
export interface Side {
  /** What is open is in one of these; `undefined` where nothing limits this side. */
  readonly parts: readonly Layers[] | undefined
}

/** What each side lets through, by class of the source. */
export interface Sides {
  /** For each class: what leaves it. */
  readonly egress: readonly Side[]
  /** For each class: what lets it in. */
  readonly ingress: readonly Side[]
  readonly made: Made
}

/** The layers of the grants of one set of ends, and a number that no others have. */
interface Part {
  readonly id: number
  readonly grants: readonly Grant[]
  readonly layers: Layers
}

/** What sides were made of: whatever is the same after a change is the same object, and what rests on it stands. */
interface Made {
  readonly classes: Partition
  /** By their subjects, for what leaves. */
  readonly leaving: ReadonlyMap<EndSet, Part>
  /** By their peers, for what comes in. */
  readonly entering: ReadonlyMap<EndSet, Part>
  /** What everybody may reach: by rules without peers, and whatever is not isolated. */
  readonly always: Part
  readonly isolated: BitSet
  readonly sides: ReadonlyMap<string, Side>
  readonly nextId: number
}

/** Nothing limits it. */
export const OPEN: Side = { parts: undefined }

/** Joins grants into layers, as far as those of `before` do not stand. */
export function sidesOf(grants: Grants, classes: Partition, before?: Sides): Sides {
  const old = before?.made.classes === classes ? before.made : undefined
  const view = new ClassView(classes)
  const leaving = new Map<EndSet, Grant[]>()
  for (const subjects of grants.isolated.Egress) leaving.set(subjects, [])
  const entering = new Map<EndSet, Grant[]>()
  const toAll: Grant[] = []
  for (const grant of grants.list) {
    if (grant.direction === 'Egress') push(leaving, grant.subjects, grant)
    else if (grant.peers === undefined) toAll.push(grant)
    else push(entering, grant.peers, grant)
  }
  let nextId = old?.nextId ?? 0
  const partOf = (list: readonly Grant[], known: Part | undefined): Part =>
    known !== undefined && areSame(known.grants, list)
      ? known
      : { id: nextId++, grants: list, layers: view.layersOf(list) }
  const partsOf = (
    lists: ReadonlyMap<EndSet, readonly Grant[]>,
    known: ReadonlyMap<EndSet, Part> | undefined,
  ) => new Map([...lists].map(([set, list]) => [set, partOf(list, known?.get(set))]))

  const isolated = new BitSet(classes.count)
  for (const subjects of grants.isolated.Ingress) isolated.join(view.bitsOf(subjects))
  const isAsBefore =
    old !== undefined && areSame(old.always.grants, toAll) && old.isolated.equals(isolated)
  const always = isAsBefore
    ? old.always
    : { id: nextId++, grants: toAll, layers: view.layersOf(toAll, isolated.complement()) }

  const parts = {
    leaving: partsOf(leaving, old?.leaving),
    entering: partsOf(entering, old?.entering),
  }
  const sides = new Map<string, Side>()
  const sideOf = (used: readonly Part[]): Side => {
    const key = used.map(({ id }) => id).join()
    const side = sides.get(key) ??
      old?.sides.get(key) ?? { parts: used.map(({ layers }) => layers) }
    sides.set(key, side)
    return side
  }
  const hasLimits = grants.isolated.Ingress.size > 0
  return {
    egress: view.perClass(parts.leaving).map((own) => (own.length === 0 ? OPEN : sideOf(own))),
    ingress: view
      .perClass(parts.entering)
      .map((own) => (hasLimits ? sideOf([always, ...own]) : OPEN)),
    made: { classes, ...parts, always, isolated, sides, nextId },
  }
}

/** Sets of ends as sets of classes. */
class ClassView {
  readonly #classes: Partition
  readonly #bits = new Map<EndSet, BitSet>()
  readonly #everywhere: BitSet

  constructor(classes: Partition) {
    this.#classes = classes
    this.#everywhere = BitSet.full(classes.count)
  }

  bitsOf(set: EndSet): BitSet {
    const known = this.#bits.get(set)
    if (known !== undefined) return known
    const bits = new BitSet(this.#classes.count)
    this.#each(set, (own) => bits.add(own))
    this.#bits.set(set, bits)
    return bits
  }

  /** The destinations of grants by their ports; `open`: those that are open on every port anyway. */
  layersOf(grants: readonly Grant[], open?: BitSet): Layers {
    const layers = new Map<number, BitSet>(open === undefined ? [] : [[0, open]])
    for (const grant of grants) {
      const bits = this.#destinations(grant)
      const known = layers.get(grant.ports)
      if (known === undefined) layers.set(grant.ports, bits.copy())
      else known.join(bits)
    }
    return layers
  }

  /** For each class the parts of the sets that it is in. */
  perClass(parts: ReadonlyMap<EndSet, Part>): readonly (readonly Part[])[] {
    const lists = Array.from({ length: this.#classes.count }, (): Part[] => [])
    for (const [set, part] of parts) this.#each(set, (own) => lists[own]?.push(part))
    return lists
  }

  /** The destinations of a grant: its peers where it is about leaving, its subjects where it is about coming in. */
  #destinations({ direction, subjects, peers, named }: Grant): BitSet {
    const whole = direction === 'Ingress' ? subjects : peers
    const bits = whole === undefined ? this.#everywhere : this.bitsOf(whole)
    if (named === undefined) return bits
    const some = bits.copy()
    some.meet(this.bitsOf(named))
    return some
  }

  /** The classes of a set, each once: by the end that stands for it. */
  #each(set: EndSet, visit: (own: number) => void): void {
    const { classOf, members } = this.#classes
    for (const end of set) {
      const own = classOf[end] ?? 0
      if (members[own]?.[0] === end) visit(own)
    }
  }
}

function push(lists: Map<EndSet, Grant[]>, set: EndSet, grant: Grant): void {
  const known = lists.get(set)
  if (known === undefined) lists.set(set, [grant])
  else known.push(grant)
}

function areSame(first: readonly Grant[], second: readonly Grant[]): boolean {
  return first.length === second.length && first.every((grant, at) => grant === second[at])
}
