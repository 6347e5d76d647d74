import type { Clock } from '../base/clock.ts'
import type { OpeningAction } from '../cluster/provider.ts'
import type { Lesson } from '../lessons/model.ts'
import { achieved } from '../progress/achieved.ts'
import type { ProgressRecord } from '../progress/records.ts'
import type { LabShell } from '../shell/ports.ts'
import { stepEntries } from './state.ts'

/** Lab lines that change the cluster; the others only look at it. A session with a pod's shell is opened again when it is needed. */
const CHANGES = /^kubectl\s+(run|apply|create|expose|replace|delete|label|annotate|patch|scale)\b/
const INTERACTIVE = /\s-(i|t|it|ti)\b|--stdin|--tty/

/**
 * Brings a cluster that knows nothing of a lesson to where the records are: the lab lines that were done run
 * again, with the learner's own files, in their order.
 */
export async function replaySteps(options: {
  readonly lesson: Lesson
  readonly records: readonly ProgressRecord[]
  readonly shell: LabShell
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly onAction: (action: OpeningAction) => void
  /** Only the steps before this one. @default up to and with the step that the records stand at */
  readonly before?: string | undefined
}): Promise<void> {
  const { items, step } = achieved(options.records)
  const { steps } = options.lesson
  const until =
    options.before === undefined
      ? steps.findIndex((each) => each.id === step) + 1
      : steps.findIndex((each) => each.id === options.before)
  const lines = steps
    .slice(0, Math.max(0, until))
    .flatMap(stepEntries)
    .flatMap((entry) =>
      entry.kind === 'console' && entry.item.place === 'lab' && items.has(entry.id)
        ? [entry.item.command]
        : [],
    )
    .filter((command) => CHANGES.test(command) && !INTERACTIVE.test(command))
  if (lines.length === 0) return
  const action = { id: 'replay', title: `${lines.length} commands of the steps you did, again` }
  const since = options.clock.now()
  options.onAction({ ...action, state: 'running' })
  for (const line of lines) {
    await options.shell.run(line, { stdout: () => {}, stderr: () => {}, signal: options.signal })
  }
  options.onAction({ ...action, state: 'done', seconds: (options.clock.now() - since) / 1000 })
}
