import { scoreRun } from '../grading/score.ts'
import type { Lesson } from '../lessons/model.ts'
import { achieved } from '../progress/achieved.ts'
import type { LessonProgress, ProgressRecord } from '../progress/records.ts'

/** What the progress of a run is made of, beside its records. */
interface Run {
  readonly lesson: Lesson
  readonly asks: boolean
  readonly resume: LessonProgress
}

/** The records with the results of the first and the best run kept apart. */
export function progressOf(options: Run, records: readonly ProgressRecord[]): LessonProgress {
  const finished = records.findLast((record) => record.kind === 'run-finished')
  const result =
    finished === undefined
      ? undefined
      : { at: finished.at, earned: finished.earned, total: finished.total, passed: finished.passed }
  const first = options.resume.first ?? result
  const best =
    result !== undefined && result.earned >= (options.resume.best?.earned ?? -1)
      ? result
      : options.resume.best
  return {
    format: 1,
    lesson: options.lesson.id,
    records: [...records],
    ...reachedOf(options, records),
    ...(first === undefined ? {} : { first }),
    ...(best === undefined ? {} : { best }),
  }
}

function reachedOf(
  { lesson, asks }: Run,
  records: readonly ProgressRecord[],
): Pick<LessonProgress, 'reached'> {
  const so = achieved(records)
  const at = records.at(-1)?.at
  const index = lesson.steps.findIndex((step) => step.id === so.step)
  if (at === undefined || index === -1) return {}
  const { earned } = scoreRun(lesson, so, { asked: asks })
  return { reached: { at, step: index + 1, steps: lesson.steps.length, earned } }
}
