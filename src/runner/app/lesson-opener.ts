import type { Cluster, OpeningAction } from '../../cluster/provider.ts'
import { watchCluster } from '../heartbeat.ts'
import type { RunEnd, RunSession } from '../run-session.ts'
import { plain } from '../status-line.ts'
import type { AppCore } from './app-core.ts'

/** Opens the cluster and a lesson on it, and goes back to where the learner was when that is stopped. */
export interface LessonOpener {
  open(id: string): Promise<void>
  /** Stops the opening that is under way, if one is. */
  stop(): void
  /** Resolves when the opening that is under way has cleaned up after itself. */
  settled(): Promise<void>
  /** Asks the cluster of a run no more whether it is there. */
  unwatch(): void
}

export function createLessonOpener(
  core: AppCore,
  next: {
    readonly chooseCluster: () => void
    readonly showLessons: () => void
    readonly onRunEnd: (run: RunSession, end: RunEnd) => Promise<void>
  },
): LessonOpener {
  const { ports } = core
  let opening: AbortController | undefined
  let underWay: Promise<unknown> = Promise.resolve()
  let unwatch = () => {}

  /** The seconds of an opening go on while nothing else happens. */
  const tick = () => {
    ports.clock.after(1000, () => {
      if (core.place.kind !== 'opening' || core.over) return
      core.changed()
      tick()
    })
  }

  const onAction = (action: OpeningAction) => {
    const { place } = core
    if (place.kind !== 'opening') return
    const known = place.actions.some((other) => other.id === action.id)
    const began = new Map(place.began)
    if (action.state === 'running' && !began.has(action.id)) began.set(action.id, ports.clock.now())
    if (action.state === 'done' || action.state === 'failed')
      core.last = plain(`${action.title}: ${action.state}`)
    core.go({
      ...place,
      began,
      actions: known
        ? place.actions.map((other) => (other.id === action.id ? action : other))
        : [...place.actions, action],
    })
  }

  const openRun = async (id: string, signal: AbortSignal) => {
    const { chosen } = core
    if (chosen === undefined) return
    const lesson = await ports.loadLesson(id)
    if (core.place.kind === 'opening') core.go({ ...core.place, lesson })
    core.cluster ??= await ports.openCluster(chosen.kind, {
      context: chosen.context,
      consent: chosen.consent,
      images: lesson.needs.images,
      signal,
      onAction,
    })
    const { cluster } = core
    const { progress, problem } = await ports.progress.load(id)
    const at = ports.lessons.findIndex((entry) => entry.id === id)
    const run = await ports.openRun(lesson, cluster, {
      resume: progress,
      nextLesson: ports.lessons[at + 1],
      signal,
      onAction,
    })
    if (core.over) return void (await run.close())
    run.subscribe(core.changed)
    core.go({ kind: 'run', run })
    for (const note of [...(cluster.notes ?? []), ...(problem === undefined ? [] : [problem])])
      run.tell(note)
    watch(cluster, run)
    core.start(run.ended.then((end) => next.onRunEnd(run, end)))
  }

  /** A cluster that stops answering puts its screen before the run; when it answers again the screen goes by itself. */
  const watch = (cluster: Cluster, run: RunSession) => {
    unwatch()
    unwatch = watchCluster({
      client: cluster.client,
      clock: ports.clock,
      onSilence: (silence) => {
        const { kind } = core.place
        if (kind === 'run' || kind === 'lost') core.go({ kind: 'lost', run, silence })
      },
      onBack: () => {
        if (core.place.kind !== 'lost') return
        core.go({ kind: 'run', run })
        run.tell('the cluster answers again; nothing was lost')
      },
    })
  }

  const open = async (id: string): Promise<void> => {
    const { chosen } = core
    if (chosen === undefined) {
      core.wanted = id
      return next.chooseCluster()
    }
    opening?.abort()
    const abort = new AbortController()
    opening = abort
    const signal = AbortSignal.any([abort.signal, core.closing.signal])
    core.go({
      kind: 'opening',
      lesson: undefined,
      title: ports.clusters.find((choice) => choice.kind === chosen.kind)?.title ?? 'cluster',
      actions: [],
      began: new Map(),
      since: ports.clock.now(),
    })
    tick()
    try {
      await openRun(id, signal)
    } catch (error) {
      if (!signal.aborted || core.over) throw error
      next.showLessons()
      core.say('stopped; the lab cleaned up after itself')
    }
  }

  return {
    open(id) {
      const work = open(id)
      underWay = work.catch(() => undefined)
      return work
    },
    stop: () => opening?.abort(),
    settled: async () => {
      await underWay
    },
    unwatch: () => unwatch(),
  }
}
