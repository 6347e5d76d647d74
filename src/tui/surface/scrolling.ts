import { bodyOf } from '../compose.ts'
import { areaOf, scrollId } from '../layout/area.ts'
import { type Body, sameTop, topToShow, viewport } from '../layout/viewport.ts'
import type { Place } from '../place/place.ts'
import { markOf } from './lists.ts'
import type { SurfaceCore } from './surface-core.ts'

/** What is marked and what is visible. */
export interface Scrolling {
  body(place: Place): Body
  topOf(place: Place): number
  setTop(place: Place, top: number): void
  scrollPages(place: Place, pages: 1 | -1): void
  showLine(place: Place, line: number): void
  /** Marks a choice of the place that has the keys and brings it into view. */
  mark(index: number): void
  /** Marks the neighbour; scrolls by a line where there is nothing to mark. */
  move(direction: 1 | -1): void
  /** Does `change` to the layout, and then shows the words that were first before. */
  keepTops(places: readonly Place[], change: () => void): void
}

/** Rows of the list of lessons that are not lessons. */
const LESSON_LIST_FRAME = 10

export function createScrolling(core: SurfaceCore): Scrolling {
  const body = (place: Place) =>
    bodyOf(place, core.model.snapshot, core.state, {
      ...areaOf(place, core.model.snapshot, core.state),
      theme: core.theme,
    })
  const height = (place: Place) => areaOf(place, core.model.snapshot, core.state).height
  const idOf = (place: Place) => scrollId(place, core.model.snapshot)
  const topOf = (place: Place) => core.state.tops[idOf(place)] ?? 0
  const setTop = (place: Place, top: number) => {
    const shown = viewport(body(place), height(place), top)
    core.set({ tops: { ...core.state.tops, [idOf(place)]: shown.top } })
  }
  const showLine = (place: Place, line: number) =>
    setTop(place, topToShow(line, body(place).lines.length, height(place), topOf(place)))

  const mark = (index: number) => {
    const list = core.list()
    if (list === undefined) return
    core.set({ marks: { ...core.state.marks, [list.id]: index } })
    const place = core.place()
    const { marked } = body(place)
    if (marked !== undefined) showLine(place, marked)
  }
  const markWithin = (index: number, count: number) => mark(Math.max(0, Math.min(count - 1, index)))

  return {
    body,
    topOf,
    setTop,
    showLine,
    mark,
    move: (direction) => {
      const place = core.place()
      const list = core.list()
      if (list === undefined || list.count === 0) return setTop(place, topOf(place) + direction)
      const at = markOf(list, core.state)
      const from = at ?? (direction === 1 ? -1 : list.count)
      markWithin(from + direction, list.count)
    },
    scrollPages: (place, pages) => {
      const list = core.list()
      // The list of lessons scrolls with its mark, so that the lesson below it stays the marked one.
      if (place === 'lessons' && list !== undefined) {
        const page = Math.max(1, height(place) - LESSON_LIST_FRAME)
        return markWithin((markOf(list, core.state) ?? 0) + pages * page, list.count)
      }
      setTop(place, topOf(place) + pages * Math.max(1, height(place) - 2))
    },
    keepTops: (places, change) => {
      const before = places.map((place) => ({ place, lines: body(place).lines, top: topOf(place) }))
      change()
      const tops = { ...core.state.tops }
      for (const { place, lines, top } of before) {
        const after = body(place)
        tops[idOf(place)] = viewport(after, height(place), sameTop(lines, after.lines, top)).top
      }
      core.set({ tops })
    },
  }
}
