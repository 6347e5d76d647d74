import type { Clock } from '../base/clock.ts'
import type { LessonFiles } from './ports.ts'
import type { RunSession } from './run-session.ts'
import { allChecks, currentStep, nextEntry, type StepEntry } from './state.ts'

/** What an automatic run tells as it goes. */
export type PlayEvent =
  | {
      readonly kind: 'step-started'
      readonly number: number
      readonly count: number
      readonly title: string
    }
  | { readonly kind: 'file-written'; readonly name: string; readonly text: string }
  | {
      readonly kind: 'command-finished'
      readonly place: 'lab' | 'pod'
      readonly line: string
      readonly output: readonly string[]
    }
  | {
      readonly kind: 'check-finished'
      readonly check: string
      readonly title: string
      readonly state: 'passed' | 'failed' | 'inconclusive' | 'disagrees'
      readonly earned: number
      readonly points: number
      readonly sentence: string
      readonly wanted: string | undefined
      readonly seen: string | undefined
      readonly control: string | undefined
    }
  | { readonly kind: 'problem-met'; readonly message: string }
  | {
      readonly kind: 'finished'
      readonly passed: boolean
      readonly earned: number
      readonly total: number
    }

export interface PlayOptions {
  readonly run: RunSession
  readonly files: LessonFiles
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly onEvent: (event: PlayEvent) => void
}

/** How long a program that goes on until Ctrl-C is watched, in milliseconds of the run's clock. */
const WATCH_MS = 3000

/**
 * Plays a whole lesson by itself: the console items as they stand, tasks by the lesson's own solution. Uses the run as a
 * learner does, by what Enter means.
 */
export async function playLesson(options: PlayOptions): Promise<{ readonly passed: boolean }> {
  const { run, signal } = options
  const told = new Map<string, string>()
  const tell = () => {
    for (const check of allChecks(run.state.lesson)) {
      const result = run.state.achieved.checks[check.id]
      if (result === undefined || told.get(check.id) === result.at) continue
      told.set(check.id, result.at)
      options.onEvent({
        ...result,
        kind: 'check-finished',
        title: check.title,
        wanted: result.wanted,
        seen: result.seen,
        control: result.control,
      })
    }
  }
  const unsubscribe = run.console.subscribe((event) => {
    if (event.kind === 'command-finished')
      options.onEvent({
        kind: 'command-finished',
        place: event.place,
        line: event.line,
        output: event.output,
      })
  })
  const unobserve = run.subscribe(tell)
  try {
    for (const step of run.state.lesson.steps) {
      signal.throwIfAborted()
      options.onEvent({
        kind: 'step-started',
        number: step.number,
        count: run.state.lesson.steps.length,
        title: step.title,
      })
      await run.idle()
      for (const block of step.blocks)
        if (block.kind === 'file')
          options.onEvent({ kind: 'file-written', name: block.name, text: block.text })
      await playStep(options)
      await run.idle()
      run.send({ kind: 'next-step' })
      await run.idle()
    }
    const { finished } = run.state.achieved
    const passed = finished?.passed ?? false
    options.onEvent({
      kind: 'finished',
      passed,
      earned: finished?.earned ?? 0,
      total: finished?.total ?? 0,
    })
    return { passed }
  } finally {
    unsubscribe()
    unobserve()
  }
}

/** Plays what is left of the step that the run stands at. */
export async function playStep(options: PlayOptions): Promise<void> {
  const { run, signal } = options
  const tried = new Map<string, number>()
  for (;;) {
    signal.throwIfAborted()
    await run.idle()
    const next = nextEntry(run.state)
    if (next === undefined) return
    const times = (tried.get(next.id) ?? 0) + 1
    tried.set(next.id, times)
    // A check that failed twice with nothing left to do has failed.
    if (times > 2) return
    await playEntry(options, next)
  }
}

async function playEntry(options: PlayOptions, next: StepEntry): Promise<void> {
  const { run } = options
  switch (next.kind) {
    case 'task': {
      for (const file of currentStep(run.state).solution?.files ?? []) {
        await options.files.write(file.name, file.text)
        options.onEvent({ kind: 'file-written', name: file.name, text: file.text })
      }
      return run.send({ kind: 'enter' })
    }
    case 'console': {
      if (!next.item.interrupt) return run.send({ kind: 'enter' })
      const printed = firstLineOf(run, next.item.expected)
      run.send({ kind: 'enter' })
      await printed
      await options.clock.sleep(WATCH_MS, { signal: options.signal })
      if (!run.state.console.busy) return
      return run.send({ kind: 'interrupt' })
    }
    case 'checks':
    case 'quiz':
      return run.send({ kind: 'enter' })
  }
}

/** Resolves when the program has printed its first expected line, or has ended without it. */
function firstLineOf(run: RunSession, expected: readonly string[]): Promise<void> {
  const start = expected[0]?.split('[..]')[0] ?? ''
  const { screen } = run.console
  const count = () => {
    let rows = 0
    for (let index = 0; index < screen.lineCount; index++)
      if (screen.text(index).startsWith(start)) rows++
    return rows
  }
  const before = count()
  return new Promise((resolve) => {
    const stops = [
      screen.subscribe(() => {
        if (count() > before) done()
      }),
      run.console.subscribe((event) => {
        if (event.kind === 'command-finished') done()
      }),
    ]
    const done = () => {
      for (const stop of stops) stop()
      resolve()
    }
  })
}
