import { absolutePath, FileError, type FileStat, parentOf } from '../files/file-node.ts'
import type { ProgramContext } from '../process/program.ts'
import { pathOf } from '../process/program-context.ts'
import { confirmed } from './asking.ts'
import {
  busyboxProgram,
  type ParsedOptions,
  ProgramError,
  parseOptions,
  UsageError,
} from './busybox-program.ts'

/** Where an operand of cp or mv goes: into a folder, or to the name itself. */
function destination(
  context: ProgramContext,
  source: string,
  target: string,
  single: boolean,
): { readonly name: string; readonly path: string } {
  const path = pathOf(context, target)
  if (single && context.container.files.stat(path)?.kind !== 'directory')
    return { name: target, path }
  const bare = source.replace(/\/+$/, '')
  const name = bare.slice(bare.lastIndexOf('/') + 1)
  return { name: `${target.replace(/\/$/, '')}/${name}`, path: absolutePath(path, name) }
}

/** Sources and the target of cp and mv. Throws `UsageError`. */
function operandsOf(options: ParsedOptions) {
  const folder = options.value('t')
  const sources = folder === undefined ? options.operands.slice(0, -1) : options.operands
  const target = folder ?? options.operands.at(-1)
  if (sources.length === 0 || target === undefined) throw new UsageError('')
  return { sources, target, single: folder === undefined && sources.length === 1 }
}

/** What is wrong with the way to a path: something on it is a file. */
function blocked(context: ProgramContext, path: string): boolean {
  const { files } = context.container
  for (let at = parentOf(path); at !== '/'; at = parentOf(at)) {
    const kind = files.stat(at)?.kind
    if (kind !== undefined) return kind !== 'directory'
  }
  return false
}

/** Whether a file was changed later than another, or there is no other. */
function newer(stat: FileStat, other: FileStat | undefined): boolean {
  return other === undefined || stat.kind === 'directory' || stat.modifiedMs > other.modifiedMs
}

const cp = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, 'arRdPLHpfinlsTuvt:')
  const { sources, target, single } = operandsOf(options)
  const { files } = context.container
  const recurse = ['a', 'r', 'R'].some((letter) => options.has(letter))
  const keepLinks =
    (options.has('P') || options.has('a') || options.has('d') || recurse) && !options.has('L')
  const asks = options.has('i')
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
    if (blocked(context, to)) return fail(`can't stat '${shown}': Not a directory`)
    if (options.has('n') && files.lstat(to) !== undefined) return
    if (options.has('u') && !newer(stat, files.stat(to))) return
    if (asks && stat.kind !== 'directory' && files.lstat(to) !== undefined)
      if (!(await confirmed(context, `cp: overwrite '${shown}'? `))) return
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
      : destination(context, source, target, single)
    if (
      options.has('T') &&
      files.stat(to.path)?.kind === 'directory' &&
      files.stat(pathOf(context, source))?.kind !== 'directory'
    )
      throw new ProgramError(`'${target}' is a directory`)
    await copy(source, pathOf(context, source), to.name, to.path)
  }
  return status
})

const mv = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, 'finTvt:')
  const { sources, target, single } = operandsOf(options)
  const { files } = context.container
  let status = 0
  for (const source of sources) {
    const from = pathOf(context, source)
    const to = options.has('T')
      ? { name: target, path: pathOf(context, target) }
      : destination(context, source, target, single)
    if (options.has('n') && files.lstat(to.path) !== undefined) continue
    if (blocked(context, to.path)) {
      await context.stderr.write(`mv: can't stat '${to.name}': Not a directory\n`)
      status = 1
      continue
    }
    if (options.has('i') && files.lstat(to.path) !== undefined && files.lstat(from) !== undefined)
      if (!(await confirmed(context, `mv: overwrite '${to.name}'? `))) continue
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

/** The programs that give files another place. */
export const copyTools = { cp, mv }
