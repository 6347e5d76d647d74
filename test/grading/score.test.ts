import { describe, expect, it } from 'vitest'
import { scoreRun } from '../../src/grading/score.ts'
import type { Check, Lesson, LessonBlock } from '../../src/lessons/model.ts'
import { achieved } from '../../src/progress/achieved.ts'
import type { ProgressRecord } from '../../src/progress/records.ts'

const at = { file: 'lesson.md', line: 1, column: 1 }
const time = '2026-01-01T00:00:00.000Z'

/** A fact of a run; the time is the same for all. */
type Fact<R = ProgressRecord> = R extends unknown ? Omit<R, 'at'> : never

function check(id: string, points: number): Check {
  return {
    id,
    points,
    title: id,
    guard: false,
    success: '',
    mistakes: [],
    at,
    kind: 'output',
    item: 'item',
  }
}

const right = { text: '', right: true, why: '' }
const blocks: readonly LessonBlock[] = [
  {
    kind: 'console',
    at,
    items: [
      {
        id: 'item',
        place: 'lab',
        command: 'x',
        expected: [],
        interrupt: false,
        at,
        prediction: {
          id: 'p',
          probe: { from: { namespace: 'default' }, to: 'web', protocol: 'TCP' },
          choices: [],
          because: { question: '', choices: [right], points: 4 },
          points: 2,
          at,
        },
      },
    ],
  },
  { kind: 'check', checks: [check('a', 6), check('b', 4)], at },
  { kind: 'quiz', quiz: { id: 'q', question: '', choices: [right], points: 4 }, at },
]

const lesson: Lesson = {
  format: 1,
  number: 1,
  id: 'l',
  title: '',
  summary: '',
  level: 'core',
  minutes: 1,
  objectives: [],
  needs: { images: [], namespaces: [] },
  folder: '',
  intro: [],
  steps: [{ id: 's', number: 1, title: '', blocks, hints: [], wrongAnswers: [], at }],
  world: [],
  shown: [],
  points: { result: 10, reason: 4, prediction: 2, recall: 4 },
}

function score(...facts: readonly Fact[]) {
  const records = facts.map((fact) => ({ at: time, ...fact }))
  return scoreRun(lesson, achieved(records), { asked: true })
}

function done(
  id: string,
  state: 'passed' | 'failed' | 'inconclusive' | 'disagrees',
  earned: number,
): Fact {
  return { kind: 'check-finished', check: id, state, earned, points: 0, sentence: '' }
}

const checksPassed = [done('a', 'passed', 6), done('b', 'passed', 4)]
const predicted: Fact = { kind: 'prediction-committed', prediction: 'p', predicted: 'refused' }
const because = (pick: number): Fact => ({
  kind: 'because-picked',
  prediction: 'p',
  choice: 0,
  right: true,
  pick,
  closed: true,
})
const answered: Fact = { kind: 'question-answered', quiz: 'q', choice: 0, right: true, first: true }

describe('the score of a run', () => {
  it('adds up results, reasons, predictions and recall', () => {
    expect(score(...checksPassed, predicted, because(1), answered)).toMatchObject({
      earned: 20,
      total: 20,
      passed: true,
      mastered: true,
    })
  })

  it('gives a prediction its points for being made, right or wrong, and a second pick half', () => {
    const { parts } = score(predicted, because(2))
    expect(parts.map(({ id, earned }) => `${id} ${earned}`)).toEqual([
      'result 0',
      'reason 2',
      'prediction 2',
      'recall 0',
    ])
  })

  it.each(['inconclusive', 'disagrees'] as const)(
    'takes a check that is %s out of the total',
    (state) => {
      expect(
        score(done('a', 'passed', 6), done('b', state, 0), predicted, because(1), answered),
      ).toMatchObject({
        earned: 16,
        total: 16,
        passed: true,
      })
    },
  )

  it('passes with every check and 70 percent, not with points alone', () => {
    expect(score(...checksPassed)).toMatchObject({ earned: 10, passed: false })
    expect(score(...checksPassed, because(1))).toMatchObject({ earned: 14, passed: true })
    expect(
      score(done('a', 'passed', 6), done('b', 'failed', 2), predicted, because(1), answered),
    ).toMatchObject({
      earned: 18,
      passed: false,
    })
  })

  it('is not mastered after the hint that shows the solution', () => {
    const hint = (tier: number): Fact => ({ kind: 'hint-shown', step: 's', hint: tier, tier })
    const all = [...checksPassed, predicted, because(1), answered]
    expect(score(...all, hint(4))).toMatchObject({ mastered: true })
    expect(score(...all, hint(5))).toMatchObject({ earned: 20, passed: true, mastered: false })
  })

  it('counts results alone where nothing was asked', () => {
    const records = checksPassed.map((fact) => ({ at: time, ...fact }))
    expect(scoreRun(lesson, achieved(records), { asked: false })).toMatchObject({
      earned: 10,
      total: 10,
      passed: true,
    })
  })
})
