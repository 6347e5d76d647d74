import { absolutePath } from '../../files/file-node.ts'
import type { FdTable } from '../../process/fd-table.ts'
import { BuiltinError } from '../control-flow.ts'
import type { Shell } from '../shell.ts'
import type { Builtin } from './builtin-table.ts'

async function cd(shell: Shell, argv: readonly string[], io: FdTable): Promise<number> {
  const target = argv.slice(1).find((arg) => arg !== '-L' && arg !== '-P' && arg !== '--')
  const name = target === '-' ? shell.parameter('OLDPWD') : (target ?? shell.parameter('HOME'))
  if (name === undefined) throw new BuiltinError(target === '-' ? 'OLDPWD not set' : 'HOME not set')
  const path = absolutePath(shell.cwd, name)
  const stat = shell.container.files.stat(path)
  if (stat?.kind !== 'directory') {
    const reason = stat === undefined ? 'No such file or directory' : 'Not a directory'
    throw new BuiltinError(`can't cd to ${name}: ${reason}`)
  }
  shell.variables.set('OLDPWD', shell.cwd, { exported: true })
  shell.cwd = path
  shell.variables.set('PWD', path, { exported: true })
  if (target === '-') await shell.print(io, 1, `${path}\n`)
  return 0
}

/** Builtins about where the shell is. */
export const placeBuiltins: Readonly<Record<string, Builtin>> = {
  cd,
  chdir: cd,
  pwd: async (shell, _argv, io) => {
    await shell.print(io, 1, `${shell.cwd}\n`)
    return 0
  },
  umask: async (shell, argv, io) => {
    if (argv[1] === undefined) await shell.print(io, 1, '0022\n')
    return 0
  },
  ulimit: async (shell, _argv, io) => {
    await shell.print(io, 1, 'unlimited\n')
    return 0
  },
  times: async (shell, _argv, io) => {
    await shell.print(io, 1, '0m0.00s 0m0.00s\n0m0.00s 0m0.00s\n')
    return 0
  },
}
