import type { Clock } from '../../base/clock.ts'
import type { TerminalSize } from '../../kube/client.ts'
import { type Cell, parseRow, rowChange, writeCells } from './row-cells.ts'

/** Where the real cursor stands, from 0. */
export interface Caret {
  readonly row: number
  readonly column: number
}

/** Puts frames on a terminal by writing what changed, at most 30 times a second and never when nothing changed. */
export interface ScreenPainter {
  /** The whole screen as it should be: rows with SGR, divided by line ends. */
  show(frame: string): void
  /** Where the cursor should stand; `undefined` hides it. */
  setCaret(caret: Caret | undefined): void
  /** The window changed: everything is painted again with the next frame. */
  resize(size: TerminalSize): void
  /** Paints everything again, for a screen that something else wrote on. */
  repaint(): void
  /** Whether frames go to the terminal. What is shown meanwhile is painted at once afterwards. */
  setPaused(paused: boolean): void
  /** Nothing is written afterwards. */
  close(): void
}

const FRAME_MS = 1000 / 30
const BEGIN = '\x1b[?2026h'
const END = '\x1b[?2026l'

export function createScreenPainter(options: {
  readonly write: (text: string) => void
  readonly clock: Clock
  readonly size: TerminalSize
}): ScreenPainter {
  const { write, clock } = options
  let size = options.size
  let frame: string | undefined
  let painted: { readonly row: string; readonly cells: readonly Cell[] }[] | undefined
  let caret: Caret | undefined
  let shownCaret: Caret | undefined
  let scheduled = false
  let cancel: (() => void) | undefined
  let lastPaint = Number.NEGATIVE_INFINITY
  let paused = false
  let closed = false

  const schedule = () => {
    if (scheduled || closed || paused || frame === undefined) return
    scheduled = true
    const wait = lastPaint + FRAME_MS - clock.now()
    // The first change after a rest is painted in this turn: React has set the caret by then.
    if (wait <= 0) queueMicrotask(paint)
    else cancel = clock.after(wait, paint)
  }

  const paint = () => {
    scheduled = false
    cancel = undefined
    if (closed || paused || frame === undefined) return
    const rows = frame.split('\n').slice(0, size.rows)
    while (rows.length < size.rows) rows.push('')
    const before = painted
    const next = rows.map((row, index) => {
      const old = before?.[index]
      return old?.row === row ? old : { row, cells: parseRow(row).slice(0, size.columns) }
    })
    let out = ''
    next.forEach((row, index) => {
      const old = before?.[index]
      if (old === row) return
      out +=
        old === undefined
          ? `\x1b[${index + 1}H${writeCells(row.cells)}${row.cells.length < size.columns ? '\x1b[K' : ''}`
          : rowChange(old.cells, row.cells, index + 1, size.columns)
    })
    painted = next
    const moved = caret?.row !== shownCaret?.row || caret?.column !== shownCaret?.column
    if (out === '' && !moved && before !== undefined) return
    if (before === undefined) out = `\x1b[m${out}`
    if (caret !== undefined) out += `\x1b[${caret.row + 1};${caret.column + 1}H`
    if (caret !== undefined && (shownCaret === undefined || before === undefined))
      out += '\x1b[?25h'
    if (caret === undefined && (shownCaret !== undefined || before === undefined))
      out += '\x1b[?25l'
    shownCaret = caret
    lastPaint = clock.now()
    write(`${BEGIN}${out}${END}`)
  }

  return {
    show: (text) => {
      frame = text
      schedule()
    },
    setCaret: (next) => {
      caret = next
      schedule()
    },
    resize: (next) => {
      size = next
      painted = undefined
    },
    repaint: () => {
      painted = undefined
      schedule()
    },
    setPaused: (next) => {
      paused = next
      if (next) {
        cancel?.()
        cancel = undefined
        scheduled = false
        painted = undefined
      } else schedule()
    },
    close: () => {
      closed = true
      cancel?.()
      cancel = undefined
    },
  }
}
