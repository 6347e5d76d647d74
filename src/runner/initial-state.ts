import type { Lesson } from '../lessons/model.ts'
import { achieved } from '../progress/achieved.ts'
import type { LessonProgress } from '../progress/records.ts'
import type { LessonFiles } from './ports.ts'
import type { LeaveOption, RunState } from './state.ts'
import { plain } from './status-line.ts'

/** The state of a run that begins, or goes on from the records of an earlier one. */
export function initialState(options: {
  readonly lesson: Lesson
  readonly asks: boolean
  readonly cluster: { readonly title: string; readonly leaveChoices: readonly LeaveOption[] }
  readonly files: Pick<LessonFiles, 'path'>
  readonly nextLesson: { readonly id: string; readonly title: string } | undefined
  readonly resume: Pick<LessonProgress, 'records'>
}): RunState {
  const reached = achieved(options.resume.records)
  const stepIndex = Math.max(
    0,
    options.lesson.steps.findIndex((step) => step.id === reached.step),
  )
  return {
    lesson: options.lesson,
    asks: options.asks,
    cluster: { title: options.cluster.title, leaveChoices: options.cluster.leaveChoices },
    workFolder: options.files.path,
    nextLesson: options.nextLesson,
    achieved: reached,
    stepIndex,
    question: undefined,
    probes: {},
    outputs: {},
    outcome: undefined,
    comparing: undefined,
    console: { place: 'lab', session: undefined, busy: false, line: undefined, item: undefined },
    checks: { running: [] },
    changedFiles: new Set(),
    passedTasks: new Set(),
    last: plain(
      reached.startedAt === undefined
        ? 'the lesson begins'
        : `you are back at step ${stepIndex + 1}`,
    ),
    said: [
      {
        id: 1,
        text: `Step ${stepIndex + 1} of ${options.lesson.steps.length}: ${options.lesson.steps[stepIndex]?.title ?? ''}.`,
      },
    ],
    finished: reached.finished !== undefined,
    interruptedAt: undefined,
  }
}
