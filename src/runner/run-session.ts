import { setMaxListeners } from 'node:events'
import type { Clock } from '../base/clock.ts'
import { LabError } from '../base/errors.ts'
import { scoreRun } from '../grading/score.ts'
import type { Lesson } from '../lessons/model.ts'
import { achieved } from '../progress/achieved.ts'
import type { LessonProgress, ProgressRecord } from '../progress/records.ts'
import type { ConsolePlace, LabConsole } from '../shell/ports.ts'
import type { RunEffect, RunEvent } from './events.ts'
import { freeName, lessonFileNames, pastedName } from './file-names.ts'
import { initialState } from './initial-state.ts'
import type { Grader, LessonFiles, PolicyAdvisor, ProgressStore, World } from './ports.ts'
import { progressOf } from './run-progress.ts'
import type { Action, RunSnapshot } from './snapshot.ts'
import { allChecks, currentStep, findPrediction, type LeaveOption, type RunState } from './state.ts'
import { itemOf } from './step.ts'
import { createTaskFiles } from './task-files.ts'
import { transition } from './transition.ts'
import { runSnapshot } from './view/run-snapshot.ts'

/** How a run ended: what the learner wants next. */
export type RunEnd =
  | { readonly kind: 'leave'; readonly choice: LeaveOption['id']; readonly exitCode: number }
  | { readonly kind: 'lessons' }
  | { readonly kind: 'lesson'; readonly id: string }

export interface RunOptions {
  readonly lesson: Lesson
  readonly cluster: {
    readonly title: string
    readonly leaveChoices: readonly LeaveOption[]
    save(): Promise<void>
  }
  readonly console: LabConsole
  readonly grader: Grader
  readonly advisor: PolicyAdvisor
  readonly files: LessonFiles
  readonly progress: ProgressStore
  readonly world: World
  /** Runs the lab lines of the steps before `step` again, on a world that was made anew. */
  replay(step: string, records: readonly ProgressRecord[]): Promise<void>
  readonly clock: Clock
  /** Whether predictions and questions are asked. */
  readonly asks: boolean
  readonly nextLesson: { readonly id: string; readonly title: string } | undefined
  /** Records of an earlier process that this run goes on from. */
  readonly resume: LessonProgress
  readonly signal: AbortSignal
}

/** One open run: takes actions, carries out effects, makes snapshots. */
export interface RunSession {
  readonly snapshot: RunSnapshot
  readonly state: RunState
  readonly console: LabConsole
  readonly files: LessonFiles
  send(action: Action): void
  /** Says something to the learner that happened outside of the run. */
  tell(text: string): void
  subscribe(listener: () => void): () => void
  readonly ended: Promise<RunEnd>
  /** Resolves when no effect, command or check is under way. */
  idle(): Promise<void>
  /** Stops what runs, writes down what is known, closes the console. Can run twice. */
  close(): Promise<void>
}

