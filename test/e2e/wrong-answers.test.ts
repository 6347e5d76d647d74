import { afterEach, describe, expect, it } from 'vitest'
import type { TerminalDriver } from './harness/open-terminal.ts'
import { openLesson } from './support/open-lesson.ts'
import { readProgress, recordsOf } from './support/progress-file.ts'

let terminal: TerminalDriver | undefined
afterEach(() => terminal?.close())

/** The first number that is not the right one. */
const wrong = ({ right }: { readonly right: number }, tries = 0) =>
  [1, 2, 3, 4].filter((number) => number !== right)[tries] ?? 1

describe.skipIf(process.platform === 'win32')('answers that are not right', () => {
  it('cost nothing where points are for an expectation, half where the second reason is right, all where neither is', {
    timeout: 90_000,
  }, async () => {
    const opened = await openLesson({
      choose: (asked, tries) => {
        switch (`${asked.kind} ${asked.id}`) {
          case 'quiz which-workload':
          case 'predict predict-way-in':
            return wrong(asked)
          case 'because predict-way-in':
            return tries === 0 ? wrong(asked) : asked.right
          case 'predict predict-no-types':
            return asked.count
          case 'because predict-no-types':
            return wrong(asked, tries)
          default:
            return asked.right
        }
      },
    })
    const { player } = opened
    terminal = opened.terminal

    const quiz = await player.playUntil((seen) => seen.kind === 'answered')
    expect(quiz.screen).toMatch(/✗ \d [^✓]*yours, not right/)
    expect(quiz.screen).toMatch(/✓ \d .* right$/m)
    expect(quiz.screen).toContain('0 of 2 points.')

    const predict = await player.playUntil((seen) => seen.kind === 'predict')
    const because = await player.playUntil((seen) => seen.kind === 'because')
    expect(because.points, 'a point for saying what one expects').toBe(predict.points + 1)
    const second = await player.once(because)
    expect(second.screen).toMatch(/✗ \d [^✓]*yours, not right/)
    expect(second.screen).toContain('One more pick.')
    expect(second.screen, 'the right one stays hidden').not.toMatch(/✓ \d/)
    const reason = await player.once(second)
    expect(reason.screen).toContain('1 of 2 points.')
    const outcome = await player.once(reason)
    expect(outcome.points).toBe(predict.points + 2)
    expect(outcome.screen).toMatch(/It was +✓ connected .*not as predicted/)

    const notSure = await player.playUntil((seen) => seen.kind === 'predict')
    const pick = await player.playUntil((seen) => seen.kind === 'because')
    const settled = await player.playUntil((seen) => seen.kind === 'answered')
    expect(settled.points, 'not sure earns nothing, nor do two wrong reasons').toBe(notSure.points)
    expect(settled.screen).toMatch(/✓ \d .* right$/m)
    expect(settled.screen).toContain('0 of 2 points.')
    expect(pick.screen).toContain('You predicted not sure.')
    const unpredicted = await player.once(settled)
    expect(unpredicted.screen).toMatch(/It was +✓ connected .*no prediction/)

    const progress = await readProgress(opened.terminal.home)
    expect(recordsOf(progress, 'prediction-committed')).toMatchObject([
      { prediction: 'predict-way-in' },
      { prediction: 'predict-no-types', predicted: 'not sure' },
    ])
    expect(recordsOf(progress, 'because-picked').map(({ pick, right }) => [pick, right])).toEqual([
      [1, false],
      [2, true],
      [1, false],
      [2, false],
    ])
  })
})
