import { waiterOf } from '../../../platform/processor.ts'
import { FileError } from '../files/file-node.ts'
import type { FdTable } from '../process/fd-table.ts'
import { createPipe } from '../process/pipe.ts'
import type { Process, ProcessGroup } from '../process/process.ts'
import type { ContainerWorld, ProgramContext } from '../process/program.ts'
import { concat, inputFrom, outputTo, withinMemory } from '../process/program-context.ts'
import { SIGNALS, type SignalName } from '../process/signals.ts'
import { ProgramError } from '../programs/busybox-program.ts'
import { ArithmeticError } from './arithmetic.ts'
import type { Command, List } from './ast.ts'
import {
  ForkError,
  FunctionReturn,
  forked,
  Interrupted,
  LoopExit,
  ShellExit,
} from './control-flow.ts'
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
  noclobber: boolean
  allexport: boolean
  verbose: boolean
  errtrace: boolean
  ignoreeof: boolean
  monitor: boolean
  notify: boolean
  vi: boolean
}

/** Functions and `eval`s inside each other; far beyond any script, and short of what the interpreter's own stack holds. */
const MAX_DEPTH = 1000

/** One shell: its variables, functions and options, in one process. A subshell is a copy in another process. */
export class Shell {
  variables = new Variables()
  functions = new Map<string, Command>()
  positional: string[] = []
  arg0 = 'sh'
  /** Whose prompt and whose word for a missing command it has: Debian's images have dash and bash. */
  dialect: 'ash' | 'dash' | 'bash' = 'ash'
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
    noclobber: false,
    allexport: false,
    verbose: false,
    errtrace: false,
    ignoreeof: false,
    monitor: false,
    notify: false,
    vi: false,
  }
  lastStatus = 0
  lastBackground: number | undefined
  /** Status of the last command substitution, which a command without a name takes over. */
  substitutionStatus: number | undefined
  readonly traps = new Map<SignalName | 'EXIT' | 'ERR', string>()
  aliases = new Map<string, string>()
  /** What messages name beside the shell: the script file, or the builtin that runs. */
  commandName: string | undefined
  /** Status that `exit` without a number gives while a trap runs. */
  statusBeforeTrap: number | undefined
  /** Where `getopts` is. */
  getopts = { index: 1, offset: -1, shown: '1' }
  /** Whether the shell was started with `-c`. */
  fromString = false
  readonly limits = new Map<string, string>()
  /** What the person typed before, where somebody types. */
  history: readonly string[] = []
  depth = 0
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
    options: { readonly thenEnd?: boolean; readonly firstLine?: number } = {},
  ): Promise<number> {
    const parser = new Parser(text, {
      aliases: this.aliases,
      ...(options.firstLine === undefined ? {} : { firstLine: options.firstLine }),
    })
    return this.deeper(async () => {
      for (;;) {
        const from = parser.position
        const list = parser.nextLine()
        if (this.options.verbose && options.firstLine !== undefined)
          await this.print(io, 2, parser.textSince(from))
        if (list === undefined) return this.lastStatus
        const replace = options.thenEnd === true && parser.atEnd
        this.lastStatus = await runList(this, list, io, { replace })
      }
    })
  }

  /** Runs what is nested once more. A script that calls itself without end is ended where a real shell runs out of stack. */
  async deeper<T>(run: () => Promise<T>): Promise<T> {
    if (this.depth >= MAX_DEPTH) {
      // The kernel ends a shell whose stack is full with SIGSEGV.
      this.process.dieBy('SIGSEGV')
      throw this.process.abort.reason
    }
    this.depth++
    try {
      return await run()
    } finally {
      this.depth--
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
    this.statusBeforeTrap = status
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
      // `( break )`: it leaves the subshell and no loop of its parent's.
      if (error instanceof LoopExit) return 0
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
      error instanceof ReadonlyVariable ||
      error instanceof ForkError ||
      error instanceof ProgramError ||
      (error instanceof FileError && error.code === 'ENOMEM')
    if (!known) return undefined
    await this.report(error.message, io)
    return 2
  }

  /** Prints `sh: …` as ash does: with the builtin's name, and with the line where a script or builtin speaks. */
  async report(message: string, io: FdTable): Promise<void> {
    const name = this.commandName
    let prefix = `${this.arg0}: `
    if (name !== undefined) {
      if (name !== this.arg0) prefix += `${name}: `
      if (!this.interactive) prefix += `line ${this.line}: `
    }
    await this.print(io, 2, `${prefix}${message}\n`)
  }

  /** Says that a command is not there. */
  async reportMissing(name: string, io: FdTable): Promise<void> {
    const line = Math.max(1, this.line)
    if (this.dialect === 'ash') await this.report(`${name}: not found`, io)
    else if (this.dialect === 'dash')
      await this.print(io, 2, `${this.arg0}: ${line}: ${name}: not found\n`)
    else {
      const place = this.interactive ? '' : `line ${line}: `
      await this.print(io, 2, `${this.arg0}: ${place}${name}: command not found\n`)
    }
  }

  async print(io: FdTable, fd: number, text: string): Promise<void> {
    try {
      await outputTo(io.get(fd), this.process).write(text)
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
      stdout: outputTo(io.get(1), waiterOf(signal)),
      stderr: outputTo(io.get(2), waiterOf(signal)),
      process: this.process,
      container: this.container,
      signal,
      onSignal: () => {},
      as: (changes) => ({ ...this.context(argv, io, env), ...changes }),
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
      assign: (name, value) => this.assign(name, value),
      breathe: () => this.process.breathe(),
      substitute: (body) => this.substitute(body, io),
    }
  }

  /** Sets a variable as an assignment does: with `set -a` it is exported too. */
  assign(name: string, value: string): void {
    this.variables.set(name, value, this.options.allexport ? { exported: true } : {})
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
    const { options } = this
    const flags: readonly (readonly [boolean, string])[] = [
      [options.vi, 'V'],
      [options.errtrace, 'E'],
      [options.nounset, 'u'],
      [options.notify, 'b'],
      [options.allexport, 'a'],
      [options.noclobber, 'C'],
      [options.verbose, 'v'],
      [options.xtrace, 'x'],
      [this.fromString, 'c'],
      [this.interactive, 'smi'],
      [options.noexec, 'n'],
      [options.ignoreeof, 'I'],
      [options.noglob, 'f'],
      [options.errexit, 'e'],
    ]
    return flags.map(([on, flag]) => (on ? flag : '')).join('')
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
    const process = forked(() =>
      this.container.processes.create({
        parent: this.process,
        command: options.command,
        fds: options.fds,
        group: options.group,
      }),
    )
    const child = new Shell(this.container, process, this.cwd)
    child.variables = this.variables.clone()
    child.functions = new Map(this.functions)
    child.positional = [...this.positional]
    child.arg0 = this.arg0
    child.dialect = this.dialect
    child.script = this.script
    child.line = this.line
    child.options = { ...this.options }
    child.aliases = new Map(this.aliases)
    child.commandName = this.commandName
    child.getopts = { ...this.getopts }
    child.fromString = this.fromString
    child.depth = this.depth
    child.history = this.history
    for (const [name, limit] of this.limits) child.limits.set(name, limit)
    child.lastStatus = this.lastStatus
    child.lastBackground = this.lastBackground
    child.conditionDepth = this.conditionDepth
    child.loopDepth = this.loopDepth
    child.isSubshell = true
    child.inheritedPid = this.shellPid
    process.run(() => child.live(() => body(child)))
    return process
  }

  private async substitute(body: List, io: FdTable): Promise<string> {
    const { reader, writer } = createPipe()
    const fds = io.clone()
    fds.set(1, writer)
    const process = this.fork({ fds, command: [this.arg0] }, (child) =>
      runList(child, body, child.process.fds, { replace: true }),
    )
    const parts: Uint8Array[] = []
    let held = 0
    try {
      for (;;) {
        const turn = this.process.breathe()
        if (turn !== undefined) await turn
        const chunk = await reader.read(65_536, this.signal)
        if (chunk === undefined) break
        held = withinMemory(held + chunk.length)
        parts.push(chunk)
      }
    } finally {
      reader.release()
    }
    // `$?` stays what it was until the command that this is part of has ended.
    this.substitutionStatus = await process.exited
    return new TextDecoder().decode(concat(parts)).replaceAll('\0', '')
  }

  /** Between two commands: traps run, and a busy loop lets others in. */
  async betweenCommands(io: FdTable): Promise<void> {
    this.process.abort.throwIfAborted()
    if (this.process.stopped) await this.process.whenRunning()
    const turn = this.process.breathe()
    if (turn !== undefined) await turn
    if (this.interactive) this.interruption.signal.throwIfAborted()
    while (this.pendingTraps.length > 0) {
      const name = this.pendingTraps.shift()
      const action = name === undefined ? undefined : this.traps.get(name)
      if (action === undefined) continue
      await this.runTrap(action, io)
    }
  }

  /** Runs the text of a trap; the status is afterwards what it was before. */
  async runTrap(action: string, io: FdTable): Promise<void> {
    const status = this.lastStatus
    const outer = this.statusBeforeTrap
    this.statusBeforeTrap = status
    await this.runText(action, io)
    this.statusBeforeTrap = outer
    this.lastStatus = status
  }

  /** `trap`: sets, ignores (empty action) or resets (`undefined`) what a signal does. */
  setTrap(name: SignalName | 'EXIT' | 'ERR', action: string | undefined): void {
    if (action === undefined) this.traps.delete(name)
    else this.traps.set(name, action)
    if (name === 'EXIT' || name === 'ERR') return
    if (action === undefined) this.process.handle(name, undefined)
    else if (action === '') this.process.ignore(name)
    else {
      this.process.handle(name, () => {
        this.pendingTraps.push(name)
        this.trapArrived?.()
      })
    }
  }

  /** Waits for a process. `untilTrap`: a trapped signal ends the wait with 128 + n; `untilStopped`: a stopped job does. */
  async waitFor(
    process: Process,
    options: { readonly untilTrap?: boolean; readonly untilStopped?: boolean } = {},
  ): Promise<number> {
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
      if (options.untilStopped) {
        void process.untilStopped(signal).then(
          () => resolve(128 + SIGNALS.SIGTSTP),
          () => {},
        )
      }
      void process.exited.then((status) => {
        signal.removeEventListener('abort', onAbort)
        resolve(status)
      })
    }).finally(() => {
      this.trapArrived = undefined
    })
  }
}
