import type { ProbeResult } from '../grading/types.ts'
import type {
  Check,
  ConsoleItem,
  Lesson,
  LessonStep,
  Prediction,
  Quiz,
  Task,
} from '../lessons/model.ts'
import type { Achieved } from '../progress/achieved.ts'
import type { ConsolePlace, RemoteSession } from '../shell/ports.ts'
import type { PolicyAdvice } from './policy-advice.ts'
import type { StatusLine } from './snapshot.ts'

/** Everything that a run knows. What was reached is the fold of the records; the rest is gone with the process. */
export interface RunState {
  readonly lesson: Lesson
  /** Whether predictions and questions are asked: not in a run that nobody watches. */
  readonly asks: boolean
  readonly cluster: { readonly title: string; readonly leaveChoices: readonly LeaveOption[] }
  readonly workFolder: string
  readonly nextLesson: { readonly id: string; readonly title: string } | undefined
  readonly achieved: Achieved
  readonly stepIndex: number
  readonly question: OpenQuestion | undefined
  /** Probes of this process, by prediction: they carry more than their records. */
  readonly probes: Readonly<Record<string, ProbeResult>>
  /** Screen lines that the command of a prediction printed. */
  readonly outputs: Readonly<Record<string, readonly string[]>>
  /** The prediction whose outcome is looked at or was looked at last. */
  readonly outcome: { readonly prediction: string; readonly open: boolean } | undefined
  /** The prediction whose command or probe is under way. */
  readonly comparing:
    | { readonly prediction: string; readonly commandDone: boolean; readonly probeDone: boolean }
    | undefined
  readonly console: ConsoleState
  readonly checks: { readonly running: readonly string[] }
  /** Files of tasks that differ from what they were when the step was entered. */
  readonly changedFiles: ReadonlySet<string>
  /** Tasks that the learner went past although their file is as before. */
  readonly passedTasks: ReadonlySet<string>
  /** What lint says of the policies that were changed last, while it is not told. */
  readonly advice?: PolicyAdvice | undefined
  readonly last: StatusLine
  readonly said: readonly { readonly id: number; readonly text: string }[]
  readonly finished: boolean
  /** Time of a first Ctrl-C on an empty line. */
  readonly interruptedAt: number | undefined
}

export interface LeaveOption {
  readonly id: 'keep' | 'save' | 'destroy'
  readonly label: string
  readonly sentence: string
}

export interface ConsoleState {
  readonly place: ConsolePlace
  readonly session: RemoteSession | undefined
  readonly busy: boolean
  readonly line: string | undefined
  /** The item that runs now, if the running line is one. */
  readonly item: string | undefined
  /** A line that the lab is about to type: it was asked for, and does not run yet. */
  readonly starting?: string | undefined
}

export type OpenQuestion =
  /** A command waits for a prediction. */
  | {
      readonly kind: 'predict'
      readonly prediction: string
      readonly item: string
      readonly token: number
      readonly line: string
      readonly place: ConsolePlace
    }
  | { readonly kind: 'because'; readonly prediction: string }
  | { readonly kind: 'quiz'; readonly quiz: string }
  | { readonly kind: 'leave' }
  | { readonly kind: 'reset' }
  | { readonly kind: 'paste'; readonly text: string }

/** The parts of a step that have to be done, in the order of the document. */
export type StepEntry =
  | { readonly kind: 'console'; readonly id: string; readonly item: ConsoleItem }
  | { readonly kind: 'quiz'; readonly id: string; readonly quiz: Quiz }
  | {
      readonly kind: 'task'
      readonly id: string
      readonly task: Task
      readonly checks: readonly string[]
    }
  | { readonly kind: 'checks'; readonly id: string; readonly checks: readonly Check[] }

export function currentStep(state: RunState): LessonStep {
  const step = state.lesson.steps[state.stepIndex]
  if (step === undefined)
    throw new RangeError(`Lesson ${state.lesson.id} has no step ${state.stepIndex + 1}.`)
  return step
}

export function stepEntries(step: LessonStep): readonly StepEntry[] {
  const entries: StepEntry[] = []
  for (const block of step.blocks) {
    if (block.kind === 'console') {
      for (const item of block.items) entries.push({ kind: 'console', id: item.id, item })
    } else if (block.kind === 'quiz') {
      entries.push({ kind: 'quiz', id: block.quiz.id, quiz: block.quiz })
    } else if (block.kind === 'task') {
      entries.push({ kind: 'task', id: block.task.id, task: block.task, checks: [] })
    } else if (block.kind === 'check') {
      entries.push({
        kind: 'checks',
        id: block.checks.map((check) => check.id).join(' '),
        checks: block.checks,
      })
    }
  }
  return entries.map((entry, index) =>
    entry.kind === 'task' ? { ...entry, checks: checksAfter(entries, index) } : entry,
  )
}

