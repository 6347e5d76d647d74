import type { Program } from '../process/program.ts'
import { withinMemory } from '../process/program-context.ts'
import { calledAs } from './busybox-program.ts'
import { interpretEscapes, withBytes } from './echo.ts'

const CONVERSION = /^%([-+ 0#]*)(\*|\d+)?(?:\.(\*|\d+)?)?(?:hh|h|ll|l|L|j|t|z)?([a-zA-Z%])/
const KNOWN = 'diuoxXfFeEgGscb%'

/** printf: the format is used again while arguments are left. Errors stand between the output, as both are written at once. */
export const printf: Program = async (context) => {
  let [, format, ...args] = context.argv
  if (format === '--') [format, ...args] = args
  const name = calledAs(context) === 'printf' ? 'sh' : calledAs(context)
  if (format === undefined) {
    await context.stderr.write('sh: usage: printf FORMAT [ARGUMENT...]\n')
    return 2
  }
  let status = 0
  let out = ''
  let next = 0
  const errors: string[] = []
  const take = () => args[next++]
  const invalid = (text: string) => {
    status = 1
    errors.push(`${name}: invalid number '${text}'\n`)
    return 0n
  }
  const integer = (text = ''): bigint => {
    if (/^["']/.test(text)) return BigInt(text.codePointAt(1) ?? 0)
    const match = /^\s*([-+]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)$/.exec(text)
    if (match?.[2] === undefined) return invalid(text)
    const digits = match[2]
    const value = /^0[0-7]+$/.test(digits) ? BigInt(`0o${digits.slice(1)}`) : BigInt(digits)
    return BigInt.asIntN(64, match[1] === '-' ? -value : value)
  }
  const float = (text = ''): number => {
    if (/^["']/.test(text)) return text.codePointAt(1) ?? 0
    if (/^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(text)) return Number(text)
    invalid(text)
    return 0
  }
  rounds: do {
    const begin = next
    for (let at = 0; at < format.length; ) {
      const rest = format.slice(at)
      if (rest.startsWith('\\')) {
        const length = /^\\(?:x[0-9a-fA-F]{1,2}|[0-7]{1,3}|.)/s.exec(rest)?.[0].length ?? 1
        const { out: text, stopped } = interpretEscapes(rest.slice(0, length), {
          octalNeedsZero: false,
        })
        if (stopped) break rounds
        out += text
        at += length
        continue
      }
      if (!rest.startsWith('%')) {
        out += format[at]
        at++
        continue
      }
      const match = CONVERSION.exec(rest)
      if (match === null || !KNOWN.includes(match[4] ?? '')) {
        errors.push(
          `${name}: ${rest.replace(/^(%[-+ 0#]*\d*(?:\.\d*)?)[hlLjtz]+/, '$1')}: invalid format\n`,
        )
        status = 1
        break rounds
      }
      at += match[0].length
      const [, flags = '', widthText, precisionText, conversion = ''] = match
      if (conversion === '%') {
        out += '%'
        continue
      }
      const width = widthText === '*' ? Number(integer(take())) : Number(widthText ?? 0)
      const precision =
        precisionText === '*'
          ? Number(integer(take()))
          : precisionText !== undefined
            ? Number(precisionText)
            : match[0].includes('.')
              ? 0
              : undefined
      if (conversion === 'b') {
        const { out: text, stopped } = interpretEscapes(take() ?? '', { octalNeedsZero: true })
        out += pad(text, width, flags)
        if (stopped) break rounds
        continue
      }
      if (conversion === 's') out += pad((take() ?? '').slice(0, precision), width, flags)
      else if (conversion === 'c') out += pad((take() ?? '').slice(0, 1), width, flags)
      else if ('diuoxX'.includes(conversion)) {
        const text = formatInteger(integer(take()), conversion, flags, precision)
        out += pad(text, width, precision === undefined ? flags : flags.replace('0', ''), true)
      } else {
        const text = formatFloat(float(take()), conversion, flags, precision ?? 6)
        out += pad(text, width, flags, true)
      }
    }
    if (next === begin) break
  } while (next < args.length)
  await context.stdout.write(withBytes(out))
  for (const error of errors) await context.stderr.write(error)
  return status
}

function pad(text: string, width: number, flags: string, numeric = false): string {
  const wide = withinMemory(Math.abs(width))
  if (flags.includes('-') || width < 0) return text.padEnd(wide)
  if (numeric && flags.includes('0')) {
    const sign = /^(?:[-+ ]|0[xX])*/.exec(text)?.[0] ?? ''
    return sign + text.slice(sign.length).padStart(wide - sign.length, '0')
  }
  return text.padStart(wide)
}

const signOf = (negative: boolean, flags: string) =>
  negative ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : ''

/** An integer as C's printf shows it: 64 bits. */
export function formatInteger(
  value: bigint,
  conversion: string,
  flags: string,
  precision: number | undefined,
): string {
  const digits = (text: string) =>
    precision === 0 && value === 0n ? '' : text.padStart(withinMemory(precision ?? 0), '0')
  const unsigned = BigInt.asUintN(64, value)
  switch (conversion) {
    case 'd':
    case 'i':
      return signOf(value < 0n, flags) + digits(String(value < 0n ? -value : value))
    case 'u':
      return digits(String(unsigned))
    case 'o': {
      const text = digits(unsigned.toString(8))
      return flags.includes('#') && !text.startsWith('0') ? `0${text}` : text
    }
    default: {
      const text = digits(unsigned.toString(16))
      const all = flags.includes('#') && value !== 0n ? `0x${text}` : text
      return conversion === 'X' ? all.toUpperCase() : all
    }
  }
}

/** A floating-point number as C's printf shows it. */
export function formatFloat(
  value: number,
  conversion: string,
  flags: string,
  precision: number,
): string {
  const negative = value < 0 || Object.is(value, -0)
  const size = Math.abs(value)
  const upper = conversion === conversion.toUpperCase()
  const sign = signOf(negative, flags)
  if (!Number.isFinite(size)) {
    const text = Number.isNaN(size) ? 'nan' : 'inf'
    return sign + (upper ? text.toUpperCase() : text)
  }
  let text: string
  switch (conversion.toLowerCase()) {
    case 'f':
      text = fixed(size, precision)
      break
    case 'e':
      text = exponential(size, precision)
      break
    default: {
      const wanted = precision === 0 ? 1 : precision
      const exponent = size === 0 ? 0 : Number(size.toExponential(wanted - 1).split('e')[1])
      text =
        exponent < -4 || exponent >= wanted
          ? exponential(size, wanted - 1)
          : fixed(size, wanted - 1 - exponent)
      if (!flags.includes('#') && text.includes('.')) text = text.replace(/\.?0+(?=e|$)/, '')
    }
  }
  return sign + (upper ? text.toUpperCase() : text)
}

function exponential(value: number, precision: number): string {
  return value.toExponential(Math.min(precision, 100)).replace(/e([+-])(\d)$/, 'e$10$2')
}

/** Rounds to even where the number lies exactly between two, as C does and JavaScript does not. */
function fixed(value: number, digits: number): string {
  if (digits > 100 || value >= 1e21) {
    if (value < 1e21) return value.toFixed(100) + '0'.repeat(withinMemory(digits) - 100)
    return BigInt(value).toString() + (digits === 0 ? '' : `.${'0'.repeat(withinMemory(digits))}`)
  }
  const exact = value.toFixed(Math.min(100, digits + 40))
  const tail = exact.slice(exact.indexOf('.') + 1 + digits)
  const plain = value.toFixed(digits)
  if (!/^50*$/.test(tail)) return plain
  const kept = exact.slice(0, exact.indexOf('.') + 1 + digits).replace(/\.$/, '')
  return Number(kept.at(-1)) % 2 === 0 ? kept : plain
}
