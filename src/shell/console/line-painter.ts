import { charWidth } from './char-width.ts'

/** Where the painted line stands: rows of the terminal that it takes, and the row of the cursor among them. */
export interface PaintedLine {
  readonly cursorRow: number
}

interface Place {
  readonly row: number
  readonly column: number
}

/**
 * The bytes that draw a prompt and a line over as many rows as they need, with the cursor at `caret`.
 * `before` is what the last painting returned, while its rows still stand.
 */
export function paintLine(
  line: { readonly prompt: string; readonly text: string; readonly caret: number },
  columns: number,
  before: PaintedLine | undefined,
): { readonly bytes: string; readonly painted: PaintedLine } {
  const whole = line.prompt + line.text
  const end = placeOf(whole, columns)
  const cursor = placeOf(line.prompt + line.text.slice(0, line.caret), columns)
  let bytes = before === undefined ? '' : eraseLine(before)
  bytes += whole
  // A full last row leaves the cursor waiting on its margin: a space takes it to the row where the next character goes.
  if (end.column === 0 && end.row > 0) bytes += ' \r\x1b[K'
  if (end.row > cursor.row) bytes += `\x1b[${end.row - cursor.row}A`
  bytes += '\r'
  if (cursor.column > 0) bytes += `\x1b[${cursor.column}C`
  return { bytes, painted: { cursorRow: cursor.row } }
}

/** The bytes that take a painted line away and leave the cursor where it began. */
export function eraseLine(painted: PaintedLine): string {
  return `${painted.cursorRow > 0 ? `\x1b[${painted.cursorRow}A` : ''}\r\x1b[J`
}

/** Where the character after `text` goes, when `text` starts at the left margin. */
function placeOf(text: string, columns: number): Place {
  let row = 0
  let column = 0
  for (const char of text) {
    const width = charWidth(char.codePointAt(0) ?? 0)
    if (column + width > columns) {
      row++
      column = 0
    }
    column += width
  }
  return column >= columns ? { row: row + 1, column: 0 } : { row, column }
}
