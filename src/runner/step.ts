import type { ConsoleItem } from '../lessons/model.ts'
import { achieve } from '../progress/achieved.ts'
import type { ProgressRecord } from '../progress/records.ts'
import type { RunEffect } from './events.ts'
import { sameEffect } from './match-command.ts'
import { currentStep, dueChecks, type RunState, stepEntries } from './state.ts'

export interface Transition {
  readonly state: RunState
  readonly effects: readonly RunEffect[]
}

type RecordInput = ProgressRecord extends infer R
  ? R extends ProgressRecord
    ? Omit<R, 'at'>
    : never
  : never

/** One transition under way: collects the next state and the effects. */
export class Step {
  state: RunState
  readonly now: number
  private readonly effects: RunEffect[] = []

  constructor(state: RunState, now: number) {
    this.state = state
    this.now = now
  }

  set(change: Partial<RunState>): void {
    this.state = { ...this.state, ...change }
  }

  do(effect: RunEffect): void {
    this.effects.push(effect)
  }

  /** Adds a record to what was reached and has it written down. */
  record(input: RecordInput): void {
    const record: ProgressRecord = { at: new Date(this.now).toISOString(), ...input }
    this.set({ achieved: achieve(this.state.achieved, record) })
    this.do({ kind: 'record', record })
  }

  say(text: string): void {
    const id = (this.state.said.at(-1)?.id ?? 0) + 1
    this.set({ said: [...this.state.said.slice(-199), { id, text }] })
  }

  done(): Transition {
    return { state: this.state, effects: this.effects }
  }
}

/** The item of this step that a line carries out: one that is not done yet, else one that was. */
export function itemOf(
  state: RunState,
  typed: string,
  place: 'lab' | 'pod',
): ConsoleItem | undefined {
  const items = stepEntries(currentStep(state)).flatMap((entry) =>
    entry.kind === 'console' ? [entry.item] : [],
  )
  const same = items.filter(
    (item) => item.place === place && sameEffect(item.command, typed, place),
  )
  return same.find((item) => !state.achieved.items.has(item.id)) ?? same[0]
}

/** From here on the command and the lab's own probe both have to end before they are compared. */
export function startComparing(step: Step, prediction: string, fresh: boolean): void {
  step.set({ comparing: { prediction, commandDone: false, probeDone: false } })
  if (fresh) step.set({ outcome: undefined })
  step.do({ kind: 'run-probe', prediction })
}

export function tick(step: Step, item: ConsoleItem): void {
  if (!step.state.achieved.items.has(item.id)) step.record({ kind: 'item-done', item: item.id })
}

/**
 * Runs the checks whose turn has come: those never run, and with `again` those of this step that have failed or
 * passed before, because the cluster may have changed.
 */
export function checkWhatIsDue(step: Step, options: { readonly again: boolean }): void {
  if (step.state.checks.running.length > 0 || step.state.finished) return
  const due = dueChecks(step.state).filter(
    (check) => options.again || step.state.achieved.checks[check.id] === undefined,
  )
  if (due.length === 0) return
  const ids = due.map((check) => check.id)
  step.set({ checks: { running: ids } })
  step.do({ kind: 'run-checks', checks: ids })
}
