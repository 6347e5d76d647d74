import type { TerminalSize } from '../kube/client.ts'

/** The streams of one command of the lab's command line. */
export interface ShellStreams {
  readonly stdout: (text: string | Uint8Array) => void
  readonly stderr: (text: string | Uint8Array) => void
  readonly stdin?: AsyncIterable<Uint8Array> | undefined
  /** Present when the command runs in a terminal: then `-t` works. */
  readonly terminal?:
    | {
        readonly size: () => TerminalSize
        readonly onResize: (listener: (size: TerminalSize) => void) => () => void
      }
    | undefined
  readonly signal: AbortSignal
  /** Called when the command opened a program in a pod and hands its terminal to it, and again when it comes back. */
  readonly onRemote?: ((remote: RemoteSession | undefined) => void) | undefined
}

/** A program in a pod that has the terminal now. */
export interface RemoteSession {
  readonly namespace: string
  readonly pod: string
  /** The lab command that opened it, as typed; running it again opens it again. */
  readonly openedBy: string
  readonly tty: boolean
}

/** The lab's command line: kubectl and a few helpers. It never starts a program of the host. */
export interface LabShell {
  /** Runs one line. Resolves with the exit code, 130 after an abort; never rejects for what a learner types. */
  run(line: string, streams: ShellStreams): Promise<number>
  /** Completions of the word before the caret. */
  complete(
    line: string,
    caret: number,
  ): Promise<{ readonly start: number; readonly words: readonly string[] }>
}

/** Where a line is typed: at the lab's prompt, or in the pod's shell that a lab command opened. */
export type ConsolePlace = 'lab' | 'pod'

export type ConsoleEvent =
  /** The prompt that waits for input changed; `undefined` while a command runs. */
  | {
      readonly kind: 'prompt-changed'
      readonly place: ConsolePlace
      readonly prompt: string | undefined
    }
  | { readonly kind: 'command-started'; readonly place: ConsolePlace; readonly line: string }
  | {
      readonly kind: 'command-finished'
      readonly place: ConsolePlace
      readonly line: string
      /** What it printed, as lines on a screen (carriage returns applied), without the command itself. */
      readonly output: readonly string[]
      /** Known for lab commands only. */
      readonly exitCode: number | undefined
      readonly durationMs: number
    }
  | { readonly kind: 'session-opened'; readonly session: RemoteSession }
  | { readonly kind: 'session-closed'; readonly session: RemoteSession }
  /** A `:word` typed at any prompt of the terminal. */
  | { readonly kind: 'word-typed'; readonly word: string }
  /** Enter on an empty line of a prompt: it asks for the next thing and reaches no shell. */
  | { readonly kind: 'empty-line-entered'; readonly place: ConsolePlace }
  /** Ctrl-C on an empty lab line. */
  | { readonly kind: 'nothing-to-interrupt' }

/**
 * The one terminal of a run. It joins the lab's prompt and the pod's shell, which stays open while lab commands
 * run, in one scrollback, and tells what happens as events. The screen reads its cells; no one reads its bytes.
 */
export interface LabConsole {
  readonly place: ConsolePlace
  /** The session that is open, if any, whoever has the prompt. */
  readonly session: RemoteSession | undefined
  /** Whether a command runs now. */
  readonly busy: boolean
  /** Whether a prompt or a program reads what is typed now; what comes while nobody does waits for the next prompt. */
  readonly reads: boolean
  readonly screen: ConsoleScreen
  /** Types a line at the prompt of `place`, switching there first, and runs it; resolves when its prompt is back. */
  run(line: string, place: ConsolePlace): Promise<void>
  /** Puts a line at the prompt, not run. */
  prefill(line: string, place: ConsolePlace): void
  /** Goes to the other prompt. Does nothing where there is no session or a command runs. */
  switchTo(place: ConsolePlace): void
  /** Keys of the learner, as bytes of a terminal. */
  input(data: string): void
  /** One line pasted at the prompt: inserted, not run. */
  paste(text: string): void
  /** Ctrl-C. */
  interrupt(): void
  resize(size: TerminalSize): void
  /**
   * Asked before a line runs, whoever typed it; `hold` keeps the line at the prompt.
   * The runner sets it: this is how a prediction opens before its command.
   */
  beforeRun: (line: string, place: ConsolePlace) => Promise<'run' | 'hold'>
  subscribe(listener: (event: ConsoleEvent) => void): () => void
  /** Ends sessions and commands. Can run twice. */
  close(): Promise<void>
}

export interface ConsoleCell {
  readonly text: string
  readonly bold: boolean
  readonly underline: boolean
  readonly inverse: boolean
  /** ANSI 16 colour of the text, 0 to 15, where set. */
  readonly color: number | undefined
}

/** The cells of the emulated terminal; only they reach the learner's screen. */
export interface ConsoleScreen {
  readonly size: TerminalSize
  /** Lines in the scrollback and on the screen. */
  readonly lineCount: number
  /** Index of the line at the top of the emulated window: what was cleared away stands above it. */
  readonly top?: number
  /** One line as runs of equal style; `index` counts from the oldest kept line. */
  line(index: number): readonly ConsoleCell[]
  /** The text of one line, right-trimmed. */
  text(index: number): string
  readonly cursor: { readonly line: number; readonly column: number; readonly visible: boolean }
  /** Whether a full-screen program has the alternate screen. */
  readonly fullScreen: boolean
  /** Called after cells changed. */
  subscribe(listener: () => void): () => void
}
