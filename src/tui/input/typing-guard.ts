/** A burst of letters where letters are keys: somebody types a command into the wrong place. */
export interface TypingGuard {
  /** Whether this key has to be dropped. `now` in milliseconds. */
  drops(key: { readonly name: string }, now: number): boolean
}

const LETTERS = 4
const WINDOW_MS = 600

/**
 * The fourth letter within 600 ms and whatever follows without a pause of 600 ms is dropped. A letter that repeats does not
 * count: a held key scrolls, it does not type.
 */
export function createTypingGuard(): TypingGuard {
  let times: readonly number[] = []
  let droppedAt: number | undefined
  let before = ''
  return {
    drops: (key, now) => {
      if (droppedAt !== undefined && now - droppedAt < WINDOW_MS) {
        droppedAt = now
        return true
      }
      droppedAt = undefined
      const repeated = key.name === before
      before = key.name
      if (repeated || !/^\p{L}$/u.test(key.name)) return false
      times = [...times.filter((time) => now - time < WINDOW_MS), now]
      if (times.length < LETTERS) return false
      times = []
      droppedAt = now
      return true
    },
  }
}
