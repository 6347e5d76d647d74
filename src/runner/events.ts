import type { CheckResult, ProbeResult } from '../grading/types.ts'
import type { ProgressRecord } from '../progress/records.ts'
import type { ConsolePlace, RemoteSession } from '../shell/ports.ts'
import type { PolicyRemark } from './policy-advice.ts'
import type { Action } from './snapshot.ts'

/** What happened. One closed union, handled in one place. */
export type RunEvent =
  | { readonly kind: 'action'; readonly action: Action }
  /** A line is about to run at a prompt and waits for the verdict on `token`. */
  | {
      readonly kind: 'line-entered'
      readonly token: number
      readonly line: string
      readonly place: ConsolePlace
    }
  | { readonly kind: 'command-started'; readonly line: string; readonly place: ConsolePlace }
  | {
      readonly kind: 'command-finished'
      readonly line: string
      readonly place: ConsolePlace
      readonly output: readonly string[]
      readonly exitCode: number | undefined
      readonly durationMs: number
    }
  /** A line that the lab was to run is over for it: it ran, was held, or could not be typed. */
  | { readonly kind: 'line-settled' }
  | {
      readonly kind: 'prompt-changed'
      readonly place: ConsolePlace
      readonly prompt: string | undefined
    }
  | { readonly kind: 'session-opened'; readonly session: RemoteSession }
  | { readonly kind: 'session-closed'; readonly session: RemoteSession }
  | { readonly kind: 'word-typed'; readonly word: string }
  | { readonly kind: 'empty-line-entered'; readonly place: ConsolePlace }
  | { readonly kind: 'nothing-to-interrupt' }
  | { readonly kind: 'probe-finished'; readonly prediction: string; readonly result: ProbeResult }
  | { readonly kind: 'checks-finished'; readonly results: readonly CheckResult[] }
  | { readonly kind: 'checks-stopped'; readonly why: string }
  /** What lint finds in policies that a line changed. */
  | { readonly kind: 'policies-linted'; readonly remarks: readonly PolicyRemark[] }
  | { readonly kind: 'file-changed'; readonly name: string; readonly differs: boolean }
  | { readonly kind: 'files-written'; readonly names: readonly string[] }
  | { readonly kind: 'reset-finished' }
  | { readonly kind: 'step-restarted'; readonly step: string }
  | {
      readonly kind: 'run-graded'
      readonly passed: boolean
      readonly earned: number
      readonly total: number
    }
  | { readonly kind: 'told'; readonly text: string }
  | { readonly kind: 'problem-met'; readonly code: string; readonly message: string }

/** What has to be done now. Carried out by the run session over its ports. */
export type RunEffect =
  | { readonly kind: 'record'; readonly record: ProgressRecord }
  | { readonly kind: 'run-line'; readonly line: string; readonly place: ConsolePlace }
  | { readonly kind: 'prefill-line'; readonly line: string; readonly place: ConsolePlace }
  | { readonly kind: 'release-line'; readonly token: number; readonly verdict: 'run' | 'hold' }
  /** Opens a pod's shell again with the lesson's own command. */
  | { readonly kind: 'reopen-session'; readonly line: string; readonly pod: string | undefined }
  | { readonly kind: 'switch-place'; readonly place: ConsolePlace }
  | { readonly kind: 'paste-line'; readonly text: string }
  | { readonly kind: 'save-paste'; readonly text: string }
  | { readonly kind: 'run-probe'; readonly prediction: string }
  | { readonly kind: 'run-checks'; readonly checks: readonly string[] }
  | { readonly kind: 'stop-checks' }
  | { readonly kind: 'interrupt-command' }
  | { readonly kind: 'enter-step'; readonly step: string }
  | { readonly kind: 'reset'; readonly scope: 'step' | 'lesson' }
  | { readonly kind: 'save-cluster' }
  /** Has lint look at policies of the cluster, by name. */
  | { readonly kind: 'lint-policies'; readonly names: readonly string[] }
  | {
      readonly kind: 'leave'
      readonly choice: 'keep' | 'save' | 'destroy'
      readonly exitCode: number
    }
  /** Every step is over: grade the run and show the debrief. */
  | { readonly kind: 'finish' }
  | { readonly kind: 'show-lessons' }
  | { readonly kind: 'open-lesson'; readonly id: string }
