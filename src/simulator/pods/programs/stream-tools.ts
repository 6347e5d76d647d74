import { waiterOf } from '../../../platform/processor.ts'
import { FileError } from '../files/file-node.ts'
import type { OpenFile } from '../process/open-file.ts'
import { pathOf } from '../process/program-context.ts'
import { openTreeFile } from '../process/tree-file.ts'
import { busyboxProgram, parseOptions, UsageError } from './busybox-program.ts'

/** Bytes of a buffer of musl's C library. */
const BUFFER = 1024

/** seq: numbers from, by, to. */
export const seq = busyboxProgram(async (context, args) => {
  // A negative number is none of the options.
  const negative = args.findIndex((argument) => /^-[.\d]/.test(argument))
  const before = negative === -1 ? args : args.slice(0, negative)
  const options = parseOptions(before, '+ws:')
  const numbers = [...options.operands, ...args.slice(before.length)]
  if (numbers.length === 0 || numbers.length > 3) throw new UsageError('')
  const values = numbers.map((text) => {
    if (!/^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text)) throw new UsageError('')
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
  // As the C library has it: on a terminal each line goes out, elsewhere a buffer full.
  const buffer = context.stdout.terminal === undefined ? BUFFER : 1
  let held = ''
  let written = 0
  for (let value = start; step >= 0 ? value <= last + 1e-9 : value >= last - 1e-9; value += step) {
    const text = value.toFixed(digits)
    held += `${written === 0 ? '' : separator}${text.padStart(width, '0')}`
    written++
    if (held.length < buffer) continue
    const full = held.slice(0, held.length - (held.length % buffer))
    held = held.slice(full.length)
    await context.stdout.write(full)
  }
  if (written > 0) await context.stdout.write(`${held}\n`)
  return 0
})

/** tee: to standard output and to files. */
export const tee = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, 'ai')
  const { files } = context.container
  const opened: OpenFile[] = []
  let status = 0
  for (const name of options.operands) {
    try {
      const mode = options.has('a') ? 'append' : 'write'
      opened.push(openTreeFile(files, pathOf(context, name), mode))
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      await context.stderr.write(`tee: ${name}: ${error.message}\n`)
      status = 1
    }
  }
  for (;;) {
    const chunk = await context.stdin.read()
    if (chunk === undefined) return status
    await context.stdout.write(chunk)
    for (const file of opened) await file.write(chunk, waiterOf(context.signal))
  }
})

/** yes: the same line for ever. */
export const yes = busyboxProgram(async (context, args) => {
  const line = `${args.length === 0 ? 'y' : args.join(' ')}\n`
  const block = line.repeat(Math.max(1, Math.floor(BUFFER / line.length)))
  for (;;) await context.stdout.write(block)
})
