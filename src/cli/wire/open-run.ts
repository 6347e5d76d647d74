import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import type { Cluster, OpeningAction } from '../../cluster/provider.ts'
import { createGrader } from '../../grading/grader.ts'
import type { Lesson } from '../../lessons/model.ts'
import { createWorkFolder } from '../../platform/work-folder.ts'
import type { LessonProgress } from '../../progress/records.ts'
import type { ProgressStore } from '../../runner/ports.ts'
import { replaySteps } from '../../runner/replay.ts'
import { openRun, type RunSession } from '../../runner/run-session.ts'
import { createWorld } from '../../runner/world.ts'
import { createPolicyAdvisor } from '../../shell/commands/policy-advisor.ts'
import { createLabConsole } from '../../shell/console/lab-console.ts'
import { createLabShell } from '../../shell/lab-shell.ts'

export interface OpenRunOptions {
  readonly lesson: Lesson
  readonly cluster: Cluster
  /** Folder that holds a work folder for each lesson. */
  readonly workFolders: string
  readonly progress: ProgressStore
  readonly resume: LessonProgress
  readonly clock: Clock
  readonly asks: boolean
  readonly nextLesson: { readonly id: string; readonly title: string } | undefined
  readonly denySignature: 'timeout' | 'refused'
  readonly size: { readonly columns: number; readonly rows: number }
  readonly signal: AbortSignal
  readonly onAction: (action: OpeningAction) => void
}

/** Puts a run together: console over shell over cluster, grader, files, world; brings a new cluster to the step of the records. */
export async function composeRun(options: OpenRunOptions): Promise<RunSession> {
  const { lesson, cluster, clock, signal } = options
  const files = await createWorkFolder(
    join(options.workFolders, `${String(lesson.number).padStart(2, '0')}-${lesson.id}`),
  )
  const world = createWorld(cluster.client, clock)
  const shell = createLabShell({ client: cluster.client, workFolder: files, clock })
  const since = clock.now()
  const title = "the lesson's pods and services"
  options.onAction({ id: 'world', title, state: 'running' })
  const fresh = !(await world.stands(lesson, signal))
  await world.apply(lesson, signal)
  options.onAction({ id: 'world', title, state: 'done', seconds: (clock.now() - since) / 1000 })
  if (fresh)
    await replaySteps({
      lesson,
      records: options.resume.records,
      shell,
      signal,
      onAction: options.onAction,
      clock,
    })
  return openRun({
    lesson,
    cluster,
    console: createLabConsole({ shell, clock, size: options.size }),
    grader: createGrader({ client: cluster.client, denySignature: options.denySignature, lesson }),
    advisor: createPolicyAdvisor(cluster.client),
    files,
    progress: options.progress,
    world,
    replay: (step, records) =>
      replaySteps({ lesson, records, shell, signal, clock, onAction: () => {}, before: step }),
    clock,
    asks: options.asks,
    nextLesson: options.nextLesson,
    resume: options.resume,
    signal,
  })
}
