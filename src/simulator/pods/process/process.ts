import { setMaxListeners } from 'node:events'
import type { Processor, Waiter } from '../../../platform/processor.ts'
import { FileError } from '../files/file-node.ts'
import type { FdTable } from './fd-table.ts'
import { untilAborted } from './open-file.ts'
import { BrokenPipe } from './pipe.ts'
import { IGNORED_BY_DEFAULT, ProcessEnded, SIGNALS, type SignalName, STOPPING } from './signals.ts'

/** The processes that a key on the terminal reaches together. */
export class ProcessGroup {
  /** Made with `concat`, as large as it is: a list that grows by itself has room for sixteen more. */
  private list: readonly Process[] = []

  get members(): readonly Process[] {
    return this.list
  }

  add(process: Process): void {
    this.list = this.list.concat(process)
  }

  remove(process: Process): void {
    this.list = this.list.filter((other) => other !== process)
  }

  signal(name: SignalName): void {
    for (const member of this.list) member.signal(name)
  }
}

/**
 * Another program takes the place of the one that throws this (`exec`): everything that was called to get there is left first, so that
 * nothing of it is kept for as long as the new program runs.
 */
export class ProcessReplaced extends Error {
  override readonly name = 'ProcessReplaced'
  readonly program: () => Promise<number>
  constructor(program: () => Promise<number>) {
    super('exec')
    this.program = program
  }
}

/** Text or an array became longer than the machine can make one: nobody has so much memory. */
function isTooBig(error: unknown): boolean {
  return (
    error instanceof RangeError &&
    /^(?:Invalid (?:string|array|typed array) length|Array buffer allocation failed)/.test(
      error.message,
    )
  )
}

/** Whoever keeps the processes learns of the end of each. */
export interface ProcessKeeper {
  onExit(process: Process): void
}

const NONE: ReadonlySet<SignalName> = new Set()

/**
 * One running program. Its waits end when it is killed; its files close when it ends. There may be thousands that wait for a
 * request and do nothing else, so what a process may not need is made when it does.
 */
export class Process implements Waiter {
  readonly pid: number
  readonly parentPid: number
  readonly fds: FdTable
  readonly group: ProcessGroup
  readonly startedMs: number
  /** Stands for its container, where several share their processes. */
  readonly owner: object | undefined
  /** As `ps` shows it. */
  command: readonly string[]
  private readonly processor: Processor
  private readonly keeper: ProcessKeeper
  /**
   * How often it may still go on before it has to share. A process that the node started, and no program of the pod, comes up in
   * one go: a server listens when its container runs.
   */
  private unhurried: number
  private controller: AbortController | undefined
  private handlers: Partial<Record<SignalName, (() => void) | undefined>> | undefined
  private ignored: ReadonlySet<SignalName>
  private exit: { readonly promise: Promise<number>; resolve(code: number): void } | undefined
  private exitCode: number | undefined
  private onEnd: readonly (() => void)[] | undefined
  /** The signal that killed it, where one did. */
  endedBy: SignalName | undefined
  /** The signal that stopped it, while it is stopped. */
  stoppedBy: SignalName | undefined
  private wakeStopped: (() => void)[] | undefined
  private onStop: (() => void)[] | undefined

  constructor(options: {
    readonly pid: number
    readonly parentPid: number
    readonly command: readonly string[]
    readonly fds: FdTable
    readonly group: ProcessGroup
    readonly startedMs: number
    readonly processor: Processor
    readonly owner?: object | undefined
    readonly ignored?: ReadonlySet<SignalName>
    readonly keeper: ProcessKeeper
  }) {
    this.pid = options.pid
    this.parentPid = options.parentPid
    this.command = options.command
    this.fds = options.fds
    this.group = options.group
    this.startedMs = options.startedMs
    this.processor = options.processor
    this.owner = options.owner
    this.keeper = options.keeper
    this.unhurried = options.parentPid === 0 ? 20 : 0
    this.ignored = options.ignored ?? NONE
    this.group.add(this)
  }

  /** Resolves with the exit code. */
  get exited(): Promise<number> {
    if (this.exit === undefined) {
      let resolve: (code: number) => void = () => {}
      const promise = new Promise<number>((done) => {
        resolve = done
      })
      this.exit = { promise, resolve }
      if (this.exitCode !== undefined) resolve(this.exitCode)
    }
    return this.exit.promise
  }

  /** Aborts, with `ProcessEnded`, when the process is killed. */
  get abort(): AbortSignal {
    if (this.controller === undefined) {
      this.controller = new AbortController()
      // A server waits in many places at once.
      setMaxListeners(0, this.controller.signal)
      if (this.exitCode !== undefined) this.controller.abort(new ProcessEnded(this.exitCode))
    }
    return this.controller.signal
  }

  /** Throws `ProcessEnded` once the process has ended. */
  throwIfAborted(): void {
    if (this.exitCode !== undefined) throw new ProcessEnded(this.exitCode)
  }

  /** Calls back when the process ends, at once where it has. For what lasts as long as the process: it weighs less than `abort`. */
  whenEnded(callback: () => void): void {
    if (this.exitCode !== undefined) callback()
    else this.onEnd = (this.onEnd ?? []).concat(callback)
  }

