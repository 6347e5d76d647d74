import type { RootContent } from 'mdast'
import type { ErrorCode } from '../base/errors.ts'
import type { ClusterKind, Fix, OpeningAction } from '../cluster/provider.ts'
import type { Outcome } from '../lessons/model.ts'
import type { ConsolePlace } from '../shell/ports.ts'

/**
 * What a surface draws. Full screen and linear mode draw the same snapshots and use the same sentences. All sentences that a
 * learner reads about the run are made here, by the runner; a surface adds layout, keys and symbols only.
 */
export type AppSnapshot =
  | { readonly place: 'start-cluster'; readonly start: StartSnapshot }
  | { readonly place: 'opening'; readonly opening: OpeningSnapshot }
  | { readonly place: 'lessons'; readonly list: LessonListSnapshot }
  | { readonly place: 'lesson'; readonly run: RunSnapshot }
  | { readonly place: 'error'; readonly error: ErrorSnapshot }

export interface Lines {
  /** What happened last; one line. */
  readonly last: StatusLine
  /** The one next thing, and that Enter does it. */
  readonly now: StatusLine
}

/** A line whose words may carry a meaning; a surface puts the symbol before the word and colours the symbol. */
export interface StatusLine {
  readonly parts: readonly (string | Marked | WayTo)[]
}

/** What brings a learner there: a key on the full screen, a `:` word in plain text. */
export interface WayTo {
  readonly wayTo: 'hints' | 'checks' | 'editor' | 'previous-step'
}

/** A word that carries a symbol: `✓ connected`. */
export interface Marked {
  readonly mark: Mark
  readonly word: string
}

export type Mark =
  | 'good'
  | 'bad'
  | 'refused'
  | 'careful'
  | 'active'
  | 'waiting'
  | 'untried'
  | 'differs'

export interface StartSnapshot extends Lines {
  readonly firstStart: boolean
  readonly clusters: readonly {
    readonly kind: ClusterKind
    readonly title: string
    readonly about: string
    /** `undefined` while it is looked for. */
    readonly word: string | undefined
    readonly found: string
    readonly fixes: readonly Fix[]
    readonly isDefault: boolean
    readonly choices: readonly string[]
  }[]
  /** A question in front of the list: which context, or an explicit yes for it. */
  readonly question: ChoiceQuestion | undefined
}

export interface OpeningSnapshot extends Lines {
  readonly title: string
  readonly seconds: number
  readonly actions: readonly OpeningAction[]
  /** The lesson can be read meanwhile. */
  readonly lesson: { readonly title: string; readonly blocks: readonly ViewBlock[] } | undefined
}

export interface LessonListSnapshot extends Lines {
  readonly cluster: string
  readonly lessons: readonly {
    readonly number: number
    readonly id: string
    readonly title: string
    readonly summary: string
    readonly state: 'new' | 'started' | 'done'
    readonly earned: number
    readonly total: number
    readonly minutes: number
    /** `You stopped at step 2 of 4, three days ago.` */
    readonly resume: string | undefined
  }[]
}

export interface ErrorSnapshot extends Lines {
  readonly code: ErrorCode
  readonly exitCode: number
  readonly title: string
  readonly sentence: string
  /** Label and text: Found, Tried, Kept, Not graded. */
  readonly facts: readonly { readonly label: string; readonly text: string }[]
  readonly choices: readonly { readonly label: string; readonly note: string }[]
  readonly details: readonly string[]
}

export interface RunSnapshot extends Lines {
  readonly lesson: {
    readonly number: number
    readonly id: string
    readonly title: string
    readonly shortTitle: string
  }
  readonly step: { readonly number: number; readonly count: number; readonly title: string }
  readonly score: ScoreSnapshot
  /** `simulated cluster, enforces both ways`. */
  readonly cluster: string
  /** Folder of the learner's files. */
  readonly workFolder: string
  /** Files of this step in that folder, the one to work on first: `v` opens them in the learner's editor. `path` is absolute. */
  readonly files?: readonly { readonly name: string; readonly path: string }[]
  readonly blocks: readonly ViewBlock[]
  readonly checks: readonly CheckView[]
  readonly hints: readonly HintView[]
  /** Opens by itself in front of everything else. */
  readonly question: Question | undefined
  /** The last probe that was compared with a prediction; `open` until the learner goes on. */
  readonly outcome: OutcomeView | undefined
  readonly outcomeOpen: boolean
  readonly debrief: DebriefView | undefined
  readonly console: {
    readonly place: ConsolePlace
    readonly session: string | undefined
    readonly busy: boolean
    readonly interruptible: boolean
  }
  /** What Enter does in the lesson; surfaces need it only to know whether Enter goes to a typed place. */
  readonly enter: 'run' | 'answer' | 'continue' | 'check' | 'next-step' | 'none'
  /** The lesson has something to read before the next thing: a surface that hides it shows it first. */
  readonly readFirst: boolean
  /** Sentences that a linear surface says as they come; each has a growing number, so nothing is said twice. */
  readonly said: readonly { readonly id: number; readonly text: string }[]
}

