import { ProgramError } from '../busybox-program.ts'

/** One conversion of a format with the text behind it, or text alone. */
interface Piece {
  readonly kind:
    | 'text'
    | 'address'
    | 'char'
    | 'escaped'
    | 'printable'
    | 'named'
    | 'string'
    | 'signed'
    | 'unsigned'
    | 'float'
  readonly before: string
  readonly flags: string
  readonly width: number
  readonly precision: number | undefined
  /** The letter of printf: `x`, `d`, `e`. */
  readonly letter: string
  readonly after: string
  /** How many bytes it takes. */
  readonly bytes: number
}

/** `8/2 " %04x"`: so often, of so many bytes. */
interface Unit {
  repeat: number
  readonly fixedRepeat: boolean
  readonly pieces: readonly Piece[]
  readonly bytes: number
  /** Printed behind everything alone (`%_A`). */
  readonly atEnd: boolean
}

/** One `-e` of hexdump. */
export type DumpFormat = readonly Unit[]

/**
 * Reads a format of hexdump(1): iteration count, byte count, and a text with conversions of printf and `%_a[dox]`, `%_A[dox]`,
 * `%_c`, `%_p`, `%_u`. Throws `ProgramError`.
 */
export function parseDumpFormat(text: string): DumpFormat {
  const units: Unit[] = []
  const bad = () => new ProgramError(`bad format {${text}}`)
  let rest = text.trimStart()
  while (rest !== '') {
    const head = /^(\d+)?[ \t]*(?:\/[ \t]*(\d+)?)?[ \t]*"/.exec(rest)
    if (head === null) throw bad()
    const [whole, repeat, bytes] = head
    const end = rest.indexOf('"', whole.length)
    if (end === -1) throw bad()
    const body = unescaped(rest.slice(whole.length, end))
    units.push(unitOf(body, repeat, bytes))
    rest = rest.slice(end + 1).trimStart()
  }
  return units
}

function unescaped(text: string): string {
  return text.replace(
    /\\([\s\S])/g,
    (_whole, char: string) =>
      ({ n: '\n', t: '\t', r: '\r', a: '\u0007', b: '\b', f: '\f', v: '\v', '0': '\0' })[char] ??
      char,
  )
}

