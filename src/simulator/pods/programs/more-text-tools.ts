import type { ProgramContext } from '../process/program.ts'
import { pathOf, withinMemory } from '../process/program-context.ts'
import { busyboxProgram, parseOptions, UsageError, wholeNumber } from './busybox-program.ts'
import { wholeInput } from './checksum-tools.ts'
import { inputs, LINE_BYTES, LINES_AT_ONCE, linesOf } from './lines.ts'

async function everyLine(
  context: ProgramContext,
  operands: readonly string[],
  use: (line: string) => Promise<void> | void,
): Promise<number> {
  let status = 0
  const missing = () => {
    status = 1
  }
  for await (const { input } of inputs(context, operands, missing))
    for await (const line of linesOf(input)) await use(line)
  return status
}

const tac = busyboxProgram(async (context, args) => {
  const lines: string[] = []
  let held = 0
  const status = await everyLine(context, parseOptions(args, '').operands, (line) => {
    held = withinMemory(held + line.length + LINE_BYTES)
    lines.push(line)
  })
  for (let at = lines.length; at > 0; at -= LINES_AT_ONCE) {
    const some = lines.slice(Math.max(0, at - LINES_AT_ONCE), at)
    await context.stdout.write(some.reverse().join(''))
  }
  return status
})

const rev = busyboxProgram(async (context, args) =>
  everyLine(context, parseOptions(args, '').operands, (line) =>
    context.stdout.write(
      `${[...line.replace(/\n$/, '')].reverse().join('')}${line.endsWith('\n') ? '\n' : ''}`,
    ),
  ),
)

const nl = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, 'pb:i:s:v:w:')
  let number = Number(options.value('v') ?? 1)
  const step = Number(options.value('i') ?? 1)
  const width = Number(options.value('w') ?? 6)
  const style = options.value('b') ?? 't'
  return everyLine(context, options.operands, async (line) => {
    const counted = style === 'a' || (style === 't' && line !== '\n')
    if (!counted) {
      await context.stdout.write(
        `${' '.repeat(width + (options.value('s') ?? '\t').length)}${line}`,
      )
      return
    }
    await context.stdout.write(
      `${String(number).padStart(width)}${options.value('s') ?? '\t'}${line}`,
    )
    number += step
  })
})

const paste = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, 'd:s')
  const delimiters = [...(options.value('d') ?? '\t').replace(/\\n/g, '\n').replace(/\\t/g, '\t')]
  const columns: string[][] = []
  for (const name of options.operands.length === 0 ? ['-'] : options.operands) {
    const data = await wholeInput(context, name)
    if (data === undefined) return 1
    columns.push(new TextDecoder().decode(data).replace(/\n$/, '').split('\n'))
  }
  const joined = (parts: readonly string[]) =>
    parts
      .map((part, index) =>
        index === 0 ? part : `${delimiters[(index - 1) % delimiters.length] ?? ''}${part}`,
      )
      .join('')
  if (options.has('s'))
    for (const column of columns) await context.stdout.write(`${joined(column)}\n`)
  else {
    const rows = Math.max(...columns.map((column) => column.length))
    for (let row = 0; row < rows; row++)
      await context.stdout.write(`${joined(columns.map((column) => column[row] ?? ''))}\n`)
  }
  return 0
})

const expand = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, 'it:')
  const width = wholeNumber(options.value('t') ?? '8')
  return everyLine(context, options.operands, async (line) => {
    let out = ''
    let column = 0
    let started = false
    for (const char of line) {
      if (char === '\t' && !(options.has('i') && started)) {
        const spaces = width - (column % width)
        out += ' '.repeat(spaces)
        column += spaces
      } else {
        started = started || char !== ' '
        out += char
        column++
      }
    }
    await context.stdout.write(out)
  })
})

const fold = busyboxProgram(async (context, args) => {
  const options = parseOptions(
    args.map((arg) => (/^-\d+$/.test(arg) ? `-w${arg.slice(1)}` : arg)),
    'bsw:',
  )
  const width = wholeNumber(options.value('w') ?? '80')
  return everyLine(context, options.operands, async (line) => {
    let rest = line.replace(/\n$/, '')
    let out = ''
    while (rest.length > width) {
      const space = options.has('s') ? rest.lastIndexOf(' ', width - 1) : -1
      const cut = space > 0 ? space + 1 : width
      out += `${rest.slice(0, cut)}\n`
      rest = rest.slice(cut)
    }
    await context.stdout.write(out + rest + (line.endsWith('\n') ? '\n' : ''))
  })
})

