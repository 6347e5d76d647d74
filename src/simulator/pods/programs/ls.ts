import type { FileStat } from '../files/file-node.ts'
import { absolutePath } from '../files/file-node.ts'
import type { ProgramContext } from '../process/program.ts'
import { pathOf } from '../process/program-context.ts'
import { busyboxProgram, parseOptions } from './busybox-program.ts'

const USAGE = `ls [-1AaCxdLHRFplinshrSXvctu] [-w WIDTH] [FILE]...

List directory contents

	-1	One column output
	-a	Include names starting with .
	-A	Like -a, but exclude . and ..
	-d	List directory names, not contents
	-R	Recurse
	-p	Append / to directory names
	-F	Append indicator (one of */=@|) to names
	-l	Long format
	-h	Human readable sizes (1K 243M 2G)
	-r	Reverse sort order`

interface Entry {
  readonly name: string
  readonly path: string
  readonly stat: FileStat
}

/** ls: names in columns on a terminal, one a line elsewhere; the long format. */
export const ls = busyboxProgram(USAGE, async (context, args) => {
  const options = parseOptions(args, '1AaCxdLHRFplinshrSXvctuw:')
  const { files } = context.container
  const operands = options.operands.length === 0 ? ['.'] : options.operands
  const lone: Entry[] = []
  const folders: { readonly name: string; readonly path: string }[] = []
  let status = 0
  for (const name of operands) {
    const path = pathOf(context, name)
    const stat =
      options.has('l') || options.has('d')
        ? (files.lstat(path) ?? files.stat(path))
        : files.stat(path)
    if (stat === undefined) {
      await context.stderr.write(`ls: ${name}: No such file or directory\n`)
      status = 1
    } else if (stat.kind === 'directory' && !options.has('d')) folders.push({ name, path })
    else lone.push({ name, path, stat })
  }
  const show = (entries: Entry[]) => printEntries(context, entries, options)
  if (lone.length > 0) await show(lone)
  for (const [index, folder] of folders.entries()) {
    if (operands.length > 1)
      await context.stdout.write(`${index > 0 || lone.length > 0 ? '\n' : ''}${folder.name}:\n`)
    await show(folderEntries(context, folder.path, options))
  }
  return status
})

type Options = ReturnType<typeof parseOptions>

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
  if (options.has('S')) entries.sort((a, b) => b.stat.size - a.stat.size)
  if (options.has('t')) entries.sort((a, b) => b.stat.modifiedMs - a.stat.modifiedMs)
  if (options.has('r')) entries.reverse()
  return entries
}

async function printEntries(
  context: ProgramContext,
  entries: readonly Entry[],
  options: Options,
): Promise<void> {
  const label = ({ name, stat }: Entry) => {
    if (stat.kind === 'directory' && (options.has('F') || options.has('p'))) return `${name}/`
    if (options.has('F') && stat.kind === 'link') return `${name}@`
    return options.has('F') && stat.executable ? `${name}*` : name
  }
  if (options.has('l')) {
    if (entries.length !== 1 || entries[0]?.stat.kind === 'directory') {
      const blocks = entries.reduce((sum, { stat }) => sum + Math.ceil(stat.size / 4096) * 4, 0)
      if (!options.has('d')) await context.stdout.write(`total ${blocks}\n`)
    }
    for (const entry of entries)
      await context.stdout.write(`${longLine(context, entry, label(entry), options)}\n`)
    return
  }
  const names = entries.map(label)
  const columns = context.stdout.terminal?.size.columns
  if (columns === undefined || options.has('1')) {
    await context.stdout.write(names.map((name) => `${name}\n`).join(''))
    return
  }
  if (names.length === 0) return
  const width = Math.max(...names.map((name) => name.length)) + 2
  const across = Math.max(1, Math.floor(columns / width))
  const rows = Math.ceil(names.length / across)
  for (let row = 0; row < rows; row++) {
    const line = Array.from({ length: across }, (_, column) =>
      (names[row + column * rows] ?? '').padEnd(width),
    )
    await context.stdout.write(`${line.join('').trimEnd()}\n`)
  }
}

function longLine(context: ProgramContext, entry: Entry, shown: string, options: Options): string {
  const { stat, path } = entry
  const device = path.startsWith('/dev/') && stat.kind === 'file'
  const mode =
    stat.kind === 'directory'
      ? 'drwxr-xr-x'
      : stat.kind === 'link'
        ? 'lrwxrwxrwx'
        : device
          ? 'crw-rw-rw-'
          : stat.executable
            ? '-rwxr-xr-x'
            : '-rw-r--r--'
  const size = stat.kind === 'link' ? stat.target.length : stat.size
  const sizeText = options.has('h') ? human(size) : String(size)
  const when = new Date(stat.modifiedMs === 0 ? context.container.clock.now() : stat.modifiedMs)
  const month = when.toUTCString().slice(8, 11)
  const time = `${month} ${String(when.getUTCDate()).padStart(2)} ${when.toISOString().slice(11, 16)}`
  const target = stat.kind === 'link' ? ` -> ${stat.target}` : ''
  const links = stat.kind === 'directory' ? 2 : 1
  return `${mode} ${String(links).padStart(4)} root     root     ${sizeText.padStart(9)} ${time} ${shown}${target}`
}

function human(size: number): string {
  if (size < 1024) return String(size)
  const units = ['K', 'M', 'G']
  let value = size / 1024
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${value.toFixed(1)}${units[unit]}`
}
