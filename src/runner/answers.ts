import type { Because, Quiz } from '../lessons/model.ts'
import { findPrediction, findQuiz } from './state.ts'
import { line, marked, plain } from './status-line.ts'
import { checkWhatIsDue, type Step } from './step.ts'

/** How many reasons may be picked before the answer is shown. */
const BECAUSE_PICKS = 2

/** A pick of the reason: right at once earns all, at the second pick half (COURSE, score model). */
export function answerBecause(step: Step, prediction: string, choice: number): void {
  const because = findPrediction(step.state.lesson, prediction)?.prediction.because
  const chosen = because?.choices[choice]
  if (because === undefined || chosen === undefined) return
  const picks = step.state.achieved.because[prediction] ?? []
  if (picks.some((pick) => pick.closed)) return
  if (picks.some((pick) => pick.choice === choice)) {
    step.set({ last: plain('you picked that one already') })
    step.say('You picked that one already.')
    return
  }
  const pick = picks.length + 1
  step.record({
    kind: 'because-picked',
    prediction,
    choice,
    right: chosen.right,
    pick,
    closed: chosen.right || pick >= BECAUSE_PICKS,
    ...(chosen.mistake === undefined ? {} : { mistake: chosen.mistake }),
  })
  step.set({
    last: chosen.right
      ? line('the reason: ', marked('good', 'right'), `, ${points(because, pick)}`)
      : line(
          'the reason: ',
          marked('differs', 'not it'),
          pick < BECAUSE_PICKS ? '. One more pick.' : '',
        ),
  })
}

export function becausePoints(
  because: Because,
  picks: readonly { readonly right: boolean; readonly pick: number }[],
): number {
  const right = picks.find((pick) => pick.right)
  if (right === undefined) return 0
  return right.pick === 1 ? because.points : because.points / 2
}

function points(because: Because, pick: number): string {
  const earned = pick === 1 ? because.points : because.points / 2
  return `${earned} of ${because.points} ${because.points === 1 ? 'point' : 'points'}`
}

/** An answer to a question of the quiz; the first one counts. */
export function answerQuiz(step: Step, id: string, choice: number): void {
  const quiz = findQuiz(step.state.lesson, id)
  const chosen = quiz?.choices[choice]
  if (quiz === undefined || chosen === undefined) return
  const before = step.state.achieved.quizzes[id] ?? []
  if (before.length > 0) return
  step.record({
    kind: 'question-answered',
    quiz: id,
    choice,
    right: chosen.right,
    first: true,
    ...(chosen.mistake === undefined ? {} : { mistake: chosen.mistake }),
  })
  step.set({
    last: line(
      'question   ',
      chosen.right ? marked('good', 'right') : marked('differs', 'not right'),
      `, ${quizPoints(quiz, chosen.right)}`,
    ),
  })
}

function quizPoints(quiz: Quiz, right: boolean): string {
  return `${right ? quiz.points : 0} of ${quiz.points} ${quiz.points === 1 ? 'point' : 'points'}`
}

/** Goes on after an answered question; one without an answer stays open. */
export function leaveQuiz(step: Step): void {
  const { question } = step.state
  if (question?.kind !== 'quiz') return
  if (step.state.achieved.quizzes[question.quiz] === undefined) return
  step.set({ question: undefined })
  checkWhatIsDue(step, { again: false })
}
