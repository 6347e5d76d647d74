import type { KeyPress } from '../input/key-decoder.ts'
import { cleanPaste } from '../input/paste.ts'
import type { Place } from '../place/place.ts'
import { lineText } from '../text/line.ts'
import type { Scrolling } from './scrolling.ts'
import type { SurfaceCore } from './surface-core.ts'

/** The field of `/` and of the list of keys: it filters a list, and finds in a text. */
export interface FindField {
  /** Whether keys of this place go into the field. */
  isOpen(place: Place): boolean
  open(place: Place): void
  /** `false` gives the key to its usual meaning. */
  press(place: Place, key: KeyPress): boolean
  paste(place: Place, text: string): void
}

export function createFindField(core: SurfaceCore, scrolling: Scrolling): FindField {
  const textOf = (place: Place) => core.state.filters[place] ?? ''
  const filters = (place: Place) => core.list() !== undefined && place !== 'lesson'

  const write = (place: Place, text: string) => {
    const marks = { ...core.state.marks }
    delete marks[place]
    core.set({ filters: { ...core.state.filters, [place]: text }, marks })
    if (!filters(place)) core.set({ note: `Find: ${text}` })
  }

  const findNext = (place: Place, text: string) => {
    const wanted = text.toLowerCase()
    const rows = scrolling.body(place).lines.map((line) => lineText(line).toLowerCase())
    const found = rows.flatMap((row, index) =>
      wanted !== '' && row.includes(wanted) ? [index] : [],
    )
    if (found.length === 0) return core.set({ note: `Find: ${text}   not in this text` })
    const next = found.find((index) => index > scrolling.topOf(place)) ?? found[0] ?? 0
    scrolling.setTop(place, next)
    core.set({ note: `Find: ${text}   ${found.indexOf(next) + 1} of ${found.length}` })
  }

  return {
    isOpen: (place) => place === 'help' || core.state.finding === place,
    open: (place) => {
      core.set({ finding: place })
      write(place, '')
    },
    press: (place, key) => {
      const text = textOf(place)
      if (key.name === 'escape' && place !== 'help') {
        core.set({ finding: undefined })
        core.set({ filters: { ...core.state.filters, [place]: '' } })
        return true
      }
      if (key.name === 'enter' && !filters(place)) {
        findNext(place, text)
        return true
      }
      if (key.name === 'backspace') {
        write(place, text.slice(0, -1))
        return true
      }
      // In a list numbers mark and Space scrolls, as everywhere.
      if (key.text === '' || (filters(place) && /^(?:\d|space)$/.test(key.name))) return false
      write(place, text + key.text)
      return true
    },
    paste: (place, text) => write(place, textOf(place) + (cleanPaste(text).split('\n')[0] ?? '')),
  }
}