function checksAfter(entries: readonly StepEntry[], index: number): readonly string[] {
  const next = entries.slice(index).find((entry) => entry.kind === 'checks')
  return next === undefined ? [] : next.checks.map((check) => check.id)
}

/** Whether an entry needs nothing more of the learner. */
export function entryDone(state: RunState, entry: StepEntry): boolean {
  switch (entry.kind) {
    case 'console':
      return state.achieved.items.has(entry.id)
    case 'quiz':
      return !state.asks || state.achieved.quizzes[entry.id] !== undefined
    case 'task':
      return (
        state.passedTasks.has(entry.id) ||
        (entry.task.file !== undefined && state.changedFiles.has(entry.task.file)) ||
        (entry.checks.length > 0 &&
          entry.checks.every((id) => state.achieved.checks[id]?.state === 'passed'))
      )
    case 'checks':
      return entry.checks.every((check) => {
        const result = state.achieved.checks[check.id]
        return result !== undefined && result.state !== 'failed'
      })
  }
}

export function nextEntry(state: RunState): StepEntry | undefined {
  return stepEntries(currentStep(state)).find((entry) => !entryDone(state, entry))
}

/**
 * Whether the document has something to read between what was done last and the next thing. A surface that hides the lesson
 * behind the terminal shows it then, before Enter carries anything out.
 */
export function readsBeforeNext(state: RunState): boolean {
  const next = nextEntry(state)
  if (next === undefined) return false
  const { blocks } = currentStep(state)
  const at = blocks.findIndex((block) => entryIds(block)[0] === next.id)
  const before = blocks.slice(0, Math.max(0, at)).findLast((block) => block.kind !== 'check')
  return at !== -1 && (before === undefined || ['prose', 'excerpt', 'file'].includes(before.kind))
}

function entryIds(block: LessonStep['blocks'][number]): readonly string[] {
  if (block.kind === 'console') return block.items.map((item) => item.id)
  if (block.kind === 'quiz') return [block.quiz.id]
  return block.kind === 'task' ? [block.task.id] : []
}

export function stepDone(state: RunState): boolean {
  return nextEntry(state) === undefined
}

/** The checks of this step whose turn has come: everything before them is done. */
export function dueChecks(state: RunState): readonly Check[] {
  const due: Check[] = []
  for (const entry of stepEntries(currentStep(state))) {
    if (entry.kind === 'checks') {
      due.push(...entry.checks.filter((check) => !waitsForPrediction(state, check)))
      if (!entryDone(state, entry)) break
    } else if (!entryDone(state, entry)) break
  }
  return due
}

/** A check that would give away a prediction waits until that was sent. */
export function waitsForPrediction(state: RunState, check: Check): boolean {
  return (
    state.asks && check.after !== undefined && state.achieved.predictions[check.after] === undefined
  )
}

export function findPrediction(
  lesson: Lesson,
  id: string,
): { prediction: Prediction; item: ConsoleItem } | undefined {
  for (const step of lesson.steps) {
    for (const entry of stepEntries(step)) {
      if (entry.kind === 'console' && entry.item.prediction?.id === id) {
        return { prediction: entry.item.prediction, item: entry.item }
      }
    }
  }
  return undefined
}

export function findQuiz(lesson: Lesson, id: string): Quiz | undefined {
  for (const step of lesson.steps) {
    for (const entry of stepEntries(step))
      if (entry.kind === 'quiz' && entry.id === id) return entry.quiz
  }
  return undefined
}

export function allChecks(lesson: Lesson): readonly Check[] {
  return lesson.steps.flatMap((step) =>
    step.blocks.flatMap((block) => (block.kind === 'check' ? block.checks : [])),
  )
}

export function allQuizzes(lesson: Lesson): readonly Quiz[] {
  return lesson.steps.flatMap((step) =>
    step.blocks.flatMap((block) => (block.kind === 'quiz' ? [block.quiz] : [])),
  )
}

export function allPredictions(
  lesson: Lesson,
): readonly { prediction: Prediction; item: ConsoleItem }[] {
  return lesson.steps.flatMap((step) =>
    stepEntries(step).flatMap((entry) =>
      entry.kind === 'console' && entry.item.prediction !== undefined
        ? [{ prediction: entry.item.prediction, item: entry.item }]
        : [],
    ),
  )
}
