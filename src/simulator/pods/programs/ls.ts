import { modeText } from '../files/file-mode.ts'
import { absolutePath, FileError, type FileStat } from '../files/file-node.ts'
import type { ProgramContext } from '../process/program.ts'
import { pathOf } from '../process/program-context.ts'
import { busyboxProgram, parseOptions } from './busybox-program.ts'
import { formatDate } from './date-format.ts'

interface Entry {
  readonly name: string
  readonly path: string
  readonly stat: FileStat
}

type Options = ReturnType<typeof parseOptions>

/** ls: names in columns on a terminal, one a line elsewhere; the long format. */
export const ls = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, '1AaCxdLHRFplinshrSXvctukeqgoGnTw:I:', {
    color: '1',
    'full-time': 'e',
    'group-directories-first': 'T',
  })
  const { files } = context.container
  const operands = options.operands.length === 0 ? ['.'] : options.operands
  const lone: Entry[] = []
  const folders: { readonly name: string; readonly path: string }[] = []
  let status = 0
  const complain = async (name: string, error: FileError) => {
    status = 1
    await context.stderr.write(`ls: ${name}: ${error.message}\n`)
  }
  for (const name of operands) {
    const path = pathOf(context, name)
    const follows = !(options.has('l') || options.has('d') || options.has('F')) || options.has('L')
    const stat = follows ? (files.stat(path) ?? files.lstat(path)) : files.lstat(path)
    if (stat === undefined) await complain(name, new FileError('ENOENT', name))
    else if (stat.kind === 'directory' && !options.has('d')) folders.push({ name, path })
    else lone.push({ name, path, stat })
  }
  sortEntries(lone, options)
  if (lone.length > 0) await printEntries(context, lone, options, false)
  let printed = lone.length > 0
  const show = async (folder: { name: string; path: string }, titled: boolean): Promise<void> => {
    if (titled) await context.stdout.write(`${printed ? '\n' : ''}${folder.name}:\n`)
    printed = true
    const entries = folderEntries(context, folder.path, options)
    await printEntries(context, entries, options, true)
    if (!options.has('R')) return
    for (const { name, path, stat } of entries) {
      if (stat.kind !== 'directory' || name === '.' || name === '..') continue
      await show({ name: `${folder.name.replace(/\/$/, '')}/${name}`, path }, true)
    }
  }
  folders.sort((a, b) => (a.name < b.name ? -1 : 1))
  if (options.has('r')) folders.reverse()
  for (const folder of folders) {
    await show(folder, operands.length > 1 || options.has('R'))
  }
  return status
})

function sortEntries(entries: Entry[], options: Options): void {
  const byName = (a: Entry, b: Entry) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
  entries.sort(byName)
  if (options.has('S')) entries.sort((a, b) => b.stat.size - a.stat.size || byName(a, b))
  if (options.has('t')) {
    const seconds = ({ stat }: Entry) => Math.floor(stat.modifiedMs / 1000)
    entries.sort((a, b) => seconds(b) - seconds(a) || byName(a, b))
  }
  if (options.has('X')) {
    const extension = ({ name }: Entry) => /\.[^.]*$/.exec(name)?.[0] ?? ''
    entries.sort((a, b) =>
      extension(a) < extension(b) ? -1 : extension(a) > extension(b) ? 1 : byName(a, b),
    )
  }
  if (options.has('r')) entries.reverse()
}

function folderEntries(context: ProgramContext, path: string, options: Options): Entry[] {
  const { files } = context.container
  const names = files
    .list(path)
    .filter((name) => options.has('a') || options.has('A') || !name.startsWith('.'))
  if (options.has('a')) names.unshift('.', '..')
  const entries = names.flatMap((name) => {
    const full = absolutePath(path, name)
    const stat = files.lstat(full) ?? files.stat(full)
    return stat === undefined ? [] : [{ name, path: full, stat }]
  })
  sortEntries(entries, options)
  return entries
}

/** Kilobytes on disk, in blocks of four. */
export function blocksOf(stat: FileStat): number {
  return stat.kind === 'link' ? 0 : Math.ceil(stat.size / 4096) * 4
}

async function printEntries(
  context: ProgramContext,
  entries: readonly Entry[],
  options: Options,
  folder: boolean,
): Promise<void> {
  const label = ({ name, stat }: Entry) => {
    if (stat.kind === 'directory' && (options.has('F') || options.has('p'))) return `${name}/`
    if (!options.has('F')) return name
    return stat.kind === 'link' ? `${name}@` : stat.executable ? `${name}*` : name
  }
  const size = (entry: Entry) =>
    options.has('s') ? `${String(blocksOf(entry.stat)).padStart(6)} ` : ''
  const long =
    options.has('l') || options.has('n') || options.has('e') || options.has('g') || options.has('o')
  if (folder && (long || options.has('s'))) {
    const blocks = entries.reduce((sum, { stat }) => sum + blocksOf(stat), 0)
    await context.stdout.write(`total ${blocks}\n`)
  }
  if (long) {
    for (const entry of entries)
      await context.stdout.write(
        `${size(entry)}${longLine(context, entry, label(entry), options)}\n`,
      )
    return
  }
  const names = entries.map((entry) => size(entry) + label(entry))
  const columns = options.has('w')
    ? Number(options.value('w'))
    : context.stdout.terminal?.size.columns
  if ((columns === undefined && !options.has('C')) || options.has('1')) {
    await context.stdout.write(names.map((name) => `${name}\n`).join(''))
    return
  }
  if (names.length === 0) return
  const width = Math.max(...names.map((name) => name.length)) + 2
  const across = Math.max(1, Math.floor((columns ?? 80) / width))
  const rows = Math.ceil(names.length / across)
  for (let row = 0; row < rows; row++) {
    const line = Array.from({ length: across }, (_, column) =>
      (names[options.has('x') ? row * across + column : row + column * rows] ?? '').padEnd(width),
    )
    await context.stdout.write(`${line.join('').trimEnd()}\n`)
  }
}

const HALF_YEAR_MS = 182 * 86_400_000

/** `d`, `l`, `c` or `-`, as the first letter of the long format. */
export function kindLetter(path: string, stat: FileStat): string {
  if (stat.kind === 'directory') return 'd'
  if (stat.kind === 'link') return 'l'
  // Everything in /dev is a device but the file for last words, which is mounted there.
  return path.startsWith('/dev/') && path !== '/dev/termination-log' ? 'c' : '-'
}

function longLine(context: ProgramContext, entry: Entry, shown: string, options: Options): string {
  const { stat, path } = entry
  const now = context.container.clock.now()
  const modified = stat.modifiedMs === 0 ? now : stat.modifiedMs
  const time = options.has('e')
    ? formatDate('%a %b %e %H:%M:%S %Y', modified)
    : formatDate(Math.abs(now - modified) < HALF_YEAR_MS ? '%b %e %H:%M' : '%b %e  %Y', modified)
  const target = stat.kind === 'link' ? ` -> ${stat.target}` : ''
  const owner = options.has('n') ? '0        0       ' : 'root     root    '
  const size = options.has('h') ? human(stat.size) : String(stat.size)
  const mode = modeText(kindLetter(path, stat), stat.mode)
  return `${mode} ${String(stat.links).padStart(4)} ${owner} ${size.padStart(9)} ${time} ${shown}${target}`
}

/** `243`, `1.2K`, `3.4M`. */
export function human(size: number): string {
  if (size < 1024) return String(size)
  const units = ['K', 'M', 'G', 'T']
  let value = size / 1024
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${value.toFixed(1)}${units[unit]}`
}
