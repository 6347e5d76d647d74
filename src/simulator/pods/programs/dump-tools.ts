import type { ProgramContext } from '../process/program.ts'
import { concat } from '../process/program-context.ts'
import { busyboxProgram, ProgramError, parseOptions } from './busybox-program.ts'
import { inputs } from './lines.ts'

async function allBytes(
  context: ProgramContext,
  operands: readonly string[],
): Promise<{ readonly data: Uint8Array; readonly status: number }> {
  const parts: Uint8Array[] = []
  let status = 0
  const missing = () => {
    status = 1
  }
  for await (const source of inputs(context, operands, missing))
    parts.push(await source.input.readAll())
  return { data: concat(parts), status }
}

const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0')
const printable = (byte: number) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.')

/** hexdump: words by default, -C with characters beside them. */
const hexdump = busyboxProgram(
  'hexdump [-bcdoxCv] [-e FMT] [-f FMT_FILE] [-n LEN] [-s OFS] [FILE]...',
  async (context, args) => {
    const options = parseOptions(args, 'bcdoxCvn:s:e:f:')
    if (options.has('e') || options.has('f'))
      throw new ProgramError('own formats (-e, -f) are not simulated')
    const read = await allBytes(context, options.operands)
    const start = Number(options.value('s') ?? '0')
    const data = read.data.subarray(
      start,
      options.has('n') ? start + Number(options.value('n')) : undefined,
    )
    const canonical = options.has('C')
    const digits = canonical ? 8 : 7
    for (let at = 0; at < data.length; at += 16) {
      const row = data.subarray(at, at + 16)
      const offset = hex(start + at, digits)
      if (canonical) {
        const bytes = [...row].map((byte) => hex(byte, 2))
        const left = bytes.slice(0, 8).join(' ').padEnd(23)
        const right = bytes.slice(8).join(' ').padEnd(23)
        await context.stdout.write(
          `${offset}  ${left}  ${right}  |${[...row].map(printable).join('')}|\n`,
        )
        continue
      }
      const words: string[] = []
      for (let index = 0; index < row.length; index += 2) {
        words.push(hex((row[index] ?? 0) + (row[index + 1] ?? 0) * 256, 4))
      }
      await context.stdout.write(`${offset} ${words.join(' ')}\n`)
    }
    if (data.length > 0) await context.stdout.write(`${hex(start + data.length, digits)}\n`)
    return read.status
  },
)

/** od: octal words by default; -c characters, -x hexadecimal, -An no addresses, -t x1. */
const od = busyboxProgram(
  'od [-abcdfhilovxs] [-t TYPE] [-A RADIX] [-N SIZE] [-j SKIP] [-S MINSTR] [-w WIDTH] [FILE]...',
  async (context, args) => {
    const options = parseOptions(args, 'abcdfhilovxst:A:N:j:w:S:')
    const read = await allBytes(context, options.operands)
    const skip = Number(options.value('j') ?? '0')
    const data = read.data.subarray(
      skip,
      options.has('N') ? skip + Number(options.value('N')) : undefined,
    )
    const radix = options.value('A') ?? 'o'
    const address = (at: number) =>
      radix === 'n' ? '' : at.toString({ x: 16, d: 10, o: 8 }[radix] ?? 8).padStart(7, '0')
    const type =
      options.value('t') ??
      (options.has('c')
        ? 'c'
        : options.has('b')
          ? 'o1'
          : options.has('x') || options.has('h')
            ? 'x2'
            : 'o2')
    const names: Readonly<Record<number, string>> = {
      0: '\\0',
      7: '\\a',
      8: '\\b',
      9: '\\t',
      10: '\\n',
      11: '\\v',
      12: '\\f',
      13: '\\r',
    }
    for (let at = 0; at < data.length; at += 16) {
      const row = data.subarray(at, at + 16)
      let text = ''
      if (type === 'c') {
        for (const byte of row)
          text += (
            names[byte] ??
            (byte >= 32 && byte < 127
              ? String.fromCharCode(byte)
              : byte.toString(8).padStart(3, '0'))
          ).padStart(4)
      } else if (type.endsWith('1')) {
        const width = type.startsWith('x') ? 2 : 3
        for (const byte of row)
          text += ` ${byte.toString(type.startsWith('x') ? 16 : type.startsWith('o') ? 8 : 10).padStart(width, type.startsWith('d') || type.startsWith('u') ? ' ' : '0')}`
      } else {
        for (let index = 0; index < row.length; index += 2) {
          const word = (row[index] ?? 0) + (row[index + 1] ?? 0) * 256
          text += type.startsWith('x')
            ? ` ${hex(word, 4)}`
            : type.startsWith('o')
              ? ` ${word.toString(8).padStart(6, '0')}`
              : ` ${String(word).padStart(5)}`
        }
      }
      await context.stdout.write(`${address(skip + at)}${text}\n`)
    }
    if (radix !== 'n') await context.stdout.write(`${address(skip + data.length)}\n`)
    return read.status
  },
)

const base64 = busyboxProgram('base64 [-d] [-w COL] [FILE]', async (context, args) => {
  const options = parseOptions(args, 'dw:')
  const read = await allBytes(context, options.operands.slice(0, 1))
  if (options.has('d')) {
    await context.stdout.write(
      Uint8Array.from(Buffer.from(new TextDecoder().decode(read.data), 'base64')),
    )
    return read.status
  }
  const width = Number(options.value('w') ?? '76')
  const text = Buffer.from(read.data).toString('base64')
  const wrapped = width === 0 ? text : text.replace(new RegExp(`(.{${width}})`, 'g'), '$1\n')
  await context.stdout.write(width === 0 || wrapped.endsWith('\n') ? wrapped : `${wrapped}\n`)
  return read.status
})

/** The programs that show bytes as text. */
export const dumpTools = { hexdump, od, base64 }
