import type { StartSnapshot } from '../../runner/snapshot.ts'
import type { Body } from '../layout/viewport.ts'
import { EMPTY_LINE, joinLine, type Line, lineOf, padText } from '../text/line.ts'
import type { Theme } from '../theme/theme.ts'
import { MARGIN, prose } from './parts.ts'

const INTRO =
  'Learn Kubernetes NetworkPolicy by running, breaking and repairing real traffic. Where should the lessons run?'
const PROOF =
  'Every cluster has to prove first, with pods and policies of its own, that it enforces NetworkPolicy. The lessons are the same on all of them.'

/** Where the lessons may run, with what was found; a line fills in when its kind of cluster was looked for. */
export function startScreen(
  start: StartSnapshot,
  mark: number | undefined,
  width: number,
  theme: Theme,
): Body {
  const lines: Line[] = [EMPTY_LINE, ...prose(INTRO, width), EMPTY_LINE]
  let marked: number | undefined
  start.clusters.forEach((cluster, index) => {
    const chosen = index === mark
    if (chosen) marked = lines.length
    const sign = chosen ? theme.symbols.marked : ' '
    lines.push(
      joinLine(
        `${' '.repeat(MARGIN)}${sign} ${index + 1}  `,
        { text: cluster.title, style: chosen ? theme.chosen : undefined },
        padText('', Math.max(1, 21 - cluster.title.length)),
        padText(cluster.word ?? 'looking', 16),
        note(cluster),
      ),
      ...prose(
        cluster.word === undefined || cluster.found === '' ? cluster.about : cluster.found,
        width,
        5,
      ),
      EMPTY_LINE,
    )
  })
  lines.push(...prose(PROOF, width))
  return { lines, marked }
}

function note(cluster: StartSnapshot['clusters'][number]): string {
  if (cluster.word === undefined) return ''
  if (cluster.isDefault) return 'the default on this computer'
  if (cluster.fixes.length > 0) return 'd says how to fix it'
  return cluster.choices.length > 0 ? 'asks which one' : ''
}

/** How to put right what the marked kind of cluster lacks. */
export function startDetails(start: StartSnapshot, mark: number | undefined, width: number): Body {
  const cluster = start.clusters[mark ?? 0]
  if (cluster === undefined) return { lines: [] }
  const fixes = cluster.fixes.flatMap((fix, index) => [
    EMPTY_LINE,
    ...prose(`${index + 1}  ${fix.label}`, width, 2),
    // Commands stand as typed on a line of their own, so that they can be selected.
    ...(fix.command === undefined ? [] : [lineOf(`${' '.repeat(MARGIN + 5)}${fix.command}`)]),
  ])
  const none = [EMPTY_LINE, ...prose('Nothing has to be fixed here.', width)]
  return {
    lines: [
      EMPTY_LINE,
      ...prose(cluster.title, width),
      ...prose(cluster.about, width),
      EMPTY_LINE,
      ...prose(cluster.word === undefined ? 'It is still being looked for.' : cluster.found, width),
      ...(cluster.fixes.length === 0 ? none : fixes),
    ],
  }
}