/** A block of the lesson as it is drawn. */
export type ViewBlock =
  | { readonly kind: 'prose'; readonly node: RootContent }
  | {
      readonly kind: 'excerpt'
      readonly title: string | undefined
      readonly firstLine: number | undefined
      readonly language: string
      readonly text: string
    }
  | { readonly kind: 'items'; readonly items: readonly ItemView[] }

export interface ItemView {
  readonly id: string
  /** `lab$`, `/ #`, or empty for something to write or answer. */
  readonly prompt: 'lab$' | '/ #' | ''
  readonly text: string
  readonly state: 'done' | 'running' | 'next' | 'then'
}

export interface CheckView {
  readonly id: string
  readonly title: string
  readonly state: 'passed' | 'failed' | 'later' | 'running' | 'inconclusive' | 'disagrees'
  readonly earned: number
  readonly points: number
  /** `10:42:33`. */
  readonly at: string | undefined
  /** Why it is later, where it is: `waits for your prediction`. */
  readonly note: string | undefined
  readonly wanted: string | undefined
  readonly seen: string | undefined
  readonly control: string | undefined
  readonly sentence: string | undefined
}

export interface HintView {
  readonly title: string
  readonly state: 'open' | 'closed' | 'locked'
  /** Why it is locked: `after hint 2`. */
  readonly note: string | undefined
  readonly blocks: readonly RootContent[]
}

export interface ChoiceQuestion {
  readonly id: string
  readonly title: string
  readonly text: readonly string[]
  readonly excerpt: string | undefined
  readonly choices: readonly {
    readonly label: string
    readonly note: string
    readonly mark?: Mark
  }[]
  /** Marked at the start: the harmless one in dialogs, none in predictions and quizzes. */
  readonly marked: number | undefined
  /** What Esc does: `do not run it`, `stay`, `back`. */
  readonly escape: string
}

export type Question =
  | (ChoiceQuestion & {
      readonly kind: 'predict'
      readonly prompt: string
      readonly command: string
      readonly from: string
      readonly to: string
      readonly outcomes: readonly (Outcome | undefined)[]
      readonly footnote: string
    })
  | (ChoiceQuestion & {
      readonly kind: 'because' | 'quiz'
      readonly position: string
      readonly answered: AnsweredView | undefined
    })
  | (ChoiceQuestion & { readonly kind: 'leave' | 'reset' | 'paste' })

export interface AnsweredView {
  readonly chosen: number
  readonly right: number
  readonly reasons: readonly string[]
  readonly points: string
}

export interface OutcomeView {
  readonly prompt: string
  readonly command: string
  readonly where: string
  readonly predicted: Outcome | 'not sure' | undefined
  readonly observed: Outcome | 'inconclusive'
  readonly after: string
  /** `as you predicted`, `not as predicted`, `no prediction`. */
  readonly verdict: string
  readonly evidence: readonly {
    readonly label: 'control' | 'name' | 'probe'
    readonly what: string
    readonly mark: Mark
    readonly word: string
    readonly note: string
  }[]
  readonly why: readonly {
    readonly side: string
    readonly mark: Mark
    readonly word: string
    readonly text: string
  }[]
  /** `Both sides have to allow a connection.` */
  readonly rule: string | undefined
  readonly newSince: string | undefined
}

export interface ScoreSnapshot {
  readonly earned: number
  readonly total: number
  readonly parts: readonly {
    readonly name: string
    readonly earned: number
    readonly total: number
    readonly note: string
  }[]
}

export interface DebriefView {
  readonly title: string
  readonly where: string
  readonly minutes: number
  readonly passed: boolean
  readonly parts: readonly {
    readonly name: string
    readonly value: string
    readonly note: string
  }[]
  readonly shown: readonly { readonly mark: Mark; readonly word: string; readonly text: string }[]
  readonly again: readonly string[]
  readonly idea: string | undefined
  readonly workFolder: string
  readonly next: { readonly id: string; readonly title: string } | undefined
}

/** What a surface sends. Marking a choice is the surface's own state; only carrying it out is sent. */
export type Action =
  | { readonly kind: 'enter' }
  | { readonly kind: 'choose'; readonly question: string; readonly choice: number }
  | { readonly kind: 'escape' }
  | { readonly kind: 'next-step' }
  | { readonly kind: 'previous-step' }
  | { readonly kind: 'edit-first' }
  | { readonly kind: 'open-hint'; readonly index: number }
  | { readonly kind: 'run-checks' }
  | { readonly kind: 'interrupt' }
  | { readonly kind: 'ask-leave' }
  | { readonly kind: 'ask-reset' }
  | { readonly kind: 'paste'; readonly text: string }
  | { readonly kind: 'choose-cluster'; readonly index: number }
  | { readonly kind: 'open-lesson'; readonly id: string }
  | { readonly kind: 'show-lessons' }
  | { readonly kind: 'show-settings' }
  | { readonly kind: 'choose-fix'; readonly index: number }

/** The app as a surface sees it. */
export interface AppModel {
  readonly snapshot: AppSnapshot
  /** The terminal of the run that is open. */
  readonly console: import('../shell/ports.ts').LabConsole | undefined
  send(action: Action): void
  subscribe(listener: () => void): () => void
  /** Resolves with the exit code when the app is over. */
  readonly ended: Promise<{ readonly exitCode: number; readonly farewell: readonly string[] }>
}
