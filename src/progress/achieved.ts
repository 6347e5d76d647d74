import type { ProgressRecord } from './records.ts'

type RecordOf<K extends ProgressRecord['kind']> = Extract<ProgressRecord, { kind: K }>

/** What a run has reached: the fold of its records. */
export interface Achieved {
  readonly startedAt: string | undefined
  readonly cluster: string | undefined
  /** Id of the step that was entered last. */
  readonly step: string | undefined
  readonly items: ReadonlySet<string>
  readonly predictions: Readonly<Record<string, string>>
  readonly probes: Readonly<Record<string, RecordOf<'probe-finished'>>>
  readonly because: Readonly<Record<string, readonly RecordOf<'because-picked'>[]>>
  readonly quizzes: Readonly<Record<string, readonly RecordOf<'question-answered'>[]>>
  /** The last result of each check. */
  readonly checks: Readonly<Record<string, RecordOf<'check-finished'>>>
  /** How often each check failed before it passed. */
  readonly failures: Readonly<Record<string, number>>
  readonly hints: readonly RecordOf<'hint-shown'>[]
  readonly finished: RecordOf<'run-finished'> | undefined
}

export const NOTHING_ACHIEVED: Achieved = {
  startedAt: undefined,
  cluster: undefined,
  step: undefined,
  items: new Set(),
  predictions: {},
  probes: {},
  because: {},
  quizzes: {},
  checks: {},
  failures: {},
  hints: [],
  finished: undefined,
}

/** Adds one record to what was reached. */
export function achieve(so: Achieved, record: ProgressRecord): Achieved {
  switch (record.kind) {
    case 'run-started':
      return { ...NOTHING_ACHIEVED, startedAt: record.at, cluster: record.cluster }
    case 'step-entered':
      return { ...so, step: record.step }
    case 'item-done':
      return { ...so, items: new Set([...so.items, record.item]) }
    case 'prediction-committed':
      return { ...so, predictions: { ...so.predictions, [record.prediction]: record.predicted } }
    case 'probe-finished':
      return { ...so, probes: { ...so.probes, [record.prediction]: record } }
    case 'because-picked':
      return { ...so, because: append(so.because, record.prediction, record) }
    case 'question-answered':
      return { ...so, quizzes: append(so.quizzes, record.quiz, record) }
    case 'check-finished':
      return {
        ...so,
        checks: { ...so.checks, [record.check]: record },
        failures:
          record.state === 'failed'
            ? { ...so.failures, [record.check]: (so.failures[record.check] ?? 0) + 1 }
            : so.failures,
      }
    case 'step-restarted':
      return {
        ...so,
        items: new Set([...so.items].filter((item) => !record.items.includes(item))),
        checks: Object.fromEntries(
          Object.entries(so.checks).filter(([check]) => !record.checks.includes(check)),
        ),
      }
    case 'hint-shown':
      return { ...so, hints: [...so.hints, record] }
    case 'run-finished':
      return { ...so, finished: record }
    case 'policy-applied':
    case 'environment-problem':
      return so
  }
}

/** What a whole list of records reached. */
export function achieved(records: readonly ProgressRecord[]): Achieved {
  return records.reduce(achieve, NOTHING_ACHIEVED)
}

function append<T>(
  lists: Readonly<Record<string, readonly T[]>>,
  key: string,
  value: T,
): Readonly<Record<string, readonly T[]>> {
  return { ...lists, [key]: [...(lists[key] ?? []), value] }
}
