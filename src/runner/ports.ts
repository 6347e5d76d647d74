import type { CheckResult, ProbeResult } from '../grading/types.ts'
import type { Check, Lesson, ProbeSpec } from '../lessons/model.ts'
import type { LessonProgress } from '../progress/records.ts'
import type { PolicyRemark } from './policy-advice.ts'

/** What the run asks of grading. The cluster and the engine are behind it. */
export interface Grader {
  probe(probe: ProbeSpec, signal: AbortSignal): Promise<ProbeResult>
  /** `outputs` are the lines that items of the lesson printed, by item id. */
  checks(
    checks: readonly Check[],
    outputs: Readonly<Record<string, readonly string[]>>,
    signal: AbortSignal,
  ): Promise<readonly CheckResult[]>
}

/** The learner's files of one lesson. */
export interface LessonFiles {
  readonly path: string
  read(name: string): Promise<string | undefined>
  write(name: string, text: string): Promise<void>
}

/** Where the records of runs are kept. */
export interface ProgressStore {
  /** What is known of a lesson. A damaged or newer file is set aside and told in `problem`. */
  load(
    lesson: string,
  ): Promise<{ readonly progress: LessonProgress; readonly problem: string | undefined }>
  /** It is kept when this returns. Throws the system's error where it cannot be. */
  save(progress: LessonProgress): void
}

/** The lesson's starting world on the cluster. */
export interface World {
  /** Whether this lesson's world stands in the cluster. */
  stands(lesson: Lesson, signal: AbortSignal): Promise<boolean>
  /** Makes what is missing and waits until its pods are ready. */
  apply(lesson: Lesson, signal: AbortSignal): Promise<void>
  /** Removes what the lesson and the learner made in the lesson's namespaces. */
  clear(lesson: Lesson, signal: AbortSignal): Promise<void>
}

/** Looks at policies for mistakes that policies often have. */
export interface PolicyAdvisor {
  /** Findings in policies of these names as they are in the cluster now, the most telling first. */
  remarksOn(names: readonly string[], signal: AbortSignal): Promise<readonly PolicyRemark[]>
}
