import type { ProgramContext } from '../../process/program.ts'
import { busyboxProgram, ProgramError, parseOptions, UsageError } from '../busybox-program.ts'
import { inputs, linesOf } from '../lines.ts'
import { dump } from './dump.ts'
import { DumpRows, parseDumpFormat } from './dump-format.ts'

/** xxd: bytes as text, as an array of C, and back. */
export const xxd = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, 'l:s:apirg:c:o:')
  if (options.operands.length > 1) throw new UsageError('')
  const [name] = options.operands
  const count = (letter: string) => {
    const text = options.value(letter)
    return text === undefined ? undefined : anyBase(text)
  }
  const plain = options.has('p')
  if (options.has('r')) return reversed(context, name, plain)
  const array = options.has('i')
  const columns = count('c') || (plain ? 30 : array ? 12 : 16)
  const group = plain ? columns : array ? 1 : (count('g') ?? 2)
  const formats = plain ? [] : [array ? '" "' : '"%08_ax: "']
  formats.push(bytesFormat(columns, group, array))
  formats.push(plain || array ? '"\\n"' : `"  "${columns}/1 "%_p" "\\n"`)
  if (array && name !== undefined)
    await context.stdout.write(`unsigned char ${identifier(name)}[] = {\n`)
  let bytes = 0
  const rows = new DumpRows(formats.map(parseDumpFormat), count('o') ?? 0)
  const status = await dump(context, options.operands, {
    rows,
    skip: count('s') ?? 0,
    length: count('l') ?? Number.POSITIVE_INFINITY,
    all: true,
    ...(plain || array ? { short: '\n' } : {}),
    counted: (total) => {
      bytes = total
    },
  })
  if (status === 0 && array && name !== undefined)
    await context.stdout.write(`};\nunsigned int ${identifier(name)}_len = ${bytes};\n`)
  return status
})

function anyBase(text: string): number {
  const value = Number(/^-?0\d/.test(text) ? text.replace(/^(-?)0/, '$10o') : text)
  if (text === '' || !Number.isInteger(value)) throw new ProgramError(`invalid number '${text}'`)
  return value
}

/** So many bytes in a row, in groups. */
function bytesFormat(columns: number, group: number, array: boolean): string {
  if (group < 1 || group >= columns) return `${columns}/1 "%02x"`
  if (group === 1) return `${columns}/1 "${array ? ' 0x%02x,' : '%02x '}"`
  return Array.from({ length: columns }, (_none, index) =>
    (index + 1) % group === 0 && index + 1 < columns ? '/1 "%02x "' : '/1 "%02x"',
  ).join('')
}

/** A name of C: what cannot stand in one is an underscore. */
function identifier(name: string): string {
  return `${/^\d/.test(name) ? '__' : ''}${name.replace(/[^A-Za-z0-9]/g, '_')}`
}

/** The bytes that a dump shows. An address further on is filled up to with zeros. */
async function reversed(
  context: ProgramContext,
  name: string | undefined,
  plain: boolean,
): Promise<number> {
  let status = 0
  const missing = () => {
    status = 1
  }
  let written = 0
  let half = ''
  for await (const { input } of inputs(context, name === undefined ? [] : [name], missing)) {
    for await (const line of linesOf(input)) {
      let text = line.replace(/\n$/, '')
      if (!plain) {
        const [lead = '', digits = ''] = /^\s*([0-9a-fA-F]*):?/.exec(text) ?? []
        const address = Number.parseInt(digits || '0', 16)
        if (address < written) throw new ProgramError('cannot seek: Illegal seek')
        if (address > written) await context.stdout.write(new Uint8Array(address - written))
        written = address
        text = text.slice(lead.length)
      }
      const read = hexBytes(half + text, plain)
      half = plain ? read.half : ''
      written += read.bytes.length
      await context.stdout.write(Uint8Array.from(read.bytes))
    }
  }
  return status
}

/** Two digits are a byte. One other character between is passed over, two end the line. */
function hexBytes(
  text: string,
  plain: boolean,
): { readonly bytes: number[]; readonly half: string } {
  const bytes: number[] = []
  for (let at = 0; at < text.length; ) {
    if (plain) while (/\s/.test(text[at] ?? '')) at++
    const [one = '', two = ''] = [text[at], text[at + 1]]
    if (!/[0-9a-fA-F]/.test(one)) {
      if (!/[0-9a-fA-F]/.test(two)) break
      at++
      continue
    }
    let next = at + 1
    if (plain) while (/\s/.test(text[next] ?? '')) next++
    const second = text[next]
    if (second === undefined) return { bytes, half: one }
    if (!/[0-9a-fA-F]/.test(second)) {
      at = next + 1
      while (at < text.length && !/[0-9a-fA-F]/.test(text[at] ?? '')) at++
      continue
    }
    bytes.push(Number.parseInt(one + second, 16))
    at = next + 1
  }
  return { bytes, half: '' }
}
