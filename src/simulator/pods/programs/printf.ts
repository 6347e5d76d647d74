import type { Program } from '../process/program.ts'
import { calledAs } from './busybox-program.ts'
import { interpretEscapes } from './echo.ts'

const CONVERSION = /^%([-+ 0#]*)(\*|\d+)?(?:\.(\*|\d+)?)?([a-zA-Z%])/

/** printf: the format is used again while arguments are left. */
export const printf: Program = async (context) => {
  const [, format, ...args] = context.argv
  const name = calledAs(context)
  if (format === undefined) {
    await context.stderr.write('sh: usage: printf FORMAT [ARGUMENT...]\n')
    return 2
  }
  let status = 0
  let out = ''
  let next = 0
  const take = () => args[next++]
  const number = (text: string | undefined): number => {
    if (text === undefined || text === '') return 0
    if (/^["']./.test(text)) return text.codePointAt(1) ?? 0
    const value = /^[-+]?0[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number(text)
    if (!Number.isNaN(value)) return value
    status = 1
    errors.push(`${name === 'printf' ? 'sh' : name}: invalid number '${text}'\n`)
    return Number.parseInt(text, 10) || 0
  }
  const errors: string[] = []
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
      const match = CONVERSION.exec(rest)
      if (match === null) {
        if (rest.startsWith('%')) {
          errors.push(`${name === 'printf' ? 'sh' : name}: ${rest}: invalid format\n`)
          status = 1
          break rounds
        }
        out += format[at]
        at++
        continue
      }
      at += match[0].length
      const [, flags = '', widthText, precisionText, conversion = ''] = match
      if (conversion === '%') {
        out += '%'
        continue
      }
      const width = widthText === '*' ? number(take()) : Number(widthText ?? 0)
      const precision =
        precisionText === '*'
          ? number(take())
          : precisionText === undefined
            ? undefined
            : Number(precisionText)
      if (conversion === 'b') {
        const { out: text, stopped } = interpretEscapes(take() ?? '', { octalNeedsZero: true })
        out += pad(text, width, flags)
        if (stopped) break rounds
        continue
      }
      if (conversion === 's') out += pad((take() ?? '').slice(0, precision), width, flags)
      else if (conversion === 'c') out += pad((take() ?? '').slice(0, 1), width, flags)
      else
        out += pad(formatNumber(number(take()), conversion, flags, precision), width, flags, true)
    }
    if (next === begin) break
  } while (next < args.length)
  await context.stdout.write(out)
  for (const error of errors) await context.stderr.write(error)
  return status
}

function pad(text: string, width: number, flags: string, numeric = false): string {
  const wide = Math.abs(width)
  if (flags.includes('-') || width < 0) return text.padEnd(wide)
  if (numeric && flags.includes('0')) {
    const sign = /^[-+]/.exec(text)?.[0] ?? ''
    return sign + text.slice(sign.length).padStart(wide - sign.length, '0')
  }
  return text.padStart(wide)
}

function formatNumber(
  value: number,
  conversion: string,
  flags: string,
  precision: number | undefined,
): string {
  const sign =
    flags.includes('+') && value >= 0 ? '+' : flags.includes(' ') && value >= 0 ? ' ' : ''
  const whole = Math.trunc(value)
  const digits = (text: string) => (precision === undefined ? text : text.padStart(precision, '0'))
  switch (conversion) {
    case 'd':
    case 'i':
      return `${whole < 0 ? '-' : sign}${digits(String(Math.abs(whole)))}`
    case 'u':
      return digits(String(whole < 0 ? BigInt.asUintN(64, BigInt(whole)) : whole))
    case 'o':
      return (flags.includes('#') ? '0' : '') + digits(whole.toString(8))
    case 'x':
    case 'X': {
      const text =
        (flags.includes('#') ? '0x' : '') +
        digits((whole < 0 ? BigInt.asUintN(64, BigInt(whole)) : whole).toString(16))
      return conversion === 'X' ? text.toUpperCase() : text
    }
    case 'e':
    case 'E':
      return sign + value.toExponential(precision ?? 6).replace(/e([+-])(\d)$/, 'e$10$2')
    case 'g':
    case 'G':
      return sign + String(Number(value.toPrecision(precision === undefined ? 6 : precision || 1)))
    default:
      return sign + value.toFixed(precision ?? 6)
  }
}
