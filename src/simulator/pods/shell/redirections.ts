import { absolutePath, FileError } from '../files/file-node.ts'
import type { FdTable } from '../process/fd-table.ts'
import { BytesFile } from '../process/open-file.ts'
import { openTreeFile } from '../process/tree-file.ts'
import { ArithmeticError } from './arithmetic.ts'
import type { Redirect, Word } from './ast.ts'
import { RedirectError } from './control-flow.ts'
import { ExpansionError, expandToText } from './expand.ts'
import type { Shell } from './shell.ts'

/** Makes the redirections in `fds`, in order. Throws `RedirectError`. */
export async function redirect(
  shell: Shell,
  redirects: readonly Redirect[],
  fds: FdTable,
): Promise<void> {
  for (const { fd, operator, target } of redirects) {
    if (operator === '<<') {
      const document = await expandDocument(shell, target, fds)
      fds.set(fd ?? 0, new BytesFile(new TextEncoder().encode(document)))
      continue
    }
    const text = await expandToText(target, shell.scope(fds))
    const path = absolutePath(shell.cwd, text)
    const { files } = shell.container
    switch (operator) {
      case '<':
        fds.set(
          fd ?? 0,
          opened(
            "can't open",
            text,
            'no such file',
            () => openStandard(fds, path) ?? openTreeFile(files, path, 'read'),
          ),
        )
        break
      case '>':
      case '>|':
        if (operator === '>' && shell.options.noclobber) refuseToClobber(shell, path, text)
        fds.set(
          fd ?? 1,
          opened(
            "can't create",
            text,
            'nonexistent directory',
            () => openStandard(fds, path) ?? openTreeFile(files, path, 'write'),
          ),
        )
        break
      case '>>':
        fds.set(
          fd ?? 1,
          opened(
            "can't create",
            text,
            'nonexistent directory',
            () => openStandard(fds, path) ?? openTreeFile(files, path, 'append'),
          ),
        )
        break
      case '<>':
        fds.set(
          fd ?? 0,
          opened("can't create", text, 'nonexistent directory', () =>
            openTreeFile(files, path, 'read-write'),
          ),
        )
        break
      case '&>': {
        const file = opened("can't create", text, 'nonexistent directory', () =>
          openTreeFile(files, path, 'write'),
        )
        fds.set(1, file)
        fds.set(2, file.retain())
        break
      }
      case '<&':
      case '>&':
        if (operator === '>&' && (fd ?? 1) === 1 && !/^(?:\d+|-)$/.test(text)) {
          const file = opened("can't create", text, 'nonexistent directory', () =>
            openTreeFile(files, path, 'write'),
          )
          fds.set(1, file)
          fds.set(2, file.retain())
          break
        }
        duplicate(fds, fd ?? (operator === '<&' ? 0 : 1), text)
        break
    }
  }
}

/** What a here-document cannot be expanded to ends its command only, and not the script. */
async function expandDocument(shell: Shell, word: Word, fds: FdTable): Promise<string> {
  try {
    return await expandToText(word, shell.scope(fds))
  } catch (error) {
    if (error instanceof ExpansionError || error instanceof ArithmeticError)
      throw new RedirectError(error.message)
    throw error
  }
}

function refuseToClobber(shell: Shell, path: string, name: string): void {
  const stat = shell.container.files.stat(path)
  if (stat?.kind === 'file' && !path.startsWith('/dev/'))
    throw new RedirectError(`can't create ${name}: File exists`)
}

function duplicate(fds: FdTable, fd: number, text: string): void {
  if (text === '-') {
    fds.close(fd)
    return
  }
  if (!/^\d+$/.test(text)) throw new RedirectError('syntax error: bad fd number')
  const source = fds.get(Number(text))
  if (source === undefined) throw new RedirectError(`dup2(${text},${fd}): Bad file descriptor`)
  if (Number(text) !== fd) fds.set(fd, source.retain())
}

/** `/dev/stdin`, `/dev/stdout`, `/dev/stderr`, `/dev/tty`, `/proc/self/fd/N`. */
export function openStandard(fds: FdTable, path: string) {
  const number = /^\/(?:dev|proc\/self)\/fd\/(\d+)$/.exec(path)?.[1]
  const names: Readonly<Record<string, number>> = {
    '/dev/stdin': 0,
    '/dev/stdout': 1,
    '/dev/stderr': 2,
    '/dev/tty': 0,
  }
  const fd = number === undefined ? names[path] : Number(number)
  if (fd === undefined) return undefined
  const file = fds.get(fd)
  if (file === undefined) throw new FileError('ENOENT', path)
  return file.retain()
}

function opened<T>(verb: string, name: string, missing: string, open: () => T): T {
  try {
    return open()
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    const reason = error.code === 'ENOENT' || error.code === 'ENOTDIR' ? missing : error.message
    throw new RedirectError(`${verb} ${name}: ${reason}`)
  }
}
