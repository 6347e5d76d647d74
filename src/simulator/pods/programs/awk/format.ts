import { withinMemory } from '../../process/program-context.ts'
import { formatFloat, formatInteger } from '../printf.ts'
import { toNumber, type Value } from './values.ts'

/** Values as a format of printf shows them. `string`: the text of a value. */
export function formatted(
  format: string,
  values: readonly Value[],
  string: (value: Value) => string,
): string {
  let next = 0
  const take = () => values[next++] ?? { text: '' }
  return format.replace(
    /%([-+ 0#]*)(\*|\d+)?(?:\.(\*|\d+)?)?[hlL]*([a-zA-Z%])/g,
    (
      whole,
      flags: string,
      widthText: string | undefined,
      precisionText: string | undefined,
      conversion: string,
    ) => {
      if (conversion === '%') return '%'
      const width = widthText === '*' ? toNumber(take()) : Number(widthText ?? 0)
      const precision =
        precisionText === '*'
          ? toNumber(take())
          : precisionText !== undefined
            ? Number(precisionText)
            : whole.includes('.')
              ? 0
              : undefined
      let text: string
      const numeric = 'diouxXeEfFgG'.includes(conversion)
      if (conversion === 's') text = string(take()).slice(0, precision)
      else if (conversion === 'c') {
        const value = take()
        text =
          typeof value === 'number'
            ? String.fromCodePoint(value & 0x1fffff)
            : string(value).slice(0, 1)
      } else if ('diouxX'.includes(conversion)) {
        const value = Math.trunc(toNumber(take()))
        text = formatInteger(
          Number.isFinite(value) ? BigInt(value) : 0n,
          conversion,
          flags,
          precision,
        )
      } else if (numeric) text = formatFloat(toNumber(take()), conversion, flags, precision ?? 6)
      else return whole
      const wide = withinMemory(Math.abs(width))
      if (flags.includes('-') || width < 0) return text.padEnd(wide)
      if (!numeric || !flags.includes('0')) return text.padStart(wide)
      const sign = /^[-+ ]?/.exec(text)?.[0] ?? ''
      return sign + text.slice(sign.length).padStart(wide - sign.length, '0')
    },
  )
}
