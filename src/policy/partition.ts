import type { EndSet } from './end-sets.ts'

/** Ends in classes: those of one class are in the same sets, so that no policy can tell them apart. */
export interface Partition {
  readonly count: number
  /** For each end its class. */
  readonly classOf: Uint32Array
  /** For each class its ends; the first stands for all. */
  readonly members: readonly (readonly number[])[]
}

/**
 * The coarsest classes that each of the sets is made of whole ones of. `from`: classes to go on from, where most sets
 * were looked at already.
 */
export function partition(size: number, sets: Iterable<EndSet>, from?: Partition): Partition {
  const classOf = from?.classOf.slice() ?? new Uint32Array(size)
  const sizes = from?.members.map(({ length }) => length) ?? [size]
  /** Of each class, how many are in the set that is looked at; 0 in between. */
  const inside = new Uint32Array(size)
  for (const set of sets) {
    const touched: number[] = []
    for (const end of set) {
      const own = classOf[end] ?? 0
      const count = inside[own] ?? 0
      if (count === 0) touched.push(own)
      inside[own] = count + 1
    }
    // A class that is in the set as a whole stays; of the others the part inside becomes a class of its own.
    const moved = new Map<number, number>()
    for (const own of touched) {
      const count = inside[own] ?? 0
      const before = sizes[own] ?? 0
      inside[own] = 0
      if (count === before) continue
      sizes[own] = before - count
      moved.set(own, sizes.push(count) - 1)
    }
    if (moved.size === 0) continue
    for (const end of set) {
      const to = moved.get(classOf[end] ?? 0)
      if (to !== undefined) classOf[end] = to
    }
  }
  const members: number[][] = size === 0 ? [] : sizes.map(() => [])
  for (const [end, own] of classOf.entries()) members[own]?.push(end)
  return { count: members.length, classOf, members }
}
