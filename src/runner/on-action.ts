import { assertNever } from '../base/errors.ts'
import type { Outcome } from '../lessons/model.ts'
import { answerBecause, answerQuiz, leaveQuiz } from './answers.ts'
import { cleanPaste } from './paste.ts'
import type { Action } from './snapshot.ts'
import {
  currentStep,
  entryDone,
  findPrediction,
  nextEntry,
  type RunState,
  type StepEntry,
  stepDone,
  stepEntries,
} from './state.ts'
import { line, marked, plain, wayTo } from './status-line.ts'
import { checkWhatIsDue, type Step, startComparing } from './step.ts'

/** What a learner's action makes of a run. Actions that belong to other places of the app do nothing here. */
export function onAction(step: Step, action: Action): void {
  switch (action.kind) {
    case 'enter':
      return onEnter(step)
    case 'choose':
      return onChoose(step, action.choice)
    case 'escape':
      return onEscape(step)
    case 'next-step':
      return goTo(step, step.state.stepIndex + 1)
    case 'previous-step':
      return goTo(step, step.state.stepIndex - 1)
    case 'edit-first':
      return onEditFirst(step)
    case 'open-hint':
      return onOpenHint(step, action.index)
    case 'run-checks':
      return onRunChecks(step)
    case 'interrupt':
      return onInterrupt(step)
    case 'ask-leave':
      return step.set({ question: { kind: 'leave' } })
    case 'ask-reset':
      return step.set({ question: { kind: 'reset' } })
    case 'paste':
      return onPaste(step, action.text)
    case 'show-lessons':
      return step.do({ kind: 'show-lessons' })
    case 'open-lesson':
      return step.do({ kind: 'open-lesson', id: action.id })
    case 'show-settings':
    case 'choose-cluster':
    case 'choose-fix':
      return
    default:
      return assertNever(action)
  }
}

function onEnter(step: Step): void {
  const { state } = step
  if (state.question !== undefined) {
    if (state.question.kind === 'because') return leaveBecause(step)
    if (state.question.kind === 'quiz') return leaveQuiz(step)
    return
  }
  if (state.outcome?.open) {
    step.set({ outcome: { ...state.outcome, open: false } })
    checkWhatIsDue(step, { again: false })
    return
  }
  if (state.finished) {
    if (state.nextLesson !== undefined) step.do({ kind: 'open-lesson', id: state.nextLesson.id })
    else step.do({ kind: 'show-lessons' })
    return
  }
  if (state.console.starting !== undefined) {
    // Enter came twice: the line runs once.
    step.set({ last: plain(`${firstWord(state.console.starting)} starts; a moment`) })
    return
  }
  if (state.console.busy) {
    step.set({ last: plain(`${firstWord(state.console.line)} still runs. Ctrl-C stops it.`) })
    return
  }
  if (state.comparing !== undefined) {
    // The lab's own probe runs in the same pod: what comes next could end it, and the outcome would never be shown.
    step.set({ last: plain('the lab looks at the same connection itself; a moment') })
    return
  }
  const next = nextEntry(state)
  if (next === undefined) return onStepDone(step)
  carryOut(step, next)
}

function carryOut(step: Step, next: StepEntry): void {
  switch (next.kind) {
    case 'console':
      if (next.item.place === 'pod' && step.state.console.session === undefined) return reopen(step)
      starts(step, next.item.command)
      return step.do({ kind: 'run-line', line: next.item.command, place: next.item.place })
    case 'quiz':
      return step.set({ question: { kind: 'quiz', quiz: next.id } })
    case 'task': {
      const name = next.task.file
      step.set({
        passedTasks: new Set([...step.state.passedTasks, next.id]),
        last: plain(
          name === undefined ? 'on to what shows it' : `${name} is as it was when this step began`,
        ),
      })
      return
    }
    case 'checks':
      return onRunChecks(step)
    default:
      return assertNever(next)
  }
}

/** From here until the line runs, or does not, Enter asks for nothing more. */
function starts(step: Step, line: string): void {
  step.set({ console: { ...step.state.console, starting: line } })
}

