import { modeText } from '../files/file-mode.ts'
import { absolutePath, DISK_BYTES, type FileStat } from '../files/file-node.ts'
import type { ProgramContext } from '../process/program.ts'
import { pathOf } from '../process/program-context.ts'
import { parseSignal, type SignalName } from '../process/signals.ts'
import { BoundedRegExp } from './bounded-regexp.ts'
import {
  busyboxProgram,
  calledAs,
  ProgramError,
  parseOptions,
  UsageError,
} from './busybox-program.ts'
import { formatDate } from './date-format.ts'
import { blocksOf, human, kindLetter } from './ls.ts'

/** Kilobytes of the simulated machine; what its processes use is a small constant each. */
const MEMORY_KB = 4_028_416
const PROCESS_KB = 1_664

function memory(context: ProgramContext) {
  const disk = Math.ceil(context.container.files.usedBytes / 1024)
  const used = 512_000 + context.container.processes.all().length * PROCESS_KB
  const cache = 1_024_000 + disk
  return { total: MEMORY_KB, used, cache, free: MEMORY_KB - used - cache, shared: 4_096 }
}

const free = busyboxProgram(async (context, args) => {
  // A real one looks at its first argument alone, and shows how it is called without saying what is wrong.
  if (/^-[^bkmgh]/.test(args[0] ?? '')) throw new UsageError('')
  const options = parseOptions(args.slice(0, 1), 'bkmgh')
  const { total, used, cache, free: left, shared } = memory(context)
  const unit = options.has('b')
    ? 1 / 1024
    : options.has('m')
      ? 1024
      : options.has('g')
        ? 1_048_576
        : 1
  const shown = (kilobytes: number) =>
    (options.has('h') ? human(kilobytes * 1024) : String(Math.floor(kilobytes / unit))).padStart(12)
  await context.stdout.write(
    `              total        used        free      shared  buff/cache   available\nMem:    ${[total, used, left, shared, cache, left + cache].map(shown).join('').slice(1)}\nSwap:   ${[0, 0, 0].map(shown).join('').slice(1)}\n`,
  )
  return 0
})

const df = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, 'PkmhTaiB:t:')
  const total = Math.floor(DISK_BYTES / 1024)
  const used = Math.ceil(context.container.files.usedBytes / 1024)
  const rows = [
    ['overlay', total, used, '/'],
    ['tmpfs', 65_536, 0, '/dev'],
    ['shm', 65_536, 0, '/dev/shm'],
  ] as const
  for (const name of options.operands) {
    if (context.container.files.stat(pathOf(context, name)) === undefined)
      throw new ProgramError(`${name}: can't find mount point`)
  }
  const chosen = options.operands.length === 0 ? rows : rows.slice(0, 1)
  const h = options.has('h')
  const size = (kilobytes: number) =>
    h
      ? human(kilobytes * 1024)
      : String(options.has('m') ? Math.floor(kilobytes / 1024) : kilobytes)
  await context.stdout.write(
    h
      ? 'Filesystem                Size      Used Available Use% Mounted on\n'
      : `Filesystem           ${options.has('P') ? '1024-blocks   ' : options.has('m') ? '1M-blocks' : '1K-blocks'}      Used Available ${options.has('P') ? 'Capacity' : 'Use%'} Mounted on\n`,
  )
  for (const [name, all, taken, mount] of chosen) {
    const percent = Math.ceil((taken / all) * 100)
    await context.stdout.write(
      `${name.padEnd(20)} ${size(all).padStart(9)} ${size(taken).padStart(9)} ${size(all - taken).padStart(9)} ${String(percent).padStart(3)}% ${mount}\n`,
    )
  }
  return 0
})

