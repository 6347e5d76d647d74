import type { Clock } from '../../../base/clock.ts'
import type { Waiter } from '../../../platform/processor.ts'
import { absolutePath, FileError } from '../files/file-node.ts'
import type { TerminalDevice } from '../terminal/terminal-device.ts'
import type { OpenFile } from './open-file.ts'
import type { Process } from './process.ts'
import type {
  ContainerWorld,
  Program,
  ProgramContext,
  ProgramInput,
  ProgramOutput,
  SpawnOptions,
} from './program.ts'
import type { SignalName } from './signals.ts'

/** The context of one process. */
export function createProgramContext(
  container: ContainerWorld,
  process: Process,
  options: Pick<SpawnOptions, 'argv' | 'env' | 'cwd'>,
): ProgramContext {
  const world = new WorldOfProcess(container, new ProcessClock(process, container.clock))
  return new ProcessContext(world, process, options)
}

/** What it holds is made when it is asked for: there are as many of them as processes. */
class ProcessContext implements ProgramContext {
  readonly argv: readonly string[]
  readonly env: ReadonlyMap<string, string>
  readonly cwd: string
  readonly container: ContainerWorld
  readonly process: Process
  readonly gnu: boolean
  private input: ProgramInput | undefined
  private output: ProgramOutput | undefined
  private errors: ProgramOutput | undefined

  constructor(
    container: ContainerWorld,
    process: Process,
    options: Pick<SpawnOptions, 'argv' | 'env' | 'cwd'> & { readonly gnu?: boolean },
  ) {
    this.container = container
    this.process = process
    this.argv = options.argv
    this.env = options.env
    this.cwd = options.cwd
    this.gnu = options.gnu === true
  }

  get stdin(): ProgramInput {
    this.input ??= inputFrom(this.process.fds.get(0), this.process.abort, this.process)
    return this.input
  }

  get stdout(): ProgramOutput {
    this.output ??= outputTo(this.process.fds.get(1), this.process, this.process)
    return this.output
  }

  get stderr(): ProgramOutput {
    this.errors ??= outputTo(this.process.fds.get(2), this.process, this.process)
    return this.errors
  }

  get signal(): AbortSignal {
    return this.process.abort
  }

  onSignal(name: SignalName, handler: () => void): void {
    this.process.handle(name, handler)
  }

  as(changes: { readonly argv?: readonly string[]; readonly gnu?: boolean }): ProgramContext {
    const { argv, env, cwd, gnu } = this
    return new ProcessContext(this.container, this.process, { argv, env, cwd, gnu, ...changes })
  }
}

/** The container as a process sees it: the same for all of its processes but for the clock. */
class WorldOfProcess implements ContainerWorld {
  readonly clock: Clock
  private readonly world: ContainerWorld

  constructor(world: ContainerWorld, clock: Clock) {
    this.world = world
    this.clock = clock
  }

  get files() {
    return this.world.files
  }
  get network() {
    return this.world.network
  }
  get processes() {
    return this.world.processes
  }
  get view() {
    return this.world.view
  }
  get uptimeMs() {
    return this.world.uptimeMs
  }
  get random() {
    return this.world.random
  }
  findProgram(name: string, where: { readonly path: string; readonly cwd: string }) {
    return this.world.findProgram(name, where)
  }
  spawn(program: Program, options: SpawnOptions) {
    return this.world.spawn(program, options)
  }
}

/** The clock as a process sees it: a wait that ends while the process is stopped ends for it when it goes on. */
class ProcessClock implements Clock {
  private readonly process: Process
  private readonly clock: Clock

  constructor(process: Process, clock: Clock) {
    this.process = process
    this.clock = clock
  }

  now(): number {
    return this.clock.now()
  }

  after(ms: number, callback: () => void): () => void {
    return this.clock.after(ms, () => {
      if (this.process.stopped) void this.process.whenRunning().then(callback, () => {})
      else callback()
    })
  }

  async sleep(ms: number, options?: { readonly signal?: AbortSignal }): Promise<void> {
    await this.clock.sleep(ms, options)
    if (this.process.stopped) await this.process.whenRunning()
  }
}

