import { type Line, lineWidth } from '../text/line.ts'

/** Rows of text that Ink places but does not see: a pane gives it one sign a row, and the text is put in when a frame is painted. */
export interface RowSlots {
  /** Signs for `height` rows, to be laid out by Ink. */
  open(height: number): RowSlot
  /** A frame of Ink with the rows in the place of their signs. */
  fill(frame: string): string
}

export interface RowSlot {
  readonly signs: string
  /** The rows as they should be now. */
  write(rows: readonly Line[]): void
  close(): void
}

// Ink takes every frame apart into styled characters: 30 ms for a window of 200 by 60, whatever changed. A private-use
// character a row keeps its layout and leaves the rest to the painter. Text never meets these signs, so it may contain any.
const FIRST_SIGN = 0xe000
const LAST_SIGN = 0xf8ff
const SIGN = /[\ue000-\uf8ff]/

/** @param options.onChange called after rows were written */
export function createRowSlots(options: {
  readonly write: (line: Line) => string
  readonly onChange: () => void
}): RowSlots {
  const texts = new Map<string, { readonly text: string; readonly width: number }>()
  const used = new Set<number>()
  const take = (): string => {
    let code = FIRST_SIGN
    while (used.has(code) && code < LAST_SIGN) code++
    used.add(code)
    return String.fromCharCode(code)
  }

  const fillRow = (row: string): string => {
    if (!SIGN.test(row)) return row
    let filled = ''
    let column = 0
    for (const [at, char] of [...row].entries()) {
      const content = texts.get(char)
      if (content === undefined) continue
      filled += ' '.repeat(Math.max(0, at - column)) + content.text
      column = Math.max(column, at) + content.width
    }
    return filled
  }

  return {
    open: (height) => {
      const signs = Array.from({ length: height }, take)
      return {
        signs: signs.join('\n'),
        write: (rows) => {
          signs.forEach((sign, index) => {
            const row = rows[index] ?? []
            texts.set(sign, { text: options.write(row), width: lineWidth(row) })
          })
          options.onChange()
        },
        close: () => {
          for (const sign of signs) {
            texts.delete(sign)
            used.delete(sign.charCodeAt(0))
          }
        },
      }
    },
    fill: (frame) => frame.split('\n').map(fillRow).join('\n'),
  }
}
