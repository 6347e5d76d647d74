import { join } from 'node:path'
import { scoreRun } from '../../grading/score.ts'
import type { LessonStep } from '../../lessons/model.ts'
import type { HintView, RunSnapshot, ScoreSnapshot } from '../snapshot.ts'
import { currentStep, type RunState, readsBeforeNext } from '../state.ts'
import { stepBlocks } from './blocks-view.ts'
import { checkViews } from './checks-view.ts'
import { debriefView } from './debrief-view.ts'
import { enterMeaning, nowLine } from './now-line.ts'
import { outcomeView } from './outcome-view.ts'
import { questionView } from './question-view.ts'

/** What every surface draws of a run. */
export function runSnapshot(state: RunState): RunSnapshot {
  const { lesson } = state
  const step = currentStep(state)
  const question = questionView(state)
  return {
    lesson: {
      number: lesson.number,
      id: lesson.id,
      title: lesson.title,
      shortTitle: lesson.shortTitle ?? lesson.title,
    },
    step: { number: step.number, count: lesson.steps.length, title: step.title },
    score: scoreSnapshot(state),
    cluster: `${state.cluster.title}, enforces both ways`,
    workFolder: state.workFolder,
    files: stepFiles(state, step),
    blocks: stepBlocks(state, step),
    checks: checkViews(state),
    hints: hintViews(state),
    question,
    outcome: outcomeView(state),
    outcomeOpen: question === undefined && state.outcome?.open === true,
    debrief: state.finished ? debriefView(state) : undefined,
    console: {
      place: state.console.place,
      session: state.console.session?.pod,
      busy: state.console.busy,
      interruptible: state.console.busy,
    },
    enter: enterMeaning(state),
    readFirst: readsBeforeNext(state),
    said: state.said,
    last: state.last,
    now: nowLine(state),
  }
}

/** Files of a step, what there is to write first. */
function stepFiles(state: RunState, step: LessonStep): NonNullable<RunSnapshot['files']> {
  const tasks = step.blocks.flatMap((block) =>
    block.kind === 'task' && block.task.file !== undefined ? [block.task.file] : [],
  )
  const shown = step.blocks.flatMap((block) => (block.kind === 'file' ? [block.name] : []))
  return [...new Set([...tasks, ...shown])].map((name) => ({
    name,
    path: join(state.workFolder, name),
  }))
}

function scoreSnapshot(state: RunState): ScoreSnapshot {
  const score = scoreRun(state.lesson, state.achieved, { asked: state.asks })
  return {
    earned: score.earned,
    total: score.total,
    parts: score.parts.map((part) => ({
      name: part.name,
      earned: part.earned,
      total: part.total,
      note: part.note,
    })),
  }
}

function hintViews(state: RunState): readonly HintView[] {
  const step = currentStep(state)
  const open = state.achieved.hints.filter((shown) => shown.step === step.id).length
  return step.hints.map((hint, index) => ({
    title: hint.title,
    state: index < open ? 'open' : index === open ? 'closed' : 'locked',
    note: index > open ? `after hint ${index}` : undefined,
    blocks: index < open ? hint.blocks : [],
  }))
}
