import { waiterOf } from '../../../platform/processor.ts'
import { absolutePath, FileError } from '../files/file-node.ts'
import type { ProgramContext } from '../process/program.ts'
import { concat, inputFrom, outputTo, pathOf } from '../process/program-context.ts'
import { openTreeFile } from '../process/tree-file.ts'
import { busyboxProgram, ProgramError, parseOptions, UsageError } from './busybox-program.ts'

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  c: 1,
  w: 2,
  b: 512,
  k: 1024,
  K: 1024,
  kB: 1000,
  KB: 1000,
  kD: 1000,
  M: 1_048_576,
  MB: 1_000_000,
  MD: 1_000_000,
  G: 1_073_741_824,
  GB: 1_000_000_000,
}

function size(text: string): number {
  const match = /^(\d+)([a-zA-Z]*)$/.exec(text)
  const unit = UNITS[match?.[2] ?? '']
  if (match?.[1] === undefined || unit === undefined)
    throw new ProgramError(`invalid number '${text}'`)
  return Number(match[1]) * unit
}

/** dd: blocks from here to there. */
const dd = busyboxProgram(async (context, args) => {
  const values: Record<string, string> = {}
  for (const arg of args) {
    const match = /^(if|of|bs|ibs|obs|count|skip|seek|conv|status|iflag|oflag)=(.*)$/.exec(arg)
    if (match?.[1] === undefined) throw new UsageError('')
    values[match[1]] = match[2] ?? ''
  }
  const conversions = (values.conv ?? '').split(',').filter((name) => name !== '')
  for (const name of conversions) {
    if (!['notrunc', 'sync', 'noerror', 'fsync', 'swab'].includes(name))
      throw new ProgramError(`invalid argument '${name}' to 'conv'`)
  }
  const flagsOf = (name: 'iflag' | 'oflag', known: readonly string[]) => {
    const flags = (values[name] ?? '').split(',').filter((flag) => flag !== '')
    for (const flag of flags)
      if (!known.includes(flag)) throw new ProgramError(`invalid argument '${flag}' to '${name}'`)
    return flags
  }
  const inFlags = flagsOf('iflag', ['skip_bytes', 'count_bytes', 'fullblock', 'direct'])
  const outFlags = flagsOf('oflag', ['seek_bytes', 'append', 'direct'])
  const inSize = size(values.bs ?? values.ibs ?? '512')
  const outSize = size(values.bs ?? values.obs ?? '512')
  const count = values.count === undefined ? Number.POSITIVE_INFINITY : size(values.count)
  const { files } = context.container
  const open = (name: string, mode: 'read' | 'write' | 'append' | 'read-write') => {
    try {
      return openTreeFile(files, pathOf(context, name), mode)
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      throw new ProgramError(`can't open '${name}': ${error.message}`)
    }
  }
  const source = values.if === undefined ? undefined : open(values.if, 'read')
  const input =
    source === undefined ? context.stdin : inputFrom(source, context.signal, context.process)
  const target =
    values.of === undefined
      ? undefined
      : open(
          values.of,
          outFlags.includes('append')
            ? 'append'
            : conversions.includes('notrunc') || values.seek !== undefined
              ? 'read-write'
              : 'write',
        )
  const output = target === undefined ? context.stdout : outputTo(target, waiterOf(context.signal))
  const counts = { inFull: 0, inPart: 0, outFull: 0, outPart: 0, bytes: 0 }
  const startedMs = context.container.clock.now()
  /** A block, filled up from a file; what a pipe has at the moment from a pipe. */
  const block = async (wanted = inSize): Promise<Uint8Array | undefined> => {
    const first = await input.read(wanted)
    const fills = source !== undefined || inFlags.includes('fullblock')
    if (first === undefined || first.length >= wanted || !fills) return first
    const parts = [first]
    let length = first.length
    while (length < wanted) {
      const more = await input.read(wanted - length)
      if (more === undefined) break
      parts.push(more)
      length += more.length
    }
    return concat(parts)
  }
  const skipsBytes = inFlags.includes('skip_bytes')
  for (let left = size(values.skip ?? '0'); left > 0; ) {
    const skipped = await block(skipsBytes ? Math.min(left, inSize) : inSize)
    if (skipped === undefined) break
    left -= skipsBytes ? skipped.length : 1
  }
  if (values.seek !== undefined && target?.inode !== undefined) {
    const offset = size(values.seek) * (outFlags.includes('seek_bytes') ? 1 : outSize)
    if (!conversions.includes('notrunc')) files.resize(target.inode, offset)
    for (let left = offset; left > 0; ) {
      const chunk = await inputFrom(target, context.signal, context.process).read(left)
      if (chunk === undefined) break
      left -= chunk.length
    }
  }
  const countsBytes = inFlags.includes('count_bytes')
  for (let left = count; left > 0; ) {
    let chunk = await block(countsBytes ? Math.min(left, inSize) : inSize)
    left -= countsBytes ? (chunk?.length ?? 0) : 1
    if (chunk === undefined) break
    if (chunk.length === inSize) counts.inFull++
    else counts.inPart++
    if (conversions.includes('sync') && chunk.length < inSize)
      chunk = concat([chunk, new Uint8Array(inSize - chunk.length)])
    await output.write(chunk)
    counts.bytes += chunk.length
    if (chunk.length >= outSize) counts.outFull++
    else counts.outPart++
    const turn = context.process.breathe()
    if (turn !== undefined) await turn
  }
  source?.release()
  target?.release()
  if (values.status !== 'none') {
    const seconds = (context.container.clock.now() - startedMs) / 1000
    await context.stderr.write(
      `${counts.inFull}+${counts.inPart} records in\n${counts.outFull}+${counts.outPart} records out\n`,
    )
    if (values.status !== 'noxfer')
      await context.stderr.write(
        `${counts.bytes} bytes (${shown(counts.bytes)}B) copied, ${seconds.toFixed(6)} seconds, ${shown(counts.bytes / Math.max(seconds, 0.000_001))}B/s\n`,
      )
  }
  return 0
})