const du = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, 'aHLd:clsxhmkb')
  const { files } = context.container
  const limit = options.has('s')
    ? 0
    : options.has('d')
      ? Number(options.value('d'))
      : Number.POSITIVE_INFINITY
  const shown = (kilobytes: number) =>
    options.has('h')
      ? human(kilobytes * 1024)
      : String(options.has('m') ? Math.ceil(kilobytes / 1024) : kilobytes)
  let status = 0
  let grand = 0
  const visit = async (
    name: string,
    path: string,
    stat: FileStat,
    depth: number,
  ): Promise<number> => {
    let sum = stat.kind === 'directory' ? 4 : blocksOf(stat)
    if (stat.kind === 'directory') {
      for (const entry of files.list(path)) {
        const inner = absolutePath(path, entry)
        const innerStat = files.lstat(inner)
        if (innerStat !== undefined)
          sum += await visit(`${name}/${entry}`, inner, innerStat, depth + 1)
      }
    }
    if (depth <= limit && (stat.kind === 'directory' || options.has('a') || depth === 0))
      await context.stdout.write(`${shown(sum)}\t${name}\n`)
    return sum
  }
  for (const name of options.operands.length === 0 ? ['.'] : options.operands) {
    const path = pathOf(context, name)
    const stat = files.lstat(path)
    if (stat === undefined) {
      await context.stderr.write(`du: ${name}: No such file or directory\n`)
      status = 1
    } else grand += await visit(name, path, stat, 0)
  }
  if (options.has('c')) await context.stdout.write(`${shown(grand)}\ttotal\n`)
  return status
})

const stat = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, 'ltfLc:')
  if (options.operands.length === 0) throw new UsageError('')
  if (options.has('f')) throw new ProgramError('-f (the file system itself) is not simulated')
  const { files } = context.container
  let status = 0
  for (const name of options.operands) {
    const path = pathOf(context, name)
    const found = options.has('L') ? files.stat(path) : files.lstat(path)
    if (found === undefined) {
      await context.stderr.write(`stat: can't stat '${name}': No such file or directory\n`)
      status = 1
      continue
    }
    const letter = kindLetter(path, found)
    const kind =
      found.kind === 'directory'
        ? 'directory'
        : found.kind === 'link'
          ? 'symbolic link'
          : letter === 'c'
            ? 'character special file'
            : found.size === 0
              ? 'regular empty file'
              : 'regular file'
    const when = found.modifiedMs === 0 ? context.container.clock.now() : found.modifiedMs
    const time = `${formatDate('%Y-%m-%d %H:%M:%S', when)}.${String(Math.floor(when % 1000)).padStart(3, '0')}000000 +0000`
    const mode = found.mode.toString(8)
    const access = modeText(letter, found.mode)
    const blocks = blocksOf(found) * 2
    const format = options.value('c')
    if (format !== undefined) {
      const values: Readonly<Record<string, string>> = {
        a: mode,
        A: access,
        b: String(blocks),
        B: '512',
        F: kind,
        g: '0',
        G: 'root',
        h: String(found.links),
        i: inodeOf(path),
        n: name,
        N: found.kind === 'link' ? `'${name}' -> '${found.target}'` : name,
        o: '4096',
        s: String(found.size),
        u: '0',
        U: 'root',
        x: time,
        y: time,
        z: time,
        X: String(Math.floor(when / 1000)),
        Y: String(Math.floor(when / 1000)),
        Z: String(Math.floor(when / 1000)),
        d: '66',
        D: '42',
        f: (
          found.mode | (letter === 'd' ? 0o40000 : letter === 'l' ? 0o120000 : 0o100000)
        ).toString(16),
        t: '0',
        T: '0',
        '%': '%',
      }
      await context.stdout.write(
        `${format.replace(/%(.)/g, (whole, key: string) => values[key] ?? whole)}\n`,
      )
      continue
    }
    const shown = found.kind === 'link' ? `'${name}' -> '${found.target}'` : name
    await context.stdout.write(
      `  File: ${shown}\n  Size: ${String(found.size).padEnd(10)}\tBlocks: ${String(blocks).padEnd(10)} IO Block: 4096   ${kind}\nDevice: 42h/66d\tInode: ${inodeOf(path).padEnd(10)}  Links: ${found.links}\nAccess: (${mode.padStart(4, '0')}/${access})  Uid: (    0/    root)   Gid: (    0/    root)\nAccess: ${time}\nModify: ${time}\nChange: ${time}\n`,
    )
  }
  return status
})

/** A number that stays the same for a path. */
function inodeOf(path: string): string {
  let hash = 7
  for (const char of path) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) % 9_999_991
  return String(hash + 1)
}

