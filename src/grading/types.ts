import type { Outcome, ProbeSpec } from '../lessons/model.ts'
import type { Verdict } from '../policy/types.ts'

/** The two facts of a probe, and how they were obtained. */
export interface ProbeFacts {
  readonly outcome: Outcome
  /** How the name resolved; `not-asked` for an address. */
  readonly name:
    | { readonly kind: 'answered'; readonly address: string }
    | { readonly kind: 'not-asked'; readonly address: string }
    | { readonly kind: 'no-such-name' }
    | { readonly kind: 'unreachable' }
  /** How the connection ended; absent where it never started. */
  readonly connection?: {
    readonly kind: 'connected' | 'refused' | 'timeout'
    readonly seconds: number
  }
  readonly seconds: number
}

/** A probe that ran, or the reason why it proves nothing. */
export type ProbeResult =
  | {
      readonly kind: 'observed'
      readonly probe: ProbeSpec
      readonly fromPod: string
      readonly facts: ProbeFacts
      readonly control?: ProbeFacts
      readonly controlPod?: string
      readonly engine?: { readonly outcome: Outcome; readonly verdict?: Verdict }
    }
  | {
      readonly kind: 'inconclusive'
      readonly probe: ProbeSpec
      readonly reason: string
      readonly control?: ProbeFacts
      /** There is no pod to probe from: what a learner has to make is not there, which is no fault of the surroundings. */
      readonly sourceMissing?: true
    }

/**
 * `passed`, `failed`; `inconclusive`: a control failed or the probe could not run, so it leaves the total;
 * `disagrees`: the cluster does not do what the specification says, so nobody is graded.
 */
export interface CheckResult {
  readonly check: string
  readonly state: 'passed' | 'failed' | 'inconclusive' | 'disagrees'
  readonly points: number
  /** "Works but too wide" earns at most half. */
  readonly earned: number
  /** The lesson's sentence for success or for the mistake, with one counterexample. */
  readonly sentence: string
  readonly mistake?: string
  readonly wanted?: string
  readonly seen?: string
  readonly control?: string
  readonly seconds: number
}
