import type { ClusterKind } from '../../cluster/provider.ts'
import type { Achieved } from '../../progress/achieved.ts'
import type { Reached } from '../../progress/records.ts'
import type { LessonEntry } from '../app-ports.ts'
import type { LessonListSnapshot, StatusLine } from '../snapshot.ts'
import { plain } from '../status-line.ts'

/** What is known of a lesson without reading it. */
export type ReachedSoFar = Achieved & {
  readonly best: number | undefined
  readonly reached: Reached | undefined
}

/** The list of lessons with what was reached in each. */
export function lessonListSnapshot(
  lessons: readonly LessonEntry[],
  progress: ReadonlyMap<string, ReachedSoFar>,
  cluster: ClusterKind | undefined,
  now: number,
  last: StatusLine,
): LessonListSnapshot {
  const rows = lessons.map((lesson) => {
    const so = progress.get(lesson.id)
    const state =
      so?.finished !== undefined || so?.best !== undefined
        ? 'done'
        : so?.startedAt !== undefined
          ? 'started'
          : 'new'
    return {
      number: lesson.number,
      id: lesson.id,
      title: lesson.title,
      summary: lesson.summary,
      state: state as 'new' | 'started' | 'done',
      earned: so?.best ?? so?.reached?.earned ?? earnedSoFar(so),
      total: lesson.points,
      minutes: lesson.minutes,
      resume: state === 'started' ? resumeText(so, now) : undefined,
    }
  })
  return {
    cluster:
      cluster === 'kind'
        ? 'kind cluster'
        : cluster === 'context'
          ? 'your cluster'
          : 'simulated cluster',
    lessons: rows,
    last,
    now: plain('Enter opens the marked lesson.'),
  }
}

function resumeText(so: ReachedSoFar | undefined, now: number): string | undefined {
  if (so?.reached !== undefined) {
    const { step, steps, at } = so.reached
    return `You stopped at step ${step} of ${steps}, ${ago(now - Date.parse(at))}.`
  }
  return so?.startedAt === undefined
    ? undefined
    : `You began ${ago(now - Date.parse(so.startedAt))}.`
}

function earnedSoFar(so: Achieved | undefined): number {
  return Object.values(so?.checks ?? {}).reduce((sum, check) => sum + check.earned, 0)
}

function ago(ms: number): string {
  const minutes = Math.round(ms / 60_000)
  if (minutes < 2) return 'a moment ago'
  if (minutes < 120) return `${minutes} minutes ago`
  const hours = Math.round(minutes / 60)
  return hours < 48 ? `${hours} hours ago` : `${Math.round(hours / 24)} days ago`
}
