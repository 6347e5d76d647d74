import { splitGraphemes } from '../text/line.ts'

/** One column of a painted row. The second column of a wide character has an empty text. */
export interface Cell {
  readonly text: string
  /** SGR codes that are on, `1;36`; empty for none. */
  readonly style: string
}

export const BLANK: Cell = { text: ' ', style: '' }

/** Closing codes and the codes that each ends. */
const CLOSES: Readonly<Record<string, RegExp>> = {
  '22': /^1$/,
  '23': /^3$/,
  '24': /^4$/,
  '27': /^7$/,
  '39': /^(?:3[0-7]|9[0-7])$/,
}

/** A row with SGR sequences, as cells without trailing blanks. */
export function parseRow(row: string): Cell[] {
  const cells: Cell[] = []
  let on: string[] = []
  let style = ''
  for (const part of row.split(/(\x1b\[[0-9;]*m)/)) {
    if (part === '') continue
    if (part.startsWith('\x1b[')) {
      on = applyCodes(on, part.slice(2, -1))
      style = on.join(';')
      continue
    }
    for (const char of splitGraphemes(part)) {
      if (char.width === 0) continue
      cells.push({ text: char.text, style })
      for (let extra = 1; extra < char.width; extra++) cells.push({ text: '', style })
    }
  }
  while (cells.length > 0 && isBlank(cells[cells.length - 1])) cells.pop()
  return cells
}

function applyCodes(on: readonly string[], codes: string): string[] {
  let kept = [...on]
  for (const code of codes.split(';')) {
    if (code === '' || code === '0') kept = []
    else {
      const closes = CLOSES[code] ?? CLOSES['39']
      const opensColor = CLOSES['39']?.test(code) === true
      if (CLOSES[code] !== undefined || opensColor)
        kept = kept.filter((other) => closes?.test(other) !== true)
      if (CLOSES[code] === undefined && !kept.includes(code)) kept.push(code)
    }
  }
  return kept
}

function isBlank(cell: Cell | undefined): boolean {
  return cell !== undefined && cell.text === ' ' && cell.style === ''
}

/** Cells as text with the SGR sequences that they need, off again at the end. */
export function writeCells(cells: readonly Cell[]): string {
  let text = ''
  let style = ''
  for (const cell of cells) {
    if (cell.style !== style) {
      text +=
        style === '' ? `\x1b[${cell.style}m` : cell.style === '' ? '\x1b[m' : `\x1b[;${cell.style}m`
      style = cell.style
    }
    text += cell.text
  }
  return style === '' ? text : `${text}\x1b[m`
}

/**
 * What has to be written so that a row that shows `before` shows `after`; empty where nothing changed.
 * `row` counts from 1. Only the columns that differ are written.
 */
export function rowChange(
  before: readonly Cell[],
  after: readonly Cell[],
  row: number,
  columns: number,
): string {
  const length = Math.max(before.length, after.length)
  const differs = (at: number) => {
    const a = before[at] ?? BLANK
    const b = after[at] ?? BLANK
    return a.text !== b.text || a.style !== b.style
  }
  let from = 0
  while (from < length && !differs(from)) from++
  if (from === length) return ''
  let to = length - 1
  while (to > from && !differs(to)) to--
  // Terminals disagree about the width of some characters: a row that has wide ones is written as a whole.
  const wide = before.some((cell) => cell.text === '') || after.some((cell) => cell.text === '')
  if (wide) {
    from = 0
    to = length - 1
  }
  const erases = to >= after.length
  const text = writeCells(after.slice(from, to + 1))
  return `\x1b[${row};${from + 1}H${text}${erases && after.length < columns ? '\x1b[K' : ''}`
}
