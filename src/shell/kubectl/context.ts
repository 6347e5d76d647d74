import type { Clock } from '../../base/clock.ts'
import type { KubeClient } from '../../kube/client.ts'
import type { ShellStreams } from '../ports.ts'
import type { WorkFolder } from '../work-folder.ts'
import type { FlagSpec, ParsedFlags } from './flags.ts'
import type { KindResolver } from './kind-resolver.ts'

/** What a kubectl command works with. */
export interface KubectlContext {
  readonly client: KubeClient
  readonly folder: WorkFolder
  readonly clock: Clock
  readonly kinds: KindResolver
  readonly streams: ShellStreams
  readonly signal: AbortSignal
  /** `-n`, else the client's. */
  readonly namespace: string
  /** Whether `-n` was given: then a manifest may not name another one. */
  readonly enforceNamespace: boolean
  /** The command as typed. */
  readonly line: string
  out(text: string): void
  err(text: string): void
}

/** One command of kubectl: an entry of the table in `commands.ts`. */
export interface KubectlCommand {
  /** `run`, `create namespace`. */
  readonly name: string
  readonly aliases?: readonly string[]
  readonly summary: string
  readonly usage: string
  readonly flags: readonly FlagSpec[]
  /** What its words are, for completion. */
  readonly words: 'objects' | 'kinds' | 'pods' | 'none'
  /** Resolves with the exit code; failures are thrown. */
  run(context: KubectlContext, given: ParsedFlags): Promise<number>
}
