import type { RootContent } from 'mdast'
import type { AnyKubeObject, NetworkPolicy, Protocol } from '../kube/objects.ts'
import type { ConsolePlace } from '../shell/ports.ts'

/**
 * One vocabulary of outcomes everywhere. `dns-failure`: the name server could not be reached;
 * `no-such-name`: it answered that there is none.
 */
export const OUTCOMES = ['connected', 'refused', 'timeout', 'dns-failure', 'no-such-name'] as const
export type Outcome = (typeof OUTCOMES)[number]
/** What a lesson may expect: an outcome, or `blocked`, the deny signature that the canary measured on this cluster. */
export type ExpectedOutcome = Outcome | 'blocked'

/** Where something stands in a lesson file. Lines and columns count from 1. */
export interface SourcePoint {
  readonly file: string
  readonly line: number
  readonly column: number
}

export interface Lesson {
  readonly format: 1
  /** Number from the folder's name: an order, never an identity. */
  readonly number: number
  readonly id: string
  readonly title: string
  /** For narrow headers, where the title is long. */
  readonly shortTitle?: string
  readonly summary: string
  readonly level: 'beginner' | 'core' | 'advanced'
  readonly minutes: number
  readonly objectives: readonly string[]
  readonly source?: { readonly title: string; readonly url?: string }
  readonly needs: { readonly images: readonly string[]; readonly namespaces: readonly string[] }
  readonly folder: string
  /** Prose before the first step. */
  readonly intro: readonly LessonBlock[]
  readonly steps: readonly LessonStep[]
  /** Objects applied before step 1 and by reset. */
  readonly world: readonly AnyKubeObject[]
  /** What the lesson claims to have shown, for the debrief; each is tied to checks. */
  readonly shown: readonly { readonly text: string; readonly checks: readonly string[] }[]
  /** Total of checks, because, predictions, recall as they stand in the lesson. */
  readonly points: ScoreParts
}

/** The four kinds of points of the score model: result 50, reason 20, prediction 10, recall 20. */
export interface ScoreParts {
  readonly result: number
  readonly reason: number
  readonly prediction: number
  readonly recall: number
}

export interface LessonStep {
  /** Slug of the heading; stable across renumbering. */
  readonly id: string
  /** From 1. */
  readonly number: number
  readonly title: string
  /** Everything that is shown, in order. */
  readonly blocks: readonly LessonBlock[]
  readonly hints: readonly Hint[]
  /** Answers that `lesson test` tries in this step, each with the check and sentence that it must meet. */
  readonly wrongAnswers: readonly WrongAnswer[]
  /** What makes this step's checks pass where its console items alone do not: files of the solution, then commands. */
  readonly solution?: Solution
  readonly at: SourcePoint
}

export type LessonBlock =
  | { readonly kind: 'prose'; readonly node: RootContent }
  | { readonly kind: 'console'; readonly items: readonly ConsoleItem[]; readonly at: SourcePoint }
  | LessonFile
  /** A YAML excerpt or other code that is only shown. */
  | {
      readonly kind: 'excerpt'
      readonly language: string
      readonly text: string
      readonly at: SourcePoint
    }
  | { readonly kind: 'check'; readonly checks: readonly Check[]; readonly at: SourcePoint }
  | { readonly kind: 'quiz'; readonly quiz: Quiz; readonly at: SourcePoint }
  /** Something that the learner writes: shown as an item; done when the step's checks pass. */
  | { readonly kind: 'task'; readonly task: Task; readonly at: SourcePoint }

export interface LessonFile {
  readonly kind: 'file'
  readonly name: string
  readonly text: string
  readonly at: SourcePoint
}

export interface Task {
  readonly id: string
  readonly text: string
  readonly file?: string
}

export interface ConsoleItem {
  readonly id: string
  readonly place: ConsolePlace
  /** As shown, continuation lines joined. */
  readonly command: string
  /** Expected output lines; `[..]` any text in a line, a line `...` any lines. */
  readonly expected: readonly string[]
  /** The expected output has a line `^C`: the program goes on until Ctrl-C. */
  readonly interrupt: boolean
  readonly prediction?: Prediction
  readonly at: SourcePoint
}

/** Asked before the next console item runs. */
export interface Prediction {
  readonly id: string
  readonly probe: ProbeSpec
  /** Outcomes offered; `not sure` is always added by the screen. */
  readonly choices: readonly { readonly outcome: Outcome; readonly text: string }[]
  /** Asked after the outcome was shown. */
  readonly because?: Because
  readonly points: number
  readonly at: SourcePoint
}

export interface Because {
  readonly question: string
  readonly choices: readonly Choice[]
  readonly points: number
}

