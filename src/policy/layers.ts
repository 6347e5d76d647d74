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
}

/** Joins grants into layers: by their subjects for what leaves, by their peers for what comes in. */
export function sidesOf(grants: Grants, { count, classOf, members }: Partition): Sides {
  const classesOf = remember((set: EndSet) => {
    const classes: number[] = []
    for (const end of set) {
      const own = classOf[end] ?? 0
      if (members[own]?.[0] === end) classes.push(own)
    }
    return classes
  })
  const bitsOf = remember((set: EndSet) => {
    const bits = new BitSet(count)
    for (const own of classesOf(set)) bits.add(own)
    return bits
  })
  const everywhere = BitSet.full(count)

  const leaving = new Map<EndSet, Map<number, BitSet>>()
  for (const subjects of grants.isolated.Egress) leaving.set(subjects, new Map())
  const entering = new Map<EndSet | undefined, Map<number, BitSet>>([[undefined, new Map()]])
  for (const grant of grants.list) {
    const isEgress = grant.direction === 'Egress'
    const layers = isEgress ? of(leaving, grant.subjects) : of(entering, grant.peers)
    add(layers, grant.ports, destinations(grant, bitsOf, everywhere))
  }
  const limited = new BitSet(count)
  for (const subjects of grants.isolated.Ingress) limited.join(bitsOf(subjects))
  add(of(entering, undefined), 0, limited.complement())

  const hasLimits = grants.isolated.Ingress.size > 0
  const always = of(entering, undefined)
  entering.delete(undefined)
  return {
    egress: perClass(leaving, count, classesOf, (keys) => ({
      parts: keys.length === 0 ? undefined : keys,
    })),
    ingress: perClass(entering, count, classesOf, (keys) => ({
      parts: hasLimits ? [always, ...keys] : undefined,
    })),
  }
}

/** The destinations of a grant: its peers where it is about leaving, its subjects where it is about coming in. */
function destinations(
  { direction, subjects, peers, named }: Grant,
  bitsOf: (set: EndSet) => BitSet,
  everywhere: BitSet,
): BitSet {
  const whole = direction === 'Ingress' ? subjects : peers
  const bits = whole === undefined ? everywhere : bitsOf(whole)
  if (named === undefined) return bits
  const some = bits.copy()
  some.meet(bitsOf(named))
  return some
}

function add(layers: Map<number, BitSet>, ports: number, bits: BitSet): void {
  const known = layers.get(ports)
  if (known === undefined) layers.set(ports, bits.copy())
  else known.join(bits)
}

/** For each class what its sets give; classes of the same sets share it. */
function perClass(
  bySet: ReadonlyMap<EndSet | undefined, Layers>,
  count: number,
  classesOf: (set: EndSet) => readonly number[],
  make: (parts: readonly Layers[]) => Side,
): readonly Side[] {
  const keys = Array.from({ length: count }, (): number[] => [])
  const parts: Layers[] = []
  for (const [set, layers] of bySet) {
    if (set === undefined) continue
    const number = parts.push(layers) - 1
    for (const own of classesOf(set)) keys[own]?.push(number)
  }
  const known = new Map<string, Side>()
  return keys.map((numbers) => {
    const key = numbers.join()
    const found =
      known.get(key) ??
      make(numbers.map((number) => parts[number]).filter((part) => part !== undefined))
    known.set(key, found)
    return found
  })
}

function of<Key>(map: Map<Key, Map<number, BitSet>>, key: Key): Map<number, BitSet> {
  const known = map.get(key)
  if (known !== undefined) return known
  const fresh = new Map<number, BitSet>()
  map.set(key, fresh)
  return fresh
}

function remember<Value>(find: (set: EndSet) => Value): (set: EndSet) => Value {
  const known = new Map<EndSet, Value>()
  return (set) => {
    const old = known.get(set)
    if (old !== undefined) return old
    const value = find(set)
    known.set(set, value)
    return value
  }
}