const top = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, 'bHmn:d:')
  const batch = options.has('b') || context.stdout.terminal === undefined
  const rounds = options.has('n') ? Number(options.value('n')) : Number.POSITIVE_INFINITY
  const seconds = options.has('d') ? Number(options.value('d')) : 5
  const terminal = context.stdin.terminal
  for (let round = 0; round < rounds; round++) {
    if (round > 0) await context.container.clock.sleep(seconds * 1000, { signal: context.signal })
    const { used, free: left, shared, cache } = memory(context)
    const processes = context.container.processes.all()
    const lines = [
      `Mem: ${used + cache}K used, ${left}K free, ${shared}K shrd, 46824K buff, ${cache}K cached`,
      'CPU:   1% usr   1% sys   0% nic  98% idle   0% io   0% irq   0% sirq',
      `Load average: 0.08 0.03 0.01 1/${processes.length + 100} ${processes.at(-1)?.pid ?? 1}`,
      `${terminal === undefined || batch ? '' : '\u001b[7m'}  PID  PPID USER     STAT   VSZ %VSZ %CPU COMMAND${terminal === undefined || batch ? '' : '\u001b[m'}`,
      ...processes.map(
        (process) =>
          `${String(process.pid).padStart(5)} ${String(process.parentPid).padStart(5)} root     ${process.stopped ? 'T' : process === context.process ? 'R' : 'S'}     ${String(PROCESS_KB).padStart(4)}   0%   0% ${process.command.join(' ')}`,
      ),
    ]
    const rows = terminal?.size.rows
    const shown = batch || rows === undefined ? lines : lines.slice(0, Math.max(1, rows - 1))
    await context.stdout.write(`${batch ? '' : '\u001b[H\u001b[J'}${shown.join('\n')}\n`)
  }
  return 0
})

/** The processes that a name means. */
function named(context: ProgramContext, test: (command: string, whole: string) => boolean) {
  return context.container.processes
    .all()
    .filter((process) => process !== context.process)
    .filter((process) => {
      const [command = ''] = process.command
      return test(command.slice(command.lastIndexOf('/') + 1), process.command.join(' '))
    })
}

const pidof = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, 'so:')
  const pids = options.operands.flatMap((name) =>
    named(context, (command) => command === name).map(({ pid }) => pid),
  )
  if (pids.length > 0)
    await context.stdout.write(
      `${pids
        .reverse()
        .slice(0, options.has('s') ? 1 : undefined)
        .join(' ')}\n`,
    )
  return pids.length > 0 ? 0 : 1
})

function signalOf(args: string[]): SignalName {
  const [first] = args
  if (first === undefined || !/^-(?:[A-Z]+\d?|\d+)$/.test(first) || first === '-') return 'SIGTERM'
  args.shift()
  const signal = parseSignal(first.slice(1))
  if (signal === undefined) throw new ProgramError(`bad signal name '${first.slice(1)}'`)
  return signal
}

const killall = busyboxProgram(async (context, args) => {
  const rest = [...args]
  const quiet = rest[0] === '-q'
  if (quiet) rest.shift()
  const signal = signalOf(rest)
  if (rest.length === 0) throw new ProgramError('you need to specify whom to kill')
  let status = 0
  for (const name of rest) {
    const found = named(context, (command) => command === name)
    if (found.length === 0) {
      status = 1
      if (!quiet) await context.stderr.write(`killall: ${name}: no process killed\n`)
    }
    for (const process of found) process.signal(signal)
  }
  return status
})

/** pgrep, and as pkill with a signal. */
const pgrep = busyboxProgram(async (context, args) => {
  const kills = calledAs(context) === 'pkill'
  const rest = [...args]
  const signal = kills ? signalOf(rest) : 'SIGTERM'
  const options = parseOptions(rest, 'flanovxs:P:')
  const [pattern] = options.operands
  if (pattern === undefined && !options.has('P')) throw new UsageError('')
  const expression = new BoundedRegExp(
    options.has('x') ? `^(?:${pattern ?? ''})$` : (pattern ?? ''),
  )
  let found = named(
    context,
    (command, whole) => expression.test(options.has('f') ? whole : command) !== options.has('v'),
  )
  if (options.has('P'))
    found = found.filter(({ parentPid }) => parentPid === Number(options.value('P')))
  if (options.has('n')) found = found.slice(-1)
  if (options.has('o')) found = found.slice(0, 1)
  for (const process of found) {
    if (kills) process.signal(signal)
    else
      await context.stdout.write(
        `${process.pid}${options.has('a') ? ` ${process.command.join(' ')}` : options.has('l') ? ` ${process.command[0] ?? ''}` : ''}\n`,
      )
  }
  return found.length > 0 ? 0 : 1
})

/** The programs that look at the machine and its processes. */
export const machineTools = { free, df, du, stat, top, pidof, killall, pgrep, pkill: pgrep }
