import { waiterOf } from '../../../platform/processor.ts'
import { outputTo, pathOf } from '../process/program-context.ts'
import { SIGNALS } from '../process/signals.ts'
import { openTreeFile } from '../process/tree-file.ts'
import { busyboxProgram, calledAs, parseOptions, UsageError } from './busybox-program.ts'
import { startChild } from './start-child.ts'

const DEFAULT_FORMAT = 'real\t%E\nuser\t%u\nsys\t%T'
const POSIX_FORMAT = 'real %e\nuser %U\nsys %S'
/** What -v shows, as GNU's time and BusyBox have it. */
const LONG_FORMAT = [
  'Command being timed: "%C"',
  'User time (seconds): %U',
  'System time (seconds): %S',
  'Percent of CPU this job got: %P',
  'Elapsed (wall clock) time (h:mm:ss or m:ss): %E',
  'Average shared text size (kbytes): %X',
  'Average unshared data size (kbytes): %D',
  'Average stack size (kbytes): %p',
  'Average total size (kbytes): %K',
  'Maximum resident set size (kbytes): %M',
  'Average resident set size (kbytes): %t',
  'Major (requiring I/O) page faults: %F',
  'Minor (reclaiming a frame) page faults: %R',
  'Voluntary context switches: %w',
  'Involuntary context switches: %c',
  'Swaps: %W',
  'File system inputs: %I',
  'File system outputs: %O',
  'Socket messages sent: %s',
  'Socket messages received: %r',
  'Signals delivered: %k',
  'Page size (bytes): %Z',
  'Exit status: %x',
]
  .map((line) => `\t${line}`)
  .join('\n')

/** Kilobytes that a program is said to have held: what a small BusyBox takes. */
const RESIDENT_KB = 1000

interface Timed {
  readonly seconds: number
  readonly argv: readonly string[]
  readonly exitCode: number
  readonly signal: number | undefined
}

/** time: how long a program took. What it computed takes no time of the simulated processor. */
export const time = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, '+vpao:f:')
  const argv = options.operands
  if (argv.length === 0) throw new UsageError('')
  const format =
    options.value('f') ??
    (options.has('v') ? LONG_FORMAT : options.has('p') ? POSIX_FORMAT : DEFAULT_FORMAT)
  const name = options.value('o')
  const file =
    name === undefined
      ? undefined
      : openTreeFile(
          context.container.files,
          pathOf(context, name),
          options.has('a') ? 'append' : 'write',
        )
  const startedMs = context.container.clock.now()
  const child = startChild(context, argv)
  if (child === undefined)
    await context.stderr.write(
      `${calledAs(context)}: can't execute '${argv[0]}': No such file or directory\n`,
    )
  const status = child === undefined ? 127 : await child.exited
  const signal = child?.endedBy === undefined ? undefined : SIGNALS[child.endedBy]
  const seconds = (context.container.clock.now() - startedMs) / 1000
  const output = file === undefined ? context.stderr : outputTo(file, waiterOf(context.signal))
  await output.write(report(format, { seconds, argv, exitCode: status, signal }))
  file?.release()
  return signal ?? status
})

function report(format: string, timed: Timed): string {
  const ending =
    timed.signal !== undefined
      ? `Command terminated by signal ${timed.signal}\n`
      : timed.exitCode !== 0
        ? `Command exited with non-zero status ${timed.exitCode}\n`
        : ''
  const body = format.replace(/([%\\])([\s\S]?)/g, (_whole, kind: string, letter: string) =>
    kind === '%'
      ? measured(letter, timed)
      : ({ t: '\t', n: '\n', '\\': '\\' }[letter] ?? `?\\${letter}`),
  )
  return `${ending}${body}\n`
}

function measured(letter: string, { seconds, argv, exitCode, signal }: Timed): string {
  const whole = Math.floor(seconds)
  switch (letter) {
    case '%':
      return '%'
    case 'C':
      return argv.join(' ')
    case 'E':
      return whole >= 3600
        ? `${Math.floor(whole / 3600)}h ${Math.floor((whole % 3600) / 60)}m ${String(whole % 60).padStart(2, '0')}s`
        : `${Math.floor(whole / 60)}m ${whole % 60}.${hundredths(seconds)}s`
    case 'e':
      return `${whole}.${hundredths(seconds)}`
    case 'T':
    case 'u':
      return '0m 0.00s'
    case 'S':
    case 'U':
      return '0.00'
    case 'M':
      return String(RESIDENT_KB)
    case 'P':
      return seconds > 0 ? '0%' : '?%'
    case 'Z':
      return '4096'
    case 'x':
      return String(signal === undefined ? exitCode : 0)
    default:
      return /^[DFIKORWXckprstw]$/.test(letter) ? '0' : `?${letter}`
  }
}

function hundredths(seconds: number): string {
  return String(Math.floor(seconds * 100) % 100).padStart(2, '0')
}
