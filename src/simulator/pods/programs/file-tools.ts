import { changeMode, modeText } from '../files/file-mode.ts'
import { FileError } from '../files/file-node.ts'
import type { ProgramContext } from '../process/program.ts'
import { pathOf } from '../process/program-context.ts'
import { confirmed } from './asking.ts'
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

const mkdir = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, 'm:pv')
  if (options.operands.length === 0) throw new UsageError('')
  const { files } = context.container
  const text = options.value('m')
  const mode = text === undefined ? undefined : changeMode(text, 0o777, { directory: true })
  if (text !== undefined && mode === undefined) throw new ProgramError(`invalid mode '${text}'`)
  let status = 0
  for (const name of options.operands) {
    for (const made of options.has('p') ? withFoldersAbove(name) : [name]) {
      const path = pathOf(context, made)
      try {
        const kind = options.has('p') ? files.stat(path)?.kind : undefined
        if (kind === 'directory') continue
        if (kind !== undefined) throw new FileError(made.endsWith('/') ? 'ENOTDIR' : 'EEXIST', path)
        files.makeDirectory(path)
        if (mode !== undefined && made === name) files.setMode(path, mode)
        if (options.has('v')) await context.stdout.write(`created directory: '${made}'\n`)
      } catch (error) {
        if (!(error instanceof FileError)) throw error
        await context.stderr.write(`mkdir: can't create directory '${made}': ${error.message}\n`)
        status = 1
        break
      }
    }
  }
  return status
})

/** `a/b/c` as BusyBox makes it: `a/`, `a/b/`, `a/b/c`. */
function withFoldersAbove(name: string): string[] {
  return [...name.matchAll(/\/+(?=[^/])|$/g)].map(({ index, 0: slashes }) =>
    name.slice(0, index + slashes.length),
  )
}

const rmdir = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, 'pvi', {
    parents: 'p',
    verbose: 'v',
    'ignore-fail-on-non-empty': 'i',
  })
  if (options.operands.length === 0) throw new UsageError('')
  const { files } = context.container
  let status = 0
  for (const operand of options.operands) {
    for (let name = operand.replace(/(.)\/+$/, '$1'); ; name = name.replace(/\/+[^/]*$/, '')) {
      if (options.has('v')) await context.stdout.write(`rmdir: removing directory, '${name}'\n`)
      const path = pathOf(context, name)
      try {
        const kind = files.lstat(path)?.kind
        if (kind !== undefined && kind !== 'directory') throw new FileError('ENOTDIR', path)
        files.remove(path)
      } catch (error) {
        if (!(error instanceof FileError)) throw error
        if (options.has('i') && error.code === 'ENOTEMPTY') break
        await context.stderr.write(`rmdir: '${name}': ${error.message}\n`)
        status = 1
        break
      }
      if (!options.has('p') || !/[^/]\/+[^/]/.test(name)) break
    }
  }
  return status
})

const rm = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, 'fiRrv')
  // The last of -f and -i counts.
  const chosen = args.flatMap((arg) => (/^-[fiRrv]+$/.test(arg) ? [...arg.slice(1)] : []))
  const force = options.has('f') && chosen.lastIndexOf('f') > chosen.lastIndexOf('i')
  if (options.operands.length === 0 && !force) throw new UsageError('')
  const removal: Removal = {
    context,
    force,
    asks: options.has('i') && !force,
    recursive: options.has('r') || options.has('R'),
    verbose: options.has('v'),
  }
  let status = 0
  for (const operand of options.operands) {
    const name = operand.replace(/(.)\/+$/, '$1')
    if (/^\.{1,2}$/.test(name.replace(/^.*\//, ''))) {
      await context.stderr.write("rm: can't remove '.' or '..'\n")
      status = 1
    } else if (!(await remove(removal, name))) status = 1
  }
  return status
})

interface Removal {
  readonly context: ProgramContext
  readonly force: boolean
  readonly asks: boolean
  readonly recursive: boolean
  readonly verbose: boolean
}

/** Removes a file, or a folder with all in it; `false` where something is left that should not be. */
async function remove(removal: Removal, name: string): Promise<boolean> {
  const { context } = removal
  const { files } = context.container
  const path = pathOf(context, name)
  const turn = context.process.breathe()
  if (turn !== undefined) await turn
  const fail = async (message: string) => {
    await context.stderr.write(`rm: ${message}\n`)
    return false
  }
  const refused = async (question: string) =>
    removal.asks && !(await confirmed(context, `rm: ${question} '${name}'? `))
  const stat = files.lstat(path)
  if (stat === undefined)
    return removal.force || fail(`can't remove '${name}': No such file or directory`)
  const folder = stat.kind === 'directory'
  let whole = true
  if (folder) {
    if (!removal.recursive) return fail(`'${name}' is a directory`)
    if (await refused('descend into directory')) return true
    for (const entry of files.list(path))
      if (!(await remove(removal, `${name.replace(/\/+$/, '')}/${entry}`))) whole = false
  }
  if (await refused(folder ? 'remove directory' : 'remove')) return whole
  if (!whole) return false
  try {
    files.remove(path)
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    return fail(`can't remove '${name}': ${error.message}`)
  }
  if (removal.verbose)
    await context.stdout.write(`removed ${folder ? 'directory: ' : ''}'${name}'\n`)
  return true
}

