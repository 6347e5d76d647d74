import { LabError } from '../base/errors.ts'
import { achieved } from '../progress/achieved.ts'
import { type AppCore, type ChosenCluster, createAppCore } from './app/app-core.ts'
import { createClusterChooser } from './app/cluster-chooser.ts'
import { farewell } from './app/farewell.ts'
import { createLessonOpener } from './app/lesson-opener.ts'
import type { AppPorts, AppSettings } from './app-ports.ts'
import type { RunEnd, RunSession } from './run-session.ts'
import type { Action, AppModel, AppSnapshot } from './snapshot.ts'
import type { LeaveOption } from './state.ts'
import { plain } from './status-line.ts'
import { type ErrorWay, errorSnapshot, LOST_WAYS, lostSnapshot } from './view/error-view.ts'
import { lessonListSnapshot } from './view/lesson-list-view.ts'
import { openingSnapshot } from './view/opening-view.ts'
import { startSnapshot } from './view/start-view.ts'

export interface AppOptions {
  readonly ports: AppPorts
  readonly settings: AppSettings
  /** The learner chose a cluster on the command line: it is not asked again, and no consent is asked for. */
  readonly chosen: ChosenCluster | undefined
  /** Lesson to open at once. */
  readonly lesson: string | undefined
}

/** The app can be stopped from outside: by a signal, or because its window is gone. */
export interface App extends AppModel {
  stop(exitCode: number): Promise<void>
}

/** Exit code of a defect, as sysexits.h has it: EX_SOFTWARE. */
const DEFECT = 70

