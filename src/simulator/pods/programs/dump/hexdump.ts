import { FileError } from '../../files/file-node.ts'
import type { ProgramContext } from '../../process/program.ts'
import { pathOf } from '../../process/program-context.ts'
import {
  busyboxProgram,
  calledAs,
  ProgramError,
  parseOptions,
  wholeNumber,
} from '../busybox-program.ts'
import { dump } from './dump.ts'
import { DumpRows, parseDumpFormat } from './dump-format.ts'

/** The formats of hexdump's options. */
const ROWS: Readonly<Record<string, string>> = {
  b: '16/1 " %03o"',
  c: '16/1 " %3_c"',
  d: '8/2 "   %05u"',
  o: '8/2 "  %06o"',
  x: '8/2 "    %04x"',
}
const withAddress = (row: string) => ['"%07_Ax\\n"', `"%07_ax" ${row} "\\n"`]
const CANONICAL = [
  '"%08_Ax\\n"',
  '"%08_ax " 8/1 " %02x" " " 8/1 " %02x"',
  '"  |" 16/1 "%_p" "|\\n"',
]

/** hexdump and hd: each option that shows something shows every row once more. */
const hexdump = busyboxProgram(async (context, args) => {
  const canonical = calledAs(context) === 'hd'
  const options = parseOptions(args, 'bcdoxCve:f:n:s:')
  const formats = canonical ? [...CANONICAL] : []
  for (const letter of chosenInOrder(args)) {
    const row = ROWS[letter]
    if (row !== undefined) formats.push(...withAddress(row))
    else if (letter === 'C') formats.push(...CANONICAL)
  }
  formats.push(...options.values('e'))
  for (const name of options.values('f')) formats.push(...formatsOf(context, name))
  if (formats.length === 0) formats.push(...withAddress('8/2 " %04x"'))
  return dump(context, options.operands, {
    rows: new DumpRows(formats.map(parseDumpFormat)),
    skip: options.has('s') ? byteCount(options.value('s') ?? '') : 0,
    length: options.has('n') ? wholeNumber(options.value('n') ?? '') : Number.POSITIVE_INFINITY,
    all: options.has('v'),
  })
})

/** The letters of options without values, as they stand. */
function chosenInOrder(args: readonly string[]): string[] {
  const letters: string[] = []
  for (let index = 0; index < args.length; index++) {
    const argument = args[index] ?? ''
    if (argument === '--') break
    const match = /^-([bcdoxCv]*)([efns]?)(.*)$/.exec(argument)
    if (match === null) continue
    letters.push(...(match[1] ?? ''))
    if (match[2] !== '' && match[3] === '') index++
  }
  return letters
}

function formatsOf(context: ProgramContext, name: string): string[] {
  try {
    return context.container.files
      .readText(pathOf(context, name))
      .split('\n')
      .filter((line) => line.trim() !== '' && !line.trimStart().startsWith('#'))
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    throw new ProgramError(`can't open '${name}': ${error.message}`)
  }
}

/** A number, also hexadecimal or octal, of bytes or of `b`, `k`, `m`. */
function byteCount(text: string): number {
  const match = /^(0x[0-9a-f]+|\d+)([bkm]?)$/i.exec(text)
  if (match?.[1] === undefined) throw new ProgramError(`invalid number '${text}'`)
  const octal = /^0\d+$/.test(match[1])
  const unit = { b: 512, k: 1024, m: 1_048_576 }[match[2] ?? ''] ?? 1
  return (octal ? Number.parseInt(match[1], 8) : Number(match[1])) * unit
}

export const hexdumpTools = { hexdump, hd: hexdump }
