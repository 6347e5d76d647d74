import type { AppSnapshot, ChoiceQuestion, Question } from '../../runner/snapshot.ts'
import { layoutFor } from './layout.ts'
import type { SurfaceState } from './surface-state.ts'

/** Where a key is pressed: it decides what each key does and what the keys row says. */
export type Place =
  | 'tiny'
  | 'start'
  | 'opening'
  | 'reading'
  | 'lessons'
  | 'error'
  | 'predict'
  | 'quiz'
  | 'answered'
  | 'dialog'
  | 'outcome'
  | 'debrief'
  | 'hints'
  | 'help'
  | 'copy'
  | 'editor'
  | 'details'
  | 'lesson'
  | 'terminal'
  | 'checks'

/** The question that is open, the runner's or the start screen's. */
export function openQuestion(snapshot: AppSnapshot): Question | ChoiceQuestion | undefined {
  if (snapshot.place === 'lesson') return snapshot.run.question
  if (snapshot.place === 'start-cluster') return snapshot.start.question
  return undefined
}

export function placeOf(snapshot: AppSnapshot, state: SurfaceState): Place {
  if (layoutFor(state.size).kind === 'tiny') return 'tiny'
  const overlay = state.overlays.at(-1)
  return overlay === undefined ? placeBehind(snapshot, state) : overlay.kind
}

/** The place without the screens that the surface itself put in front. */
export function placeBehind(snapshot: AppSnapshot, state: SurfaceState): Place {
  switch (snapshot.place) {
    case 'start-cluster':
      return snapshot.start.question === undefined ? 'start' : 'dialog'
    case 'opening':
      return 'opening'
    case 'lessons':
      return 'lessons'
    case 'error':
      return 'error'
    case 'lesson': {
      const { question, outcome, outcomeOpen, debrief } = snapshot.run
      if (question !== undefined) return questionPlace(question)
      if (outcome !== undefined && outcomeOpen) return 'outcome'
      if (debrief !== undefined && !state.debriefAside) return 'debrief'
      return state.focus
    }
  }
}

/** Whether a quiz or the pick of a reason is over; before the right choice is shown, another one may be made. */
export function isSettled(question: Question | ChoiceQuestion): boolean {
  return 'answered' in question && question.answered !== undefined && question.answered.right >= 0
}

/** A prediction and the pick of its reason share an id: the kind tells them apart. */
export function questionKey(question: Question | ChoiceQuestion): string {
  return `${'kind' in question ? question.kind : 'choice'} ${question.id}`
}

function questionPlace(question: Question): Place {
  switch (question.kind) {
    case 'predict':
      return 'predict'
    case 'because':
    case 'quiz':
      return isSettled(question) ? 'answered' : 'quiz'
    case 'leave':
    case 'reset':
    case 'paste':
      return 'dialog'
  }
}

/** What stands in front without being asked for, by identity: when it changes, keys are ignored for a moment. */
export function selfOpened(snapshot: AppSnapshot): string | undefined {
  if (snapshot.place === 'error') return `error ${snapshot.error.code} ${snapshot.error.sentence}`
  if (snapshot.place !== 'lesson') return undefined
  const { question, outcome, outcomeOpen } = snapshot.run
  if (question !== undefined) {
    return 'position' in question || question.kind === 'predict' ? questionKey(question) : undefined
  }
  return outcome !== undefined && outcomeOpen
    ? `outcome ${outcome.command} ${outcome.where}`
    : undefined
}

export function isPane(place: Place): place is 'lesson' | 'terminal' | 'checks' {
  return place === 'lesson' || place === 'terminal' || place === 'checks'
}
