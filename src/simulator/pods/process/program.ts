import type { Clock } from '../../../base/clock.ts'
import type { ClusterView, PodNetwork } from '../../ports.ts'
import type { FileTree } from '../files/file-tree.ts'
import type { TerminalDevice } from '../terminal/terminal-device.ts'
import type { FdTable } from './fd-table.ts'
import type { Process, ProcessGroup } from './process.ts'
import type { ProcessTable } from './process-table.ts'
import type { SignalName } from './signals.ts'

/** A program of an image: from its context to its exit code. */
export type Program = (context: ProgramContext) => Promise<number>

/** What a program reads. Every wait ends when the process is killed. */
export interface ProgramInput {
  /** Some bytes; `undefined` at the end. */
  read(max?: number): Promise<Uint8Array | undefined>
  /** One line with its newline; the last may lack it; `undefined` at the end. Takes no byte too many. */
  readLine(): Promise<string | undefined>
  readAll(): Promise<Uint8Array>
  readonly terminal: TerminalDevice | undefined
}

export interface ProgramOutput {
  write(data: string | Uint8Array): Promise<void>
  readonly terminal: TerminalDevice | undefined
}

/** What a program can see and do. */
export interface ProgramContext {
  /** With the name that it was called by first. */
  readonly argv: readonly string[]
  /** It stands for GNU's program of its name, as Debian's images have it, and not for BusyBox'. */
  readonly gnu?: boolean
  readonly env: ReadonlyMap<string, string>
  readonly cwd: string
  readonly stdin: ProgramInput
  readonly stdout: ProgramOutput
  readonly stderr: ProgramOutput
  readonly process: Process
  readonly container: ContainerWorld
  /** Aborts when the process is killed: give it to every wait. */
  readonly signal: AbortSignal
  /** Runs instead of the signal's default. */
  onSignal(name: SignalName, handler: () => void): void
  /** The same for a program that runs in its place. A context is not to be spread: what it holds is made when it is asked for. */
  as(changes: { readonly argv?: readonly string[]; readonly gnu?: boolean }): ProgramContext
}

/** The container around its processes. */
export interface ContainerWorld {
  readonly files: FileTree
  readonly network: PodNetwork
  readonly clock: Clock
  readonly processes: ProcessTable
  /** The live objects, for the one program that watches the API: CoreDNS. */
  readonly view: ClusterView
  /** Milliseconds since the node started. */
  readonly uptimeMs: () => number
  /** A random number from 0 to 1, the same series in every run. */
  readonly random: () => number
  /**
   * The program that a command names: by path, else by the folders of `PATH`.
   */
  findProgram(name: string, options: { readonly path: string; readonly cwd: string }): FoundProgram
  /** Starts a process. */
  spawn(program: Program, options: SpawnOptions): Process
}

export type FoundProgram =
  | { readonly kind: 'program'; readonly program: Program }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'not-executable' }

export interface SpawnOptions {
  readonly argv: readonly string[]
  readonly env: ReadonlyMap<string, string>
  readonly cwd: string
  /** Taken over by the process. */
  readonly fds: FdTable
  readonly parent?: Process | undefined
  readonly group?: ProcessGroup | undefined
}
