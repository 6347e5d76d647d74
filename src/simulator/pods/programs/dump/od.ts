import { busyboxProgram, ProgramError, parseOptions } from '../busybox-program.ts'
import { allBytes } from './bytes.ts'

/** What od's short options mean as types. */
const OD_TYPES: Readonly<Record<string, string>> = {
  a: 'a',
  b: 'o1',
  c: 'c',
  d: 'u2',
  h: 'x2',
  i: 'd2',
  l: 'd4',
  o: 'o2',
  s: 'd2',
  x: 'x2',
}

const ASCII_NAMES: Readonly<Record<number, string>> = Object.fromEntries([
  ...'nul soh stx etx eot enq ack bel bs ht nl vt ff cr so si dle dc1 dc2 dc3 dc4 nak syn etb can em sub esc fs gs rs us sp'
    .split(' ')
    .map((name, code) => [code, name]),
  [127, 'del'],
])

/** Numbers of `size` bytes, the low one first, in columns as wide as the widest can be. */
function numbers(row: Uint8Array, kind: string, size: number): string {
  const bits = size * 8
  let text = ''
  for (let index = 0; index < row.length; index += size) {
    let value = 0n
    for (let byte = size - 1; byte >= 0; byte--)
      value = value * 256n + BigInt(row[index + byte] ?? 0)
    const most = (1n << BigInt(bits)) - 1n
    if (kind === 'd') {
      const width = String(-(1n << BigInt(bits - 1))).length + 1
      text += String(BigInt.asIntN(bits, value)).padStart(width)
    } else if (kind === 'u') text += ` ${String(value).padStart(String(most).length)}`
    else {
      const base = kind === 'x' ? 16 : 8
      text += ` ${value.toString(base).padStart(most.toString(base).length, '0')}`
    }
  }
  return text
}

/** od: octal words by default; -c characters, -x hexadecimal, -An no addresses, -t x1. */
export const od = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, 'abcdfhilovxst:A:N:j:w:S:')
  const read = await allBytes(context, options.operands)
  const skip = Number(options.value('j') ?? '0')
  const data = read.data.subarray(
    skip,
    options.has('N') ? skip + Number(options.value('N')) : undefined,
  )
  const radix = options.value('A') ?? 'o'
  const address = (at: number) =>
    radix === 'n'
      ? ''
      : at.toString({ x: 16, d: 10, o: 8 }[radix] ?? 8).padStart(radix === 'x' ? 6 : 7, '0')
  const letter = [...'abcdhilosx'].find((one) => options.has(one)) ?? 'o'
  const type = options.value('t') ?? OD_TYPES[letter] ?? 'o2'
  const sized = /^([doux])([1248])?$/.exec(type)
  if (sized === null && !/^[ac]$/.test(type))
    throw new ProgramError(
      /^[doux]\d*z$/.test(type)
        ? // BusyBox' od knows no z: it is read as a size.
          `invalid type string '${type}'; 4294967295-byte integral type is not supported`
        : `the type '${type}' is not simulated: a, c, and d, o, u, x of 1, 2, 4 or 8 bytes are`,
    )
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
  let before: string | undefined
  let starred = false
  for (let at = 0; at < data.length; at += 16) {
    const row = data.subarray(at, at + 16)
    let text = ''
    if (sized !== null) text = numbers(row, sized[1] ?? 'o', Number(sized[2] ?? 4))
    else {
      for (const byte of row) {
        const plain = byte >= 32 && byte < 127 ? String.fromCharCode(byte) : undefined
        const shown =
          type === 'a'
            ? (ASCII_NAMES[byte & 127] ?? String.fromCharCode(byte & 127))
            : (names[byte] ?? plain ?? byte.toString(8).padStart(3, '0'))
        text += shown.padStart(4)
      }
    }
    // Lines like the one before are a star.
    const full = row.length === 16
    const again = full && at > 0 && text === before && !options.has('v')
    before = text
    if (again) {
      if (!starred) await context.stdout.write('*\n')
      starred = true
      continue
    }
    starred = false
    await context.stdout.write(`${address(skip + at)}${text}\n`)
  }
  if (radix !== 'n' && (data.length > 0 || read.status === 0))
    await context.stdout.write(`${address(skip + data.length)}\n`)
  return read.status
})
