import { describe, expect, it } from 'vitest'
import type { LessonProgress } from '../../src/progress/records.ts'
import { openRun, type RunOptions } from '../../src/runner/run-session.ts'
import { createFakeConsole } from '../tui/support/fake-console.ts'
import { createManualClock } from '../tui/support/manual-clock.ts'
import { smallLesson } from './fixtures/small-lesson.ts'

/** A run on nothing: what it saves goes to `save`. */
function open(
  save: (progress: LessonProgress) => void,
  other: Partial<Pick<RunOptions, 'advisor' | 'clock' | 'console' | 'files'>> = {},
) {
  return openRun({
    lesson: smallLesson(),
    cluster: { title: 'simulated cluster', leaveChoices: [], save: async () => {} },
    console: createFakeConsole(),
    advisor: { remarksOn: async () => [] },
    grader: { probe: () => new Promise(() => {}), checks: async () => [] },
    files: { path: 'work', read: async () => undefined, write: async () => {} },
    progress: {
      load: async (lesson) => ({
        progress: { format: 1, lesson, records: [] },
        problem: undefined,
      }),
      save,
    },
    world: { stands: async () => true, apply: async () => {}, clear: async () => {} },
    replay: async () => {},
    clock: { now: () => 0, after: () => () => {}, sleep: async () => {} },
    asks: true,
    nextLesson: undefined,
    resume: { format: 1, lesson: 'small', records: [] },
    signal: new AbortController().signal,
    ...other,
  })
}

describe('the file of a task', () => {
  it('counts as changed even where an editor saved it in the moment in which the step began', async () => {
    const clock = createManualClock()
    let text = 'as the lesson has it'
    const run = open(() => {}, {
      clock,
      files: {
        path: 'work',
        read: async () => {
          await new Promise<void>((resolve) => setImmediate(resolve))
          return text
        },
        write: async () => {},
      },
    })
    await run.idle()
    clock.advance(700)
    await settled()
    run.send({ kind: 'next-step' })
    text = 'as the learner has it'
    await run.idle()
    clock.advance(700)
    await settled()
    expect([...run.state.changedFiles]).toEqual(['deny.yaml'])
    await run.close()
  })
})

/** What was started by a timer is over. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 6; turn++) await new Promise<void>((resolve) => setImmediate(resolve))
}

describe('the records of a run', () => {
  it('are kept before anybody sees what they say', () => {
    const saved: LessonProgress[] = []
    const run = open((progress) => saved.push(progress))
    const seen: boolean[] = []
    run.subscribe(() => {
      const shown = run.snapshot.step.number
      seen.push(saved.at(-1)?.reached?.step === shown)
    })
    run.send({ kind: 'next-step' })
    expect(run.snapshot.step.number).toBe(2)
    expect(seen[0]).toBe(true)
  })

  it('that cannot be written are told once, and kept with the next ones', async () => {
    let full = true
    const saved: LessonProgress[] = []
    const run = open((progress) => {
      if (full) throw new Error('ENOSPC: no space left on device')
      saved.push(progress)
    })
    const told: string[] = []
    run.subscribe(() => {
      const text = run.snapshot.last.parts.join('')
      if (text.includes('cannot be written')) told.push(text)
    })
    await run.idle()
    expect(told).toEqual(['your progress cannot be written down: ENOSPC: no space left on device'])
    full = false
    run.send({ kind: 'next-step' })
    expect(saved.at(-1)?.records.map((record) => record.kind)).toEqual([
      'run-started',
      'step-entered',
      'step-entered',
    ])
    await run.close()
  })
})

describe('a policy that was applied', () => {
  it('is looked at by name, and what is found stands in Last', async () => {
    const terminal = createFakeConsole()
    const asked: (readonly string[])[] = []
    const run = open(() => {}, {
      console: terminal,
      advisor: {
        remarksOn: async (names) => {
          asked.push(names)
          return [{ policy: 'deny', text: 'No pod has app=wbe.' }]
        },
      },
    })
    run.send({ kind: 'next-step' })
    terminal.emit({
      kind: 'command-finished',
      place: 'lab',
      line: 'kubectl apply -f deny.yaml',
      output: ['networkpolicy.networking.k8s.io/deny created'],
      exitCode: 0,
      durationMs: 5,
    })
    await run.idle()
    expect(asked).toEqual([['deny']])
    expect(JSON.stringify(run.snapshot.last)).toContain('No pod has app=wbe.')
    await run.close()
  })
})
