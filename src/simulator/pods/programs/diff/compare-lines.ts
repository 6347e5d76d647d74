import type { Process } from '../../process/process.ts'
import { withinMemory } from '../../process/program-context.ts'

/** A place where two texts differ: lines from 1, the last one included; `last` is before `first` where there is none. */
export interface Change {
  readonly old: LineRange
  readonly new: LineRange
}

export interface LineRange {
  readonly first: number
  readonly last: number
}

/** A pair of lines that are the same, at the end of a chain of such pairs. */
interface Match {
  readonly old: number
  readonly new: number
  readonly before: Match | undefined
}

/** So many places are tried for a line that stands often in the other text. */
const FEWEST_TRIES = 256

/**
 * The changes from one text to another by the longest chain of equal lines (Hunt and McIlroy), which is what diff(1) of the BSDs and
 * BusyBox find. `minimal`: however long that takes.
 */
export async function compareLines(
  old: readonly string[],
  other: readonly string[],
  options: { readonly process: Process; readonly minimal: boolean },
): Promise<Change[]> {
  const shortest = Math.min(old.length, other.length)
  let start = 0
  while (start < shortest && old[start] === other[start]) start++
  let end = 0
  while (end < shortest - start && old[old.length - 1 - end] === other[other.length - 1 - end])
    end++
  const chain = await longestChain(
    old.slice(start, old.length - end),
    other.slice(start, other.length - end),
    options,
  )
  const changes: Change[] = []
  let [oldLine, newLine] = [start + 1, start + 1]
  const upTo = (oldNext: number, newNext: number) => {
    if (oldLine < oldNext || newLine < newNext)
      changes.push({
        old: { first: oldLine, last: oldNext - 1 },
        new: { first: newLine, last: newNext - 1 },
      })
  }
  for (const match of chain) {
    upTo(match.old + start, match.new + start)
    oldLine = match.old + start + 1
    newLine = match.new + start + 1
  }
  upTo(old.length - end + 1, other.length - end + 1)
  return changes
}

/** The pairs of equal lines, from 1, in order. */
async function longestChain(
  old: readonly string[],
  other: readonly string[],
  { process, minimal }: { readonly process: Process; readonly minimal: boolean },
): Promise<Match[]> {
  const places = new Map<string, number[]>()
  for (const [index, line] of other.entries()) {
    const known = places.get(line)
    if (known === undefined) places.set(line, [index + 1])
    else known.push(index + 1)
  }
  const tries = minimal ? Number.POSITIVE_INFINITY : Math.max(FEWEST_TRIES, Math.sqrt(old.length))
  /** By the length of its chain, the match that ends soonest in the other text. */
  const best: (Match | undefined)[] = [undefined]
  let made = 0
  for (const [index, line] of old.entries()) {
    const turn = process.breathe()
    if (turn !== undefined) await turn
    let before: Match | undefined
    let level = 0
    let tried = 0
    for (const place of places.get(line) ?? []) {
      if (before !== undefined && place <= before.new) continue
      const length = lengthBefore(best, place) + 1
      // What this line itself has put there is not to be gone on from.
      const previous = length === level + 1 ? before : best[length - 1]
      const there = best[length]
      if (there !== undefined && there.new <= place) continue
      best[length] = { old: index + 1, new: place, before: previous }
      made++
      withinMemory(made * 64)
      if (there === undefined) break
      before = there
      level = length
      if (++tried >= tries) break
    }
  }
  const chain: Match[] = []
  for (let match = best.at(-1); match !== undefined; match = match.before) chain.push(match)
  return chain.reverse()
}

/** How long a chain can be that ends before a place. */
function lengthBefore(best: readonly (Match | undefined)[], place: number): number {
  let [low, high] = [0, best.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((best[middle]?.new ?? 0) < place) low = middle
    else high = middle - 1
  }
  return low
}