/** The lesson's own command opens the pod's shell again: the last one before here that opened one. */
function reopen(step: Step): void {
  const { lesson, stepIndex } = step.state
  const before = lesson.steps
    .slice(0, stepIndex + 1)
    .flatMap(stepEntries)
    .flatMap((entry) => (entry.kind === 'console' ? [entry.item] : []))
  const at = before.findIndex((item) => item.id === currentItem(step.state))
  const opener = before
    .slice(0, at === -1 ? before.length : at)
    .findLast(
      (item) =>
        item.place === 'lab' &&
        /^kubectl\s+(run|exec|attach)\b.*(\s-it?\b|\s-ti\b|--stdin)/.test(item.command),
    )
  if (opener === undefined) {
    step.set({ last: plain('no shell of a pod is open; open one with kubectl exec -it') })
    return
  }
  const pod = /\s([a-z0-9][-a-z0-9.]*)\s+--\s/.exec(opener.command)?.[1]
  starts(step, opener.command)
  step.do({ kind: 'reopen-session', line: opener.command, pod })
}

function currentItem(state: RunState): string | undefined {
  const next = nextEntry(state)
  return next?.kind === 'console' ? next.id : undefined
}

function onStepDone(step: Step): void {
  const { lesson, stepIndex } = step.state
  if (stepIndex + 1 < lesson.steps.length) return goTo(step, stepIndex + 1)
  finish(step)
}

function finish(step: Step): void {
  step.do({ kind: 'finish' })
}

function goTo(step: Step, index: number): void {
  const { lesson } = step.state
  const target = lesson.steps[index]
  if (target === undefined) {
    step.set({ last: plain(index < 0 ? 'this is the first step' : 'this is the last step') })
    if (index >= lesson.steps.length && stepDone(step.state)) finish(step)
    return
  }
  const open = index > step.state.stepIndex ? countOpen(step.state) : 0
  step.set({ stepIndex: index, outcome: undefined, changedFiles: new Set(), question: undefined })
  step.record({ kind: 'step-entered', step: target.id })
  step.do({ kind: 'enter-step', step: target.id })
  step.set({
    last:
      open === 0
        ? plain(`step ${index + 1} of ${lesson.steps.length}`)
        : line(
            `step ${index} has `,
            marked('waiting', `${open} open`),
            open === 1 ? ' item; ' : ' items; ',
            wayTo('previous-step'),
            open === 1 ? ' goes back to it' : ' goes back to them',
          ),
  })
  step.say(`Step ${index + 1} of ${lesson.steps.length}: ${target.title}.`)
  checkWhatIsDue(step, { again: false })
}

function countOpen(state: RunState): number {
  return stepEntries(currentStep(state)).filter((entry) => !entryDone(state, entry)).length
}

function onChoose(step: Step, choice: number): void {
  const { question, cluster } = step.state
  if (question === undefined) return
  switch (question.kind) {
    case 'predict': {
      const found = findPrediction(step.state.lesson, question.prediction)
      const outcome: Outcome | 'not sure' = found?.prediction.choices[choice]?.outcome ?? 'not sure'
      step.set({ question: undefined })
      step.record({
        kind: 'prediction-committed',
        prediction: question.prediction,
        predicted: outcome,
      })
      step.set({ last: line('you said ', marked('waiting', outcome), '; the command runs') })
      startComparing(step, question.prediction, true)
      step.do({ kind: 'release-line', token: question.token, verdict: 'run' })
      return
    }
    case 'because':
      return answerBecause(step, question.prediction, choice)
    case 'quiz':
      return answerQuiz(step, question.quiz, choice)
    case 'leave': {
      const chosen = cluster.leaveChoices[choice]
      step.set({ question: undefined })
      if (chosen !== undefined) step.do({ kind: 'leave', choice: chosen.id, exitCode: 0 })
      return
    }
    case 'reset':
      step.set({ question: undefined })
      if (choice === 1) step.do({ kind: 'reset', scope: 'step' })
      if (choice === 2) step.do({ kind: 'reset', scope: 'lesson' })
      return
    case 'paste':
      step.set({ question: undefined })
      return placePaste(step, question.text, choice)
    default:
      return assertNever(question)
  }
}

