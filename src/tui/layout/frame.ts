import type { AppSnapshot, RunSnapshot, StatusLine } from '../../runner/snapshot.ts'
import { KEY_TABLE, type KeyContext } from '../keys.ts'
import { layoutFor } from '../place/layout.ts'
import { isPane, openQuestion, type Place } from '../place/place.ts'
import type { PaneName, SurfaceState } from '../place/surface-state.ts'
import { questionHeading } from '../screens/question-screen.ts'
import {
  fitLine,
  joinLine,
  type Line,
  lineOf,
  lineWidth,
  spreadLine,
  textWidth,
} from '../text/line.ts'
import type { Theme } from '../theme/theme.ts'

/** The first row: where you are, and the points. Too narrow, it loses cluster, lesson and step title in this order. */
export function headerLine(snapshot: AppSnapshot, columns: number, theme: Theme): Line {
  const dot = ` ${theme.symbols.dot} `
  switch (snapshot.place) {
    case 'start-cluster':
      return spread(
        ' netpol-lab',
        snapshot.start.firstStart ? 'first start ' : 'settings ',
        columns,
      )
    case 'opening':
      return spread(
        ` netpol-lab${dot}opening the cluster`,
        `${snapshot.opening.title}${dot}${Math.floor(snapshot.opening.seconds)} s `,
        columns,
      )
    case 'lessons':
      return spread(
        ` netpol-lab${dot}lessons`,
        `${snapshot.list.cluster}${dot}s settings `,
        columns,
      )
    case 'error':
      return spread(` netpol-lab${dot}${snapshot.error.title}`, `${snapshot.error.code} `, columns)
    case 'lesson':
      return runHeader(snapshot.run, columns, dot)
  }
}

function runHeader(run: RunSnapshot, columns: number, dot: string): Line {
  const points = `${run.score.earned}/${run.score.total} points `
  if (run.debrief !== undefined)
    return spread(` netpol-lab${dot}lesson ${run.lesson.number} done`, points, columns)
  const step = `step ${run.step.number} of ${run.step.count}`
  const wide = columns >= 100
  const lesson = ` ${run.lesson.number} ${wide ? run.lesson.title : run.lesson.shortTitle}`
  const forms: readonly (readonly [string, string])[] = [
    ...(wide
      ? [[[lesson, step, run.step.title].join(dot), `${run.cluster}${dot}${points}`] as const]
      : []),
    [[lesson, step, run.step.title].join(dot), points],
    [` ${[step, run.step.title].join(dot)}`, points],
    [` ${step}`, points],
  ]
  const fits = forms.find(([left, right]) => textWidth(left) + textWidth(right) + 2 <= columns)
  const [left, right] = fits ?? [` ${step}`, points]
  return spread(left, right, columns)
}

function spread(left: string, right: string, columns: number): Line {
  return spreadLine(lineOf(left), lineOf(right), columns)
}

/** The second row: tabs over one pane, the title of a screen, or a rule where neither is. */
export function headingLine(
  place: Place,
  snapshot: AppSnapshot,
  state: SurfaceState,
  theme: Theme,
): Line {
  const { columns } = state.size
  if (snapshot.place === 'lesson' && isPane(place))
    return tabsLine(place, snapshot.run, state, theme)
  const title = titleOf(place, snapshot)
  if (title === undefined) return lineOf(theme.symbols.light.repeat(columns))
  return spreadLine(
    joinLine(' ', heavy(title.text, theme)),
    lineOf(`Esc ${title.escape} `),
    columns,
  )
}

function titleOf(
  place: Place,
  snapshot: AppSnapshot,
): { readonly text: string; readonly escape: string } | undefined {
  const question = openQuestion(snapshot)
  switch (place) {
    case 'predict':
    case 'quiz':
    case 'answered':
    case 'dialog':
      return question === undefined
        ? undefined
        : { text: questionHeading(question), escape: question.escape }
    case 'outcome':
      return { text: 'Outcome', escape: 'back' }
    case 'hints':
      return {
        text: snapshot.place === 'lesson' ? `Hints for step ${snapshot.run.step.number}` : 'Hints',
        escape: 'back',
      }
    case 'help':
      return { text: 'All keys', escape: 'back' }
    case 'copy':
      return { text: 'Copy', escape: 'back' }
    case 'editor':
      return { text: 'Files of this step', escape: 'back' }
    case 'details':
      return { text: 'Details', escape: 'back' }
    case 'reading':
      return {
        text:
          snapshot.place === 'opening' ? (snapshot.opening.lesson?.title ?? 'Lesson') : 'Lesson',
        escape: 'back',
      }
    default:
      return undefined
  }
}

