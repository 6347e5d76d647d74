import { absolutePath, FileError } from '../../files/file-node.ts'
import type { FdTable } from '../../process/fd-table.ts'
import { BuiltinError, FunctionReturn } from '../control-flow.ts'
import type { Shell } from '../shell.ts'
import { runBuiltin, runProgram } from '../simple-command.ts'
import { BUILTINS, type Builtin } from './builtin-table.ts'

const KEYWORDS = new Set([
  'if',
  'then',
  'else',
  'elif',
  'fi',
  'do',
  'done',
  'case',
  'esac',
  'while',
  'until',
  'for',
  '{',
  '}',
  '!',
  'in',
  'function',
])

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
  if (KEYWORDS.has(name)) await say(verbose ? `${name} is a shell keyword` : name)
  else if (shell.functions.has(name)) await say(verbose ? `${name} is a function` : name)
  else if (BUILTINS.has(name) || name === 'exec') {
    await say(verbose ? `${name} is a shell builtin` : name)
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
  if (BUILTINS.has(name)) return runBuiltin(shell, rest, io)
  return runProgram(shell, rest, [], { io, fds: io, replace: false })
}

async function evalBuiltin(shell: Shell, argv: readonly string[], io: FdTable): Promise<number> {
  const text = argv.slice(1).join(' ')
  if (text.trim() === '') return 0
  return shell.runText(text, io)
}

async function source(shell: Shell, argv: readonly string[], io: FdTable): Promise<number> {
  const [, name, ...args] = argv
  if (name === undefined) throw new BuiltinError('filename argument required')
  let text: string
  try {
    text = shell.container.files.readText(absolutePath(shell.cwd, name))
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    throw new BuiltinError(`can't open '${name}': ${error.message}`)
  }
  const outer = shell.positional
  if (args.length > 0) shell.positional = args
  try {
    return await shell.runText(text, io)
  } catch (error) {
    if (error instanceof FunctionReturn) return error.status
    throw error
  } finally {
    if (args.length > 0) shell.positional = outer
  }
}

/** Builtins that run or describe other commands. */
export const commandBuiltins: Readonly<Record<string, Builtin>> = {
  type: typeBuiltin,
  command,
  eval: evalBuiltin,
  '.': source,
  source,
  hash: async () => 0,
  alias: async (_shell, argv) => {
    if (argv.length === 1) return 0
    throw new BuiltinError('aliases are not simulated; a function does the same', 1)
  },
  unalias: async () => 0,
}
