import type { ErrorSnapshot } from '../../runner/snapshot.ts'
import type { Body } from '../layout/viewport.ts'
import { EMPTY_LINE, lineOf } from '../text/line.ts'
import type { Theme } from '../theme/theme.ts'
import { choiceLines, factLines, prose } from './parts.ts'

/** What happened, what was found or tried, what is kept, and the numbered ways on. */
export function errorScreen(
  error: ErrorSnapshot,
  mark: number | undefined,
  width: number,
  theme: Theme,
): Body {
  const before = [
    EMPTY_LINE,
    ...prose(error.sentence, width),
    EMPTY_LINE,
    ...(error.facts.length === 0 ? [] : [...factLines(error.facts, width, 2), EMPTY_LINE]),
    ...(error.choices.length === 0 ? [] : [lineOf('  What you can do'), EMPTY_LINE]),
  ]
  const rows = error.choices.map((choice, index) => ({
    number: index + 1,
    label: choice.label,
    note: choice.note,
    marked: index === mark,
  }))
  const choices = choiceLines(rows, width, theme)
  const start = mark === undefined ? undefined : choices.starts[mark]
  return {
    lines: [...before, ...choices.lines],
    marked: start === undefined ? undefined : before.length + start,
  }
}

export function errorNow(error: ErrorSnapshot, mark: number | undefined): string | undefined {
  if (mark === undefined || mark === 0) return undefined
  const choice = error.choices[mark]
  return choice === undefined ? undefined : `Enter does ${mark + 1}: ${choice.label}.`
}

/** The log behind an error, as it was written. */
export function errorDetails(error: ErrorSnapshot, width: number): Body {
  const none = prose('The lab wrote down no more than that.', width)
  return {
    lines: [
      EMPTY_LINE,
      ...prose(`${error.code}: ${error.sentence}`, width),
      EMPTY_LINE,
      ...(error.details.length === 0 ? none : error.details.flatMap((row) => prose(row, width))),
    ],
  }
}