export interface Quiz {
  readonly id: string
  readonly question: string
  /** YAML or console text shown under the question. */
  readonly excerpt?: string
  readonly choices: readonly Choice[]
  readonly points: number
}

export interface Choice {
  readonly text: string
  readonly right: boolean
  /** Why it is right, or which misconception it is. */
  readonly why: string
  readonly mistake?: string
}

/** What `from` names: a pod, or labels of which the first Running pod is taken. */
export interface ProbeSource {
  readonly namespace: string
  readonly pod?: string
  readonly labels?: Readonly<Record<string, string>>
}

/** A connection attempt from inside a pod. */
export interface ProbeSpec {
  readonly from: ProbeSource
  /**
   * A name as typed (`web`, `www.example.com`), an address, or a reference resolved through the API at that moment:
   * `service/web`, `pod/web`, `pod/kube-system/k8s-app=kube-dns` (address, no lookup).
   */
  readonly to: string
  /** Absent for ICMP and for a pure name lookup. */
  readonly port?: number
  readonly protocol: Protocol | 'ICMP' | 'DNS'
  /** A pod from which the same connection has to work; without it the probe proves nothing. */
  readonly control?: ProbeSource
}

interface CheckBase {
  readonly id: string
  readonly title: string
  readonly points: number
  /** A check that passes before the step too: a control of the world. */
  readonly guard: boolean
  readonly success: string
  /** Sentences for recognised mistakes, first match wins. */
  readonly mistakes: readonly MistakeSentence[]
  /** Id of the prediction that this check would give away: it waits until that is sent. */
  readonly after?: string
  readonly at: SourcePoint
}

export interface MistakeSentence {
  readonly id: string
  readonly when: MistakeCondition
  readonly sentence: string
}

/** How a mistake is recognised: by what was observed, or by what the policies in the cluster do or contain. */
export type MistakeCondition =
  | { readonly kind: 'outcome'; readonly outcome: ExpectedOutcome }
  /** This flow is allowed (or denied) by the policies now. All listed flows must agree. */
  | { readonly kind: 'flows'; readonly flows: readonly FlowExpectation[] }
  /** A policy in the cluster contains this part (deep subset) or, with `absent`, lacks the path. */
  | { readonly kind: 'policy'; readonly contains?: unknown; readonly absent?: readonly string[] }
  | { readonly kind: 'always' }

/** Ends are `ns/name`, `ns/labels…` as in ProbeSpec, or an address. */
export interface FlowExpectation {
  readonly from: string
  readonly to: string
  readonly port?: number
  readonly protocol: Protocol | 'ICMP'
  readonly verdict: 'allow' | 'deny'
}

export type Check =
  | (CheckBase & {
      readonly kind: 'resource'
      readonly resource: {
        readonly apiVersion: string
        readonly kind: string
        readonly namespace?: string
        readonly name: string
      }
      readonly expect:
        | { readonly kind: 'exists' }
        | { readonly kind: 'absent' }
        | { readonly kind: 'condition'; readonly type: string; readonly status: string }
        | { readonly kind: 'field'; readonly path: string; readonly value: unknown }
    })
  | (CheckBase & {
      readonly kind: 'probe'
      readonly probe: ProbeSpec
      readonly expect: ExpectedOutcome
    })
  /** The whole set of policies of these namespaces means the same as the reference, or the flows come out as listed. */
  | (CheckBase & {
      readonly kind: 'policy'
      readonly namespaces: readonly string[]
      readonly sameAs?: { readonly file: string; readonly policies: readonly NetworkPolicy[] }
      readonly flows?: readonly FlowExpectation[]
    })
  /** These policies are as the world made them. */
  | (CheckBase & {
      readonly kind: 'unchanged'
      readonly policies: readonly { readonly namespace: string; readonly name: string }[]
    })
  /** An item of this step printed its expected output. */
  | (CheckBase & { readonly kind: 'output'; readonly item: string })

export interface Hint {
  /** COURSE tiers: 1 where to look, 2 the rule, 4 a twin, 5 this solution; order in the file is the order shown. */
  readonly tier: number
  readonly title: string
  readonly blocks: readonly RootContent[]
}

export interface WrongAnswer {
  readonly mistake: string
  readonly file: string
  readonly objects: readonly AnyKubeObject[]
  /** The check that must fail, and a part of the sentence that it must say. */
  readonly check: string
  readonly says: string
}

export interface Solution {
  readonly files: readonly { readonly name: string; readonly text: string }[]
  readonly commands: readonly string[]
}

/** One broken rule of a lesson file. */
export interface LessonProblem extends SourcePoint {
  /** Stable id, `unknown-field`, `yaml-syntax`, … */
  readonly rule: string
  readonly message: string
}
