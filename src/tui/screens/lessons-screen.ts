import type { LessonListSnapshot, Mark } from '../../runner/snapshot.ts'
import type { Body } from '../layout/viewport.ts'
import {
  EMPTY_LINE,
  joinLine,
  type Line,
  lineOf,
  padText,
  sliceText,
  textWidth,
} from '../text/line.ts'
import type { Theme } from '../theme/theme.ts'
import { prose } from './parts.ts'

type Row = LessonListSnapshot['lessons'][number]

const MARKS: Readonly<Record<Row['state'], Mark>> = {
  new: 'waiting',
  started: 'active',
  done: 'good',
}
const TITLE = 43

/** The list of lessons, and below it the marked one in two sentences. `height` is what the window has for both. */
export function lessonsScreen(
  list: LessonListSnapshot,
  options: {
    readonly shown: readonly Row[]
    readonly mark: number | undefined
    readonly finding: string | undefined
    readonly width: number
    readonly height: number
    readonly theme: Theme
  },
): Body {
  const { shown, mark, finding, width, theme } = options
  const chosen = mark === undefined ? undefined : shown[mark]
  const below = footLines(list, chosen, width)
  const find = finding === undefined ? [] : [lineOf(`  Find: ${finding}`)]
  const head = [
    EMPTY_LINE,
    ...find,
    lineOf(`${padText('', 7)}${padText('Lesson', TITLE)}State      Points    Minutes`),
  ]
  const room = Math.max(1, options.height - head.length - below.length)
  const rows = windowOf(shown, mark ?? 0, room)
  const lines: Line[] = [...head]
  let marked: number | undefined
  for (const { row, index } of rows.shown) {
    if (index === mark) marked = lines.length
    lines.push(lessonRow(row, index === mark, theme))
  }
  if (rows.below > 0)
    lines.push(lineOf(`${padText('', 58)}${`${rows.below} more below: Space`.padStart(18)}`))
  if (shown.length === 0)
    lines.push(lineOf('  No lesson has this in its title or summary. Esc shows all again.'))
  const caret = finding === undefined ? undefined : { line: 1, column: 8 + textWidth(finding) }
  return { lines: [...lines, ...below], marked, caret }
}

function lessonRow(row: Row, chosen: boolean, theme: Theme): Line {
  const state = theme.mark(MARKS[row.state], row.state)
  return joinLine(
    `  ${chosen ? theme.symbols.marked : ' '}${String(row.number).padStart(2)}  `,
    { text: sliceText(row.title, TITLE - 2), style: chosen ? theme.chosen : undefined },
    padText('', TITLE - textWidth(sliceText(row.title, TITLE - 2))),
    state,
    padText('', 9 - row.state.length),
    `${row.earned}/${row.total}`.padStart(6),
    String(row.minutes).padStart(8),
  )
}

function footLines(list: LessonListSnapshot, chosen: Row | undefined, width: number): Line[] {
  const earned = list.lessons.reduce((sum, lesson) => sum + lesson.earned, 0)
  const total = list.lessons.reduce((sum, lesson) => sum + lesson.total, 0)
  const done = list.lessons.filter((lesson) => lesson.state === 'done').length
  const about =
    chosen === undefined ? [] : [chosen.summary, chosen.resume].filter((text) => text !== undefined)
  return [
    ...(chosen === undefined
      ? []
      : [EMPTY_LINE, ...prose(chosen.title, width), ...prose(about.join(' '), width)]),
    EMPTY_LINE,
    ...prose(
      `All lessons   ${earned} of ${total} points   ${done} of ${list.lessons.length} done`,
      width,
    ),
  ]
}

/** The rows around the marked one that fit; the last row of the room says how many are below. */
function windowOf(rows: readonly Row[], mark: number, room: number) {
  const all = rows.map((row, index) => ({ row, index }))
  if (all.length <= room) return { shown: all, below: 0 }
  const count = Math.max(1, room - 1)
  const top = Math.max(0, Math.min(mark - count + 1, all.length - count))
  return { shown: all.slice(top, top + count), below: all.length - top - count }
}
