import type { OpeningAction } from '../../cluster/provider.ts'
import type { Mark, OpeningSnapshot } from '../../runner/snapshot.ts'
import type { Body } from '../layout/viewport.ts'
import { EMPTY_LINE, joinLine, type Line, lineWidth, spreadLine } from '../text/line.ts'
import type { Theme } from '../theme/theme.ts'
import { lessonLines } from './lesson-pane.ts'
import { prose, textRoom } from './parts.ts'

const MARKS: Readonly<Record<OpeningAction['state'], Mark>> = {
  waiting: 'waiting',
  running: 'active',
  done: 'good',
  failed: 'bad',
}

const TEST = [
  'Two pods talk. A policy is applied, and the same connection must die.',
  'The policy is removed, and the connection must live again. Without that',
  'proof a lesson could call "blocked" what was only broken.',
].join(' ')

/** The real actions that open a cluster, each with its seconds. */
export function openingScreen(opening: OpeningSnapshot, width: number, theme: Theme): Body {
  const room = Math.min(textRoom(width), 68) + 2
  const actions = opening.actions.map((action): Line => {
    const word = action.state.padEnd(10)
    const left = joinLine('  ', theme.mark(MARKS[action.state], word), action.title)
    const seconds = secondsText(action)
    return seconds === '' || lineWidth(left) + seconds.length + 2 > width
      ? left
      : spreadLine(left, [{ text: seconds }], room)
  })
  return {
    lines: [
      EMPTY_LINE,
      ...actions,
      EMPTY_LINE,
      ...prose('The enforcement test', width),
      ...prose(TEST, width, 2),
      ...(opening.lesson === undefined
        ? []
        : [EMPTY_LINE, ...prose('You can read the lesson while this runs.', width)]),
    ],
  }
}

/** Tenths where an action is over, whole seconds while it runs: at most one change a second. */
function secondsText(action: OpeningAction): string {
  if (action.seconds === undefined) return ''
  return action.state === 'running'
    ? `${Math.floor(action.seconds)} s`
    : `${action.seconds.toFixed(1)} s`
}

/** The lesson, read while the cluster is opened. */
export function readingScreen(opening: OpeningSnapshot, width: number, theme: Theme): Body {
  return { lines: lessonLines(opening.lesson?.blocks ?? [], width, theme) }
}

/** Everything that the actions had to say. */
export function openingDetails(opening: OpeningSnapshot, width: number): Body {
  return {
    lines: opening.actions.flatMap((action) => [
      EMPTY_LINE,
      ...prose(
        `${action.title}: ${action.state}${action.seconds === undefined ? '' : `, ${secondsText(action)}`}`,
        width,
      ),
      ...(action.detail === undefined ? [] : prose(action.detail, width, 2)),
    ]),
  }
}
