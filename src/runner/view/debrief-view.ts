import { scoreRun } from '../../grading/score.ts'
import type { DebriefView } from '../snapshot.ts'
import { allChecks, allPredictions, allQuizzes, type RunState } from '../state.ts'

/** The card after the lesson, written from the run's own records. */
export function debriefView(state: RunState): DebriefView {
  const { lesson, achieved } = state
  const score = scoreRun(lesson, achieved, { asked: state.asks })
  const checks = allChecks(lesson)
  const passed = checks.filter((check) => achieved.checks[check.id]?.state === 'passed')
  const second = passed.filter((check) => (achieved.failures[check.id] ?? 0) > 0).length
  const predictions = allPredictions(lesson)
  const made = predictions.filter(({ prediction }) => said(state, prediction.id) !== undefined)
  const right = made.filter(
    ({ prediction }) => said(state, prediction.id) === achieved.probes[prediction.id]?.observed,
  )
  const quizzes = allQuizzes(lesson)
  const firstRight = quizzes.filter((quiz) => achieved.quizzes[quiz.id]?.[0]?.right)
  const hintsTotal = lesson.steps.reduce((sum, step) => sum + step.hints.length, 0)
  const notes: Readonly<Record<string, string>> = {
    result: `${passed.length} of ${checks.length} checks passed${second === 0 ? '' : `, ${second} of them at a later try`}`,
    prediction: `${made.length} made, ${right.length} right`,
    reason: '',
    recall: `${firstRight.length} of ${quizzes.length} at the first try`,
  }
  return {
    title: lesson.title,
    where: state.cluster.title,
    minutes: minutesOf(state),
    passed: score.passed,
    parts: [
      ...score.parts.map((part) => ({
        name: part.name,
        value: `${part.earned}/${part.total}`,
        note: notes[part.id] || part.note,
      })),
      { name: 'Hints', value: '', note: `${achieved.hints.length} of ${hintsTotal} opened` },
    ],
    shown: lesson.shown.map((claim) => {
      const all = claim.checks.every((id) => achieved.checks[id]?.state === 'passed')
      return {
        mark: all ? ('good' as const) : ('waiting' as const),
        word: all ? 'shown' : 'not yet',
        text: claim.text,
      }
    }),
    again: again(state),
    idea: lesson.summary,
    workFolder: state.workFolder,
    next: state.nextLesson,
  }
}

function said(state: RunState, id: string): string | undefined {
  const predicted = state.achieved.predictions[id]
  return predicted === 'not sure' ? undefined : predicted
}

function minutesOf(state: RunState): number {
  const from = Date.parse(state.achieved.startedAt ?? '')
  const to = Date.parse(state.achieved.finished?.at ?? '')
  return Number.isNaN(from) || Number.isNaN(to) ? 0 : Math.max(1, Math.round((to - from) / 60_000))
}

function again(state: RunState): readonly string[] {
  const { achieved, lesson } = state
  const missed = lesson.steps.flatMap((step) =>
    step.blocks.flatMap((block) =>
      block.kind === 'console'
        ? block.items.flatMap((item) => {
            const id = item.prediction?.id
            if (id === undefined) return []
            const predicted = said(state, id)
            const observed = achieved.probes[id]?.observed
            return predicted === undefined || observed === undefined || predicted === observed
              ? []
              : [`step ${step.number}: you said ${predicted}, it was ${observed}`]
          })
        : [],
    ),
  )
  const failed = allChecks(lesson)
    .filter((check) => achieved.checks[check.id]?.state === 'failed')
    .map((check) => `not passed: ${check.title}`)
  return [...failed, ...missed].slice(0, 4)
}