function leaveBecause(step: Step): void {
  const { question } = step.state
  if (question?.kind !== 'because') return
  const closed = (step.state.achieved.because[question.prediction] ?? []).some(
    (pick) => pick.closed,
  )
  if (!closed) return
  step.set({ question: undefined })
}

function onEscape(step: Step): void {
  const { question, outcome } = step.state
  if (question !== undefined) {
    step.set({ question: undefined })
    if (question.kind === 'predict') {
      step.do({ kind: 'release-line', token: question.token, verdict: 'hold' })
      step.set({ last: plain('not run; the command waits at the prompt') })
    }
    return
  }
  if (outcome?.open) step.set({ outcome: { ...outcome, open: false } })
}

function onEditFirst(step: Step): void {
  const next = nextEntry(step.state)
  if (next?.kind === 'console')
    step.do({ kind: 'prefill-line', line: next.item.command, place: next.item.place })
  else step.set({ last: plain('the next thing is not a command') })
}

function onOpenHint(step: Step, index: number): void {
  const current = currentStep(step.state)
  const hint = current.hints[index]
  const open = step.state.achieved.hints.filter((shown) => shown.step === current.id).length
  if (hint === undefined || index < open) return
  if (index > open) {
    step.set({ last: plain(`hint ${index + 1} opens after hint ${open + 1}`) })
    return
  }
  step.record({ kind: 'hint-shown', step: current.id, hint: index, tier: hint.tier })
  step.set({ last: plain(`hint ${index + 1} opened`) })
}

function onRunChecks(step: Step): void {
  if (step.state.checks.running.length > 0) {
    step.set({ last: plain('the checks run already') })
    return
  }
  checkWhatIsDue(step, { again: true })
  if (step.state.checks.running.length === 0)
    step.set({ last: plain('no check of this step has its turn yet') })
}

function onInterrupt(step: Step): void {
  const { question, console: terminal, checks, cluster } = step.state
  if (question?.kind === 'leave') {
    const first = cluster.leaveChoices[0]
    if (first !== undefined) step.do({ kind: 'leave', choice: first.id, exitCode: 130 })
    return
  }
  if (terminal.busy) return step.do({ kind: 'interrupt-command' })
  if (checks.running.length > 0) return step.do({ kind: 'stop-checks' })
  if (question?.kind === 'predict') onEscape(step)
  step.set({ question: { kind: 'leave' } })
}

function onPaste(step: Step, text: string): void {
  const lines = cleanPaste(text)
  if (lines.length <= 1) step.do({ kind: 'paste-line', text: lines[0] ?? '' })
  else step.set({ question: { kind: 'paste', text: lines.join('\n') } })
}

/** Choices of the paste question, in its order; a text that looks like a manifest is saved first. */
function placePaste(step: Step, text: string, choice: number): void {
  const order = pasteChoices(text)
  const chosen = order[choice]
  const place = step.state.console.place
  if (chosen === 'prompt') step.do({ kind: 'paste-line', text: text.split('\n')[0] ?? '' })
  else if (chosen === 'run')
    for (const row of text.split('\n')) step.do({ kind: 'run-line', line: row, place })
  else if (chosen === 'save') step.do({ kind: 'save-paste', text })
}

export type PasteChoice = 'prompt' | 'run' | 'save' | 'drop'

export function pasteChoices(text: string): readonly PasteChoice[] {
  return looksLikeManifest(text)
    ? ['save', 'prompt', 'run', 'drop']
    : ['prompt', 'run', 'save', 'drop']
}

function looksLikeManifest(text: string): boolean {
  return /^apiVersion:/m.test(text) && /^kind:/m.test(text)
}

function firstWord(text: string | undefined): string {
  return text?.trim().split(/\s+/)[0] ?? 'a command'
}
