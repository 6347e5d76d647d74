import type { FdTable } from '../../process/fd-table.ts'
import { parseSignal, SIGNALS } from '../../process/signals.ts'
import { BuiltinError } from '../control-flow.ts'
import type { Shell, ShellOptions } from '../shell.ts'
import type { Builtin } from './builtin-table.ts'
import { quoteValue } from './variables.ts'

const LETTERS: Readonly<Record<string, keyof ShellOptions>> = {
  e: 'errexit',
  u: 'nounset',
  x: 'xtrace',
  f: 'noglob',
  n: 'noexec',
}
const NAMES: readonly (keyof ShellOptions)[] = [
  'errexit',
  'noexec',
  'noglob',
  'nounset',
  'pipefail',
  'xtrace',
]
/** Letters that ash knows and that change nothing here. */
const ACCEPTED = 'abhilmsvCIV'

/** Applies `-e`, `+x`, `-o name`; gives the index of the first argument that is no option. Used by `set` and by `sh` itself. */
export function applyShellOptions(shell: Shell, args: readonly string[]): number {
  let index = 0
  for (; index < args.length; index++) {
    const argument = args[index] ?? ''
    if (argument === '--') return index + 1
    if (argument === '-') return index + 1
    if (!/^[-+]./.test(argument)) break
    const on = argument.startsWith('-')
    for (const letter of argument.slice(1)) {
      if (letter === 'o') {
        const name = args[++index]
        const option = NAMES.find((candidate) => candidate === name)
        if (option !== undefined) shell.options[option] = on
        else if (
          name !== undefined &&
          ![
            'monitor',
            'vi',
            'allexport',
            'ignoreeof',
            'noclobber',
            'nolog',
            'notify',
            'verbose',
            'stdin',
            'interactive',
          ].includes(name)
        ) {
          throw new BuiltinError(`illegal option ${argument[0]}o ${name}`)
        }
        continue
      }
      const option = LETTERS[letter]
      if (option !== undefined) shell.options[option] = on
      else if (!ACCEPTED.includes(letter))
        throw new BuiltinError(`illegal option ${argument[0]}${letter}`)
    }
  }
  return index
}

async function set(shell: Shell, argv: readonly string[], io: FdTable): Promise<number> {
  const args = argv.slice(1)
  if (args.length === 0) {
    for (const [name, { value }] of shell.variables.entries()) {
      if (value !== undefined) await shell.print(io, 1, `${name}=${quoteValue(value)}\n`)
    }
    return 0
  }
  if (args.length === 1 && (args[0] === '-o' || args[0] === '+o')) {
    await shell.print(io, 1, 'Current option settings\n')
    for (const name of NAMES) {
      await shell.print(io, 1, `${name.padEnd(16)}${shell.options[name] ? 'on' : 'off'}\n`)
    }
    return 0
  }
  const first = applyShellOptions(shell, args)
  if (first < args.length || args.includes('--')) shell.positional = args.slice(first)
  return 0
}

async function trap(shell: Shell, argv: readonly string[], io: FdTable): Promise<number> {
  const args = argv.slice(1).filter((arg, index) => !(index === 0 && arg === '--'))
  if (args.length === 0) {
    for (const [name, action] of shell.traps) {
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
    const name = text === 'EXIT' || text === '0' ? 'EXIT' : parseSignal(text)
    if (name === undefined) {
      await shell.report(`${text}: invalid signal specification`, io, 'trap')
      status = 1
    } else shell.setTrap(name, action)
  }
  return status
}

/** Builtins that change how the shell itself behaves. */
export const optionBuiltins: Readonly<Record<string, Builtin>> = { set, trap }
