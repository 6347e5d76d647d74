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
  /** Resolves with the exit code. Rejects for an abort and for defects only. */
  run(call: KubectlCall, args: readonly string[]): Promise<number>
}
