import type { FdTable } from '../../process/fd-table.ts'
import { evaluateArithmetic } from '../arithmetic.ts'
import { BuiltinError } from '../control-flow.ts'
import type { Shell } from '../shell.ts'
import type { Variable } from '../variables.ts'
import type { Builtin } from './builtin-table.ts'

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/** `name` or `name=value`. */
function parse(argument: string): { readonly name: string; readonly value: string | undefined } {
  const at = argument.indexOf('=')
  const name = at === -1 ? argument : argument.slice(0, at)
  if (!NAME.test(name)) throw new BuiltinError(`${name}: bad variable name`)
  return { name, value: at === -1 ? undefined : argument.slice(at + 1) }
}

export function quoteValue(value: string): string {
  return `'${value.replaceAll("'", `'"'"'`)}'`
}

async function listWhere(
  shell: Shell,
  io: FdTable,
  word: string,
  shown: (variable: Variable) => boolean,
): Promise<void> {
  for (const [name, variable] of shell.variables.entries()) {
    if (!shown(variable)) continue
    const value = variable.value === undefined ? '' : `=${quoteValue(variable.value)}`
    await shell.print(io, 1, `${word} ${name}${value}\n`)
  }
}

async function exportBuiltin(shell: Shell, argv: readonly string[], io: FdTable): Promise<number> {
  const args = argv.slice(1)
  if (args.length === 0 || args[0] === '-p') {
    await listWhere(shell, io, 'export', (variable) => variable.exported)
    return 0
  }
  const remove = args[0] === '-n'
  for (const argument of remove ? args.slice(1) : args) {
    const { name, value } = parse(argument)
    shell.variables.set(name, value, { exported: !remove })
  }
  return 0
}

async function readonlyBuiltin(
  shell: Shell,
  argv: readonly string[],
  io: FdTable,
): Promise<number> {
  const args = argv.slice(1)
  if (args.length === 0 || args[0] === '-p') {
    await listWhere(shell, io, 'readonly', (variable) => variable.readonly)
    return 0
  }
  for (const argument of args) {
    const { name, value } = parse(argument)
    if (value !== undefined) shell.variables.set(name, value)
    shell.variables.markReadonly(name)
  }
  return 0
}

async function local(shell: Shell, argv: readonly string[]): Promise<number> {
  if (!shell.variables.inFunction) throw new BuiltinError('not in a function')
  for (const argument of argv.slice(1)) {
    const { name, value } = parse(argument)
    shell.variables.makeLocal(name)
    shell.variables.set(name, value)
  }
  return 0
}

async function unset(shell: Shell, argv: readonly string[]): Promise<number> {
  const functions = argv[1] === '-f'
  for (const name of argv.slice(1)) {
    if (name === '-f' || name === '-v') continue
    if (functions) shell.functions.delete(name)
    else {
      if (!NAME.test(name)) throw new BuiltinError(`${name}: bad variable name`)
      shell.variables.unset(name)
    }
  }
  return 0
}

async function letBuiltin(shell: Shell, argv: readonly string[]): Promise<number> {
  let value = 0n
  for (const expression of argv.slice(1)) {
    value = evaluateArithmetic(expression, {
      get: (name) => shell.parameter(name),
      set: (name, text) => shell.variables.set(name, text),
    })
  }
  return value === 0n ? 1 : 0
}

/** `getopts optstring name [args]`, as ash.c does it: `shell.getopts` is the place, also within an argument. */
async function getopts(shell: Shell, argv: readonly string[], io: FdTable): Promise<number> {
  const [, options, name, ...given] = argv
  if (options === undefined || name === undefined)
    throw new BuiltinError('usage: getopts optstring var [arg]')
  const args = given.length > 0 ? given : shell.positional
  const shown = shell.parameter('OPTIND') ?? '1'
  // Somebody assigned to OPTIND: it begins anew.
  if (shown !== shell.getopts.shown) {
    shell.getopts = { index: Math.max(1, Number.parseInt(shown, 10) || 1), offset: -1, shown }
  }
  const { index, offset } = shell.getopts
  let next = index - 1
  const current = next > 0 ? (args[next - 1] ?? '') : ''
  /** What is left of the argument that is read. */
  let rest = index <= 1 || offset < 0 || current.length < offset ? '' : current.slice(offset)
  let within = rest !== ''
  const finish = (letter: string, done: boolean) => {
    const at = next + 1
    shell.variables.set('OPTIND', String(at))
    shell.variables.set(name, letter)
    const length = (args[next - 1] ?? '').length
    shell.getopts = { index: at, offset: within ? length - rest.length : -1, shown: String(at) }
    return done ? 1 : 0
  }
  if (!within) {
    const argument = args[next]
    if (argument === undefined || !argument.startsWith('-') || argument === '-') {
      shell.variables.unset('OPTARG')
      return finish('?', true)
    }
    next++
    if (argument === '--') {
      shell.variables.unset('OPTARG')
      return finish('?', true)
    }
    rest = argument.slice(1)
    within = true
  }
  const letter = rest[0] ?? ''
  rest = rest.slice(1)
  const silent = options.startsWith(':')
  const at = letter === ':' ? -1 : options.indexOf(letter)
  if (at === -1) {
    if (silent) shell.variables.set('OPTARG', letter)
    else {
      shell.variables.unset('OPTARG')
      await shell.print(io, 2, `Illegal option -${letter}\n`)
    }
    return finish('?', false)
  }
  if (options[at + 1] !== ':') {
    shell.variables.set('OPTARG', '')
    return finish(letter, false)
  }
  let value: string | undefined = rest
  if (rest === '') {
    value = args[next]
    if (value === undefined) {
      if (silent) {
        shell.variables.set('OPTARG', letter)
        return finish(':', false)
      }
      shell.variables.unset('OPTARG')
      await shell.print(io, 2, `No arg for -${letter} option\n`)
      return finish('?', false)
    }
    next++
  }
  shell.variables.set('OPTARG', value)
  within = false
  return finish(letter, false)
}

/** Builtins about variables. */
export const variableBuiltins: Readonly<Record<string, Builtin>> = {
  export: exportBuiltin,
  readonly: readonlyBuiltin,
  local,
  unset,
  let: letBuiltin,
  getopts,
}
