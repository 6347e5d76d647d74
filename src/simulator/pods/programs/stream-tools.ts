import {
  busyboxProgram,
  ProgramError,
  parseOptions,
  UsageError,
  wholeNumber,
} from './busybox-program.ts'
import { startChild } from './start-child.ts'

/** seq: numbers from, by, to. */
export const seq = busyboxProgram(
  `seq [-w] [-s SEP] [FIRST [INC]] LAST

Print numbers from FIRST to LAST, in steps of INC.
FIRST, INC default to 1.

	-w	Pad with leading zeros
	-s SEP	String separator`,
  async (context, args) => {
    const first = args.findIndex((argument) => /^-?\d/.test(argument))
    const options = parseOptions(first === -1 ? args : args.slice(0, first), '+ws:')
    const numbers = first === -1 ? options.operands : args.slice(first)
    if (numbers.length === 0 || numbers.length > 3) throw new UsageError('')
    const values = numbers.map((text) => {
      if (!/^-?\d+(\.\d+)?$/.test(text)) throw new ProgramError(`invalid number '${text}'`)
      return Number(text)
    })
    const last = values.at(-1) ?? 0
    const start = values.length > 1 ? (values[0] ?? 1) : 1
    const step = values.length > 2 ? (values[1] ?? 1) : 1
    const digits = Math.max(0, ...numbers.map((text) => text.split('.')[1]?.length ?? 0))
    const separator = options.value('s') ?? '\n'
    const width = options.has('w')
      ? Math.max(...[start, last].map((value) => value.toFixed(digits).length))
      : 0
    let written = 0
    for (
      let value = start;
      step >= 0 ? value <= last + 1e-9 : value >= last - 1e-9;
      value += step
    ) {
      const text = value.toFixed(digits)
      await context.stdout.write(`${written === 0 ? '' : separator}${text.padStart(width, '0')}`)
      written++
      if (written % 1000 === 0) await context.container.clock.sleep(1, { signal: context.signal })
    }
    if (written > 0) await context.stdout.write('\n')
    return 0
  },
)

/** tee: to standard output and to files. */
export const tee = busyboxProgram(
  `tee [-ai] [FILE]...

Copy stdin to each FILE, and also to stdout

	-a	Append to the given FILEs, don't overwrite
	-i	Ignore interrupt signals (SIGINT)`,
  async (context, args) => {
    const options = parseOptions(args, 'ai')
    const paths = options.operands.map((name) =>
      name.startsWith('/') ? name : `${context.cwd}/${name}`,
    )
    const { files } = context.container
    if (!options.has('a')) for (const path of paths) files.write(path, new Uint8Array(0))
    for (;;) {
      const chunk = await context.stdin.read()
      if (chunk === undefined) return 0
      await context.stdout.write(chunk)
      for (const path of paths) files.append(path, chunk)
    }
  },
)

/** yes: the same line for ever. */
export const yes = busyboxProgram(
  `yes [STRING]

Repeatedly print a line with all specified STRING(s), or 'y'`,
  async (context, args) => {
    const line = `${args.length === 0 ? 'y' : args.join(' ')}\n`
    const block = line.repeat(100)
    for (;;) {
      await context.stdout.write(block)
      await context.container.clock.sleep(1, { signal: context.signal })
    }
  },
)

/** xargs: words of the input as arguments. */
export const xargs = busyboxProgram(
  `xargs [OPTIONS] [PROG ARGS]

Run PROG on every item given by stdin

	-n N	Pass no more than N args to PROG
	-I STR	Replace STR within PROG ARGS with input line
	-r	Don't run command if input is empty`,
  async (context, args) => {
    const options = parseOptions(args, '+rtn:I:0')
    const [program = 'echo', ...given] = options.operands
    const text = new TextDecoder().decode(await context.stdin.readAll())
    const replace = options.value('I')
    const items =
      replace === undefined
        ? text.split(options.has('0') ? '\0' : /\s+/).filter((item) => item !== '')
        : text.split('\n').filter((line) => line !== '')
    if (items.length === 0 && (options.has('r') || replace !== undefined)) return 0
    const size =
      replace !== undefined
        ? 1
        : options.has('n')
          ? wholeNumber(options.value('n') ?? '1')
          : Math.max(1, items.length)
    let status = 0
    for (let at = 0; at === 0 || at < items.length; at += size) {
      const batch = items.slice(at, at + size)
      const argv =
        replace === undefined
          ? [program, ...given, ...batch]
          : [program, ...given.map((word) => word.replaceAll(replace, batch[0] ?? ''))]
      const child = startChild(context, argv)
      if (child === undefined) throw new ProgramError(`${program}: No such file or directory`, 127)
      if ((await child.exited) !== 0) status = 123
    }
    return status
  },
)
