import type { Clock } from '../base/clock.ts'
import type { Cluster, ClusterKind, OpeningAction, Readiness } from '../cluster/provider.ts'
import type { Lesson } from '../lessons/model.ts'
import type { LessonProgress } from '../progress/records.ts'
import type { ProgressStore } from './ports.ts'
import type { RunSession } from './run-session.ts'

/** What the app knows of a lesson before it is read: its front matter. */
export interface LessonEntry {
  readonly number: number
  readonly id: string
  readonly title: string
  readonly summary: string
  readonly minutes: number
  readonly points: number
}

export interface AppSettings {
  readonly cluster: ClusterKind | undefined
  readonly context: string | undefined
}

/** The kinds of clusters, described without loading what opens them. */
export interface ClusterChoice {
  readonly kind: ClusterKind
  readonly title: string
  readonly about: string
  detect(signal: AbortSignal): Promise<Readiness>
}

/**
 * Everything that the app asks of the rest of the program. The command line wires it; what is heavy is loaded behind
 * these functions, so that the first screen can be painted before.
 */
export interface AppPorts {
  readonly clusters: readonly ClusterChoice[]
  readonly lessons: readonly LessonEntry[]
  readonly progress: ProgressStore
  loadLesson(id: string): Promise<Lesson>
  /** Opens the cluster and proves that it enforces policies. Rejects with `LabError`. */
  openCluster(
    kind: ClusterKind,
    options: {
      readonly context: string | undefined
      readonly consent: boolean
      readonly images: readonly string[]
      readonly signal: AbortSignal
      readonly onAction: (action: OpeningAction) => void
    },
  ): Promise<Cluster>
  /** Makes the lesson's world stand and opens the run. */
  openRun(
    lesson: Lesson,
    cluster: Cluster,
    options: {
      readonly resume: LessonProgress
      readonly nextLesson: LessonEntry | undefined
      readonly signal: AbortSignal
      readonly onAction: (action: OpeningAction) => void
    },
  ): Promise<RunSession>
  saveSettings(settings: AppSettings): Promise<void>
  /** Time of the app: of the computer. */
  readonly clock: Clock
  /** Writes a report for a question or an issue; returns its path. */
  writeReport(error: unknown): Promise<string>
}
