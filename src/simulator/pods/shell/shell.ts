import { FileError } from '../files/file-node.ts'
import type { FdTable } from '../process/fd-table.ts'
import { createPipe } from '../process/pipe.ts'
import type { Process, ProcessGroup } from '../process/process.ts'
import type { ContainerWorld, ProgramContext } from '../process/program.ts'
import { concat, inputFrom, outputTo } from '../process/program-context.ts'
import { SIGNALS, type SignalName } from '../process/signals.ts'
import { ArithmeticError } from './arithmetic.ts'
import type { Command } from './ast.ts'
import { FunctionReturn, Interrupted, ShellExit } from './control-flow.ts'
import { ExpansionError, type ExpansionScope } from './expand.ts'
import { runList } from './interpreter.ts'
import { Jobs } from './jobs.ts'
import { Parser } from './parser.ts'
import { ShellSyntaxError } from './syntax-error.ts'
import { ReadonlyVariable, Variables } from './variables.ts'

export interface ShellOptions {
  errexit: boolean
  nounset: boolean
  xtrace: boolean
  noglob: boolean
  noexec: boolean
  pipefail: boolean
}

/** How often a busy script lets everything else run: once in so many commands. */
const COMMANDS_PER_TURN = 200
const TURN_MS = 1

/** One shell: its variables, functions and options, in one process. A subshell is a copy in another process. */
export class Shell {
  variables = new Variables()
  functions = new Map<string, Command>()
  positional: string[] = []
  arg0 = 'sh'
  /** Name of the script file, where one runs: messages then carry lines. */
  script: string | undefined
  line = 0
  cwd: string
  options: ShellOptions = {
    errexit: false,
    nounset: false,
    xtrace: false,
    noglob: false,
    noexec: false,
    pipefail: false,
  }
  lastStatus = 0
  lastBackground: number | undefined
  /** Status of the last command substitution, which a command without a name takes over. */
  substitutionStatus: number | undefined
  readonly traps = new Map<SignalName | 'EXIT', string>()
  readonly jobs = new Jobs()
  /** Above 0 while a condition runs: `set -e` does not apply there. */
  conditionDepth = 0
  loopDepth = 0
  interactive = false
  isSubshell = false
  readonly container: ContainerWorld
  readonly process: Process
  private readonly pendingTraps: SignalName[] = []
  private trapArrived: (() => void) | undefined
  private interruption = new AbortController()
  private commandsLeft = COMMANDS_PER_TURN

  constructor(container: ContainerWorld, process: Process, cwd: string) {
    this.container = container
    this.process = process
    this.cwd = cwd
  }

  /** Ends with the process, and in an interactive shell with Ctrl-C. Give it to every wait. */
  get signal(): AbortSignal {
    return this.interactive
      ? AbortSignal.any([this.process.abort, this.interruption.signal])
      : this.process.abort
  }

  /** Ctrl-C: whatever the shell itself waits for ends, and the prompt comes back. */
  interrupt(): void {
    this.interruption.abort(new Interrupted())
  }

  /** Forgets an interruption: a new command line begins. */
  resume(): void {
    if (this.interruption.signal.aborted) this.interruption = new AbortController()
  }

  /**
   * Parses and runs a text, command line by command line. Throws what leaves the shell. `thenEnd`: the shell has nothing else
   * to do, so the last program takes its place, as in `sh -c 'ping web'`.
   */
  async runText(
    text: string,
    io: FdTable,
    options: { readonly thenEnd?: boolean } = {},
  ): Promise<number> {
    const parser = new Parser(text)
    for (;;) {
      const list = parser.nextLine()
      if (list === undefined) return this.lastStatus
      const replace = options.thenEnd === true && parser.atEnd
      this.lastStatus = await runList(this, list, io, { replace })
    }
  }

