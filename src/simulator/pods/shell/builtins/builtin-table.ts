import type { FdTable } from '../../process/fd-table.ts'
import type { Program } from '../../process/program.ts'
import { echo } from '../../programs/echo.ts'
import { printf } from '../../programs/printf.ts'
import { testProgram } from '../../programs/test.ts'
import { falseProgram, trueProgram } from '../../programs/true-false.ts'
import type { Shell } from '../shell.ts'
import { commandBuiltins } from './command.ts'
import { flowBuiltins } from './flow.ts'
import { jobBuiltins } from './jobs.ts'
import { optionBuiltins } from './options.ts'
import { placeBuiltins } from './place.ts'
import { readBuiltin } from './read.ts'
import { variableBuiltins } from './variables.ts'

/** A command that runs inside the shell. `argv` has its name first. */
export type Builtin = (shell: Shell, argv: readonly string[], io: FdTable) => Promise<number>

/** Builtins whose failure ends a script (POSIX: special built-in utilities). */
export const SPECIAL_BUILTINS: ReadonlySet<string> = new Set([
  ':',
  '.',
  'source',
  'break',
  'continue',
  'eval',
  'exec',
  'exit',
  'export',
  'local',
  'readonly',
  'return',
  'set',
  'shift',
  'times',
  'trap',
  'unset',
])

const help: Builtin = async (shell, _argv, io) => {
  const names = [...BUILTINS.keys(), 'exec'].sort()
  let text = 'Built-in commands:\n------------------\n'
  let column = 0
  for (const name of names) {
    text += `${column === 0 ? '\t' : ' '}${name}`
    column += name.length + 1
    if (column > 60) {
      text += '\n'
      column = 0
    }
  }
  await shell.print(io, 1, `${text}${column === 0 ? '' : '\n'}\n`)
  return 0
}

/** The lines typed before, numbered. A script has none. */
const history: Builtin = async (shell, _argv, io) => {
  for (const [index, line] of shell.history.entries())
    await shell.print(io, 1, `${String(index).padStart(4)} ${line}\n`)
  return 0
}

/** A program as a builtin: the same words, no process of its own. */
function inside(program: Program): Builtin {
  return (shell, argv, io) => program(shell.context(argv, io))
}

export const BUILTINS: ReadonlyMap<string, Builtin> = new Map<string, Builtin>(
  Object.entries({
    ':': async () => 0,
    true: inside(trueProgram),
    false: inside(falseProgram),
    echo: inside(echo),
    printf: inside(printf),
    test: inside(testProgram),
    '[': inside(testProgram),
    '[[': inside(testProgram),
    read: readBuiltin,
    help,
    history,
    ...commandBuiltins,
    ...flowBuiltins,
    ...jobBuiltins,
    ...optionBuiltins,
    ...placeBuiltins,
    ...variableBuiltins,
  }),
)
