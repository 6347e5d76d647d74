/**
 * What is written down of a lesson run. Records are facts in the past tense; state is folded from them.
 * Names of outcomes and mistakes are those of the lesson format. Times are ISO 8601.
 */
export type ProgressRecord = { readonly at: string } & (
  | { readonly kind: 'run-started'; readonly cluster: string }
  | { readonly kind: 'step-entered'; readonly step: string }
  | { readonly kind: 'item-done'; readonly item: string }
  | {
      readonly kind: 'prediction-committed'
      readonly prediction: string
      readonly predicted: string
    }
  | {
      readonly kind: 'probe-finished'
      readonly prediction: string
      /** An outcome, or `inconclusive`. */
      readonly observed: string
      readonly engine: string | undefined
      readonly control: string | undefined
      readonly seconds: number
    }
  /** `pick` counts from 1; `closed`: no further pick follows. */
  | {
      readonly kind: 'because-picked'
      readonly prediction: string
      readonly choice: number
      readonly right: boolean
      readonly pick: number
      readonly closed: boolean
      readonly mistake?: string
    }
  | {
      readonly kind: 'question-answered'
      readonly quiz: string
      readonly choice: number
      readonly right: boolean
      readonly first: boolean
      readonly mistake?: string
    }
  | {
      readonly kind: 'check-finished'
      readonly check: string
      readonly state: 'passed' | 'failed' | 'inconclusive' | 'disagrees'
      readonly earned: number
      readonly points: number
      readonly sentence: string
      readonly mistake?: string
      readonly wanted?: string
      readonly seen?: string
      readonly control?: string
    }
  | {
      readonly kind: 'hint-shown'
      readonly step: string
      readonly hint: number
      readonly tier: number
    }
  /** What was done in a step counts as not done; predictions and answers stay as they were given. */
  | {
      readonly kind: 'step-restarted'
      readonly step: string
      readonly items: readonly string[]
      readonly checks: readonly string[]
    }
  | { readonly kind: 'policy-applied'; readonly line: string }
  | { readonly kind: 'environment-problem'; readonly code: string; readonly message: string }
  | {
      readonly kind: 'run-finished'
      readonly passed: boolean
      readonly earned: number
      readonly total: number
    }
)

export interface LessonProgress {
  readonly format: 1
  readonly lesson: string
  /** Records of the run that is open, or of the last one. */
  readonly records: readonly ProgressRecord[]
  /** Where the run stands, for lists that do not read the lesson; counted from 1. */
  readonly reached?: Reached
  /** Results of the first run and of the best one, kept apart as evidence. */
  readonly first?: RunResult
  readonly best?: RunResult
}

export interface Reached {
  readonly at: string
  readonly step: number
  readonly steps: number
  readonly earned: number
}

export interface RunResult {
  readonly at: string
  readonly earned: number
  readonly total: number
  readonly passed: boolean
}
