import type { CheckView, Mark, RunSnapshot } from '../../runner/snapshot.ts'
import type { Body } from '../layout/viewport.ts'
import {
  EMPTY_LINE,
  fitLine,
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
import { MARGIN, prose, textRoom } from './parts.ts'

const MARKS: Readonly<Record<CheckView['state'], Mark>> = {
  passed: 'good',
  failed: 'bad',
  later: 'waiting',
  running: 'active',
  inconclusive: 'untried',
  disagrees: 'differs',
}

/** The checks of a step; the marked one with what was wanted and seen, and the lesson's sentence. */
export function checksScreen(
  run: RunSnapshot,
  mark: number | undefined,
  width: number,
  theme: Theme,
): Body {
  const { checks } = run
  const earned = checks.reduce((sum, check) => sum + check.earned, 0)
  const points = checks.reduce((sum, check) => sum + check.points, 0)
  const rows = checkRows(checks, { mark, width, theme })
  const foot = `${earned} of ${points} points. Checks run again by themselves when the cluster or a file changes. c runs them now.`
  const none = prose('This step has no checks.', width)
  return {
    lines: [
      EMPTY_LINE,
      ...(checks.length === 0 ? none : [...rows.lines, EMPTY_LINE, ...prose(foot, width)]),
    ],
    marked: rows.marked === undefined ? undefined : rows.marked + 1,
  }
}

/** The checks as a small pane; details only where the pane has the keys. */
export function checksPane(
  checks: readonly CheckView[],
  mark: number | undefined,
  width: number,
  theme: Theme,
): Body {
  if (checks.length === 0) return { lines: prose('This step has no checks.', width) }
  return checkRows(checks, { mark, width, theme })
}

function checkRows(
  checks: readonly CheckView[],
  options: { readonly mark: number | undefined; readonly width: number; readonly theme: Theme },
): { lines: Line[]; marked: number | undefined } {
  const { mark, width, theme } = options
  const word = Math.max(6, ...checks.map((check) => check.state.length))
  const lines: Line[] = []
  let marked: number | undefined
  checks.forEach((check, index) => {
    if (index === mark) marked = lines.length
    // The same reason under several checks is said once, below the last of them.
    const repeats =
      index !== mark && check.note !== undefined && check.note === checks[index + 1]?.note
    const shown = repeats ? { ...check, note: undefined } : check
    lines.push(...titleLines(shown, index === mark, { word, width, theme }))
    if (index === mark) lines.push(...detailLines(check, width))
  })
  return { lines, marked }
}

function titleLines(
  check: CheckView,
  chosen: boolean,
  options: { readonly word: number; readonly width: number; readonly theme: Theme },
): Line[] {
  const { width, theme } = options
  const gap = width < 80 ? 2 : 3
  const points = `${check.earned}/${check.points}`
  const lead = joinLine(
    chosen ? `${theme.symbols.marked} ` : '  ',
    theme.mark(MARKS[check.state], padText(check.state, options.word + gap)),
    padText(points, 3 + gap),
  )
  const indent = lineWidth(lead)
  const room = Math.max(8, Math.min(textRoom(width) + MARGIN, width - 1) - indent)
  const side = check.at ?? check.note
  const titles = wrapText(check.title, room)
  const first = joinLine(lead, { text: titles[0] ?? '', style: chosen ? theme.chosen : undefined })
  const rest = titles.slice(1).map((row) => lineOf(' '.repeat(indent) + row))
  if (side === undefined) return [first, ...rest]
  const column = Math.min(60, width - 10)
  const fits = titles.length === 1 && lineWidth(first) < column && column + textWidth(side) <= width
  if (fits && width >= 80) return [spreadLine(first, lineOf(padText(side, 18)), column + 18)]
  // A time is left out where it has no room; a reason is not.
  if (check.at !== undefined) return [first, ...rest]
  return [first, ...rest, ...wrapText(side, room).map((row) => lineOf(' '.repeat(indent) + row))]
}

function detailLines(check: CheckView, width: number): Line[] {
  const facts = [
    { label: 'wanted', text: check.wanted },
    { label: 'seen', text: check.seen },
    { label: 'control', text: check.control },
  ]
  const room = Math.max(8, Math.min(textRoom(width) + MARGIN, width - 1) - 6)
  const lines = facts.flatMap((fact) => {
    if (fact.text === undefined) return []
    return wrapText(fact.text, Math.max(8, room - 10)).map((row, index) =>
      fitLine(lineOf(`      ${padText(index === 0 ? fact.label : '', 10)}${row}`), width),
    )
  })
  const sentence =
    check.sentence === undefined
      ? []
      : wrapText(check.sentence, room).map((row) => lineOf(`      ${row}`))
  return [...lines, ...sentence]
}
