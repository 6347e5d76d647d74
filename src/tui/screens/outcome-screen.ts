import type { OutcomeView } from '../../runner/snapshot.ts'
import type { Body } from '../layout/viewport.ts'
import {
  EMPTY_LINE,
  joinLine,
  type Line,
  lineOf,
  lineWidth,
  padText,
  spreadLine,
  textWidth,
} from '../text/line.ts'
import { wrapText } from '../text/wrap.ts'
import type { Theme } from '../theme/theme.ts'
import { outcomeMark } from './outcome-mark.ts'
import { MARGIN, prose, textRoom } from './parts.ts'

/** Predicted and observed side by side, the evidence with its control, and why. */
export function outcomeScreen(view: OutcomeView, width: number, theme: Theme): Body {
  const command = lineOf(`  ${view.prompt} ${view.command}`)
  const fits = lineWidth(command) + textWidth(view.where) + 3 <= width
  const head = fits
    ? [spreadLine(command, lineOf(view.where), Math.min(width, textRoom(width) + MARGIN))]
    : [command, ...prose(view.where, width)]
  return {
    lines: [
      EMPTY_LINE,
      ...head.flatMap((line) =>
        lineWidth(line) > width
          ? wrapText(`${view.prompt} ${view.command}`, textRoom(width)).map((row) =>
              lineOf(`  ${row}`),
            )
          : [line],
      ),
      EMPTY_LINE,
      joinLine('  You predicted   ', predicted(view, theme)),
      joinLine(
        '  It was          ',
        theme.mark(outcomeMark(view.observed), padText(view.observed, 16)),
        padText(view.after, 19),
        view.verdict,
      ),
      EMPTY_LINE,
      lineOf('  Evidence'),
      ...evidenceLines(view, width, theme),
      ...(view.why.length === 0
        ? []
        : [EMPTY_LINE, lineOf('  Why'), ...whyLines(view, width, theme)]),
      ...(view.rule === undefined ? [] : prose(view.rule, width, 2)),
      ...(view.newSince === undefined ? [] : [EMPTY_LINE, ...prose(view.newSince, width)]),
    ],
  }
}

function predicted(view: OutcomeView, theme: Theme): Line {
  if (view.predicted === undefined) return theme.mark('untried', 'no prediction')
  return theme.mark(outcomeMark(view.predicted), view.predicted)
}

function evidenceLines(view: OutcomeView, width: number, theme: Theme): Line[] {
  const what = Math.max(16, ...view.evidence.map((row) => textWidth(row.what))) + 2
  const word = Math.max(9, ...view.evidence.map((row) => textWidth(row.word))) + 4
  return view.evidence.flatMap((row) => {
    const lead = joinLine(
      '    ',
      padText(row.label, 10),
      padText(row.what, what),
      theme.mark(row.mark, padText(row.word, word)),
    )
    return hanging(lead, row.note, width)
  })
}

function whyLines(view: OutcomeView, width: number, theme: Theme): Line[] {
  const column = Math.max(12, ...view.why.map((row) => textWidth(row.side))) + 4
  const word = Math.max(8, ...view.why.map((row) => textWidth(row.word))) + 2
  return view.why.flatMap((row) =>
    hanging(
      joinLine('    ', padText(row.side, column), theme.mark(row.mark, padText(row.word, word))),
      row.text,
      width,
    ),
  )
}

/** A text behind a lead, its later rows under its first; below the lead where too little room is left beside it. */
function hanging(lead: Line, text: string, width: number): Line[] {
  const indent = lineWidth(lead)
  const room = Math.min(width, textRoom(width) + MARGIN + 1) - indent
  if (text === '') return [lead]
  if (room < 16) {
    const rows = wrapText(text, textRoom(width) - 12)
    return [lead, ...rows.map((row) => lineOf(`${' '.repeat(14)}${row}`))]
  }
  return wrapText(text, room).map((row, index) =>
    index === 0 ? joinLine(lead, row) : lineOf(' '.repeat(indent) + row),
  )
}