export function openRun(options: RunOptions): RunSession {
  const { lesson, console: terminal, clock } = options
  const closing = new AbortController()
  // Many checks at once wait for the same end.
  setMaxListeners(0, closing.signal)
  const listeners = new Set<() => void>()
  const records: ProgressRecord[] = [...options.resume.records]
  const verdicts = new Map<number, (verdict: 'run' | 'hold') => void>()
  const work = new Set<Promise<void>>()
  const idlers = new Set<() => void>()
  let tokens = 0
  let checking: AbortController | undefined
  let unsaved = false
  let entering: Promise<void> = Promise.resolve()
  let state = initialState(options)
  let view: RunSnapshot | undefined
  let end: (end: RunEnd) => void = () => {}
  const ended = new Promise<RunEnd>((resolve) => {
    end = resolve
  })

  const dispatch = (event: RunEvent) => {
    if (closing.signal.aborted) return
    const next = transition(state, event, clock.now())
    state = next.state
    view = undefined
    const recorded = next.effects.flatMap((effect) =>
      effect.kind === 'record' ? [effect.record] : [],
    )
    // Before anybody sees it: what a screen has shown is not lost, whatever ends the program.
    if (recorded.length > 0) writeDown(recorded)
    for (const effect of next.effects) if (effect.kind !== 'record') start(effect)
    for (const listener of [...listeners]) listener()
    settle()
  }

  const settle = () => {
    if (work.size > 0 || busy(state)) return
    for (const resolve of [...idlers]) resolve()
    idlers.clear()
  }

  const start = (effect: Exclude<RunEffect, { readonly kind: 'record' }>) => {
    const job = carryOut(effect).catch((error: unknown) => {
      if (closing.signal.aborted) return
      if (error instanceof LabError)
        dispatch({ kind: 'problem-met', code: error.code, message: error.message })
      else throw error
    })
    work.add(job)
    void job.finally(() => {
      work.delete(job)
      settle()
    })
  }

  const writeDown = (added: readonly ProgressRecord[]) => {
    for (const record of added) {
      if (record.kind === 'run-started') records.length = 0
      records.push(record)
    }
    try {
      options.progress.save(progressOf(options, records))
      unsaved = false
    } catch (error) {
      // The lesson goes on: the next record tries again with all of them.
      const why = error instanceof Error ? error.message : String(error)
      const text = `your progress cannot be written down: ${why}`
      if (!unsaved) queueMicrotask(() => dispatch({ kind: 'told', text }))
      unsaved = true
    }
  }

  const carryOut = async (
    effect: Exclude<RunEffect, { readonly kind: 'record' }>,
  ): Promise<void> => {
    switch (effect.kind) {
      case 'run-line':
        return settling(runLine(effect.line, effect.place))
      case 'prefill-line':
        return terminal.prefill(effect.line, effect.place)
      case 'release-line': {
        verdicts.get(effect.token)?.(effect.verdict)
        verdicts.delete(effect.token)
        return
      }
      case 'reopen-session':
        return settling(reopenSession(effect.line, effect.pod))
      case 'switch-place':
        return terminal.switchTo(effect.place)
      case 'paste-line':
        return terminal.paste(effect.text)
      case 'save-paste': {
        const name = await freeName(options.files, pastedName(effect.text))
        await options.files.write(name, `${effect.text}\n`)
        return dispatch({ kind: 'told', text: `saved as ${name} in your work folder` })
      }
      case 'run-probe': {
        const found = findPrediction(lesson, effect.prediction)
        if (found === undefined) return
        const result = await options.grader.probe(found.prediction.probe, closing.signal)
        return dispatch({ kind: 'probe-finished', prediction: effect.prediction, result })
      }
      case 'run-checks':
        return runChecks(effect.checks)
      case 'stop-checks':
        checking?.abort()
        return
      case 'interrupt-command':
        return terminal.interrupt()
      case 'enter-step':
        entering = enterStep()
        return entering
      case 'reset':
        return effect.scope === 'step' ? restartStep() : restartLesson()
      case 'save-cluster':
        return options.cluster.save()
      case 'lint-policies': {
        const remarks = await options.advisor.remarksOn(effect.names, closing.signal)
        return dispatch({ kind: 'policies-linted', remarks })
      }
      case 'finish': {
        const score = scoreRun(lesson, state.achieved, { asked: options.asks })
        return dispatch({
          kind: 'run-graded',
          passed: score.passed,
          earned: score.earned,
          total: score.total,
        })
      }
      case 'leave':
        return end({ kind: 'leave', choice: effect.choice, exitCode: effect.exitCode })
      case 'show-lessons':
        return end({ kind: 'lessons' })
      case 'open-lesson':
        return end({ kind: 'lesson', id: effect.id })
    }
  }

  /** Whatever becomes of a line: afterwards the next one can be asked for. */
  const settling = (line: Promise<void>) => line.finally(() => dispatch({ kind: 'line-settled' }))

  const reopenSession = async (text: string, pod: string | undefined) => {
    if (pod !== undefined)
      await terminal.run(`kubectl delete pod ${pod} --now --ignore-not-found`, 'lab')
    await runLine(text, 'lab')
  }

  /** A line is over for the run when its prompt is back, or when the shell of a pod that it opened is. */
  const runLine = async (text: string, place: ConsolePlace): Promise<void> => {
    // However fast Enter came: a line of this step finds the files of this step.
    await entering
    await new Promise<void>((resolve, reject) => {
      const stop = terminal.subscribe((event) => {
        if (event.kind !== 'session-opened') return
        stop()
        resolve()
      })
      terminal.run(text, place).finally(stop).then(resolve, reject)
    })
  }

  const runChecks = async (ids: readonly string[]) => {
    const checks = allChecks(lesson).filter((check) => ids.includes(check.id))
    checking = new AbortController()
    const signal = AbortSignal.any([checking.signal, closing.signal])
    setMaxListeners(0, signal)
    try {
      const results = await options.grader.checks(checks, itemOutputs, signal)
      dispatch({ kind: 'checks-finished', results })
    } catch (error) {
      if (!signal.aborted) {
        dispatch({
          kind: 'checks-stopped',
          why: error instanceof Error ? error.message : 'the checks stopped',
        })
        if (!(error instanceof LabError)) throw error
        return
      }
      dispatch({ kind: 'checks-stopped', why: 'the checks were stopped; nothing was graded' })
    }
  }

  /** Lines that items printed, for `output` checks. */
  const itemOutputs: Record<string, readonly string[]> = {}

  const taskFiles = createTaskFiles({
    lesson,
    files: options.files,
    clock,
    onLook: (name, differs) => {
      if (differs !== state.changedFiles.has(name))
        dispatch({ kind: 'file-changed', name, differs })
    },
  })
  const enterStep = async () => {
    const written = await taskFiles.enter(currentStep(state))
    if (written.length > 0) dispatch({ kind: 'files-written', names: written })
  }

  /** Old files stay under another name; the world stands as before step 1. */
  const makeAnew = async (names: readonly string[]) => {
    taskFiles.forget()
    terminal.switchTo('lab')
    for (const name of names) {
      const text = await options.files.read(name)
      if (text !== undefined) await options.files.write(await freeName(options.files, name), text)
    }
    await options.world.clear(lesson, closing.signal)
    await options.world.apply(lesson, closing.signal)
  }

  const restartLesson = async () => {
    await makeAnew(lessonFileNames(lesson.steps))
    for (const block of lesson.steps.flatMap((step) => step.blocks)) {
      if (block.kind === 'file') await options.files.write(block.name, block.text)
    }
    state = initialState({ ...options, resume: { records: [] } })
    begin()
    dispatch({ kind: 'reset-finished' })
  }

  const restartStep = async () => {
    const step = currentStep(state)
    const before = new Map(taskFiles.baselines)
    await makeAnew(lessonFileNames([step]))
    for (const [name, text] of before) if (text !== undefined) await options.files.write(name, text)
    for (const block of step.blocks) {
      if (block.kind === 'file') await options.files.write(block.name, block.text)
    }
    await options.replay(step.id, records)
    dispatch({ kind: 'step-restarted', step: step.id })
  }

  const begin = () => {
    const at = new Date(clock.now()).toISOString()
    if (state.achieved.startedAt === undefined) {
      const record: ProgressRecord = { at, kind: 'run-started', cluster: options.cluster.title }
      state = { ...state, achieved: achieved([record]) }
      writeDown([record])
    }
    const step = currentStep(state)
    if (state.achieved.step !== step.id) {
      const record: ProgressRecord = { at, kind: 'step-entered', step: step.id }
      state = { ...state, achieved: achieved([...records, record]) }
      writeDown([record])
    }
    start({ kind: 'enter-step', step: step.id })
  }

  const unsubscribe = terminal.subscribe((event) => {
    if (event.kind === 'command-finished') {
      const item = itemOf(state, event.line, event.place)
      if (item !== undefined) itemOutputs[item.id] = event.output
    }
    dispatch(event)
  })
  terminal.beforeRun = (line, place) =>
    new Promise((resolve) => {
      const token = tokens++
      verdicts.set(token, resolve)
      dispatch({ kind: 'line-entered', token, line, place })
    })
  begin()
  if (options.asks) taskFiles.watch()

  let closed: Promise<void> | undefined
  return {
    get snapshot() {
      view ??= runSnapshot(state)
      return view
    },
    get state() {
      return state
    },
    console: terminal,
    files: options.files,
    send: (action) => dispatch({ kind: 'action', action }),
    tell: (text) => dispatch({ kind: 'told', text }),
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    ended,
    idle: () =>
      new Promise((resolve) => {
        idlers.add(resolve)
        settle()
      }),
    close: () => {
      closed ??= (async () => {
        closing.abort()
        taskFiles.close()
        unsubscribe()
        for (const resolve of verdicts.values()) resolve('hold')
        await terminal.close()
        writeDown([])
      })()
      return closed
    },
  }
}

function busy(state: RunState): boolean {
  return (
    (state.console.busy && state.console.session === undefined) ||
    (state.console.busy && state.console.line !== undefined) ||
    state.checks.running.length > 0 ||
    state.comparing !== undefined
  )
}
