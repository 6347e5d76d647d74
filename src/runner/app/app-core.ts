import { LabError } from '../../base/errors.ts'
import type { Cluster, ClusterKind, OpeningAction, Readiness } from '../../cluster/provider.ts'
import type { Lesson } from '../../lessons/model.ts'
import type { AppPorts, AppSettings } from '../app-ports.ts'
import type { Silence } from '../heartbeat.ts'
import type { RunSession } from '../run-session.ts'
import type { StatusLine } from '../snapshot.ts'
import { plain } from '../status-line.ts'
import { type ErrorWay, errorWays } from '../view/error-view.ts'
import type { ReachedSoFar } from '../view/lesson-list-view.ts'

/** Where the learner is in the program. */
export type Place =
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

/** A cluster that the learner chose: by the command line, by the settings or on the first screen. */
export interface ChosenCluster {
  readonly kind: ClusterKind
  readonly context: string | undefined
  readonly consent: boolean
}

/** What the parts of the app share: where the learner is, and what is open. */
export interface AppCore {
  readonly ports: AppPorts
  /** Aborted when the app ends. */
  readonly closing: AbortController
  place: Place
  last: StatusLine
  settings: AppSettings
  chosen: ChosenCluster | undefined
  cluster: Cluster | undefined
  /** The lesson to open once a cluster is chosen. */
  wanted: string | undefined
  progressById: ReadonlyMap<string, ReachedSoFar>
  /** The app has ended, or is about to: nothing new begins. */
  over: boolean
  /** Says something in the `Last` line. */
  say(text: string): void
  go(next: Place): void
  /** Tells those who draw. */
  changed(): void
  /** Shows an error with its ways on; a stop that the learner asked for goes back instead. */
  fail(error: unknown): void
  /** Starts work that nobody waits for; what goes wrong becomes the error screen. */
  start(work: Promise<void>): void
  subscribe(listener: () => void): () => void
}

export function createAppCore(options: {
  readonly ports: AppPorts
  readonly settings: AppSettings
  readonly chosen: ChosenCluster | undefined
  readonly wanted: string | undefined
  /** Where to go after something that the learner stopped. */
  readonly back: () => void
}): AppCore {
  const listeners = new Set<() => void>()
  const { cluster, context } = options.settings
  const core: AppCore = {
    ports: options.ports,
    closing: new AbortController(),
    place: { kind: 'lessons' },
    last: plain(''),
    settings: options.settings,
    chosen:
      options.chosen ??
      (cluster === undefined ? undefined : { kind: cluster, context, consent: true }),
    cluster: undefined,
    wanted: options.wanted,
    progressById: new Map(),
    over: false,
    say: (text) => {
      core.last = plain(text)
      core.changed()
    },
    go: (next) => {
      core.place = next
      core.changed()
    },
    changed: () => {
      for (const listener of [...listeners]) listener()
    },
    fail: (error) => {
      if (core.over) return
      if (error instanceof LabError && error.code === 'ERR_INTERRUPTED') return options.back()
      core.last = plain(error instanceof Error ? error.message : 'something failed')
      core.go({ kind: 'error', error, ways: errorWays(error, core.chosen?.kind) })
    },
    start: (work) => {
      work.catch(core.fail)
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  return core
}