const touch = busyboxProgram(async (context, args) => {
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
})

const ln = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, 'sfnbS:vT')
  const { operands } = options
  const [only] = operands
  if (only === undefined) throw new UsageError('')
  if (options.has('T') && operands.length > 2) throw new ProgramError('-T accepts 2 args max')
  const { files } = context.container
  const last = operands.length === 1 ? lastPart(only) : (operands.at(-1) ?? '')
  const follows = !options.has('n') && !options.has('T')
  let status = 0
  for (const target of operands.length === 1 ? operands : operands.slice(0, -1)) {
    const place = pathOf(context, last)
    const folder = (follows ? files.stat(place) : files.lstat(place))?.kind === 'directory'
    if (folder && options.has('T')) throw new ProgramError(`'${last}' is a directory`)
    const link = folder ? `${last.replace(/\/+$/, '')}/${lastPart(target)}` : last
    const path = pathOf(context, link)
    try {
      if (!options.has('s') && files.lstat(pathOf(context, target)) === undefined)
        throw new FileError('ENOENT', target)
      if (options.has('b') && files.lstat(path) !== undefined)
        files.rename(path, `${path}${options.value('S') ?? '~'}`)
      else if (options.has('f') && files.lstat(path)?.kind === 'file') files.remove(path)
      else if (options.has('f') && files.lstat(path)?.kind === 'link') files.remove(path)
      if (options.has('v')) await context.stdout.write(`'${link}' -> '${target}'\n`)
      if (options.has('s')) files.link(target, path)
      else files.hardLink(pathOf(context, target), path)
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      const about = error.path === target && error.code === 'ENOENT' ? target : link
      await context.stderr.write(`ln: ${about}: ${error.message}\n`)
      status = 1
    }
  }
  return status
})

/** The name without the folders before it and the slashes behind it. */
function lastPart(name: string): string {
  const bare = name.replace(/(.)\/+$/, '$1')
  return bare.slice(bare.lastIndexOf('/') + 1) || bare
}

const chmod = busyboxProgram(async (context, args) => {
  const options = parseOptions(
    args.map((argument) => (/^-[rwxXst]+$/.test(argument) ? `a${argument}` : argument)),
    'Rcvf',
  )
  const [mode, ...names] = options.operands
  if (mode === undefined || names.length === 0) throw new UsageError('')
  const { files } = context.container
  let status = 0
  const change = async (name: string): Promise<void> => {
    const path = pathOf(context, name)
    const stat = files.stat(path)
    if (stat === undefined) {
      status = 1
      await context.stderr.write(`chmod: ${name}: No such file or directory\n`)
      return
    }
    const folder = stat.kind === 'directory'
    const changed = changeMode(mode, stat.mode, { directory: folder, umask: files.umask })
    if (changed === undefined) throw new ProgramError(`invalid mode '${mode}'`)
    try {
      files.setMode(path, changed)
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      status = 1
      await context.stderr.write(`chmod: ${name}: ${error.message}\n`)
      return
    }
    if (options.has('v') || (options.has('c') && changed !== stat.mode))
      await context.stdout.write(
        `mode of '${name}' changed to ${changed.toString(8).padStart(4, '0')} (${modeText('', changed)})\n`,
      )
    if (!options.has('R') || !folder) return
    for (const entry of files.list(path)) await change(`${name.replace(/\/+$/, '')}/${entry}`)
  }
  for (const name of names) await change(name)
  return status
})

/** chown and chgrp: everything is root's here, whoever it is given to; but who is nobody is said. */
const chown = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, 'RhLHPcvf')
  const [owner, ...names] = options.operands
  if (owner === undefined || names.length === 0) throw new UsageError('')
  const [user = '', group = ''] =
    calledAs(context) === 'chgrp' ? ['', owner] : (owner.split(':', 2) ?? [])
  const known = (file: string, name: string) =>
    name === '' || /^\d+$/.test(name) || accounts(context, file).includes(name)
  if (!known('/etc/passwd', user)) throw new ProgramError(`unknown user ${user}`)
  if (!known('/etc/group', group)) throw new ProgramError(`unknown group ${group}`)
  return each(
    context,
    names,
    (_name, path) => {
      if (context.container.files.stat(path) === undefined) throw new FileError('ENOENT', path)
    },
    (name, error) => `${name}: ${error.message}`,
  )
})

/** The names in /etc/passwd or /etc/group. */
function accounts(context: ProgramContext, file: string): string[] {
  try {
    return context.container.files
      .readText(file)
      .split('\n')
      .map((line) => line.split(':')[0] ?? '')
  } catch (error) {
    if (error instanceof FileError) return []
    throw error
  }
}

/** The programs about files. */
export const fileTools = { mkdir, rmdir, rm, touch, ln, chmod, chown, chgrp: chown }