const CONVERSION =
  /%([-+ #0]*)(\d*)(?:\.(\d*))?(?:_([A-Za-z])([dox])?|(l{0,2}[diouxX])|([ceEfgGs])|([\s\S]?))([^%]*)/g

function unitOf(body: string, repeat: string | undefined, bytes: string | undefined): Unit {
  const pieces: Piece[] = []
  let atEnd = false
  const given = bytes === undefined ? undefined : Number(bytes)
  const first = body.indexOf('%')
  let before = first === -1 ? body : body.slice(0, first)
  if (first === -1)
    pieces.push({
      kind: 'text',
      before,
      flags: '',
      width: 0,
      precision: undefined,
      letter: '',
      after: '',
      bytes: 0,
    })
  else
    for (const [
      ,
      flags = '',
      width = '',
      precision,
      special,
      base,
      integer,
      other,
      bad,
      after = '',
    ] of body.slice(first).matchAll(CONVERSION)) {
      const piece = {
        before,
        flags,
        width: Number(width),
        precision: precision === undefined ? undefined : Number(precision),
        after,
      }
      before = ''
      if (special === 'a' || special === 'A') {
        if (base === undefined) throw badConversion(`_${special}`)
        if (special === 'A') atEnd = true
        pieces.push({ ...piece, kind: 'address', letter: base, bytes: 0 })
      } else if (special === 'c' || special === 'p' || special === 'u') {
        const kind = special === 'c' ? 'escaped' : special === 'p' ? 'printable' : 'named'
        pieces.push({
          ...piece,
          kind,
          letter: 'c',
          bytes: size(given, [1], `_${special}`),
          after: (base ?? '') + after,
        })
      } else if (integer !== undefined) {
        const letter = integer.at(-1) ?? 'd'
        const kind = letter === 'd' || letter === 'i' ? 'signed' : 'unsigned'
        pieces.push({ ...piece, kind, letter, bytes: size(given, [4, 8, 2, 1], integer) })
      } else if (other === 'c')
        pieces.push({ ...piece, kind: 'char', letter: 'c', bytes: size(given, [1], 'c') })
      else if (other === 's') {
        if (given === undefined && precision === undefined)
          throw new ProgramError('%s needs precision or byte count')
        pieces.push({ ...piece, kind: 'string', letter: 's', bytes: given ?? Number(precision) })
      } else if (other !== undefined)
        pieces.push({ ...piece, kind: 'float', letter: other, bytes: size(given, [8, 4], other) })
      else throw badConversion(special === undefined ? (bad ?? '') : `_${special}`)
    }
  if (given !== undefined && pieces.filter(({ bytes: taken }) => taken > 0).length > 1)
    throw new ProgramError('byte count with multiple conversion characters')
  return {
    repeat: repeat === undefined ? 1 : Number(repeat),
    fixedRepeat: repeat !== undefined,
    pieces,
    bytes: given ?? pieces.reduce((sum, piece) => sum + piece.bytes, 0),
    atEnd,
  }
}

function badConversion(conversion: string): ProgramError {
  return new ProgramError(`bad conversion character %${conversion}`)
}

/** How many bytes a conversion takes: those given where it can, else its own number, the first. Throws `ProgramError`. */
function size(given: number | undefined, possible: readonly number[], conversion: string): number {
  const own = possible[0] ?? 1
  if (given === undefined || given === 0) return own
  if (!possible.includes(given))
    throw new ProgramError(`bad byte count for conversion character ${conversion}`)
  return given
}

/** Formats together, made ready: how many bytes make a row, and what each row becomes. */
export class DumpRows {
  readonly size: number
  private readonly formats: readonly DumpFormat[]
  private readonly ending: Unit | undefined

  /** `displayOffset`: added to addresses. */
  constructor(
    formats: readonly DumpFormat[],
    private readonly displayOffset = 0,
  ) {
    this.size = Math.max(0, ...formats.map(bytesOf))
    for (const format of formats) {
      const last = format.at(-1)
      // The last unit goes on to the end of the row where nothing says how often it stands.
      if (last !== undefined && !last.fixedRepeat && last.bytes > 0)
        last.repeat += Math.floor((this.size - bytesOf(format)) / last.bytes)
    }
    this.formats = formats
    this.ending = formats.flat().findLast(({ atEnd }) => atEnd)
  }

  /** The text of a row. A short one, at the end, is filled up with blanks; `short`: its text ends with this where its bytes do. */
  row(bytes: Uint8Array, address: number, short?: string): string {
    let out = ''
    for (const format of this.formats) {
      let at = 0
      for (const unit of format) {
        if (unit.atEnd) break
        for (let left = unit.repeat; left > 0; left--) {
          for (const [index, piece] of unit.pieces.entries()) {
            const over = at >= bytes.length
            if (over && short !== undefined) return out + short
            const last = index === unit.pieces.length - 1
            const after =
              last && left === 1 && unit.repeat > 1 ? piece.after.replace(/\s$/, '') : piece.after
            out += piece.before
            if (piece.kind !== 'text')
              out += over ? ' '.repeat(piece.width) : this.converted(piece, bytes, at, address + at)
            out += after
            at += piece.bytes
          }
        }
      }
    }
    return out
  }

  /** What stands behind the last row. */
  end(address: number): string {
    return (this.ending?.pieces ?? [])
      .map((piece) =>
        piece.kind === 'address'
          ? `${piece.before}${this.address(piece, address)}${piece.after}`
          : piece.before,
      )
      .join('')
  }

  private address(piece: Piece, address: number): string {
    const base = { d: 10, o: 8, x: 16 }[piece.letter] ?? 16
    return filled(piece, (address + this.displayOffset).toString(base))
  }

  private converted(piece: Piece, row: Uint8Array, at: number, address: number): string {
    const byte = row[at] ?? 0
    const char = byte >= 32 && byte < 127 ? String.fromCharCode(byte) : undefined
    switch (piece.kind) {
      case 'address':
        return this.address(piece, address)
      case 'char':
        return filled(piece, String.fromCharCode(byte))
      case 'printable':
        return filled(piece, char ?? '.')
      case 'escaped':
        return filled(piece, ESCAPES[byte] ?? char ?? byte.toString(8).padStart(3, '0'))
      case 'named':
        return filled(piece, NAMES[byte] ?? char ?? byte.toString(16))
      case 'string': {
        const text = Buffer.from(row.subarray(at))
          .toString('latin1')
          .replace(/\0[\s\S]*$/, '')
        return filled(piece, text.slice(0, piece.precision))
      }
      case 'float': {
        const view = new DataView(
          Uint8Array.from({ length: 8 }, (_none, index) => row[at + index] ?? 0).buffer,
        )
        return filled(
          piece,
          float(piece, piece.bytes === 4 ? view.getFloat32(0, true) : view.getFloat64(0, true)),
        )
      }
      default:
        return filled(piece, integer(piece, row, at))
    }
  }
}

const ESCAPES: Readonly<Record<number, string>> = {
  0: '\\0',
  7: '\\a',
  8: '\\b',
  9: '\\t',
  10: '\\n',
  11: '\\v',
  12: '\\f',
  13: '\\r',
}

const NAMES: Readonly<Record<number, string>> = Object.fromEntries([
  ...'nul soh stx etx eot enq ack bel bs ht lf vt ff cr so si dle dc1 dc2 dc3 dc4 nak syn etb can em sub esc fs gs rs us'
    .split(' ')
    .map((name, code) => [code, name]),
  [127, 'del'],
])

function bytesOf(format: DumpFormat): number {
  return format.reduce((sum, { bytes, repeat }) => sum + bytes * repeat, 0)
}

/** A whole number of some bytes, the low one first. */
function integer(piece: Piece, row: Uint8Array, at: number): string {
  let value = 0n
  for (let byte = piece.bytes - 1; byte >= 0; byte--)
    value = value * 256n + BigInt(row[at + byte] ?? 0)
  if (piece.kind === 'signed') value = BigInt.asIntN(piece.bytes * 8, value)
  const base = piece.letter === 'o' ? 8 : /x/i.test(piece.letter) ? 16 : 10
  const digits = (value < 0n ? -value : value).toString(base).padStart(piece.precision ?? 1, '0')
  const sign = value < 0n ? '-' : piece.kind === 'signed' && piece.flags.includes('+') ? '+' : ''
  const mark =
    piece.flags.includes('#') && value !== 0n
      ? ({ o: '0', x: '0x', X: '0X' }[piece.letter] ?? '')
      : ''
  return sign + mark + (piece.letter === 'X' ? digits.toUpperCase() : digits)
}

function float(piece: Piece, value: number): string {
  const precision = piece.precision ?? 6
  if (piece.letter === 'f') return value.toFixed(precision)
  const exponent = (text: string) => text.replace(/e([+-])(\d)$/, 'e$10$2')
  const text =
    piece.letter.toLowerCase() === 'e'
      ? exponent(value.toExponential(precision))
      : exponent(String(Number(value.toPrecision(Math.max(1, precision)))))
  return piece.letter === piece.letter.toUpperCase() ? text.toUpperCase() : text
}

function filled(piece: Piece, text: string): string {
  if (piece.flags.includes('-')) return text.padEnd(piece.width)
  const numeric = /^[diouxXeEfgG]$/.test(piece.letter)
  return text.padStart(piece.width, numeric && piece.flags.includes('0') ? '0' : ' ')
}
