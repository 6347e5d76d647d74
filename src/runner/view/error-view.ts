import { LabError } from '../../base/errors.ts'
import type { ClusterKind } from '../../cluster/provider.ts'
import type { ErrorSnapshot, StatusLine } from '../snapshot.ts'
import { plain } from '../status-line.ts'

/** A way on from an error. */
export interface ErrorWay {
  readonly kind: 'simulated' | 'again' | 'choose' | 'report' | 'leave'
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
      ...(known?.why === undefined ? [] : [{ label: 'Found', text: known.why }]),
      ...(known?.next ?? []).map((text) => ({ label: 'To do', text })),
      { label: 'Kept', text: 'your files and your points' },
    ],
    choices: ways.map((way) => ({ label: way.label, note: way.note })),
    details: detailsOf(error),
    last,
    now: plain(`Enter does the marked one. q leaves with exit code ${known?.exitCode ?? 70}.`),
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
