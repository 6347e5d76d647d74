import { absolutePath, FileError } from '../../files/file-node.ts'
import type { FdTable } from '../../process/fd-table.ts'
import { BuiltinError, FunctionReturn } from '../control-flow.ts'
import { SHELL_KEYWORDS } from '../parser.ts'
import type { Shell } from '../shell.ts'
import { runBuiltin, runProgram } from '../simple-command.ts'
import { BUILTINS, type Builtin, SPECIAL_BUILTINS } from './builtin-table.ts'
import { quoteValue } from './variables.ts'

/** Where a program's file is; `undefined` where `PATH` has none. */
export function findInPath(shell: Shell, name: string): string | undefined {
  const { files } = shell.container
  if (name.includes('/')) {
    const stat = files.stat(absolutePath(shell.cwd, name))
    return stat?.kind === 'file' && stat.executable ? name : undefined
  }
  for (const folder of (shell.parameter('PATH') ?? '').split(':')) {
    const path = absolutePath(shell.cwd, `${folder === '' ? '.' : folder}/${name}`)
    const stat = files.stat(path)
    if (stat?.kind === 'file' && stat.executable) return path
  }
  return undefined
}

async function describe(
  shell: Shell,
  name: string,
  io: FdTable,
  verbose: boolean,
): Promise<number> {
  const say = (text: string) => shell.print(io, 1, `${text}\n`)
  const alias = shell.aliases.get(name)
  if (SHELL_KEYWORDS.has(name)) await say(verbose ? `${name} is a shell keyword` : name)
  else if (alias !== undefined)
    await say(verbose ? `${name} is an alias for ${alias}` : `alias ${name}=${quoteValue(alias)}`)
  else if (shell.functions.has(name)) await say(verbose ? `${name} is a function` : name)
  else if (BUILTINS.has(name) || name === 'exec') {
    const kind = SPECIAL_BUILTINS.has(name) ? 'special shell builtin' : 'shell builtin'
    await say(verbose ? `${name} is a ${kind}` : name)
  } else {
    const path = findInPath(shell, name)
    if (path === undefined) {
      if (verbose) await say(`${name}: not found`)
      return 127
    }
    await say(verbose ? `${name} is ${path}` : path)
  }
  return 0
}

async function typeBuiltin(shell: Shell, argv: readonly string[], io: FdTable): Promise<number> {
  let status = 0
  for (const name of argv.slice(1)) status = (await describe(shell, name, io, true)) || status
  return status
}

async function command(shell: Shell, argv: readonly string[], io: FdTable): Promise<number> {
  let rest = argv.slice(1)
  const option = /^-[vVp]$/.test(rest[0] ?? '') ? rest[0] : undefined
  if (option !== undefined) rest = rest.slice(1)
  if (rest[0] === '--') rest = rest.slice(1)
  const [name] = rest
  if (name === undefined) return 0
  if (option === '-v' || option === '-V') return describe(shell, name, io, option === '-V')
  if (BUILTINS.has(name)) return runBuiltin(shell, rest, io, { special: false })
  shell.commandName = shell.script
  return runProgram(shell, rest, [], { io, fds: io, replace: false })
}

async function evalBuiltin(shell: Shell, argv: readonly string[], io: FdTable): Promise<number> {
  const text = argv.slice(1).join(' ')
  if (text.trim() === '') return 0
  return shell.runText(text, io)
}

async function source(shell: Shell, argv: readonly string[], io: FdTable): Promise<number> {
  const [, name, ...args] = argv
  if (name === undefined) return 0
  let text: string
  try {
    text = shell.container.files.readText(absolutePath(shell.cwd, name))
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    throw new BuiltinError(`can't open '${name}': ${error.message}`)
  }
  const outer = shell.positional
  shell.commandName = name
  if (args.length > 0) shell.positional = args
  try {
    return await shell.runText(text, io, { firstLine: 1 })
  } catch (error) {
    if (error instanceof FunctionReturn) return error.status
    throw error
  } finally {
    if (args.length > 0) shell.positional = outer
  }
}

async function hash(shell: Shell, argv: readonly string[], io: FdTable): Promise<number> {
  let status = 0
  for (const name of argv.slice(1)) {
    if (name === '-r' || BUILTINS.has(name) || shell.functions.has(name)) continue
    if (findInPath(shell, name) !== undefined) continue
    await shell.report(`${name}: not found`, io)
    status = 1
  }
  return status
}

async function alias(shell: Shell, argv: readonly string[], io: FdTable): Promise<number> {
  const args = argv.slice(1)
  const show = (name: string, value: string) => shell.print(io, 1, `${name}=${quoteValue(value)}\n`)
  if (args.length === 0) {
    for (const [name, value] of [...shell.aliases].sort(([a], [b]) => (a < b ? -1 : 1)))
      await show(name, value)
    return 0
  }
  let status = 0
  for (const argument of args) {
    const at = argument.indexOf('=', 1)
    if (at !== -1) {
      shell.aliases.set(argument.slice(0, at), argument.slice(at + 1))
      continue
    }
    const value = shell.aliases.get(argument)
    if (value === undefined) {
      await shell.print(io, 2, `alias: ${argument} not found\n`)
      status = 1
    } else await show(argument, value)
  }
  return status
}

async function unalias(shell: Shell, argv: readonly string[], io: FdTable): Promise<number> {
  if (argv[1] === '-a') {
    shell.aliases.clear()
    return 0
  }
  let status = 0
  for (const name of argv.slice(1)) {
    if (shell.aliases.delete(name)) continue
    await shell.print(io, 2, `unalias: ${name} not found\n`)
    status = 1
  }
  return status
}

/** Builtins that run or describe other commands. */
export const commandBuiltins: Readonly<Record<string, Builtin>> = {
  type: typeBuiltin,
  command,
  eval: evalBuiltin,
  '.': source,
  source,
  hash,
  alias,
  unalias,
}
