import { LabError } from '../../base/errors.ts'
import type { ClusterKind } from '../../cluster/provider.ts'
import type { Silence } from '../heartbeat.ts'
import type { ErrorSnapshot, StatusLine } from '../snapshot.ts'
import { plain } from '../status-line.ts'

/** A way on from an error. */
export interface ErrorWay {
  readonly kind: 'simulated' | 'again' | 'choose' | 'report' | 'wait' | 'leave'
  readonly label: string
  readonly note: string
}

/** The ways on from an error, the harmless one first. */
export function errorWays(error: unknown, kind: ClusterKind | undefined): readonly ErrorWay[] {
  const ways: ErrorWay[] = []
  if (kind !== 'simulated')
    ways.push({ kind: 'simulated', label: 'Use the simulated cluster now', note: 'ready' })
  ways.push({ kind: 'again', label: 'Try again', note: firstFix(error) })
  ways.push({ kind: 'choose', label: 'Choose another cluster', note: '' })
  ways.push({
    kind: 'report',
    label: 'Write a report to a file',
    note: 'for a question or an issue',
  })
  ways.push({ kind: 'leave', label: 'Leave', note: '' })
  return ways
}

/** Long reports push the ways on off the screen: their first line and their end stay, `d` has all of it. */
function inShort(why: string): string {
  const lines = why.split('\n').filter((row) => row.trim() !== '')
  const [first = '', ...rest] = lines
  const end = rest.at(-1)
  if (lines.length <= 3 && why.length < 240) return why
  return [
    withoutMiddle(first.trim()),
    ...(end === undefined ? [] : [endOf(end.trim())]),
    'd has the whole report.',
  ].join('\n')
}

/** The first line names a command and how it ended: both ends of it are said, in whole words. */
function withoutMiddle(text: string): string {
  if (text.length <= 64) return text
  return `${text.slice(0, 40).replace(/\s+\S*$/, '')} … ${text.slice(-24).replace(/^\S*\s+/, '')}`
}

/** The end of a long line says most: there stands what a program choked on. */
function endOf(text: string): string {
  return text.length <= 140 ? text : `… ${text.slice(-138).replace(/^\S*\s+/, '')}`
}

function firstFix(error: unknown): string {
  return error instanceof LabError ? (error.next[0] ?? '') : ''
}

/** An error as people read it: what happened, what was found or tried, what is kept, ways on. */
export function errorSnapshot(
  error: unknown,
  ways: readonly ErrorWay[],
  last: StatusLine,
): ErrorSnapshot {
  const known = error instanceof LabError ? error : undefined
  return {
    code: known?.code ?? 'ERR_INTERNAL',
    exitCode: known?.exitCode ?? 70,
    title: known === undefined ? 'a defect of netpol-lab' : 'this did not work',
    sentence: error instanceof Error ? error.message : String(error),
    facts: [
      ...(known?.why === undefined ? [] : [{ label: 'Found', text: inShort(known.why) }]),
      ...(known?.next ?? []).slice(0, 2).map((text) => ({ label: 'To do', text })),
      { label: 'Kept', text: 'your files and your points' },
    ],
    choices: ways.map((way) => ({ label: way.label, note: way.note })),
    details: [...(known?.why?.split('\n') ?? []), ...(known?.next ?? []), ...detailsOf(error)],
    last,
    now: plain(`Enter does the marked one. q leaves with exit code ${known?.exitCode ?? 70}.`),
  }
}

/** Ways on from a cluster that stopped answering. */
export const LOST_WAYS: readonly ErrorWay[] = [
  { kind: 'wait', label: 'Wait', note: 'tries again every 5 s' },
  { kind: 'again', label: 'Open it again', note: 'the steps so far run again where they have to' },
  { kind: 'leave', label: 'Leave', note: 'and go on another day' },
]

/** A cluster that stopped answering in the middle of a run. */
export function lostSnapshot(silence: Silence, now: number): ErrorSnapshot {
  const seconds = Math.max(0, Math.round((now - silence.since) / 1000))
  return {
    code: 'ERR_CLUSTER_UNREACHABLE',
    exitCode: 3,
    title: 'Cluster lost',
    sentence: `The cluster stopped answering ${seconds} seconds ago.`,
    facts: [
      { label: 'Seen', text: `${silence.server}   ${silence.why}   ${silence.tries} tries` },
      { label: 'Kept', text: 'your files, your points, the text of the terminal' },
      { label: 'Not graded', text: 'a probe or check that was running: it counts as not run' },
    ],
    choices: LOST_WAYS.map((way) => ({ label: way.label, note: way.note })),
    details: [silence.why],
    last: plain(`GET /readyz failed: ${silence.why}`),
    now: plain('Waiting. This screen closes by itself when the cluster answers.'),
  }
}

function detailsOf(error: unknown): readonly string[] {
  const lines: string[] = []
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    lines.push(at.message)
    if (!(at instanceof LabError) && at.stack !== undefined)
      lines.push(...at.stack.split('\n').slice(1, 6))
  }
  return lines
}
