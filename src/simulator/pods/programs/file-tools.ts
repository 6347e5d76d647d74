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
import { parseTime } from './date-format.ts'

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

const mkdir = busyboxProgram('mkdir [-m MODE] [-p] DIRECTORY...', async (context, args) => {
  const options = parseOptions(args, 'm:pv')
  if (options.operands.length === 0) throw new UsageError('')
  const { files } = context.container
  const text = options.value('m')
  const mode = text === undefined ? undefined : changeMode(text, 0o777, { directory: true })
  if (text !== undefined && mode === undefined) throw new ProgramError(`invalid mode '${text}'`)
  const made: string[] = []
  const status = await each(
    context,
    options.operands,
    (name, path) => {
      if (!options.has('p')) files.makeDirectory(path)
      else makeParents(files, path)
      if (mode !== undefined) files.setMode(path, mode)
      made.push(name)
    },
    (name, error) => `can't create directory '${name}': ${error.message}`,
  )
  if (options.has('v'))
    for (const name of made) await context.stdout.write(`created directory: '${name}'\n`)
  return status
})

function makeParents(files: FileTree, path: string): void {
  let at = ''
  for (const part of path.split('/').filter((name) => name !== '')) {
    at += `/${part}`
    const kind = files.stat(at)?.kind
    if (kind === undefined) files.makeDirectory(at)
    else if (kind !== 'directory') throw new FileError(at === path ? 'EEXIST' : 'ENOTDIR', path)
  }
}

const rmdir = busyboxProgram('rmdir [-p] DIRECTORY...', async (context, args) => {
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
})

const rm = busyboxProgram('rm [-irf] FILE...', async (context, args) => {
  const options = parseOptions(args, 'irRfv')
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
})

function removeAll(files: FileTree, path: string): void {
  if (files.lstat(path)?.kind === 'directory') {
    for (const name of files.list(path)) removeAll(files, absolutePath(path, name))
  }
  files.remove(path)
}

const touch = busyboxProgram(
  'touch [-cham] [-d DATE] [-t DATE] [-r FILE] FILE...',
  async (context, args) => {
    const options = parseOptions(args, 'chamd:t:r:')
    if (options.operands.length === 0) throw new UsageError('')
    const date = options.value('d') ?? options.value('t')
    const when = date === undefined ? undefined : parseTime(date, context.container.clock.now())
    if (when !== undefined && Number.isNaN(when)) throw new ProgramError(`invalid date '${date}'`)
    const { files } = context.container
    return each(
      context,
      options.operands,
      (_name, path) => {
        const stat = files.stat(path)
        if (stat === undefined && options.has('c')) return
        if (stat === undefined) files.write(path, '')
        files.setModified(path, when ?? context.container.clock.now())
      },
      (name, error) => `${name}: ${error.message}`,
    )
  },
)

const ln = busyboxProgram('ln [-sfnbtv] [-S SUF] TARGET... LINK|DIR', async (context, args) => {
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
      else files.hardLink(pathOf(context, target), path)
    },
    (name, error) => `${name}: ${error.message}`,
  )
})

const chmod = busyboxProgram('chmod [-Rcvf] MODE[,MODE]... FILE...', async (context, args) => {
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
})

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
function destination(
  context: ProgramContext,
  source: string,
  target: string,
): { readonly name: string; readonly path: string } {
  const path = pathOf(context, target)
  if (context.container.files.stat(path)?.kind !== 'directory') return { name: target, path }
  const bare = source.replace(/\/+$/, '')
  const name = bare.slice(bare.lastIndexOf('/') + 1)
  return { name: `${target.replace(/\/$/, '')}/${name}`, path: absolutePath(path, name) }
}

/** Sources and the target of cp and mv. Throws `UsageError`, or `ProgramError` where several have no folder to go to. */
function operandsOf(context: ProgramContext, options: ReturnType<typeof parseOptions>) {
  const folder = options.value('t')
  const sources = folder === undefined ? options.operands.slice(0, -1) : options.operands
  const target = folder ?? options.operands.at(-1)
  if (sources.length === 0 || target === undefined) throw new UsageError('')
  if (
    sources.length > 1 &&
    context.container.files.stat(pathOf(context, target))?.kind !== 'directory'
  )
    throw new ProgramError(`can't stat '${target}': No such file or directory`)
  return { sources, target }
}