  /**
   * Runs `body` as the whole life of this shell's process: errors that end a script are reported, the EXIT trap runs.
   */
  async live(body: () => Promise<number>): Promise<number> {
    const status = await this.guarded(body)
    const trap = this.traps.get('EXIT')
    if (trap === undefined) return status
    this.traps.delete('EXIT')
    this.lastStatus = status
    const trapStatus = await this.guarded(async () => {
      await this.runText(trap, this.process.fds)
      return status
    })
    return trapStatus
  }

  private async guarded(body: () => Promise<number>): Promise<number> {
    try {
      return await body()
    } catch (error) {
      if (error instanceof ShellExit || error instanceof FunctionReturn) return error.status
      const status = await this.reportFatal(error)
      if (status === undefined) throw error
      return status
    }
  }

  /** Prints an error that ends a script; `undefined` where it is not one. */
  async reportFatal(error: unknown, io: FdTable = this.process.fds): Promise<number | undefined> {
    if (error instanceof ShellSyntaxError) this.line = error.line
    const known =
      error instanceof ShellSyntaxError ||
      error instanceof ExpansionError ||
      error instanceof ArithmeticError ||
      error instanceof ReadonlyVariable
    if (!known) return undefined
    await this.report(error.message, io)
    return 2
  }

  /** Prints `sh: …` as ash does: with the builtin's name, and with the line where a script or builtin speaks. */
  async report(message: string, io: FdTable, builtin?: string): Promise<void> {
    const name = builtin ?? this.script
    let prefix = `${this.arg0}: `
    if (name !== undefined) {
      if (name !== this.arg0) prefix += `${name}: `
      if (!this.interactive) prefix += `line ${this.script === undefined ? 0 : this.line}: `
    }
    await this.print(io, 2, `${prefix}${message}\n`)
  }

  async print(io: FdTable, fd: number, text: string): Promise<void> {
    try {
      await outputTo(io.get(fd), this.process.abort).write(text)
    } catch (error) {
      if (!(error instanceof FileError)) throw error
    }
  }

  /** The context of a program that runs inside the shell. */
  context(argv: readonly string[], io: FdTable, env?: ReadonlyMap<string, string>): ProgramContext {
    const signal = this.signal
    return {
      argv,
      env: env ?? this.variables.environment(),
      cwd: this.cwd,
      stdin: inputFrom(io.get(0), signal),
      stdout: outputTo(io.get(1), signal),
      stderr: outputTo(io.get(2), signal),
      process: this.process,
      container: this.container,
      signal,
      onSignal: () => {},
    }
  }

  scope(io: FdTable): ExpansionScope {
    return {
      files: this.container.files,
      cwd: this.cwd,
      positional: this.positional,
      noGlob: this.options.noglob,
      noUnset: this.options.nounset,
      parameter: (name) => this.parameter(name),
      assign: (name, value) => this.variables.set(name, value),
      substitute: (source) => this.substitute(source, io),
    }
  }

  parameter(name: string): string | undefined {
    switch (name) {
      case '?':
        return String(this.lastStatus)
      case '#':
        return String(this.positional.length)
      case '$':
        return String(this.shellPid)
      case '!':
        return this.lastBackground === undefined ? undefined : String(this.lastBackground)
      case '-':
        return this.flags()
      case '0':
        return this.arg0
      case 'RANDOM':
        return String(Math.floor(this.container.random() * 32_768))
      case 'PPID':
        return this.variables.get(name) ?? String(this.process.parentPid)
      case 'LINENO':
        return String(this.line)
      default:
        return /^\d+$/.test(name) ? this.positional[Number(name) - 1] : this.variables.get(name)
    }
  }

  /** `$$` stays the first shell's in a subshell. */
  private get shellPid(): number {
    return this.inheritedPid ?? this.process.pid
  }
  private inheritedPid: number | undefined

