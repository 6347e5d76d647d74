import { changeMode } from '../files/file-mode.ts'
import { absolutePath, FileError } from '../files/file-node.ts'
import type { FileTree } from '../files/file-tree.ts'
import type { ProgramContext } from '../process/program.ts'
import { pathOf } from '../process/program-context.ts'
import {
  busyboxProgram,
  calledAs,
  ProgramError,
  parseOptions,
  UsageError,
} from './busybox-program.ts'

/** Runs an action on each operand; a failure is reported and the next one tried. */
async function each(
  context: ProgramContext,
  operands: readonly string[],
  action: (name: string, path: string) => void,
  problem: (name: string, error: FileError) => string,
): Promise<number> {
  let status = 0
  for (const name of operands) {
    try {
      action(name, pathOf(context, name))
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      await context.stderr.write(`${calledAs(context)}: ${problem(name, error)}\n`)
      status = 1
    }
  }
  return status
}

const mkdir = busyboxProgram(
  `mkdir [-m MODE] [-p] DIRECTORY...

Create DIRECTORY

	-m MODE	Mode
	-p	No error if exists; make parent directories as needed`,
  async (context, args) => {
    const options = parseOptions(args, 'm:p')
    if (options.operands.length === 0) throw new UsageError('')
    const { files } = context.container
    return each(
      context,
      options.operands,
      (_name, path) => {
        if (!options.has('p')) files.makeDirectory(path)
        else makeParents(files, path)
      },
      (name, error) => `can't create directory '${name}': ${error.message}`,
    )
  },
)

function makeParents(files: FileTree, path: string): void {
  let at = ''
  for (const part of path.split('/').filter((name) => name !== '')) {
    at += `/${part}`
    const kind = files.stat(at)?.kind
    if (kind === undefined) files.makeDirectory(at)
    else if (kind !== 'directory') throw new FileError(at === path ? 'EEXIST' : 'ENOTDIR', path)
  }
}

const rmdir = busyboxProgram(
  `rmdir [-p] DIRECTORY...

Remove DIRECTORY if it is empty`,
  async (context, args) => {
    const options = parseOptions(args, 'p')
    if (options.operands.length === 0) throw new UsageError('')
    const { files } = context.container
    return each(
      context,
      options.operands,
      (_name, path) => {
        if (files.stat(path) !== undefined && files.stat(path)?.kind !== 'directory')
          throw new FileError('ENOTDIR', path)
        files.remove(path)
      },
      (name, error) => `'${name}': ${error.message}`,
    )
  },
)

const rm = busyboxProgram(
  `rm [-irf] FILE...

Remove (unlink) FILEs

	-i	Always prompt before removing
	-f	Force, never prompt
	-R,-r	Recurse`,
  async (context, args) => {
    const options = parseOptions(args, 'irRf')
    const force = options.has('f')
    if (options.operands.length === 0 && !force) throw new UsageError('')
    const { files } = context.container
    const recurse = options.has('r') || options.has('R')
    let status = 0
    for (const name of options.operands) {
      const path = pathOf(context, name)
      const stat = files.lstat(path)
      if (stat === undefined) {
        if (force) continue
        await context.stderr.write(`rm: can't remove '${name}': No such file or directory\n`)
        status = 1
      } else if (stat.kind === 'directory' && !recurse) {
        await context.stderr.write(`rm: '${name}' is a directory\n`)
        status = 1
      } else {
        status =
          (await each(
            context,
            [name],
            () => removeAll(files, path),
            (shown, error) => `can't remove '${shown}': ${error.message}`,
          )) || status
      }
    }
    return status
  },
)

function removeAll(files: FileTree, path: string): void {
  if (files.lstat(path)?.kind === 'directory') {
    for (const name of files.list(path)) removeAll(files, absolutePath(path, name))
  }
  files.remove(path)
}

const touch = busyboxProgram(
  `touch [-cham] [-d DATE] [-t DATE] [-r FILE] FILE...

Update mtime of FILEs

	-c	Don't create files`,
  async (context, args) => {
    const options = parseOptions(args, 'chamd:t:r:')
    if (options.operands.length === 0) throw new UsageError('')
    const { files } = context.container
    return each(
      context,
      options.operands,
      (_name, path) => {
        const stat = files.stat(path)
        if (stat === undefined && options.has('c')) return
        if (stat?.kind !== 'directory') files.write(path, stat === undefined ? '' : stat.data())
      },
      (name, error) => `${name}: ${error.message}`,
    )
  },
)

const ln = busyboxProgram(
  `ln [-sfnbtv] [-S SUF] TARGET... LINK|DIR

Create a link LINK or DIR/TARGET to the specified TARGET(s)`,
  async (context, args) => {
    const options = parseOptions(args, 'sfnbtvS:')
    const [target, given] = options.operands
    if (target === undefined) throw new UsageError('')
    const { files } = context.container
    let link = given ?? target.slice(target.lastIndexOf('/') + 1)
    if (files.stat(pathOf(context, link))?.kind === 'directory' && !options.has('n')) {
      link = `${link}/${target.slice(target.lastIndexOf('/') + 1)}`
    }
    return each(
      context,
      [link],
      (_name, path) => {
        if (options.has('f') && files.lstat(path) !== undefined) files.remove(path)
        if (options.has('s')) files.link(target, path)
        // Hard links share one content; a copy tells the difference only when one of the two is written to.
        else files.write(path, files.read(pathOf(context, target)))
      },
      (name, error) => `${name}: ${error.message}`,
    )
  },
)