/** The program around a run: choosing a cluster, opening it, the list of lessons, errors, the end. */
export function createApp(options: AppOptions): App {
  const { ports } = options
  let snapshot: AppSnapshot | undefined
  let end: (result: Awaited<App['ended']>) => void = () => {}
  const ended = new Promise<Awaited<App['ended']>>((resolve) => {
    end = resolve
  })
  const core = createAppCore({
    ports,
    settings: options.settings,
    chosen: options.chosen,
    wanted: options.lesson,
    back: () => showLessonsOrStart(),
  })
  core.subscribe(() => {
    snapshot = undefined
  })

  const showLessons = () => {
    core.last = plain('progress is kept on this computer only')
    core.go({ kind: 'lessons' })
    core.start(readProgress(core))
  }
  const showLessonsOrStart = () => (core.chosen === undefined ? chooser.show() : showLessons())

  const onRunEnd = async (run: RunSession, result: RunEnd) => {
    opener.unwatch()
    if (result.kind === 'leave') return leave(run, result.choice, result.exitCode)
    await run.close()
    if (result.kind === 'lesson') return opener.open(result.id)
    showLessons()
  }
  const opener = createLessonOpener(core, {
    chooseCluster: () => chooser.show(),
    showLessons,
    onRunEnd,
  })
  const chooser = createClusterChooser(core, { openLesson: opener.open, showLessons })

  const leave = async (
    run: RunSession | undefined,
    choice: LeaveOption['id'] | undefined,
    exitCode: number,
  ) => {
    if (core.over) return
    core.over = true
    opener.unwatch()
    core.closing.abort()
    await opener.settled()
    const atEnd = run?.snapshot
    await run?.close()
    const { cluster } = core
    const done = choice ?? cluster?.leaveChoices[0]?.id
    if (cluster !== undefined && done !== undefined) await cluster.leave(done)
    end({ exitCode, farewell: farewell(core, atEnd, done) })
  }

  const takeWay = async (way: ErrorWay | undefined) => {
    switch (way?.kind) {
      case 'simulated':
        return chooser.settle({ kind: 'simulated', context: undefined, consent: true })
      case 'again':
        return openAgain()
      case 'choose':
        core.chosen = undefined
        return chooser.show()
      case 'report': {
        if (core.place.kind !== 'error') return
        return core.say(`written to ${await ports.writeReport(core.place.error)}`)
      }
      case 'wait':
        return core.say('waiting; it is asked every 5 s')
      case 'leave':
        return leave(runBehind(), undefined, exitCodeHere(DEFECT))
      case undefined:
        return
    }
  }

  const openAgain = async () => {
    opener.unwatch()
    if (core.place.kind === 'lost') {
      core.wanted = core.place.run.snapshot.lesson.id
      await core.place.run.close()
    }
    // What cannot be left in order is opened anew all the same.
    await core.cluster?.leave('keep').catch(() => undefined)
    core.cluster = undefined
    const lesson = core.wanted ?? ports.lessons[0]?.id
    return lesson === undefined ? chooser.show() : opener.open(lesson)
  }

  /** The run that stands behind the screen of a lost cluster. */
  const runBehind = () => (core.place.kind === 'lost' ? core.place.run : undefined)

  const exitCodeHere = (otherwise: number) =>
    core.place.kind === 'error' && core.place.error instanceof LabError
      ? core.place.error.exitCode
      : otherwise

  const waysHere = (): readonly ErrorWay[] => {
    if (core.place.kind === 'error') return core.place.ways
    return core.place.kind === 'lost' ? LOST_WAYS : []
  }

  const onEscape = () => {
    const { place } = core
    if (place.kind !== 'start') return
    if (place.question !== undefined) core.go({ ...place, question: undefined, context: undefined })
    else if (core.chosen !== undefined) showLessons()
  }

  const onInterrupt = () => {
    if (core.place.kind !== 'opening') return core.start(leave(undefined, undefined, 130))
    opener.stop()
    core.say('stopped; the lab cleaned up after itself')
  }

  const showSettings = () => {
    if (core.place.kind === 'run') core.start(core.place.run.close().then(chooser.show))
    else chooser.show()
  }

  const send = (action: Action) => {
    if (core.over) return
    if (core.place.kind === 'run' && action.kind !== 'show-settings')
      return core.place.run.send(action)
    switch (action.kind) {
      case 'choose-cluster':
        return core.start(chooser.choose(action.index))
      case 'choose':
        return core.start(chooser.answer(action.question, action.choice))
      case 'open-lesson':
        core.wanted = action.id
        return core.start(opener.open(action.id))
      case 'choose-fix':
        return core.start(takeWay(waysHere()[action.index]))
      case 'show-settings':
        return showSettings()
      case 'show-lessons':
        return showLessonsOrStart()
      case 'escape':
        return onEscape()
      case 'interrupt':
        return onInterrupt()
      case 'ask-leave':
        opener.stop()
        return core.start(leave(undefined, undefined, exitCodeHere(0)))
      default:
        return
    }
  }

  if (options.lesson !== undefined && core.chosen !== undefined)
    core.start(opener.open(options.lesson))
  else showLessonsOrStart()

  return {
    get snapshot() {
      snapshot ??= draw(core)
      return snapshot
    },
    get console() {
      return core.place.kind === 'run' ? core.place.run.console : undefined
    },
    send,
    subscribe: core.subscribe,
    ended,
    stop: (exitCode) =>
      leave(core.place.kind === 'run' ? core.place.run : runBehind(), undefined, exitCode),
  }
}

/** What was reached in each lesson, for the list. */
async function readProgress(core: AppCore): Promise<void> {
  const { lessons, progress: store } = core.ports
  const entries = await Promise.all(
    lessons.map(async (lesson) => {
      const { progress, problem } = await store.load(lesson.id)
      if (problem !== undefined) core.last = plain(problem)
      const { best, reached } = progress
      return [lesson.id, { ...achieved(progress.records), best: best?.earned, reached }] as const
    }),
  )
  core.progressById = new Map(entries)
  core.changed()
}

function draw({ ports, place, settings, chosen, progressById, last }: AppCore): AppSnapshot {
  const now = ports.clock.now()
  switch (place.kind) {
    case 'start':
      return {
        place: 'start-cluster',
        start: startSnapshot(ports.clusters, place, settings.cluster, last),
      }
    case 'lessons':
      return {
        place: 'lessons',
        list: lessonListSnapshot(ports.lessons, progressById, chosen?.kind, now, last),
      }
    case 'opening':
      return { place: 'opening', opening: openingSnapshot(place, now, last) }
    case 'run':
      return { place: 'lesson', run: place.run.snapshot }
    case 'error':
      return { place: 'error', error: errorSnapshot(place.error, place.ways, last) }
    case 'lost':
      return { place: 'error', error: lostSnapshot(place.silence, now) }
  }
}
