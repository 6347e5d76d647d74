import type { FdTable } from '../../process/fd-table.ts'
import { parseSignal, SIGNALS, type SignalName } from '../../process/signals.ts'
import { BuiltinError } from '../control-flow.ts'
import type { Shell, ShellOptions } from '../shell.ts'
import type { Builtin } from './builtin-table.ts'
import { quoteValue } from './variables.ts'

/** In the order that `set -o` shows them. */
const OPTIONS: readonly (readonly [keyof ShellOptions, string])[] = [
  ['errexit', 'e'],
  ['noglob', 'f'],
  ['ignoreeof', 'I'],
  ['monitor', 'm'],
  ['noexec', 'n'],
  ['xtrace', 'x'],
  ['verbose', 'v'],
  ['noclobber', 'C'],
  ['allexport', 'a'],
  ['notify', 'b'],
  ['nounset', 'u'],
  ['errtrace', 'E'],
  ['vi', 'V'],
  ['pipefail', ''],
]
/** Letters that ash takes and that change nothing after it has started. */
const ACCEPTED = 'isc'

/** Applies `-e`, `+x`, `-o name`; gives the index of the first argument that is no option. Used by `set` and by `sh` itself. */
export function applyShellOptions(shell: Shell, args: readonly string[]): number {
  let index = 0
  for (; index < args.length; index++) {
    const argument = args[index] ?? ''
    if (argument === '--') return index + 1
    if (argument === '-') {
      shell.options.xtrace = false
      shell.options.verbose = false
      return index + 1
    }
    if (!/^[-+]./.test(argument)) break
    const on = argument.startsWith('-')
    for (const letter of argument.slice(1)) {
      if (letter === 'o') {
        const name = args[++index]
        const option = OPTIONS.find(([candidate]) => candidate === name)?.[0]
        if (option === undefined) throw new UnknownOption(`illegal option ${argument[0]}o ${name}`)
        shell.options[option] = on
        continue
      }
      const option = OPTIONS.find(([, candidate]) => candidate === letter)?.[0]
      if (option !== undefined) shell.options[option] = on
      else if (!ACCEPTED.includes(letter))
        throw new BuiltinError(`illegal option ${argument[0]}${letter}`)
    }
  }
  return index
}

/** An unknown name after `-o`: unlike an unknown letter it does not end a script. */
class UnknownOption extends BuiltinError {}

async function set(shell: Shell, argv: readonly string[], io: FdTable): Promise<number> {
  const args = argv.slice(1)
  if (args.length === 0) {
    for (const [name, { value }] of shell.variables.entries()) {
      if (value !== undefined) await shell.print(io, 1, `${name}=${quoteValue(value)}\n`)
    }
    return 0
  }
  if (args.length === 1 && (args[0] === '-o' || args[0] === '+o')) {
    for (const [name] of OPTIONS) {
      const on = shell.options[name]
      await shell.print(
        io,
        1,
        args[0] === '-o'
          ? `${name.padEnd(16)}${on ? 'on' : 'off'}\n`
          : `set ${on ? '-' : '+'}o ${name}\n`,
      )
    }
    return 0
  }
  try {
    const first = applyShellOptions(shell, args)
    const only = args.length === 1 && args[0] === '-'
    if (!only && (first < args.length || args.includes('--'))) shell.positional = args.slice(first)
  } catch (error) {
    if (!(error instanceof UnknownOption)) throw error
    await shell.report(error.message, io)
    return error.status
  }
  return 0
}

/** EXIT is 0, and ERR stands behind all signals. */
function trapNumber(name: SignalName | 'EXIT' | 'ERR'): number {
  return name === 'EXIT' ? 0 : name === 'ERR' ? 99 : SIGNALS[name]
}

async function trap(shell: Shell, argv: readonly string[], io: FdTable): Promise<number> {
  const args = argv.slice(1).filter((arg, index) => !(index === 0 && arg === '--'))
  if (args.length === 0) {
    const traps = [...shell.traps].sort(([a], [b]) => trapNumber(a) - trapNumber(b))
    for (const [name, action] of traps) {
      await shell.print(io, 1, `trap -- ${quoteValue(action)} ${name.replace(/^SIG/, '')}\n`)
    }
    return 0
  }
  if (args[0] === '-l') {
    const lines = Object.entries(SIGNALS).map(
      ([name, number]) => `${String(number).padStart(2)}) ${name.slice(3)}`,
    )
    await shell.print(io, 1, `${lines.join('\n')}\n`)
    return 0
  }
  const single = args.length === 1 || /^\d+$/.test(args[0] ?? '')
  const action = single || args[0] === '-' ? undefined : args[0]
  const names = single ? args : args.slice(1)
  let status = 0
  for (const text of names) {
    const upper = text.toUpperCase()
    const name =
      upper === 'EXIT' || text === '0' ? 'EXIT' : upper === 'ERR' ? 'ERR' : parseSignal(text)
    if (name === undefined) {
      await shell.report(`${text}: invalid signal specification`, io)
      status = 1
    } else shell.setTrap(name, action)
  }
  return status
}

/** Builtins that change how the shell itself behaves. */
export const optionBuiltins: Readonly<Record<string, Builtin>> = { set, trap }
