import type { ProgramInput } from '../process/program.ts'
import { pathOf } from '../process/program-context.ts'
import { busyboxProgram, parseOptions, UsageError, wholeNumber } from './busybox-program.ts'
import { inputs, linesOf } from './lines.ts'

/** wc: lines, words, bytes. */
export const wc = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, 'cmlwL')
  const chosen = ['l', 'w', 'm', 'c', 'L'].filter((letter) => options.has(letter))
  const columns = chosen.length === 0 ? ['l', 'w', 'c'] : chosen
  const totals: Record<string, number> = {}
  let status = 0
  const missing = () => {
    status = 1
  }
  const show = async (counts: Readonly<Record<string, number>>, name: string) => {
    // One number of one input stands alone; several are aligned.
    const single = columns.length === 1 && options.operands.length <= 1
    const text = columns
      .map((letter) =>
        single ? String(counts[letter] ?? 0) : String(counts[letter] ?? 0).padStart(9),
      )
      .join(' ')
    await context.stdout.write(`${text}${name}\n`)
  }
  for await (const source of inputs(context, options.operands, missing)) {
    const counts = await counted(source.input)
    for (const [letter, value] of Object.entries(counts)) {
      totals[letter] =
        letter === 'L' ? Math.max(totals[letter] ?? 0, value) : (totals[letter] ?? 0) + value
    }
    await show(counts, options.operands.length === 0 ? '' : ` ${source.name}`)
  }
  if (options.operands.length > 1) await show(totals, ' total')
  return status
})

/** Lines, words, characters, bytes and the widest line of an input. */
async function counted(input: ProgramInput): Promise<Readonly<Record<string, number>>> {
  let [lines, words, characters, bytes, widest, width] = [0, 0, 0, 0, 0, 0]
  let inWord = false
  for (let chunk = await input.read(); chunk !== undefined; chunk = await input.read()) {
    bytes += chunk.length
    for (const byte of chunk) {
      const blank = byte === 32 || (byte >= 9 && byte <= 13)
      if (!blank && !inWord) words++
      inWord = !blank
      // Not the second byte of a character, nor a later one.
      const begins = (byte & 0xc0) !== 0x80
      if (begins) characters++
      if (byte === 10) {
        lines++
        widest = Math.max(widest, width)
        width = 0
      } else if (byte === 9) width = (width | 7) + 1
      else if (begins && byte >= 32) width++
    }
  }
  return { l: lines, w: words, m: characters, c: bytes, L: Math.max(widest, width) }
}

/** uniq: neighbours that are equal become one. */
export const uniq = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, 'cduizf:s:w:')
  const fields = wholeNumber(options.value('f') ?? '0')
  const chars = wholeNumber(options.value('s') ?? '0')
  const width = options.has('w') ? wholeNumber(options.value('w') ?? '0') : undefined
  const [source, target] = options.operands
  if (options.operands.length > 2) throw new UsageError('')
  let previous: string | undefined
  let count = 0
  let collected = ''
  const write = async (text: string) => {
    if (target === undefined || target === '-') await context.stdout.write(text)
    else collected += text
  }
  const key = (line: string) => {
    let rest = line
    for (let left = fields; left > 0; left--) rest = rest.replace(/^[ \t]*[^ \t]*/, '')
    rest = rest.slice(chars, width === undefined ? undefined : chars + width)
    return options.has('i') ? rest.toLowerCase() : rest
  }
  const flush = async () => {
    if (previous === undefined) return
    if ((options.has('d') && count < 2) || (options.has('u') && count > 1)) return
    await write(`${options.has('c') ? `${String(count).padStart(7)} ` : ''}${previous}\n`)
  }
  let status = 0
  const missing = () => {
    status = 1
  }
  for await (const { input } of inputs(context, source === undefined ? [] : [source], missing)) {
    for await (const line of linesOf(input)) {
      const text = line.replace(/\n$/, '')
      if (previous !== undefined && key(text) === key(previous)) {
        count++
        continue
      }
      await flush()
      previous = text
      count = 1
    }
  }
  await flush()
  if (target !== undefined && target !== '-')
    context.container.files.write(pathOf(context, target), collected)
  return status
})

/** tr: translates, deletes or squeezes characters. */
export const tr = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, '+cdsC')
  const [first, second] = options.operands
  if (first === undefined) throw new UsageError('')
  const from = characterSet(first)
  const to = second === undefined ? [] : characterSet(second)
  const complement = options.has('c') || options.has('C')
  const inFirst = (char: string) => from.includes(char) !== complement
  const squeezed = second === undefined || options.has('d') ? (options.has('d') ? to : from) : to
  let last: string | undefined
  const decoder = new TextDecoder()
  for (;;) {
    const chunk = await context.stdin.read()
    if (chunk === undefined) return 0
    let out = ''
    for (const char of decoder.decode(chunk, { stream: true })) {
      if (options.has('d') && inFirst(char)) continue
      let mapped = char
      if (!options.has('d') && to.length > 0 && inFirst(char)) {
        mapped = (complement ? to.at(-1) : (to[from.indexOf(char)] ?? to.at(-1))) ?? char
      }
      const squeezable = squeezed.includes(mapped) !== (complement && second === undefined)
      if (options.has('s') && mapped === last && squeezable) continue
      last = mapped
      out += mapped
    }
    await context.stdout.write(out)
  }
})

function characterSet(text: string): string[] {
  const classes: Readonly<Record<string, string>> = {
    lower: 'abcdefghijklmnopqrstuvwxyz',
    upper: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
    digit: '0123456789',
    space: ' \t\n\r\f\v',
    blank: ' \t',
  }
  for (const [name, members] of Object.entries({
    ...classes,
    alpha: `${classes.upper}${classes.lower}`,
    alnum: `${classes.digit}${classes.upper}${classes.lower}`,
    punct: '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
  })) {
    if (text === `[:${name}:]`) return [...(members ?? '')]
    if (text.includes(`[:${name}:]`)) {
      text = text.replace(`[:${name}:]`, members ?? '')
    }
  }
  const escapes: Readonly<Record<string, string>> = {
    n: '\n',
    t: '\t',
    r: '\r',
    '\\': '\\',
    f: '\f',
    v: '\v',
    a: '\u0007',
    b: '\b',
  }
  const chars = [
    ...text.replace(/\\([0-7]{1,3}|.)/g, (_whole, code: string) =>
      /^[0-7]/.test(code) ? String.fromCharCode(Number.parseInt(code, 8)) : (escapes[code] ?? code),
    ),
  ]
  const out: string[] = []
  for (let at = 0; at < chars.length; at++) {
    const start = chars[at] ?? ''
    const end = chars[at + 2]
    if (chars[at + 1] === '-' && end !== undefined) {
      for (let code = start.codePointAt(0) ?? 0; code <= (end.codePointAt(0) ?? 0); code++)
        out.push(String.fromCodePoint(code))
      at += 2
    } else out.push(start)
  }
  return out
}