/**
 * Reads an open file; a closed one gives the error of the system call. `process`: who reads. While it is stopped it reads nothing, and
 * from a terminal that another process group has it is stopped.
 */
export function inputFrom(
  file: OpenFile | undefined,
  signal: AbortSignal,
  process?: Process,
): ProgramInput {
  const read = async (max = 65_536): Promise<Uint8Array | undefined> => {
    signal.throwIfAborted()
    if (file === undefined) throw new FileError('EBADF', '')
    if (process === undefined) return file.read(max, signal)
    const turn = process.breathe()
    if (turn !== undefined) await turn
    for (;;) {
      if (process.stopped) await process.whenRunning()
      const { terminal } = file
      if (terminal === undefined) {
        const chunk = await file.read(max, signal)
        if (process.stopped) await process.whenRunning()
        return chunk
      }
      if (terminal.foreground !== undefined && terminal.foreground !== process.group) {
        process.signal('SIGTTIN')
        // Ignored, or the first process of the container: the read fails as the kernel lets it.
        if (!process.stopped) throw new FileError('EIO', '')
        continue
      }
      const over = new AbortController()
      const stopped = process.untilStopped(over.signal).then(
        () => over.abort('stopped'),
        () => {},
      )
      try {
        return await file.read(max, AbortSignal.any([signal, over.signal]))
      } catch (error) {
        if (error !== 'stopped') throw error
      } finally {
        over.abort('over')
        await stopped
      }
    }
  }
  return {
    read,
    terminal: file?.terminal,
    async readLine() {
      const parts: Uint8Array[] = []
      let held = 0
      for (;;) {
        const chunk = await read()
        held = withinMemory(held + (chunk?.length ?? 0))
        if (chunk === undefined) return parts.length === 0 ? undefined : decode(parts)
        const at = chunk.indexOf(10)
        if (at === -1) {
          parts.push(chunk)
          continue
        }
        parts.push(chunk.subarray(0, at + 1))
        file?.unread(chunk.subarray(at + 1))
        return decode(parts)
      }
    },
    async readAll() {
      const parts: Uint8Array[] = []
      let held = 0
      for (;;) {
        const chunk = await read()
        held = withinMemory(held + (chunk?.length ?? 0))
        if (chunk === undefined) return concat(parts)
        parts.push(chunk)
      }
    },
  }
}

/** The most that a program may hold of what it reads, in bytes. */
export const MOST_HELD = 64 * 1024 * 1024

/** The bytes again, where a program may hold so many. Throws ENOMEM beyond, where a container runs out of memory. */
export function withinMemory(bytes: number): number {
  if (bytes > MOST_HELD) throw new FileError('ENOMEM', '')
  return bytes
}

/** Writes to an open file; a closed one gives the error of the system call. `process`: who writes; while it is stopped it writes nothing. */
export function outputTo(
  file: OpenFile | undefined,
  waiter: Waiter,
  process?: Process,
): ProgramOutput {
  return new FileOutput(file, waiter, process)
}

class FileOutput implements ProgramOutput {
  private readonly file: OpenFile | undefined
  private readonly waiter: Waiter
  private readonly process: Process | undefined

  constructor(file: OpenFile | undefined, waiter: Waiter, process: Process | undefined) {
    this.file = file
    this.waiter = waiter
    this.process = process
  }

  get terminal(): TerminalDevice | undefined {
    return this.file?.terminal
  }

  async write(data: string | Uint8Array): Promise<void> {
    this.waiter.throwIfAborted()
    const turn = this.process?.breathe()
    if (turn !== undefined) await turn
    if (this.process?.stopped) await this.process.whenRunning()
    if (this.file === undefined) throw new FileError('EBADF', '')
    const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data
    await this.file.write(bytes, this.waiter)
  }
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

function decode(parts: readonly Uint8Array[]): string {
  return new TextDecoder().decode(concat(parts))
}

/** A path of a program's argument, from its working folder. */
export function pathOf(context: Pick<ProgramContext, 'cwd'>, path: string): string {
  return absolutePath(context.cwd, path)
}
