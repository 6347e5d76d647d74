import type { Lesson } from '../lessons/model.ts'
import type { CheckResult } from './types.ts'

/** What scoring looks at in a run. Records are kept elsewhere; what they add up to comes here. */
export interface ScoredRun {
  /** Outcome of each prediction that was sent; `not sure` is none. */
  readonly predictions: Readonly<Record<string, string>>
  /** Picks of a reason, by prediction; `pick` counts from 1. */
  readonly because: Readonly<
    Record<string, readonly { readonly right: boolean; readonly pick: number }[]>
  >
  /** What the lab saw itself of each prediction, `inconclusive` where it proved nothing. */
  readonly probes: Readonly<Record<string, { readonly observed: string }>>
  /** Answers to questions, in order. */
  readonly quizzes: Readonly<Record<string, readonly { readonly right: boolean }[]>>
  /** The last result of each check. */
  readonly checks: Readonly<
    Record<string, { readonly state: CheckResult['state']; readonly earned: number }>
  >
  readonly hints: readonly { readonly tier: number }[]
}

export interface ScorePart {
  readonly id: 'result' | 'reason' | 'prediction' | 'recall'
  readonly name: string
  readonly earned: number
  readonly total: number
  readonly note: string
}

export interface Score {
  readonly earned: number
  readonly total: number
  readonly parts: readonly ScorePart[]
  /** Every check that could be graded passed, and at least 70 % of the points. */
  readonly passed: boolean
  /** Passed without the last hint tier. */
  readonly mastered: boolean
}

/** Share of the points that passes a lesson. */
const PASS_SHARE = 0.7
/** The hint tier that shows this very solution. */
const SOLUTION_TIER = 5

/**
 * Points of a run by the score model: result, reason, prediction and recall. A check that was inconclusive, or where the
 * cluster disagrees with the specification, leaves the total. A prediction earns its points by being made.
 * Without `asked` nothing was asked, and only the result counts.
 */
export function scoreRun(
  lesson: Lesson,
  so: ScoredRun,
  options: { readonly asked: boolean },
): Score {
  const parts = options.asked
    ? [result(lesson, so), reason(lesson, so), prediction(lesson, so), recall(lesson, so)]
    : [result(lesson, so)]
  const earned = sum(parts.map((part) => part.earned))
  const total = sum(parts.map((part) => part.total))
  const passed = checksPassed(lesson, so) && total > 0 && earned / total >= PASS_SHARE
  return {
    earned,
    total,
    parts,
    passed,
    mastered: passed && !so.hints.some((hint) => hint.tier >= SOLUTION_TIER),
  }
}

function checksOf(lesson: Lesson) {
  return lesson.steps.flatMap((step) =>
    step.blocks.flatMap((block) => (block.kind === 'check' ? block.checks : [])),
  )
}

function predictionsOf(lesson: Lesson) {
  return lesson.steps.flatMap((step) =>
    step.blocks.flatMap((block) =>
      block.kind === 'console'
        ? block.items.flatMap((item) => (item.prediction === undefined ? [] : [item.prediction]))
        : [],
    ),
  )
}

function graded(so: ScoredRun, id: string): boolean {
  const state = so.checks[id]?.state
  return state !== 'inconclusive' && state !== 'disagrees'
}

function checksPassed(lesson: Lesson, so: ScoredRun): boolean {
  const checks = checksOf(lesson)
  return checks.every(
    (check) =>
      so.checks[check.id] !== undefined &&
      (so.checks[check.id]?.state === 'passed' || !graded(so, check.id)),
  )
}

function result(lesson: Lesson, so: ScoredRun): ScorePart {
  const checks = checksOf(lesson)
  const counted = checks.filter((check) => graded(so, check.id))
  const left = checks.length - counted.length
  return {
    id: 'result',
    name: 'Checks',
    earned: sum(counted.map((check) => so.checks[check.id]?.earned ?? 0)),
    total: sum(counted.map((check) => check.points)),
    note: left === 0 ? '' : `${left} could not be graded and left the total`,
  }
}

function reason(lesson: Lesson, so: ScoredRun): ScorePart {
  const because = predictionsOf(lesson).flatMap((each) =>
    // Where nothing was proved no reason is asked for, so none is missed.
    each.because === undefined || so.probes[each.id]?.observed === 'inconclusive'
      ? []
      : [{ id: each.id, points: each.because.points }],
  )
  const earned = because.map(({ id, points }) => {
    const right = (so.because[id] ?? []).find((pick) => pick.right)
    return right === undefined ? 0 : right.pick === 1 ? points : points / 2
  })
  return {
    id: 'reason',
    name: 'Reasons',
    earned: sum(earned),
    total: sum(because.map((each) => each.points)),
    note: '',
  }
}

function prediction(lesson: Lesson, so: ScoredRun): ScorePart {
  const all = predictionsOf(lesson)
  const made = all.filter(
    (each) => so.predictions[each.id] !== undefined && so.predictions[each.id] !== 'not sure',
  )
  return {
    id: 'prediction',
    name: 'Predictions',
    earned: sum(made.map((each) => each.points)),
    total: sum(all.map((each) => each.points)),
    note: '',
  }
}

function recall(lesson: Lesson, so: ScoredRun): ScorePart {
  const all = lesson.steps.flatMap((step) =>
    step.blocks.flatMap((block) => (block.kind === 'quiz' ? [block.quiz] : [])),
  )
  const right = all.filter((quiz) => so.quizzes[quiz.id]?.some((answer) => answer.right))
  return {
    id: 'recall',
    name: 'Quiz',
    earned: sum(right.map((quiz) => quiz.points)),
    total: sum(all.map((quiz) => quiz.points)),
    note: '',
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