const cp = busyboxProgram('cp SOURCE DEST', async (context, args) => {
  const options = parseOptions(args, 'arRdPLHpfinlsTuvt:')
  const { sources, target } = operandsOf(context, options)
  const { files } = context.container
  const recurse = ['a', 'r', 'R'].some((letter) => options.has(letter))
  const keepLinks =
    (options.has('P') || options.has('a') || options.has('d') || recurse) && !options.has('L')
  let status = 0
  const fail = async (message: string) => {
    status = 1
    await context.stderr.write(`cp: ${message}\n`)
  }
  const copy = async (name: string, from: string, shown: string, to: string): Promise<void> => {
    const stat = keepLinks ? files.lstat(from) : files.stat(from)
    if (stat === undefined) return fail(`can't stat '${name}': No such file or directory`)
    if (stat.kind === 'directory' && !recurse) return fail(`omitting directory '${name}'`)
    if (files.resolve(from) !== undefined && files.resolve(from) === files.resolve(to))
      return fail(`'${name}' and '${shown}' are the same file`)
    if (stat.kind === 'directory' && to.startsWith(`${from}/`))
      return fail(`recursion detected, omitting directory '${name}'`)
    if (options.has('n') && files.lstat(to) !== undefined) return
    try {
      if (stat.kind === 'directory') {
        if (files.stat(to) === undefined) files.makeDirectory(to, stat.mode & ~files.umask)
        if (options.has('v')) await context.stdout.write(`'${name}' -> '${shown}'\n`)
        for (const entry of files.list(from))
          await copy(
            `${name}/${entry}`,
            absolutePath(from, entry),
            `${shown}/${entry}`,
            absolutePath(to, entry),
          )
        return
      }
      if (options.has('f') && files.lstat(to) !== undefined) files.remove(to)
      if (options.has('l')) files.hardLink(from, to)
      else if (options.has('s')) files.link(name, to)
      else if (stat.kind === 'link') {
        if (files.lstat(to) !== undefined) files.remove(to)
        files.link(stat.target, to)
      } else {
        const isNew = files.stat(to) === undefined
        files.write(to, stat.data())
        if (isNew || options.has('p') || options.has('a'))
          files.setMode(
            to,
            options.has('p') || options.has('a') ? stat.mode : stat.mode & ~files.umask,
          )
        if (options.has('p') || options.has('a')) files.setModified(to, stat.modifiedMs)
      }
      if (options.has('v')) await context.stdout.write(`'${name}' -> '${shown}'\n`)
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      await fail(`can't create '${shown}': ${error.message}`)
    }
  }
  for (const source of sources) {
    const to = options.has('T')
      ? { name: target, path: pathOf(context, target) }
      : destination(context, source, target)
    await copy(source, pathOf(context, source), to.name, to.path)
  }
  return status
})

const mv = busyboxProgram('mv SOURCE DEST', async (context, args) => {
  const options = parseOptions(args, 'finTvt:')
  const { sources, target } = operandsOf(context, options)
  const { files } = context.container
  let status = 0
  for (const source of sources) {
    const from = pathOf(context, source)
    const to = options.has('T')
      ? { name: target, path: pathOf(context, target) }
      : destination(context, source, target)
    if (options.has('n') && files.lstat(to.path) !== undefined) continue
    try {
      files.rename(from, to.path)
      if (options.has('v')) await context.stdout.write(`'${source}' -> '${to.name}'\n`)
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      await context.stderr.write(`mv: can't rename '${source}': ${error.message}\n`)
      status = 1
    }
  }
  return status
})

/** The programs about files. */
export const fileTools = { mkdir, rmdir, rm, touch, ln, chmod, chown, cp, mv }
