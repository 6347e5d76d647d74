import type { PlayEvent } from '../../runner/play.ts'

/** How a run without a terminal is told. Results go to `out`, everything else to `err`. */
export interface Reporter {
  lessonStarted(lesson: {
    readonly id: string
    readonly title: string
    readonly cluster: string
  }): void
  event(event: PlayEvent): void
  /** Called once, after the last lesson. */
  end(): void
}

export interface ReporterStreams {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
}

export type CheckEvent = Extract<PlayEvent, { kind: 'check-finished' }>
export type FinishedEvent = Extract<PlayEvent, { kind: 'finished' }>

export interface LessonResult {
  readonly id: string
  readonly title: string
  readonly cluster: string
  /** The last result of each check, in the order in which they came first. */
  readonly checks: readonly CheckEvent[]
  readonly finished: FinishedEvent | undefined
  readonly problems: readonly string[]
}

/** Collects what a reporter needs that can only print at the end. */
export class ResultCollector {
  private readonly lessons: {
    id: string
    title: string
    cluster: string
    checks: Map<string, CheckEvent>
    finished: FinishedEvent | undefined
    problems: string[]
  }[] = []

  lessonStarted(lesson: {
    readonly id: string
    readonly title: string
    readonly cluster: string
  }): void {
    this.lessons.push({ ...lesson, checks: new Map(), finished: undefined, problems: [] })
  }

  event(event: PlayEvent): void {
    const lesson = this.lessons.at(-1)
    if (lesson === undefined) return
    if (event.kind === 'check-finished') lesson.checks.set(event.check, event)
    else if (event.kind === 'finished') lesson.finished = event
    else if (event.kind === 'problem-met') lesson.problems.push(event.message)
  }

  get results(): readonly LessonResult[] {
    return this.lessons.map((lesson) => ({ ...lesson, checks: [...lesson.checks.values()] }))
  }
}
