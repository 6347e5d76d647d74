import type { Outcome } from '../../lessons/model.ts'
import { becausePoints } from '../answers.ts'
import { type PasteChoice, pasteChoices } from '../on-action.ts'
import type { AnsweredView, Question } from '../snapshot.ts'
import { allQuizzes, findPrediction, findQuiz, type OpenQuestion, type RunState } from '../state.ts'
import { targetOf } from '../transition.ts'
import { sourceOf } from './outcome-view.ts'

/** The question that is open, with everything that a surface needs to ask it. */
export function questionView(state: RunState): Question | undefined {
  const { question } = state
  if (question === undefined) return undefined
  switch (question.kind) {
    case 'predict':
      return predictView(state, question)
    case 'because':
      return becauseView(state, question.prediction)
    case 'quiz':
      return quizView(state, question.quiz)
    case 'leave':
      return leaveView(state)
    case 'reset':
      return {
        kind: 'reset',
        id: 'reset',
        title: 'Start again',
        text: [
          "The lesson's pods, services and policies are made anew. Your files are kept as name.1.yaml.",
        ],
        excerpt: undefined,
        choices: [
          { label: 'Go on as it is', note: 'nothing changes' },
          {
            label: 'Start this step again',
            note: 'the steps before it run again by themselves; answers that you gave stay',
          },
          { label: 'Start the lesson again', note: 'at step 1, with 0 points' },
        ],
        marked: 0,
        escape: 'back',
      }
    case 'paste':
      return {
        kind: 'paste',
        id: 'paste',
        title: 'Pasted',
        text: [
          `${question.text.split('\n').length} lines were pasted. What should happen to them?`,
        ],
        excerpt: question.text.split('\n').slice(0, 8).join('\n'),
        choices: pasteChoices(question.text).map((choice) => PASTE_LABELS[choice]),
        marked: 0,
        escape: 'drop it',
      }
  }
}

const PASTE_LABELS: Readonly<
  Record<PasteChoice, { readonly label: string; readonly note: string }>
> = {
  prompt: { label: 'Put the first line at the prompt', note: 'not run' },
  run: { label: 'Run line by line', note: '' },
  save: { label: 'Save as a file', note: 'in your work folder' },
  drop: { label: 'Drop it', note: '' },
}

function predictView(
  state: RunState,
  question: Extract<OpenQuestion, { kind: 'predict' }>,
): Question | undefined {
  const found = findPrediction(state.lesson, question.prediction)
  if (found === undefined) return undefined
  const { prediction } = found
  const outcomes: readonly (Outcome | undefined)[] = [
    ...prediction.choices.map((choice) => choice.outcome),
    undefined,
  ]
  const { probe } = prediction
  return {
    kind: 'predict',
    id: prediction.id,
    title: 'Predict',
    prompt: question.place === 'lab' ? 'lab$' : '/ #',
    command: question.line,
    from: `pod ${sourceOf(probe.from)} in namespace ${probe.from.namespace}`,
    to: `${targetOf({ to: probe.to })}${probe.port === undefined ? '' : `, port ${probe.port}`}, ${probe.protocol}`,
    text: ['What will the pod see?'],
    excerpt: undefined,
    choices: [
      ...prediction.choices.map((choice) => ({ label: choice.outcome, note: choice.text })),
      { label: 'not sure', note: 'no points, and nothing lost' },
    ],
    outcomes,
    marked: undefined,
    escape: 'do not run it',
    footnote: 'Points are for saying what you expect, right or not.',
  }
}

function becauseView(state: RunState, id: string): Question | undefined {
  const found = findPrediction(state.lesson, id)
  const because = found?.prediction.because
  const result = state.probes[id]
  if (found === undefined || because === undefined) return undefined
  const picks = state.achieved.because[id] ?? []
  const last = picks.at(-1)
  const closed = picks.some((pick) => pick.closed)
  const right = because.choices.findIndex((choice) => choice.right)
  const earned = becausePoints(because, picks)
  const answered: AnsweredView | undefined =
    last === undefined
      ? undefined
      : {
          chosen: last.choice,
          right: closed ? right : -1,
          reasons: [
            because.choices[last.choice]?.why ?? '',
            ...(closed && !last.right ? [because.choices[right]?.why ?? ''] : []),
          ],
          points: closed
            ? `${earned} of ${because.points} ${because.points === 1 ? 'point' : 'points'}.`
            : 'One more pick.',
        }
  const predicted = state.achieved.predictions[id]
  const outcome = result?.kind === 'observed' ? result.facts.outcome : 'inconclusive'
  const seconds = result?.kind === 'observed' ? ` after ${result.facts.seconds.toFixed(1)} s` : ''
  return {
    kind: 'because',
    id,
    title: 'Because',
    position: '',
    text: [
      ...(predicted === undefined
        ? []
        : [`You predicted ${predicted}. It was ${outcome}${seconds}.`]),
      because.question,
    ],
    excerpt: found.item.command,
    choices: because.choices.map((choice) => ({ label: choice.text, note: '' })),
    marked: undefined,
    escape: 'back',
    answered,
  }
}

function quizView(state: RunState, id: string): Question | undefined {
  const quiz = findQuiz(state.lesson, id)
  if (quiz === undefined) return undefined
  const all = allQuizzes(state.lesson)
  const given = state.achieved.quizzes[id]?.[0]
  const right = quiz.choices.findIndex((choice) => choice.right)
  const earned = given?.right === true ? quiz.points : 0
  return {
    kind: 'quiz',
    id,
    title: 'Quiz',
    position: `${all.findIndex((other) => other.id === id) + 1} of ${all.length}`,
    text: [quiz.question],
    excerpt: quiz.excerpt,
    choices: quiz.choices.map((choice) => ({ label: choice.text, note: '' })),
    marked: undefined,
    escape: 'back',
    answered:
      given === undefined
        ? undefined
        : {
            chosen: given.choice,
            right,
            reasons: [
              quiz.choices[given.choice]?.why ?? '',
              ...(given.right ? [] : [quiz.choices[right]?.why ?? '']),
            ],
            points: `${earned} of ${quiz.points} ${quiz.points === 1 ? 'point' : 'points'}.`,
          },
  }
}

function leaveView(state: RunState): Question {
  const { lesson, stepIndex, cluster } = state
  return {
    kind: 'leave',
    id: 'leave',
    title: 'Leave',
    text: [
      `Step ${stepIndex + 1} of ${lesson.steps.length}. Your files and points are saved.`,
      `The ${cluster.title} is running. What should happen to it?`,
    ],
    excerpt: undefined,
    choices: [
      ...cluster.leaveChoices.map((choice) => ({ label: choice.label, note: choice.sentence })),
      { label: 'Stay', note: `go on with step ${stepIndex + 1}` },
    ],
    marked: 0,
    escape: 'stay',
  }
}
