import { Environment } from '../environment.ts'
import { FileError } from '../files/file-node.ts'
import type { FdTable } from '../process/fd-table.ts'
import { type Process, ProcessGroup, ProcessReplaced } from '../process/process.ts'
import type { ContainerWorld, Program, SpawnOptions } from '../process/program.ts'
import { createProgramContext } from '../process/program-context.ts'
import { ArithmeticError } from './arithmetic.ts'
import type { Command } from './ast.ts'
import { BUILTINS, SPECIAL_BUILTINS } from './builtins/builtin-table.ts'
import { BuiltinError, FunctionReturn, forked, RedirectError, ShellExit } from './control-flow.ts'
import { expandToFields, expandToText } from './expand.ts'
import { runForeground } from './foreground.ts'
import { runCommand } from './interpreter.ts'
import { Parser } from './parser.ts'
import { redirect } from './redirections.ts'
import type { Shell } from './shell.ts'
import { ShellSyntaxError } from './syntax-error.ts'
import { ReadonlyVariable } from './variables.ts'

type SimpleCommand = Extract<Command, { kind: 'simple' }>

/** Expands and runs a function, a builtin or a program, with its redirections and assignments. */
export async function runSimple(
  shell: Shell,
  command: SimpleCommand,
  io: FdTable,
  options: { readonly replace?: boolean } = {},
): Promise<number> {
  shell.line = command.line
  shell.substitutionStatus = undefined
  const argv: string[] = []
  for (const word of command.words) {
    if (word.assignment) argv.push(await expandToText(word, shell.scope(io)))
    else for (const field of await expandToFields(word, shell.scope(io))) argv.push(field)
  }
  if (shell.options.noexec) return 0
  const [name] = argv
  const fds = io.clone()
  try {
    await redirect(shell, command.redirects, fds)
    const values: [string, string][] = []
    for (const { name: variable, value } of command.assignments) {
      const text = await expandToText(value, shell.scope(io))
      values.push([variable, text])
      // `a=1 b=$a`: each assignment sees the ones before it.
      if (name === undefined) shell.assign(variable, text)
    }
    if (shell.options.xtrace) await trace(shell, values, argv, io)
    if (name === undefined) return shell.substitutionStatus ?? 0
    if (name === 'exec')
      return await runExec(shell, argv.slice(1), values, {
        io,
        fds,
        redirected: command.redirects.length > 0,
      })
    return await dispatch(shell, argv, values, {
      io,
      fds,
      replace: options.replace === true,
      line: command.line,
    })
  } catch (error) {
    if (!(error instanceof RedirectError)) throw error
    await shell.report(error.message, io)
    if (name !== undefined && SPECIAL_BUILTINS.has(name) && !shell.interactive)
      throw new ShellExit(1)
    return 1
  } finally {
    fds.closeAll()
  }
}

async function dispatch(
  shell: Shell,
  argv: readonly string[],
  values: readonly [string, string][],
  options: {
    readonly io: FdTable
    readonly fds: FdTable
    readonly replace: boolean
    readonly line: number
  },
): Promise<number> {
  const [name = ''] = argv
  const body = SPECIAL_BUILTINS.has(name) ? undefined : shell.functions.get(name)
  shell.line = options.line
  if (body !== undefined) {
    return withAssignments(shell, values, () =>
      callFunction(shell, body, argv.slice(1), options.fds),
    )
  }
  if (BUILTINS.has(name)) {
    return withAssignments(
      shell,
      values,
      () => runBuiltin(shell, argv, options.fds),
      SPECIAL_BUILTINS.has(name),
    )
  }
  return runProgram(shell, argv, values, options)
}

/** Runs a builtin; its failure ends a script where POSIX says so. */
export async function runBuiltin(
  shell: Shell,
  argv: readonly string[],
  fds: FdTable,
  options: { readonly special?: boolean } = {},
): Promise<number> {
  const [name = ''] = argv
  const builtin = BUILTINS.get(name)
  if (builtin === undefined) return 127
  const outer = shell.commandName
  shell.commandName = name
  const special = options.special ?? SPECIAL_BUILTINS.has(name)
  try {
    return await builtin(shell, argv, fds)
  } catch (error) {
    if (error instanceof FileError && error.code !== 'ENOMEM') {
      shell.commandName = outer
      await shell.report(`write error: ${error.message}`, fds)
      return 1
    }
    if (error instanceof ReadonlyVariable || error instanceof ArithmeticError) {
      await shell.report(error.message, fds)
      throw new ShellExit(2)
    }
    if (error instanceof ShellSyntaxError) {
      shell.line = error.line
      await shell.report(error.message, fds)
      throw new ShellExit(2)
    }
    if (!(error instanceof BuiltinError)) throw error
    await shell.report(error.message, fds)
    if (special && !shell.interactive) throw new ShellExit(error.status)
    return error.status
  } finally {
    shell.commandName = outer
  }
}

/**
 * Runs a program of the container: as a child, or with `replace` in place of this shell.
 * @throws ProcessReplaced with `replace`, where there is such a program
 */