const chmod = busyboxProgram(
  `chmod [-Rcvf] MODE[,MODE]... FILE...

MODE is octal number (bit pattern sstrwxrwxrwx) or [ugoa]{+|-|=}[rwxXst]`,
  async (context, args) => {
    const options = parseOptions(
      args.map((argument) => (/^-[rwxXst]+$/.test(argument) ? `a${argument}` : argument)),
      'Rcvf',
    )
    const [mode, ...names] = options.operands
    if (mode === undefined || names.length === 0) throw new UsageError('')
    const { files } = context.container
    const change = (path: string) => {
      const stat = files.stat(path)
      if (stat === undefined) throw new FileError('ENOENT', path)
      const changed = changeMode(mode, stat.mode, {
        directory: stat.kind === 'directory',
        umask: files.umask,
      })
      if (changed === undefined) throw new ProgramError(`invalid mode '${mode}'`)
      files.setMode(path, changed)
      if (options.has('R') && stat.kind === 'directory')
        for (const name of files.list(path)) change(absolutePath(path, name))
    }
    return each(
      context,
      names,
      (_name, path) => {
        change(path)
      },
      (name, error) => `${name}: ${error.message}`,
    )
  },
)

const chown = busyboxProgram('chown [-RhLHPcvf] USER[:[GRP]] FILE...', async (context, args) => {
  const options = parseOptions(args, 'RhLHPcvf')
  const [owner, ...names] = options.operands
  if (owner === undefined || names.length === 0) throw new UsageError('')
  return each(
    context,
    names,
    (_name, path) => {
      if (context.container.files.stat(path) === undefined) throw new FileError('ENOENT', path)
    },
    (name, error) => `${name}: ${error.message}`,
  )
})

/** Where an operand of cp or mv goes: into a folder, or to the name itself. */
function destination(context: ProgramContext, source: string, target: string): string {
  const path = pathOf(context, target)
  if (context.container.files.stat(path)?.kind !== 'directory') return path
  return absolutePath(
    path,
    source.replace(/\/+$/, '').slice(source.replace(/\/+$/, '').lastIndexOf('/') + 1),
  )
}

function copyAll(files: FileTree, from: string, to: string): void {
  const stat = files.stat(from)
  if (stat === undefined) throw new FileError('ENOENT', from)
  if (stat.kind !== 'directory') {
    files.write(to, stat.data(), { executable: stat.executable })
    return
  }
  if (files.stat(to) === undefined) files.makeDirectory(to)
  for (const name of files.list(from))
    copyAll(files, absolutePath(from, name), absolutePath(to, name))
}

const cp = busyboxProgram(
  `cp [-arPLHpfinlsTu] SOURCE DEST
or: cp [-arPLHpfinlsu] SOURCE... { -t DIRECTORY | DIRECTORY }

Copy SOURCEs to DEST`,
  async (context, args) => {
    const options = parseOptions(args, 'arRdPLHpfinlsTu')
    const sources = options.operands.slice(0, -1)
    const target = options.operands.at(-1)
    if (sources.length === 0 || target === undefined) throw new UsageError('')
    const { files } = context.container
    let status = 0
    for (const source of sources) {
      const kind = files.stat(pathOf(context, source))?.kind
      if (kind === undefined) {
        await context.stderr.write(`cp: can't stat '${source}': No such file or directory\n`)
        status = 1
      } else if (kind === 'directory' && !['a', 'r', 'R'].some((letter) => options.has(letter))) {
        await context.stderr.write(`cp: omitting directory '${source}'\n`)
        status = 1
      } else {
        const to = destination(context, source, target)
        status =
          (await each(
            context,
            [target],
            () => copyAll(files, pathOf(context, source), to),
            (name, error) => `can't create '${name}': ${error.message}`,
          )) || status
      }
    }
    return status
  },
)

const mv = busyboxProgram(
  `mv [-finT] SOURCE DEST
or: mv [-fin] SOURCE... { -t DIRECTORY | DIRECTORY }

Rename SOURCE to DEST, or move SOURCEs to DIRECTORY`,
  async (context, args) => {
    const options = parseOptions(args, 'finT')
    const sources = options.operands.slice(0, -1)
    const target = options.operands.at(-1)
    if (sources.length === 0 || target === undefined) throw new UsageError('')
    const { files } = context.container
    let status = 0
    for (const source of sources) {
      const from = pathOf(context, source)
      if (files.lstat(from) === undefined) {
        await context.stderr.write(`mv: can't rename '${source}': No such file or directory\n`)
        status = 1
        continue
      }
      const to = destination(context, source, target)
      if (to === from) continue
      status =
        (await each(
          context,
          [source],
          () => {
            copyAll(files, from, to)
            removeAll(files, from)
          },
          (name, error) => `can't rename '${name}': ${error.message}`,
        )) || status
    }
    return status
  },
)

/** The programs about files. */
export const fileTools = { mkdir, rmdir, rm, touch, ln, chmod, chown, cp, mv }
