import { LabError } from '../base/errors.ts'
import type { Cluster, ClusterKind, OpeningAction, Readiness } from '../cluster/provider.ts'
import type { Lesson } from '../lessons/model.ts'
import { achieved } from '../progress/achieved.ts'
import type { AppPorts, AppSettings } from './app-ports.ts'
import { type Silence, watchCluster } from './heartbeat.ts'
import type { RunSession } from './run-session.ts'
import type { Action, AppModel, AppSnapshot } from './snapshot.ts'
import { plain } from './status-line.ts'
import {
  type ErrorWay,
  errorSnapshot,
  errorWays,
  LOST_WAYS,
  lostSnapshot,
} from './view/error-view.ts'
import { lessonListSnapshot, type ReachedSoFar } from './view/lesson-list-view.ts'
import { openingSnapshot } from './view/opening-view.ts'
import { startSnapshot } from './view/start-view.ts'

export interface AppOptions {
  readonly ports: AppPorts
  readonly settings: AppSettings
  /** The learner chose a cluster on the command line: it is not asked again, and no consent is asked for. */
  readonly chosen:
    | {
        readonly kind: ClusterKind
        readonly context: string | undefined
        readonly consent: boolean
      }
    | undefined
  /** Lesson to open at once. */
  readonly lesson: string | undefined
}

/** The app can be stopped from outside: by a signal, or because its window is gone. */
export interface App extends AppModel {
  stop(exitCode: number): Promise<void>
}

type Place =
  | {
      readonly kind: 'start'
      readonly readiness: ReadonlyMap<ClusterKind, Readiness>
      readonly question: 'context' | 'consent' | undefined
      readonly context: string | undefined
    }
  | { readonly kind: 'lessons' }
  | {
      readonly kind: 'opening'
      readonly lesson: Lesson | undefined
      readonly title: string
      readonly actions: readonly OpeningAction[]
      /** When each action that runs began. */
      readonly began: ReadonlyMap<string, number>
      readonly since: number
    }
  | { readonly kind: 'run'; readonly run: RunSession }
  | { readonly kind: 'error'; readonly error: unknown; readonly ways: readonly ErrorWay[] }
  /** The run waits behind it, as it was. */
  | { readonly kind: 'lost'; readonly run: RunSession; readonly silence: Silence }