  private finish(code: number): void {
    if (this.exitCode !== undefined) return
    this.exitCode = code
    this.group.remove(this)
    this.fds.closeAll()
    // Whatever the program still waits for or holds open goes with it.
    this.controller?.abort(new ProcessEnded(code))
    for (const tell of this.onEnd ?? []) tell()
    this.onEnd = undefined
    this.keeper.onExit(this)
    this.exit?.resolve(code)
  }

  get running(): boolean {
    return this.exitCode === undefined
  }

  /** What the process ignores, for its children to inherit. */
  get ignoredSignals(): ReadonlySet<SignalName> {
    return this.ignored
  }

  /** Runs `body` as this process; its result is the exit code. */
  run(body: () => Promise<number>): void {
    const done = async () => {
      try {
        this.finish(await body())
      } catch (error) {
        if (error instanceof ProcessReplaced) {
          // Nothing of the old program waits any more.
          this.controller = undefined
          this.run(error.program)
        } else if (error instanceof ProcessEnded) this.finish(error.exitCode)
        else if (error instanceof BrokenPipe) this.finish(128 + SIGNALS.SIGPIPE)
        else this.finish(await this.reportDefect(error))
      }
    }
    void done()
  }

  /**
   * A program that fails in a way that it does not know takes only itself down, as a crash does on a real machine; what went wrong
   * stands on its standard error.
   */
  private async reportDefect(error: unknown): Promise<number> {
    const name = this.command[0] ?? 'program'
    const failure = isTooBig(error) ? new FileError('ENOMEM', '') : error
    const known = failure instanceof FileError
    const text = failure instanceof Error ? failure.message : String(failure)
    const line = known
      ? `${name}: ${text}\n`
      : `${name}: defect of the simulated program: ${text}\n`
    try {
      await this.fds.get(2)?.write(new TextEncoder().encode(line), this)
    } catch {
      // Standard error is closed too: the exit code has to tell.
    }
    return known ? 1 : 139
  }

  /**
   * Lets everything else run where this turn of the event loop has lasted long enough: to be called in every loop whose rounds
   * the program's user chooses. `undefined` where it may go on at once; rejects when the process is killed.
   */
  breathe(): Promise<void> | undefined {
    if (this.unhurried > 0) {
      this.unhurried--
      return undefined
    }
    return this.processor.breathe(this)
  }

  /** Handles a signal instead of dying by it; `undefined` takes the handler away. */
  handle(name: SignalName, handler: (() => void) | undefined): void {
    if (this.ignored.has(name)) {
      this.ignored = new Set([...this.ignored].filter((other) => other !== name))
    }
    if (handler === undefined && this.handlers === undefined) return
    this.handlers ??= {}
    this.handlers[name] = handler
  }

  /** Ignores a signal, and so will its children. */
  ignore(name: SignalName): void {
    this.handle(name, undefined)
    this.ignored = new Set([...this.ignored, name])
  }

  signal(name: SignalName): void {
    if (!this.running) return
    if (name === 'SIGCONT') this.resume()
    if (name === 'SIGSTOP') {
      if (this.pid !== 1) this.stop(name)
      return
    }
    if (name !== 'SIGKILL') {
      const handler = this.handlers?.[name]
      if (handler !== undefined) {
        handler()
        return
      }
      if (this.ignored.has(name) || IGNORED_BY_DEFAULT.has(name)) return
      // The kernel protects the first process of a container from signals that it does not handle.
      if (this.pid === 1) return
      if (STOPPING.has(name)) {
        this.stop(name)
        return
      }
    }
    this.dieBy(name)
  }

  get stopped(): boolean {
    return this.stoppedBy !== undefined
  }

  /** Resolves at once for a process that is not stopped, else when it goes on; rejects when it is killed. */
  whenRunning(): Promise<void> {
    if (!this.stopped) return Promise.resolve()
    return untilAborted(
      new Promise((resolve) => {
        this.wakeStopped ??= []
        this.wakeStopped.push(resolve)
      }),
      this.abort,
    )
  }

  /** Resolves when the process is stopped; at once where it is. Rejects with `signal.reason`. */
  untilStopped(signal: AbortSignal): Promise<void> {
    if (this.stopped) return Promise.resolve()
    return untilAborted(
      new Promise((resolve) => {
        this.onStop ??= []
        this.onStop.push(resolve)
      }),
      signal,
    )
  }

  private stop(name: SignalName): void {
    this.stoppedBy = name
    const told = this.onStop
    this.onStop = undefined
    for (const tell of told ?? []) tell()
  }

  private resume(): void {
    this.stoppedBy = undefined
    const woken = this.wakeStopped
    this.wakeStopped = undefined
    for (const wake of woken ?? []) wake()
  }

  /** Ends the process as a signal would, handlers or not. */
  dieBy(name: SignalName): void {
    if (!this.running) return
    this.endedBy = name
    this.kill(128 + SIGNALS[name])
  }

  /** Ends the process at once, whatever it waits for. */
  kill(exitCode: number): void {
    this.finish(exitCode)
  }
}
