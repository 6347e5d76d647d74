import type { RunSnapshot, StatusLine } from '../snapshot.ts'
import { nextEntry, type RunState, type StepEntry } from '../state.ts'
import { line, plain, wayTo } from '../status-line.ts'

/** The one next thing and the key that does it. */
export function nowLine(state: RunState): StatusLine {
  const now = nowText(state)
  return typeof now === 'string' ? plain(now) : now
}

/** What Enter does in the lesson now. */
export function enterMeaning(state: RunState): RunSnapshot['enter'] {
  if (state.question !== undefined) return 'answer'
  if (state.outcome?.open) return 'continue'
  if (state.finished) return 'next-step'
  const { busy, starting } = state.console
  if (busy || starting !== undefined || state.comparing !== undefined) return 'none'
  const next = nextEntry(state)
  if (next === undefined) return 'next-step'
  if (next.kind === 'checks') return state.checks.running.length > 0 ? 'none' : 'check'
  return next.kind === 'quiz' ? 'answer' : 'run'
}

function nowText(state: RunState): string | StatusLine {
  const { question, lesson, console: terminal } = state
  if (question !== undefined) return questionText(state)
  if (state.comparing !== undefined && !terminal.busy)
    return 'The lab looks at the same connection itself; a moment.'
  if (terminal.busy)
    return `${first(terminal.line)} runs${terminal.place === 'pod' && terminal.session ? ` in pod ${terminal.session.pod}` : ''}. Ctrl-C stops it.`
  if (terminal.starting !== undefined) return `${first(terminal.starting)} starts.`
  const next = nextEntry(state)
  if (state.outcome?.open)
    return next === undefined ? 'Enter goes on.' : `Enter goes on: ${short(next)}`
  if (state.finished) {
    return state.nextLesson === undefined
      ? 'Enter goes to the list of lessons. q leaves.'
      : `Enter opens the next lesson, ${state.nextLesson.title}.`
  }
  if (next === undefined) {
    const following = lesson.steps[state.stepIndex + 1]
    return following === undefined
      ? 'Every step is done. Enter ends the lesson.'
      : `Step done. Enter goes to step ${following.number}, ${following.title}.`
  }
  return entryText(state, next)
}

function questionText(state: RunState): string {
  const { question } = state
  switch (question?.kind) {
    case 'predict':
      return 'A number marks what you expect. Enter sends it and runs the command.'
    case 'because': {
      const closed = (state.achieved.because[question.prediction] ?? []).some((pick) => pick.closed)
      return closed ? 'Enter goes on to the outcome.' : 'A number marks a reason. Enter sends it.'
    }
    case 'quiz':
      return state.achieved.quizzes[question.quiz] === undefined
        ? 'A number marks an answer. Enter sends it.'
        : 'Enter goes on.'
    case 'leave':
      return 'A number marks a choice. Enter does it. Esc stays.'
    case 'reset':
    case 'paste':
      return 'A number marks a choice. Enter does it.'
    case undefined:
      return ''
  }
}

function entryText(state: RunState, next: StepEntry): string | StatusLine {
  const session = state.console.session
  switch (next.kind) {
    case 'console': {
      const asks =
        state.asks &&
        next.item.prediction !== undefined &&
        state.achieved.predictions[next.item.prediction.id] === undefined
      const first = asks ? ' First you say what will happen.' : ''
      if (next.item.place === 'pod') {
        return session === undefined
          ? "Enter opens the pod's shell again."
          : `Enter runs the marked line in pod ${session.pod}.${first}`
      }
      return `Enter runs the marked line.${first}`
    }
    case 'quiz':
      return 'Enter opens the question.'
    case 'task':
      return next.task.file === undefined
        ? line('Do it, then Enter goes on. ', wayTo('hints'), ' has hints.')
        : line(
            `Change ${next.task.file}: `,
            wayTo('editor'),
            ' opens it. Enter goes on. ',
            wayTo('hints'),
            ' has hints.',
          )
    case 'checks': {
      if (state.checks.running.length > 0) return 'The checks run.'
      const failed = next.checks.find(
        (check) => state.achieved.checks[check.id]?.state === 'failed',
      )
      return failed === undefined
        ? 'Enter runs the checks.'
        : line(
            'A check failed: ',
            wayTo('checks'),
            ' says why. Repair it, then Enter checks again.',
          )
    }
  }
}

function short(next: StepEntry): string {
  switch (next.kind) {
    case 'console':
      return next.item.command
    case 'quiz':
      return 'a question'
    case 'task':
      return next.task.text
    case 'checks':
      return 'the checks'
  }
}

function first(text: string | undefined): string {
  return text?.trim().split(/\s+/).slice(0, 2).join(' ') ?? 'a command'
}