export async function runProgram(
  shell: Shell,
  argv: readonly string[],
  values: readonly [string, string][],
  options: { readonly io: FdTable; readonly fds: FdTable; readonly replace: boolean },
): Promise<number> {
  const [name = ''] = argv
  const env = shell.variables.environment()
  for (const [variable, value] of values) env.set(variable, value)
  const found = shell.container.findProgram(name, {
    path: env.get('PATH') ?? shell.parameter('PATH') ?? '',
    cwd: shell.cwd,
  })
  if (found.kind !== 'program') {
    const missing = found.kind === 'not-found'
    if (missing && name !== '') await shell.reportMissing(name, options.fds)
    else await shell.report(`${name}: Permission denied`, options.fds)
    return missing ? 127 : 126
  }
  if (options.replace) {
    for (const fd of shell.process.fds.numbers()) {
      if (options.fds.get(fd) === undefined) shell.process.fds.close(fd)
    }
    for (const fd of options.fds.numbers()) {
      const file = options.fds.get(fd)
      if (file !== undefined && shell.process.fds.get(fd) !== file)
        shell.process.fds.set(fd, file.retain())
    }
    shell.process.command = argv
    shell.traps.clear()
    throw replacedBy(found.program, shell.container, shell.process, {
      argv,
      env: new Environment(env),
      cwd: shell.cwd,
    })
  }
  const group = shell.interactive ? new ProcessGroup() : undefined
  const { program } = found
  const process = forked(() =>
    shell.container.spawn(program, {
      argv,
      env,
      cwd: shell.cwd,
      fds: options.fds.clone(),
      parent: shell.process,
      group,
    }),
  )
  return runForeground(shell, [process], options.io, { group, text: argv.join(' ') })
}

/** Stands alone so that the program that takes the shell's place knows nothing of the shell, which may be forgotten. */
function replacedBy(
  program: Program,
  container: ContainerWorld,
  process: Process,
  options: Pick<SpawnOptions, 'argv' | 'env' | 'cwd'>,
): ProcessReplaced {
  return new ProcessReplaced(() => program(createProgramContext(container, process, options)))
}

async function runExec(
  shell: Shell,
  argv: readonly string[],
  values: readonly [string, string][],
  options: { readonly io: FdTable; readonly fds: FdTable; readonly redirected: boolean },
): Promise<number> {
  const [name] = argv
  if (name === undefined) {
    for (const fd of options.io.numbers()) {
      if (options.fds.get(fd) === undefined) options.io.close(fd)
    }
    for (const fd of options.fds.numbers()) {
      const file = options.fds.get(fd)
      if (file !== undefined && options.io.get(fd) !== file) options.io.set(fd, file.retain())
    }
    return 0
  }
  const path = shell.parameter('PATH') ?? ''
  const found = shell.container.findProgram(name, { path, cwd: shell.cwd })
  if (found.kind !== 'program') {
    const missing = found.kind === 'not-found'
    shell.commandName = 'exec'
    await shell.report(`${name}: ${missing ? 'not found' : 'Permission denied'}`, options.fds)
    throw new ShellExit(missing ? 127 : 126)
  }
  return runProgram(shell, argv, values, { ...options, replace: true })
}

async function callFunction(
  shell: Shell,
  body: Command,
  args: readonly string[],
  io: FdTable,
): Promise<number> {
  const outer = { positional: shell.positional, getopts: shell.getopts }
  shell.positional = [...args]
  shell.getopts = { index: 1, offset: -1, shown: shell.parameter('OPTIND') ?? '1' }
  shell.variables.enterFunction()
  try {
    return await shell.deeper(() => runCommand(shell, body, io))
  } catch (error) {
    if (error instanceof FunctionReturn) return error.status
    throw error
  } finally {
    shell.variables.leaveFunction()
    shell.positional = outer.positional
    shell.getopts = outer.getopts
  }
}

/** Assignments before a function or builtin last as long as it runs; before a special builtin they stay. */
async function withAssignments(
  shell: Shell,
  values: readonly [string, string][],
  run: () => Promise<number>,
  stay = false,
): Promise<number> {
  const before = values.map(([name]) => [name, shell.variables.snapshot(name)] as const)
  for (const [name, value] of values)
    shell.variables.set(name, value, stay ? {} : { exported: true })
  try {
    return await run()
  } finally {
    if (!stay) for (const [name, variable] of before) shell.variables.putBack(name, variable)
  }
}

async function trace(
  shell: Shell,
  values: readonly [string, string][],
  argv: readonly string[],
  io: FdTable,
): Promise<void> {
  const words = [
    ...values.map(([name, value]) => `${name}=${traced(value)}`),
    ...argv.map((word) => {
      const assignment = /^([A-Za-z_][A-Za-z0-9_]*=)([\s\S]*)$/.exec(word)
      return assignment === null ? traced(word) : `${assignment[1]}${traced(assignment[2] ?? '')}`
    }),
  ]
  let prompt = shell.parameter('PS4') ?? '+ '
  if (/[$`]/.test(prompt)) {
    shell.options.xtrace = false
    prompt = await expandToText(Parser.quoted(prompt), shell.scope(io))
    shell.options.xtrace = true
  }
  await shell.print(io, 2, `${prompt}${words.join(' ')}\n`)
}

/** A word as `set -x` shows it: quoted where a shell would read it differently. */
function traced(text: string): string {
  if (text === '' || !/[^A-Za-z0-9_@%+:,./\]{}^-]|^[~#]/.test(text)) return text
  return quoteWord(text)
}

/** Single quotes, and double quotes around what is a single quote. */
export function quoteWord(text: string): string {
  if (text === '') return "''"
  return text
    .split(/('+)/)
    .filter((part) => part !== '')
    .map((part) => (part.startsWith("'") ? `"${part}"` : `'${part}'`))
    .join('')
}
