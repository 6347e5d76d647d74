import type { KubectlCall } from '../kubectl/kubectl.ts'

/** One command of the lab's command line: an entry of the table in `commands.ts`. */
export interface LabCommand {
  readonly name: string
  /** One line for `help`. */
  readonly summary: string
  /** Shown by `help NAME`. */
  readonly usage: readonly string[]
  /** What its words are, for completion. */
  readonly words: 'commands' | 'files' | 'none'
  /** What it prints is text for reading, not output of kubectl or a table: in a terminal its lines break between words. */
  readonly prose?: true
  /** Resolves with the exit code. Rejects for an abort and for defects only. */
  run(call: KubectlCall, args: readonly string[]): Promise<number>
}