function shown(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < 4) {
    value /= 1024
    unit++
  }
  return `${value.toFixed(1)}${['', 'K', 'M', 'G', 'T'][unit]}`
}

const readlink = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, 'fnvsq')
  const [name] = options.operands
  if (name === undefined) throw new UsageError('')
  const { files } = context.container
  const path = pathOf(context, name)
  let target: string | undefined
  if (options.has('f')) target = canonical(context, path)
  else {
    const stat = files.lstat(path)
    if (stat?.kind === 'link') target = stat.target
  }
  if (target === undefined) return 1
  await context.stdout.write(`${target}${options.has('n') ? '' : '\n'}`)
  return 0
})

/** The path with its links followed, where at least its folder exists. */
function canonical(context: ProgramContext, path: string): string | undefined {
  const { files } = context.container
  const real = files.resolve(path)
  if (real !== undefined) return real
  const folder = files.resolve(path.slice(0, path.lastIndexOf('/')) || '/')
  return folder === undefined
    ? undefined
    : absolutePath(folder, path.slice(path.lastIndexOf('/') + 1))
}

const realpath = busyboxProgram(async (context, args) => {
  if (args.length === 0) throw new UsageError('')
  let status = 0
  for (const name of args) {
    const path = canonical(context, pathOf(context, name))
    if (path === undefined) {
      await context.stderr.write(`realpath: ${name}: No such file or directory\n`)
      status = 1
    } else await context.stdout.write(`${path}\n`)
  }
  return status
})

const mktemp = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, 'dqtp:u')
  const template = options.operands[0] ?? 'tmp.XXXXXX'
  if (!template.endsWith('XXXXXX')) throw new ProgramError(`${template}: Invalid argument`)
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
  const suffix = Array.from(
    { length: 6 },
    () => letters[Math.floor(context.container.random() * letters.length)],
  ).join('')
  const name = template.slice(0, -6) + suffix
  const folder =
    options.value('p') ??
    (options.operands.length === 0 || options.has('t')
      ? (context.env.get('TMPDIR') ?? '/tmp')
      : undefined)
  const path = folder === undefined ? name : `${folder}/${name}`
  const { files } = context.container
  if (options.has('d')) files.makeDirectory(pathOf(context, path), 0o700)
  else if (!options.has('u')) {
    files.write(pathOf(context, path), '')
    files.setMode(pathOf(context, path), 0o600)
  }
  await context.stdout.write(`${path}\n`)
  return 0
})

const truncate = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, 'cs:')
  const text = options.value('s')
  if (text === undefined || options.operands.length === 0) throw new UsageError('')
  const wanted = size(text.replace(/^[-+]/, ''))
  const { files } = context.container
  for (const name of options.operands) {
    const path = pathOf(context, name)
    if (files.stat(path) === undefined && options.has('c')) continue
    const node = files.open(path)
    if (node === undefined) continue
    const change = text.startsWith('+')
      ? node.size + wanted
      : text.startsWith('-')
        ? Math.max(0, node.size - wanted)
        : wanted
    files.resize(node, change)
  }
  return 0
})

/** The less usual programs about files. */
export const moreFileTools = { dd, readlink, realpath, mktemp, truncate }