/** The program around a run: choosing a cluster, opening it, the list of lessons, errors, the end. */
export function createApp(options: AppOptions): App {
  const { ports } = options
  const listeners = new Set<() => void>()
  const closing = new AbortController()
  let settings: AppSettings = options.settings
  let chosen:
    | {
        readonly kind: ClusterKind
        readonly context: string | undefined
        readonly consent: boolean
      }
    | undefined =
    options.chosen ??
    (options.settings.cluster === undefined
      ? undefined
      : { kind: options.settings.cluster, context: options.settings.context, consent: true })
  let place: Place = { kind: 'lessons' }
  let last = plain('')
  let snapshot: AppSnapshot | undefined
  let cluster: Cluster | undefined
  let opening: AbortController | undefined
  let wanted = options.lesson
  let progressById: ReadonlyMap<string, ReachedSoFar> = new Map()
  let end: (result: { readonly exitCode: number; readonly farewell: readonly string[] }) => void =
    () => {}
  let over = false
  const ended = new Promise<{ readonly exitCode: number; readonly farewell: readonly string[] }>(
    (resolve) => {
      end = resolve
    },
  )

  const changed = () => {
    snapshot = undefined
    for (const listener of [...listeners]) listener()
  }
  const go = (next: Place) => {
    place = next
    changed()
  }
  const fail = (error: unknown) => {
    if (over) return
    if (error instanceof LabError && error.code === 'ERR_INTERRUPTED') return showLessonsOrStart()
    last = plain(error instanceof Error ? error.message : 'something failed')
    go({ kind: 'error', error, ways: errorWays(error, chosen?.kind) })
  }
  /** Starts work that nobody waits for; what goes wrong becomes the error screen. */
  const start = (work: Promise<void>) => {
    work.catch(fail)
  }

  const showStart = () => {
    last = plain('looking at this computer')
    go({ kind: 'start', readiness: new Map(), question: undefined, context: undefined })
    const since = ports.clock.now()
    start(
      Promise.all(
        ports.clusters.map(async (choice) => {
          const readiness = await choice.detect(closing.signal)
          if (place.kind !== 'start') return
          place = { ...place, readiness: new Map([...place.readiness, [choice.kind, readiness]]) }
          if (place.readiness.size === ports.clusters.length) {
            last = plain(
              `looked at this computer in ${((ports.clock.now() - since) / 1000).toFixed(1)} s`,
            )
          }
          changed()
        }),
      ).then(() => {}),
    )
  }

  const readProgress = async () => {
    const entries = await Promise.all(
      ports.lessons.map(async (lesson) => {
        const { progress, problem } = await ports.progress.load(lesson.id)
        if (problem !== undefined) last = plain(problem)
        return [
          lesson.id,
          {
            ...achieved(progress.records),
            best: progress.best?.earned,
            reached: progress.reached,
          },
        ] as const
      }),
    )
    progressById = new Map(entries)
    changed()
  }

  const showLessons = () => {
    last = plain('progress is kept on this computer only')
    go({ kind: 'lessons' })
    start(readProgress())
  }
  const showLessonsOrStart = () => (chosen === undefined ? showStart() : showLessons())

  /** The seconds of an opening go on while nothing else happens. */
  const tick = () => {
    ports.clock.after(1000, () => {
      if (place.kind !== 'opening' || over) return
      changed()
      tick()
    })
  }

  /** The opening that is under way: whoever stops it waits until it has cleaned up after itself. */
  let underWay: Promise<unknown> = Promise.resolve()
  const openLesson = (id: string): Promise<void> => {
    const work = open(id)
    underWay = work.catch(() => undefined)
    return work
  }

  const open = async (id: string): Promise<void> => {
    if (chosen === undefined) {
      wanted = id
      return showStart()
    }
    opening?.abort()
    const abort = new AbortController()
    opening = abort
    const signal = AbortSignal.any([abort.signal, closing.signal])
    const title = ports.clusters.find((choice) => choice.kind === chosen?.kind)?.title ?? 'cluster'
    go({
      kind: 'opening',
      lesson: undefined,
      title,
      actions: [],
      began: new Map(),
      since: ports.clock.now(),
    })
    tick()
    const onAction = (action: OpeningAction) => {
      if (place.kind !== 'opening') return
      const known = place.actions.some((other) => other.id === action.id)
      const began = new Map(place.began)
      if (action.state === 'running' && !began.has(action.id))
        began.set(action.id, ports.clock.now())
      place = {
        ...place,
        began,
        actions: known
          ? place.actions.map((other) => (other.id === action.id ? action : other))
          : [...place.actions, action],
      }
      if (action.state === 'done' || action.state === 'failed')
        last = plain(`${action.title}: ${action.state}`)
      changed()
    }
    const lesson = await ports.loadLesson(id)
    if (place.kind === 'opening') go({ ...place, lesson })
    try {
      cluster ??= await ports.openCluster(chosen.kind, {
        context: chosen.context,
        consent: chosen.consent,
        images: lesson.needs.images,
        signal,
        onAction,
      })
      const { progress, problem } = await ports.progress.load(id)
      const at = ports.lessons.findIndex((entry) => entry.id === id)
      const run = await ports.openRun(lesson, cluster, {
        resume: progress,
        nextLesson: ports.lessons[at + 1],
        signal,
        onAction,
      })
      if (over) return void (await run.close())
      run.subscribe(changed)
      go({ kind: 'run', run })
      for (const note of [...(cluster.notes ?? []), ...(problem === undefined ? [] : [problem])])
        run.tell(note)
      watch(cluster, run)
      start(afterRun(run))
    } catch (error) {
      if (!signal.aborted || over) throw error
      showLessons()
      last = plain('stopped; the lab cleaned up after itself')
      changed()
    }
  }

  let unwatch = () => {}
  /** A cluster that stops answering puts its screen before the run; when it answers again the screen goes by itself. */
  const watch = (opened: Cluster, run: RunSession) => {
    unwatch()
    unwatch = watchCluster({
      client: opened.client,
      clock: ports.clock,
      onSilence: (silence) => {
        if (place.kind === 'run' || place.kind === 'lost') go({ kind: 'lost', run, silence })
      },
      onBack: () => {
        if (place.kind !== 'lost') return
        go({ kind: 'run', run })
        run.tell('the cluster answers again; nothing was lost')
      },
    })
  }

  const afterRun = async (run: RunSession) => {
    const result = await run.ended
    unwatch()
    if (result.kind === 'leave') return leave(run, result.choice, result.exitCode)
    await run.close()
    if (result.kind === 'lesson') return openLesson(result.id)
    showLessons()
  }

  const leave = async (
    run: RunSession | undefined,
    choice: 'keep' | 'save' | 'destroy' | undefined,
    exitCode: number,
  ) => {
    if (over) return
    over = true
    unwatch()
    closing.abort()
    await underWay
    const snapshotAtEnd = run?.snapshot
    await run?.close()
    const first = cluster?.leaveChoices[0]
    const done = choice ?? first?.id
    if (cluster !== undefined && done !== undefined) await cluster.leave(done)
    const what = cluster?.leaveChoices.find((each) => each.id === done)
    end({
      exitCode,
      farewell:
        snapshotAtEnd === undefined
          ? []
          : [
              `You stopped at step ${snapshotAtEnd.step.number} of ${snapshotAtEnd.step.count}, ${snapshotAtEnd.step.title}.`,
              `Your files: ${snapshotAtEnd.workFolder}`,
              `The ${cluster?.title ?? 'cluster'}: ${what?.label.toLowerCase() ?? 'closed'}${what === undefined ? '' : `; ${what.sentence}`}`,
              `Go on with: netpol-lab start ${snapshotAtEnd.lesson.id}${notRemembered()}`,
            ],
    })
  }

  /** Flags that the next start needs, because a choice on the command line is not remembered. */
  const notRemembered = () => {
    if (chosen === undefined || settings.cluster === chosen.kind) return ''
    const context = chosen.context === undefined ? '' : ` --context ${chosen.context}`
    return ` --cluster ${chosen.kind}${context}`
  }

  const chooseCluster = async (index: number) => {
    const choice = ports.clusters[index]
    if (choice === undefined || place.kind !== 'start') return
    const readiness = place.readiness.get(choice.kind)
    if (choice.kind === 'context' && place.context === undefined) {
      if (readiness?.state === 'choice-needed') return go({ ...place, question: 'context' })
      last = plain(readiness?.found ?? 'still looking')
      return changed()
    }
    if (readiness !== undefined && readiness.state === 'not-ready') {
      chosen = { kind: choice.kind, context: undefined, consent: true }
      return fail(readiness.error ?? notReady(readiness))
    }
    await settle({ kind: choice.kind, context: place.context, consent: true })
  }

  const settle = async (choice: NonNullable<typeof chosen>) => {
    if (cluster !== undefined) {
      await cluster.leave(cluster.leaveChoices[0]?.id ?? 'keep')
      cluster = undefined
    }
    chosen = choice
    settings = { cluster: choice.kind, context: choice.context }
    await ports.saveSettings(settings)
    const next = wanted ?? (ports.lessons.length === 1 ? ports.lessons[0]?.id : undefined)
    wanted = undefined
    if (next === undefined) return showLessons()
    await openLesson(next)
  }

  const onChoose = async (question: string, index: number) => {
    if (place.kind !== 'start') return
    const readiness = place.readiness.get('context')
    if (question === 'context') {
      const context = readiness?.choices?.[index]
      go({ ...place, question: context === undefined ? undefined : 'consent', context })
    } else if (question === 'consent') {
      const context = place.context
      go({ ...place, question: undefined, context: undefined })
      if (index === 1) await settle({ kind: 'context', context, consent: true })
    }
  }

  const takeWay = async (way: ErrorWay | undefined) => {
    switch (way?.kind) {
      case 'simulated':
        return settle({ kind: 'simulated', context: undefined, consent: true })
      case 'again': {
        unwatch()
        if (place.kind === 'lost') {
          wanted = place.run.snapshot.lesson.id
          await place.run.close()
        }
        // What cannot be left in order is opened anew all the same.
        await cluster?.leave('keep').catch(() => undefined)
        cluster = undefined
        const lesson = wanted ?? ports.lessons[0]?.id
        return lesson === undefined ? showStart() : openLesson(lesson)
      }
      case 'choose':
        chosen = undefined
        return showStart()
      case 'report': {
        if (place.kind !== 'error') return
        last = plain(`written to ${await ports.writeReport(place.error)}`)
        return changed()
      }
      case 'wait':
        last = plain('waiting; it is asked every 5 s')
        return changed()
      case 'leave':
        return leave(
          place.kind === 'lost' ? place.run : undefined,
          undefined,
          place.kind === 'error' && place.error instanceof LabError ? place.error.exitCode : 70,
        )
      case undefined:
        return
    }
  }

  const waysHere = (): readonly ErrorWay[] =>
    place.kind === 'error' ? place.ways : place.kind === 'lost' ? LOST_WAYS : []

  const send = (action: Action) => {
    if (over) return
    if (place.kind === 'run' && action.kind !== 'show-settings') return place.run.send(action)
    switch (action.kind) {
      case 'choose-cluster':
        return start(chooseCluster(action.index))
      case 'choose':
        return start(onChoose(action.question, action.choice))
      case 'open-lesson':
        wanted = action.id
        return start(openLesson(action.id))
      case 'choose-fix':
        return start(takeWay(waysHere()[action.index]))
      case 'show-settings':
        if (place.kind === 'run') {
          const run = place.run
          return start(run.close().then(showStart))
        }
        return showStart()
      case 'show-lessons':
        return showLessonsOrStart()
      case 'escape':
        if (place.kind === 'start' && place.question !== undefined)
          go({ ...place, question: undefined, context: undefined })
        else if (place.kind === 'start' && chosen !== undefined) showLessons()
        return
      case 'interrupt':
        if (place.kind === 'opening' && opening !== undefined) {
          opening.abort()
          last = plain('stopped; the lab cleaned up after itself')
          return changed()
        }
        return start(leave(undefined, undefined, 130))
      case 'ask-leave':
        opening?.abort()
        return start(
          leave(
            undefined,
            undefined,
            place.kind === 'error' && place.error instanceof LabError ? place.error.exitCode : 0,
          ),
        )
      default:
        return
    }
  }

  if (options.lesson !== undefined && chosen !== undefined) start(openLesson(options.lesson))
  else if (chosen !== undefined) showLessons()
  else showStart()

  return {
    get snapshot() {
      snapshot ??= draw()
      return snapshot
    },
    get console() {
      return place.kind === 'run' ? place.run.console : undefined
    },
    send,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    ended,
    stop: (exitCode) =>
      leave(
        place.kind === 'run' || place.kind === 'lost' ? place.run : undefined,
        undefined,
        exitCode,
      ),
  }

  function draw(): AppSnapshot {
    switch (place.kind) {
      case 'start':
        return {
          place: 'start-cluster',
          start: startSnapshot(ports.clusters, place, settings.cluster, last),
        }
      case 'lessons':
        return {
          place: 'lessons',
          list: lessonListSnapshot(
            ports.lessons,
            progressById,
            chosen?.kind,
            ports.clock.now(),
            last,
          ),
        }
      case 'opening':
        return { place: 'opening', opening: openingSnapshot(place, ports.clock.now(), last) }
      case 'run':
        return { place: 'lesson', run: place.run.snapshot }
      case 'error':
        return { place: 'error', error: errorSnapshot(place.error, place.ways, last) }
      case 'lost':
        return { place: 'error', error: lostSnapshot(place.silence, ports.clock.now()) }
    }
  }
}

function notReady(readiness: Readiness): LabError {
  return new LabError('ERR_CLUSTER_UNREACHABLE', 'This cluster cannot be opened yet.', {
    why: readiness.found,
    next: readiness.fixes.map((fix) =>
      fix.command === undefined ? fix.label : `${fix.label}: ${fix.command}`,
    ),
  })
}
