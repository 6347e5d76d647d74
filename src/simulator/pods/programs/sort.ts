import { waiterOf } from '../../../platform/processor.ts'
import { outputTo, pathOf, withinMemory } from '../process/program-context.ts'
import { openTreeFile } from '../process/tree-file.ts'
import { inTurns, sorted } from '../turns.ts'
import { busyboxProgram, ProgramError, parseOptions } from './busybox-program.ts'
import { inputs, LINE_BYTES, LINES_AT_ONCE, linesOf } from './lines.ts'

interface SortKey {
  readonly field: number
  readonly char: number
  readonly endField: number | undefined
  readonly endChar: number
  /** Its own flags, or those of the command. */
  readonly flags: string
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']

function parseKey(text: string, flags: string): SortKey {
  const match = /^(\d+)(?:\.(\d+))?([a-zA-Z]*)(?:,(\d+)(?:\.(\d+))?([a-zA-Z]*))?$/.exec(text)
  if (match?.[1] === undefined) throw new ProgramError('bad field specification')
  if (Number(match[1]) < 1) throw new ProgramError('bad field specification')
  const own = `${match[3] ?? ''}${match[6] ?? ''}`
  return {
    field: Number(match[1]),
    char: Number(match[2] ?? 1),
    endField: match[4] === undefined ? undefined : Number(match[4]),
    endChar: Number(match[5] ?? 0),
    flags: own === '' ? flags : own,
  }
}

/** The part of a line that a key looks at. Without -t a field begins with the blanks before it. */
function keyText(line: string, key: SortKey, separator: string | undefined): string {
  const startOf = (field: number): number => {
    let at = 0
    for (let left = field - 1; left > 0 && at < line.length; left--) {
      if (separator !== undefined) {
        const next = line.indexOf(separator, at)
        at = next === -1 ? line.length : next + 1
      } else {
        while (/[ \t]/.test(line[at] ?? '')) at++
        while (at < line.length && !/[ \t]/.test(line[at] ?? '')) at++
      }
    }
    return at
  }
  const endOf = (field: number): number => {
    const start = startOf(field)
    if (separator !== undefined) {
      const next = line.indexOf(separator, start)
      return next === -1 ? line.length : next
    }
    let at = start
    while (/[ \t]/.test(line[at] ?? '')) at++
    while (at < line.length && !/[ \t]/.test(line[at] ?? '')) at++
    return at
  }
  const skipped = (at: number) => {
    let place = at
    if (key.flags.includes('b')) while (/[ \t]/.test(line[place] ?? '')) place++
    return place
  }
  const start = skipped(startOf(key.field)) + key.char - 1
  const end =
    key.endField === undefined
      ? line.length
      : key.endChar === 0
        ? endOf(key.endField)
        : skipped(startOf(key.endField)) + key.endChar
  return line.slice(start, Math.max(start, end))
}

const leading = (text: string) => Number(/^\s*-?\d*(?:\.\d*)?/.exec(text)?.[0]) || 0

function compareBy(flags: string, a: string, b: string): number {
  const numbers = (one: number, two: number) => one - two
  if (flags.includes('n')) return numbers(leading(a), leading(b))
  if (flags.includes('g')) return numbers(Number.parseFloat(a) || 0, Number.parseFloat(b) || 0)
  if (flags.includes('h')) {
    const size = (text: string) =>
      leading(text) *
      1024 ** Math.max(0, 'KMGTPE'.indexOf((/[kKMGTPE]/.exec(text)?.[0] ?? ' ').toUpperCase()) + 1)
    return numbers(size(a), size(b))
  }
  if (flags.includes('M')) {
    const month = (text: string) => MONTHS.indexOf(text.trim().slice(0, 3).toUpperCase())
    return numbers(month(a), month(b))
  }
  if (flags.includes('V')) return versions(a, b)
  const plain = (text: string) => {
    let out = text
    if (flags.includes('b')) out = out.replace(/^[ \t]+/, '')
    if (flags.includes('d')) out = out.replace(/[^A-Za-z0-9 \t]/g, '')
    if (flags.includes('i')) out = out.replace(/[^\x20-\x7e]/g, '')
    return flags.includes('f') ? out.toUpperCase() : out
  }
  return byBytes(plain(a), plain(b))
}

/** Runs of digits as numbers. */
function versions(a: string, b: string): number {
  const parts = (text: string) => text.match(/\d+|\D+/g) ?? []
  const [one, two] = [parts(a), parts(b)]
  for (const [index, part] of one.entries()) {
    const other = two[index]
    if (other === undefined) return 1
    const order =
      /^\d/.test(part) && /^\d/.test(other) ? Number(part) - Number(other) : byBytes(part, other)
    if (order !== 0) return order
  }
  return one.length - two.length
}

function byBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** sort: by bytes, numbers, months, sizes or versions, by whole lines or keys. */
export const sort = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, 'ngMucszbrdfihVmo:k:t:S:T:', { parallel: 'S' })
  const flags = [...'bdfghiMnVr'].filter((letter) => options.has(letter)).join('')
  const keys = options.values('k').map((text) => parseKey(text, flags))
  const separator = options.value('t')
  if (separator !== undefined && separator.length !== 1 && separator !== '\\t')
    throw new ProgramError('bad -t parameter')
  const end = options.has('z') ? '\0' : '\n'
  const lines: string[] = []
  let held = 0
  let failed = false
  const missing = () => {
    failed = true
  }
  for await (const source of inputs(context, options.operands, missing)) {
    for await (const line of linesOf(source.input, end)) {
      held = withinMemory(held + line.length + LINE_BYTES)
      lines.push(line.endsWith(end) ? line.slice(0, -1) : line)
    }
  }
  if (failed) return 2
  const byKeys = (a: string, b: string): number => {
    for (const key of keys.length === 0 ? [undefined] : keys) {
      const own = key?.flags ?? flags
      const order =
        key === undefined
          ? compareBy(flags, a, b)
          : compareBy(own, keyText(a, key, separator), keyText(b, key, separator))
      if (order !== 0) return own.includes('r') ? -order : order
    }
    return 0
  }
  const compare = (a: string, b: string): number => {
    const order = byKeys(a, b)
    if (order !== 0 || options.has('s') || options.has('u')) return order
    return options.has('r') ? -byBytes(a, b) : byBytes(a, b)
  }
  if (options.has('c')) {
    for (const [index, line] of lines.entries()) {
      const before = lines[index - 1]
      if (before === undefined) continue
      const order = compare(before, line)
      if (order > 0 || (options.has('u') && order === 0)) {
        await context.stderr.write(`Check line ${index}\n`)
        return 1
      }
    }
    return 0
  }
  const inOrder = await inTurns(sorted(lines, compare), context.process)
  const kept = options.has('u')
    ? inOrder.filter((line, index) => index === 0 || byKeys(inOrder[index - 1] ?? '', line) !== 0)
    : inOrder
  const target = options.value('o')
  const file =
    target === undefined
      ? undefined
      : openTreeFile(context.container.files, pathOf(context, target), 'write')
  const output = file === undefined ? context.stdout : outputTo(file, waiterOf(context.signal))
  for (let at = 0; at < kept.length; at += LINES_AT_ONCE) {
    const some = kept.slice(at, at + LINES_AT_ONCE)
    await output.write(some.map((line) => line + end).join(''))
  }
  file?.release()
  return 0
}, 2)
