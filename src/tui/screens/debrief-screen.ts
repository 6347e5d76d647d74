import type { DebriefView } from '../../runner/snapshot.ts'
import type { Body } from '../layout/viewport.ts'
import {
  EMPTY_LINE,
  joinLine,
  type Line,
  lineOf,
  padText,
  spreadLine,
  textWidth,
} from '../text/line.ts'
import { wrapText } from '../text/wrap.ts'
import type { Theme } from '../theme/theme.ts'
import { MARGIN, prose, textRoom } from './parts.ts'

/** The score card: points by kind, what was shown, what is worth another look, where the files are. */
export function debriefScreen(view: DebriefView, width: number, theme: Theme): Body {
  const side = `${view.where}, ${view.minutes} min`
  const title = lineOf(`  ${view.title}`)
  const end = textRoom(width) + MARGIN
  const fits = textWidth(view.title) + textWidth(side) + 6 <= end
  const again = [...view.again]
  return {
    lines: [
      EMPTY_LINE,
      ...(fits ? [spreadLine(title, lineOf(side), end)] : [title, ...prose(side, width)]),
      EMPTY_LINE,
      ...partLines(view, width),
      EMPTY_LINE,
      ...(view.shown.length === 0
        ? []
        : [lineOf('  You have shown that'), ...shownLines(view, width, theme), EMPTY_LINE]),
      ...(again.length === 0
        ? []
        : [
            lineOf('  Worth another look'),
            ...again.flatMap((text) => prose(text, width, 2)),
            EMPTY_LINE,
          ]),
      ...(view.idea === undefined ? [] : [...prose(view.idea, width), EMPTY_LINE]),
      ...wrapText(view.workFolder, textRoom(width) - 11).map((row, index) =>
        lineOf(`  ${padText(index === 0 ? 'Files' : '', 11)}${row}`),
      ),
    ],
  }
}

function partLines(view: DebriefView, width: number): Line[] {
  const name = Math.max(12, ...view.parts.map((part) => textWidth(part.name) + 2))
  const value = Math.max(7, ...view.parts.map((part) => textWidth(part.value)))
  return view.parts.flatMap((part) => {
    const lead = `    ${padText(part.name, name)}${part.value.padStart(value)}    `
    const rows = wrapText(part.note, Math.max(10, textRoom(width) + MARGIN - lead.length))
    return rows.map((row, index) =>
      lineOf(`${index === 0 ? lead : ' '.repeat(lead.length)}${row}`.trimEnd()),
    )
  })
}

function shownLines(view: DebriefView, width: number, theme: Theme): Line[] {
  return view.shown.flatMap((row) => {
    const lead = joinLine('    ', theme.mark(row.mark, padText(row.word, 8)))
    const indent = 6 + Math.max(8, textWidth(row.word))
    return wrapText(row.text, textRoom(width) + MARGIN - indent).map((text, index) =>
      index === 0 ? joinLine(lead, text) : lineOf(' '.repeat(indent) + text),
    )
  })
}
