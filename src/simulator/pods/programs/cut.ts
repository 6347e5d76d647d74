import type { ProgramContext } from '../process/program.ts'
import { BoundedRegExp } from './bounded-regexp.ts'
import {
  busyboxProgram,
  type ParsedOptions,
  ProgramError,
  parseOptions,
  UsageError,
  wholeNumber,
} from './busybox-program.ts'
import { inputs, linesOf } from './lines.ts'
import { posixRegExp } from './posix-regexp.ts'

/** Places of a line from 0, both included. */
interface Range {
  readonly from: number
  readonly to: number
}

const FIELDS_ALONE = 'only when operating on fields'

/** cut: bytes, characters, fields, or lines where the separator is one (BusyBox 1.37, coreutils/cut.c). */
export const cut = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, 'b:c:f:d:O:sDF:n')
  const kinds = ['b', 'c', 'f', 'F'].filter((letter) => options.has(letter))
  if (kinds.length > 1) throw new UsageError('')
  const [kind] = kinds
  if (kind === undefined) throw new ProgramError('expected a list of bytes, characters, or fields')
  if (kind === 'b' || kind === 'c') {
    if (options.has('s'))
      throw new ProgramError(`suppressing non-delimited lines makes sense ${FIELDS_ALONE}`)
    if (options.has('d')) throw new ProgramError(`a delimiter may be specified ${FIELDS_ALONE}`)
  }
  const ranges = rangesOf(options.value(kind) ?? '', options.has('D'))
  const take = kind === 'b' || kind === 'c' ? bytesOf(ranges) : fieldsOf(context, options, ranges)
  let status = 0
  const missing = () => {
    status = 1
  }
  for await (const { input } of inputs(context, options.operands, missing)) {
    let number = 0
    for await (const line of linesOf(input)) {
      const taken = take(line.replace(/\n$/, ''), number++)
      if (taken !== undefined) await context.stdout.write(taken)
    }
  }
  return status
})

/** `N`, `N-`, `N-M`, `-M`, with commas between. Throws `ProgramError`. `unsorted`: they stay in their order. */
function rangesOf(list: string, unsorted: boolean): Range[] {
  const ranges = list
    .split(',')
    .filter((part) => part !== '')
    .map((part) => {
      const [first = '', ...rest] = part.split('-')
      const from = first === '' ? 0 : Math.max(0, wholeNumber(first) - 1)
      const last = rest.join('-')
      if (rest.length === 0) return { from, to: from }
      if (last === '') return { from, to: Number.POSITIVE_INFINITY }
      const to = wholeNumber(last)
      if (to < from) throw new ProgramError(`${to}<${from}`)
      return { from, to: to - 1 }
    })
  if (ranges.length === 0) throw new ProgramError('missing list of positions')
  return unsorted ? ranges : ranges.sort((one, other) => one.from - other.from)
}

function bytesOf(ranges: readonly Range[]) {
  return (line: string): Uint8Array => {
    const bytes = Buffer.from(line)
    const taken: number[] = []
    const seen = new Set<number>()
    for (const { from, to } of ranges)
      for (let at = from; at < bytes.length; ) {
        if (!seen.has(at)) taken.push(bytes[at] ?? 0)
        seen.add(at)
        // The first place of a range counts, even where the range ends before it.
        if (++at > to) break
      }
    return Uint8Array.from([...taken, 10])
  }
}

function fieldsOf(context: ProgramContext, options: ParsedOptions, ranges: readonly Range[]) {
  const byPattern = options.has('F')
  const separator = options.value('d') || (byPattern ? '[[:space:]]+' : '\t')
  const between = options.value('O') || (byPattern ? ' ' : separator)
  const pattern = byPattern ? posixRegExp(separator, { extended: true, global: true }) : undefined
  const pieces = (line: string): string[] =>
    pattern === undefined
      ? line.split(separator[0] ?? '\t')
      : line.split(new BoundedRegExp(pattern))
  return (line: string, number: number): string | undefined => {
    if (separator.startsWith('\n'))
      return ranges.some(({ from, to }) => number >= from && number <= to) ? `${line}\n` : undefined
    const fields = pieces(line)
    if (fields.length === 1 && pattern === undefined)
      return options.has('s') ? undefined : `${line}\n`
    let out = ''
    let shown = 0
    let next = 0
    for (const { from, to } of ranges) {
      const start = options.has('D') ? from : Math.max(from, next)
      if (start > to) continue
      // A list of fields that a line does not have is an empty field for BusyBox.
      const wanted = fields.slice(start, to + 1)
      const parts = wanted.length > 0 || context.gnu ? wanted : ['']
      if (pattern !== undefined && wanted.length === 0) continue
      for (const part of parts) out += `${shown++ > 0 ? between : ''}${part}`
      next = to + 1
    }
    return `${out}\n`
  }
}