  private flags(): string {
    const { errexit, nounset, xtrace, noglob } = this.options
    return [
      [errexit, 'e'],
      [noglob, 'f'],
      [this.interactive, 'smi'],
      [nounset, 'u'],
      [xtrace, 'x'],
    ]
      .map(([on, flag]) => (on ? flag : ''))
      .join('')
  }

  /** A copy of this shell in a new process. Its life is `body`. */
  fork(
    options: {
      readonly fds: FdTable
      readonly command: readonly string[]
      readonly group?: ProcessGroup | undefined
    },
    body: (child: Shell) => Promise<number>,
  ): Process {
    const process = this.container.processes.create({
      parent: this.process,
      command: options.command,
      fds: options.fds,
      group: options.group,
    })
    const child = new Shell(this.container, process, this.cwd)
    child.variables = this.variables.clone()
    child.functions = new Map(this.functions)
    child.positional = [...this.positional]
    child.arg0 = this.arg0
    child.script = this.script
    child.line = this.line
    child.options = { ...this.options }
    child.lastStatus = this.lastStatus
    child.lastBackground = this.lastBackground
    child.conditionDepth = this.conditionDepth
    child.loopDepth = this.loopDepth
    child.isSubshell = true
    child.inheritedPid = this.shellPid
    process.run(() => child.live(() => body(child)))
    return process
  }

  private async substitute(source: string, io: FdTable): Promise<string> {
    const { reader, writer } = createPipe()
    const fds = io.clone()
    fds.set(1, writer)
    const process = this.fork({ fds, command: [this.arg0] }, (child) =>
      child.runText(source, child.process.fds),
    )
    const parts: Uint8Array[] = []
    try {
      for (;;) {
        const chunk = await reader.read(65_536, this.signal)
        if (chunk === undefined) break
        parts.push(chunk)
      }
    } finally {
      reader.release()
    }
    this.lastStatus = await process.exited
    this.substitutionStatus = this.lastStatus
    return new TextDecoder().decode(concat(parts)).replaceAll('\0', '')
  }

  /** Between two commands: traps run, and a busy loop lets others in. */
  async betweenCommands(io: FdTable): Promise<void> {
    this.signal.throwIfAborted()
    this.commandsLeft--
    if (this.commandsLeft <= 0) {
      this.commandsLeft = COMMANDS_PER_TURN
      // Not 0: on a fast clock time stands still while a script computes, and nobody else would ever be due.
      await this.container.clock.sleep(TURN_MS, { signal: this.signal })
    }
    while (this.pendingTraps.length > 0) {
      const name = this.pendingTraps.shift()
      const action = name === undefined ? undefined : this.traps.get(name)
      if (action === undefined) continue
      const status = this.lastStatus
      await this.runText(action, io)
      this.lastStatus = status
    }
  }

  /** `trap`: sets, ignores (empty action) or resets (`undefined`) what a signal does. */
  setTrap(name: SignalName | 'EXIT', action: string | undefined): void {
    if (action === undefined) this.traps.delete(name)
    else this.traps.set(name, action)
    if (name === 'EXIT') return
    if (action === undefined) this.process.handle(name, undefined)
    else if (action === '') this.process.ignore(name)
    else {
      this.process.handle(name, () => {
        this.pendingTraps.push(name)
        this.trapArrived?.()
      })
    }
  }

  /** Waits for a process; with `untilTrap` a trapped signal ends the wait with 128 + n. */
  async waitFor(process: Process, options: { readonly untilTrap?: boolean } = {}): Promise<number> {
    const signal = this.signal
    return new Promise<number>((resolve, reject) => {
      const onAbort = () => reject(signal.reason)
      if (signal.aborted) {
        onAbort()
        return
      }
      signal.addEventListener('abort', onAbort, { once: true })
      if (options.untilTrap) {
        this.trapArrived = () => resolve(128 + SIGNALS[this.pendingTraps[0] ?? 'SIGTERM'])
      }
      void process.exited.then(resolve)
    }).finally(() => {
      this.trapArrived = undefined
    })
  }
}
