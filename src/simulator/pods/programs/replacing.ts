import { withinMemory } from '../process/program-context.ts'
import type { Steps } from '../turns.ts'
import { BoundedRegExp } from './bounded-regexp.ts'

/** So many matches are replaced in one step. */
const MATCHES = 256

/**
 * Text with matches of an expression replaced, the first or all of them, and how many there were. `by` gives what stands in the place of a
 * match; `undefined` leaves it. Throws `FileError` (ENOMEM) where the text grows too long.
 */
export function* replaced(
  text: string,
  expression: RegExp,
  options: {
    readonly all: boolean
    readonly by: (match: RegExpExecArray, index: number) => string | undefined
  },
): Steps<{ readonly text: string; readonly count: number }> {
  const search = new BoundedRegExp(expression.source, `g${expression.ignoreCase ? 'i' : ''}`)
  const parts: string[] = []
  let held = 0
  let from = 0
  let count = 0
  let seen = 0
  for (let match = search.exec(text); match !== null; match = search.exec(text)) {
    const [whole] = match
    // An empty match right behind another one is none.
    const behind = whole === '' && seen > 0 && match.index === from
    const by = behind ? undefined : options.by(match, seen)
    if (!behind) seen++
    if (by !== undefined) {
      const before = text.slice(from, match.index)
      parts.push(before, by)
      held = withinMemory(held + before.length + by.length)
      from = match.index + whole.length
      count++
    } else if (!behind && whole !== '') {
      const kept = text.slice(from, match.index + whole.length)
      parts.push(kept)
      held = withinMemory(held + kept.length)
      from = match.index + whole.length
    }
    if (whole === '') search.lastIndex = match.index + 1
    if (!options.all && count > 0) break
    if (search.lastIndex > text.length) break
    if (seen % MATCHES === 0) yield
  }
  withinMemory(held + text.length - from)
  return { text: parts.join('') + text.slice(from), count }
}
