import { changeMode } from '../../files/file-mode.ts'
import { absolutePath } from '../../files/file-node.ts'
import type { FdTable } from '../../process/fd-table.ts'
import { BuiltinError } from '../control-flow.ts'
import type { Shell } from '../shell.ts'
import type { Builtin } from './builtin-table.ts'

/** What `-L` and `-P` ask for, and the index of the first argument behind them. Throws `BuiltinError`. */
function placeOptions(argv: readonly string[]): {
  readonly physical: boolean
  readonly first: number
} {
  let physical = false
  let first = 1
  for (; /^-./.test(argv[first] ?? ''); first++) {
    if (argv[first] === '--') return { physical, first: first + 1 }
    for (const letter of (argv[first] ?? '').slice(1)) {
      if (letter !== 'L' && letter !== 'P') throw new BuiltinError(`illegal option -${letter}`)
      physical = letter === 'P'
    }
  }
  return { physical, first }
}

async function cd(shell: Shell, argv: readonly string[], io: FdTable): Promise<number> {
  const { physical, first } = placeOptions(argv)
  const target = argv[first]
  const name = target === '-' ? shell.parameter('OLDPWD') : (target ?? shell.parameter('HOME'))
  if (name === undefined || name === '') return 0
  let path = absolutePath(shell.cwd, name)
  let shown = target === '-'
  if (!/^\.{0,2}\//.test(name) && !/^\.{1,2}$/.test(name)) {
    for (const folder of (shell.parameter('CDPATH') ?? '').split(':')) {
      const candidate = absolutePath(shell.cwd, folder === '' ? name : `${folder}/${name}`)
      if (shell.container.files.stat(candidate)?.kind !== 'directory') continue
      path = candidate
      shown = shown || folder !== ''
      break
    }
  }
  const stat = shell.container.files.stat(path)
  if (stat?.kind !== 'directory') {
    const reason = stat === undefined ? 'No such file or directory' : 'Not a directory'
    throw new BuiltinError(`can't cd to ${name}: ${reason}`)
  }
  if (physical) path = shell.container.files.resolve(path) ?? path
  shell.variables.set('OLDPWD', shell.cwd, { exported: true })
  shell.cwd = path
  shell.variables.set('PWD', path, { exported: true })
  if (shown) await shell.print(io, 1, `${path}\n`)
  return 0
}

async function pwd(shell: Shell, argv: readonly string[], io: FdTable): Promise<number> {
  const { physical } = placeOptions(argv)
  const path = physical ? (shell.container.files.resolve(shell.cwd) ?? shell.cwd) : shell.cwd
  await shell.print(io, 1, `${path}\n`)
  return 0
}

async function umask(shell: Shell, argv: readonly string[], io: FdTable): Promise<number> {
  const { files } = shell.container
  const symbolic = argv[1] === '-S'
  const text = argv[symbolic ? 2 : 1]
  if (text === undefined) {
    const who = (shift: number) =>
      ['r', 'w', 'x'].filter((_letter, bit) => ((files.umask >> shift) & (4 >> bit)) === 0).join('')
    await shell.print(
      io,
      1,
      symbolic
        ? `u=${who(6)},g=${who(3)},o=${who(0)}\n`
        : `${files.umask.toString(8).padStart(4, '0')}\n`,
    )
    return 0
  }
  const mask = /^[0-7]+$/.test(text)
    ? Number.parseInt(text, 8)
    : changeMode(text, ~files.umask & 0o777, { directory: false })
  if (mask === undefined || /^\d*[89]/.test(text)) throw new BuiltinError(`illegal mode: ${text}`)
  files.umask = (/^[0-7]+$/.test(text) ? mask : ~mask) & 0o777
  return 0
}

/** What `ulimit` knows, with the letters of its options. Nothing here is limited by it: a limit is kept and shown. */
const LIMITS: Readonly<Record<string, string>> = {
  c: 'core file size (blocks)',
  d: 'data seg size (kb)',
  e: 'scheduling priority',
  f: 'file size (blocks)',
  i: 'pending signals',
  l: 'locked memory (kb)',
  m: 'max memory size (kb)',
  n: 'open files',
  p: 'processes',
  q: 'POSIX message queues (bytes)',
  r: 'real-time priority',
  s: 'stack size (kb)',
  t: 'cpu time (seconds)',
  v: 'address space (kb)',
  w: 'locks',
}
const DEFAULT_LIMITS: Readonly<Record<string, string>> = {
  e: '0',
  l: '8192',
  n: '1048576',
  q: '819200',
  r: '0',
  s: '8192',
}

async function ulimit(shell: Shell, argv: readonly string[], io: FdTable): Promise<number> {
  const value = (letter: string) =>
    shell.limits.get(letter) ?? DEFAULT_LIMITS[letter] ?? 'unlimited'
  let letters: string[] = []
  let operand: string | undefined
  for (const argument of argv.slice(1)) {
    if (!argument.startsWith('-')) {
      operand = argument
      continue
    }
    for (const letter of argument.slice(1)) {
      if (letter === 'a') letters = Object.keys(LIMITS)
      else if (LIMITS[letter] !== undefined) letters.push(letter)
      else if (!'HS'.includes(letter)) {
        await shell.print(io, 2, `ulimit: unrecognized option: ${letter}\n`)
        return 1
      }
    }
  }
  if (letters.length === 0) letters = ['f']
  for (const letter of letters) {
    if (operand !== undefined) {
      if (operand !== 'unlimited' && !/^\d+$/.test(operand))
        throw new BuiltinError(`invalid number '${operand}'`, 1)
      shell.limits.set(letter, operand)
    } else if (letters.length === 1) await shell.print(io, 1, `${value(letter)}\n`)
    else
      await shell.print(
        io,
        1,
        `${(LIMITS[letter] ?? '').padEnd(32)}(-${letter}) ${value(letter)}\n`,
      )
  }
  return 0
}

/** Builtins about where the shell is. */
export const placeBuiltins: Readonly<Record<string, Builtin>> = {
  cd,
  chdir: cd,
  pwd,
  umask,
  ulimit,
  times: async (shell, _argv, io) => {
    await shell.print(io, 1, '0m0.00s 0m0.00s\n0m0.00s 0m0.00s\n')
    return 0
  },
}
