import { shownLessons } from './lists.ts'
import type { Scrolling } from './scrolling.ts'
import type { SurfaceCore } from './surface-core.ts'

/** Digits that follow each other within this time make one number. */
const DIGITS_MS = 1000

/** Digits mark: 12 is typed as 1 2. A number that the list does not have begins anew with its last digit. */
export function createNumberKeys(core: SurfaceCore, scrolling: Scrolling): (digit: number) => void {
  let typed: { readonly list: string; readonly value: number; readonly at: number } | undefined

  const numbers = (): readonly number[] => {
    // Lessons have numbers of their own, which stay when the list is filtered.
    if (core.place() === 'lessons') {
      return shownLessons(core.model.snapshot, core.state).map((lesson) => lesson.number)
    }
    return Array.from({ length: core.list()?.count ?? 0 }, (_, index) => index + 1)
  }

  return (digit) => {
    const list = core.list()
    if (list === undefined) return
    const now = core.clock.now()
    const follows = typed !== undefined && typed.list === list.id && now - typed.at < DIGITS_MS
    const joined = follows && typed !== undefined ? typed.value * 10 + digit : digit
    const known = numbers()
    const value = [joined, digit].find((candidate) => known.includes(candidate))
    typed = { list: list.id, value: value ?? digit, at: now }
    // 1 may be the beginning of 12 in a list that has no 1.
    if (value === undefined) return core.say(`There is no ${joined} in this list.`)
    scrolling.mark(known.indexOf(value))
  }
}
