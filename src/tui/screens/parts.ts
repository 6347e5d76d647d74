import { EMPTY_LINE, joinLine, type Line, lineOf, padText, textWidth } from '../text/line.ts'
import { TEXT_COLUMNS, wrapText } from '../text/wrap.ts'
import type { Theme } from '../theme/theme.ts'

/** Columns left of every text. */
export const MARGIN = 2

/** Columns that a text may take in a pane of `width` columns. */
export function textRoom(width: number): number {
  return Math.max(1, Math.min(TEXT_COLUMNS, width - 2 * MARGIN))
}

/** Sentences as lines, behind the margin. */
export function prose(text: string, width: number, indent = 0): Line[] {
  return wrapText(text, textRoom(width) - indent).map((row) =>
    row === '' ? EMPTY_LINE : lineOf(' '.repeat(MARGIN + indent) + row),
  )
}

export interface ChoiceRow {
  readonly number: number
  readonly label: string
  readonly note: string
  readonly marked: boolean
  /** In place of the blank before the number: the sign of an answer. */
  readonly sign?: Line | undefined
}

/**
 * Numbered choices in one column, their notes in a second: `> 1  Keep it running      the next start is instant`.
 * A label that leaves no room for its note has it on the lines below.
 */
export function choiceLines(
  rows: readonly ChoiceRow[],
  width: number,
  theme: Theme,
): { lines: Line[]; starts: number[] } {
  const room = textRoom(width)
  const noted = rows.filter((row) => row.note !== '')
  const label = Math.max(0, ...noted.map((row) => textWidth(row.label))) + 3
  const note = Math.min(24, Math.max(0, ...noted.map((row) => textWidth(row.note))))
  const column = 5 + label + note <= room ? label : Math.floor(room / 2)
  const lines: Line[] = []
  const starts: number[] = []
  for (const row of rows) {
    starts.push(lines.length)
    lines.push(...choiceLine(row, room, column, theme))
  }
  return { lines, starts }
}

function choiceLine(row: ChoiceRow, room: number, column: number, theme: Theme): Line[] {
  const number = String(row.number).padStart(2)
  const sign = row.sign ?? [{ text: row.marked ? theme.symbols.marked : ' ' }]
  const indent = ' '.repeat(MARGIN + 5)
  const labelRoom = room - 5
  const style = row.marked ? theme.chosen : undefined
  // A long label keeps a short note beside it where both fit.
  if (
    textWidth(row.label) > column &&
    textWidth(row.label) + 3 + textWidth(row.note) <= labelRoom
  ) {
    const note = row.note === '' ? '' : `   ${row.note}`
    return [joinLine('  ', sign, number, '  ', span(row.label, style), note)]
  }
  if (row.note === '' || textWidth(row.label) > column) {
    const label = wrapText(row.label, labelRoom)
    const notes = row.note === '' ? [] : wrapText(row.note, labelRoom - 2)
    return [
      ...label.map((text, index) =>
        index === 0
          ? joinLine('  ', sign, number, '  ', span(text, style))
          : joinLine(indent, span(text, style)),
      ),
      ...notes.map((text) => lineOf(`${indent}  ${text}`)),
    ]
  }
  const notes = wrapText(row.note, Math.max(8, labelRoom - column))
  return notes.map((text, index) =>
    index === 0
      ? joinLine(
          '  ',
          sign,
          number,
          '  ',
          span(row.label, style),
          padText('', column - textWidth(row.label)),
          text,
        )
      : lineOf(`${indent}${' '.repeat(column)}${text}`),
  )
}

function span(text: string, style: Line[number]['style']) {
  return { text, style }
}

/** A label in one column and its text, wrapped, in the next. */
export function factLines(
  facts: readonly { readonly label: string; readonly text: string }[],
  width: number,
  indent: number,
): Line[] {
  const column = Math.max(0, ...facts.map((fact) => textWidth(fact.label))) + 3
  const room = Math.max(10, textRoom(width) - indent - column)
  return facts.flatMap((fact) =>
    wrapText(fact.text, room).map((row, index) =>
      lineOf(
        `${' '.repeat(MARGIN + indent)}${padText(index === 0 ? fact.label : '', column)}${row}`,
      ),
    ),
  )
}