const cmp = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, 'lsn:')
  const [one, two = '-'] = options.operands
  if (one === undefined) throw new UsageError('')
  const left = await wholeInput(context, one)
  const right = left === undefined ? undefined : await wholeInput(context, two)
  if (left === undefined || right === undefined) return 2
  let line = 1
  let status = 0
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    if (at >= left.length || at >= right.length) {
      if (!options.has('s'))
        await context.stderr.write(`cmp: EOF on ${at >= left.length ? one : two}\n`)
      return 1
    }
    if (left[at] !== right[at]) {
      status = 1
      if (options.has('s')) return 1
      if (!options.has('l')) {
        await context.stdout.write(`${one} ${two} differ: char ${at + 1}, line ${line}\n`)
        return 1
      }
      await context.stdout.write(
        `${String(at + 1).padStart(4)} ${(left[at] ?? 0).toString(8).padStart(3)} ${(right[at] ?? 0).toString(8).padStart(3)}\n`,
      )
    }
    if (left[at] === 10) line++
  }
  return status
})

const strings = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, 'fon:a')
  const least = wholeNumber(options.value('n') ?? '4')
  for (const name of options.operands.length === 0 ? ['-'] : options.operands) {
    const data = await wholeInput(context, name)
    if (data === undefined) return 1
    const text = Buffer.from(data).toString('latin1')
    for (const [found] of text.matchAll(/[\t\x20-\x7e]+/g))
      if (found.length >= least)
        await context.stdout.write(`${options.has('f') ? `${name}: ` : ''}${found}\n`)
  }
  return 0
})

const shuf = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, 'n:o:zei:')
  const range = /^(\d+)-(\d+)$/.exec(options.value('i') ?? '')
  let items: string[]
  let held = 0
  if (range !== null) {
    withinMemory((Number(range[2]) - Number(range[1]) + 1) * LINE_BYTES)
    items = Array.from({ length: Number(range[2]) - Number(range[1]) + 1 }, (_, index) =>
      String(Number(range[1]) + index),
    )
  } else if (options.has('e')) items = [...options.operands]
  else {
    items = []
    await everyLine(context, options.operands.slice(0, 1), (line) => {
      held = withinMemory(held + line.length + LINE_BYTES)
      items.push(line.replace(/\n$/, ''))
    })
  }
  for (let at = items.length - 1; at > 0; at--) {
    const other = Math.floor(context.container.random() * (at + 1))
    ;[items[at], items[other]] = [items[other] ?? '', items[at] ?? '']
  }
  if (options.has('n')) items = items.slice(0, wholeNumber(options.value('n') ?? '0'))
  const end = options.has('z') ? '\0' : '\n'
  const target = options.value('o')
  const path = target === undefined ? undefined : pathOf(context, target)
  if (path !== undefined) context.container.files.write(path, '')
  for (let at = 0; at < items.length; at += LINES_AT_ONCE) {
    const some = items.slice(at, at + LINES_AT_ONCE)
    const text = some.map((item) => item + end).join('')
    if (path === undefined) await context.stdout.write(text)
    else context.container.files.append(path, new TextEncoder().encode(text))
  }
  return 0
})

/** dos2unix and unix2dos: line ends of files, or of a stream. */
const dos2unix = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, 'ud')
  const toDos =
    options.has('d') || (context.argv[0]?.endsWith('unix2dos') === true && !options.has('u'))
  const convert = (text: string) =>
    toDos ? text.replace(/\r?\n/g, '\r\n') : text.replace(/\r\n/g, '\n')
  if (options.operands.length === 0)
    return everyLine(context, [], (line) => context.stdout.write(convert(line)))
  for (const name of options.operands) {
    const path = pathOf(context, name)
    context.container.files.write(path, convert(context.container.files.readText(path)))
  }
  return 0
})

/** The less usual filters. */
export const moreTextTools = {
  tac,
  rev,
  nl,
  paste,
  expand,
  fold,
  cmp,
  strings,
  shuf,
  dos2unix,
  unix2dos: dos2unix,
}