function heavy(text: string, theme: Theme): Line {
  const bar = theme.symbols.heavy.repeat(2)
  return [{ text: `${bar} ${text} ${bar}`, style: theme.heading }]
}

const PANES: readonly { readonly name: PaneName; readonly title: string; readonly key: string }[] =
  [
    { name: 'lesson', title: 'Lesson', key: 'l' },
    { name: 'terminal', title: 'Terminal', key: 't' },
    { name: 'checks', title: 'Checks', key: 'c' },
  ]

function tabsLine(focus: PaneName, run: RunSnapshot, state: SurfaceState, theme: Theme): Line {
  const shown =
    layoutFor(state.size).kind === 'split' ? PANES.filter((pane) => pane.name === focus) : PANES
  const tabs = shown.map((pane) => {
    const count = pane.name === 'checks' ? passedText(run) : undefined
    if (pane.name === focus) return heavy([pane.title, count].filter(Boolean).join(' '), theme)
    return lineOf([pane.title, pane.key, count].filter(Boolean).join(' '))
  })
  const line = joinLine(' ', ...tabs.flatMap((tab, index) => (index === 0 ? [tab] : ['  ', tab])))
  return shown.length > 1 ? line : spreadLine(line, lineOf('z all panes '), state.size.columns)
}

/** `3/5`: how many of the step's checks passed. */
function passedText(run: RunSnapshot): string | undefined {
  if (run.checks.length === 0) return undefined
  return `${run.checks.filter((check) => check.state === 'passed').length}/${run.checks.length}`
}

/** The heading of a pane of the split layout, as wide as the pane: heavy where the keys are, else with the key that goes there. */
export function paneHeading(
  name: PaneName,
  options: {
    readonly focus: PaneName
    readonly run: RunSnapshot
    readonly width: number
    readonly theme: Theme
  },
): Line {
  const { focus, run, width, theme } = options
  const pane = PANES.find((candidate) => candidate.name === name)
  const focused = name === focus
  const bar = focused ? theme.symbols.heavy : theme.symbols.light
  const words = [
    pane?.title,
    focused ? undefined : pane?.key,
    name === 'checks' ? passedText(run) : undefined,
  ]
  const title = words.filter(Boolean).join(' ')
  const text = `${bar.repeat(2)} ${title} `
  const line = text + bar.repeat(Math.max(0, width - textWidth(text)))
  return focused ? [{ text: line, style: theme.heading }] : lineOf(line)
}

/** `Last` and `Now`: one row each, cut where the window ends. */
export function statusRow(
  label: 'Last' | 'Now',
  status: StatusLine | string,
  columns: number,
  theme: Theme,
): Line {
  const text =
    typeof status === 'string' ? lineOf(status.replace(/\s*\n\s*/g, ' ')) : theme.status(status)
  return fitLine(
    joinLine(' ', { text: label.padEnd(4), style: theme.heading }, '  ', text),
    columns - 1,
  )
}

/** Whole entries only; the least important go first, never those of rank 9. */
export function keysRow(context: KeyContext, theme: Theme): Line {
  const room = context.state.size.columns - 2
  let entries = KEY_TABLE.flatMap((binding, order) => {
    const footer = binding.footer(context)
    return footer === undefined
      ? []
      : [{ keys: footer.keys ?? binding.shown, label: footer.label, rank: footer.rank, order }]
  })
  const width = () =>
    entries.reduce((sum, entry) => sum + textWidth(entry.keys) + entry.label.length + 4, -3)
  while (width() > room && entries.some((entry) => entry.rank < 9)) {
    const least = entries.reduce((low, entry) => (entry.rank <= low.rank ? entry : low))
    entries = entries.filter((entry) => entry !== least)
  }
  const parts = entries.flatMap((entry, index): Line[] => [
    lineOf(index === 0 ? ' ' : '   '),
    [{ text: entry.keys, style: theme.key }],
    lineOf(entry.label === '' ? '' : ` ${entry.label}`),
  ])
  const line = joinLine(...parts)
  return lineWidth(line) > room + 1 ? fitLine(line, room + 1) : line
}
