/** Amounts of resources: `500m`, `1Gi`, `2e3`. Models k8s.io/apimachinery api/resource. */

const NANO = 1_000_000_000n
const DECIMAL: readonly string[] = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E']
const BINARY: readonly string[] = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']

interface Parsed {
  /** In billionths, the smallest part that a quantity keeps. */
  readonly nanos: bigint
  readonly form: 'decimal' | 'binary' | 'exponent'
}

/** An amount in billionths; `undefined` for what is no quantity. */
export function nanosOf(text: string): bigint | undefined {
  return parse(text)?.nanos
}

/**
 * The quantity as the API server writes it: the largest unit that leaves a whole number (`0.5` → `500m`, `1024Mi` → `1Gi`). What is
 * no quantity comes back as it was.
 */
export function canonicalQuantity(text: string): string {
  const parsed = parse(text)
  return parsed === undefined ? text : written(parsed)
}

/** The sum of two quantities, in the form of the first one that is not nothing; what is no quantity counts as nothing. */
export function addQuantities(a: string, b: string): string {
  const [left, right] = [parse(a) ?? NOTHING, parse(b) ?? NOTHING]
  const { form } = left.nanos === 0n ? right : left
  return written({ nanos: left.nanos + right.nanos, form })
}

/** What is left of the first quantity without the second one, and never less than nothing. */
export function subtractQuantities(a: string, b: string): string {
  const [left, right] = [parse(a) ?? NOTHING, parse(b) ?? NOTHING]
  const nanos = left.nanos > right.nanos ? left.nanos - right.nanos : 0n
  return written({ nanos, form: left.form })
}

const NOTHING: Parsed = { nanos: 0n, form: 'decimal' }

function written(parsed: Parsed): string {
  const { nanos } = parsed
  const small = nanos > -1024n * NANO && nanos < 1024n * NANO
  if (parsed.form === 'binary' && !small && nanos % NANO === 0n) {
    let [value, unit] = [nanos / NANO, 0]
    while (value !== 0n && value % 1024n === 0n && unit < BINARY.length - 1) {
      value /= 1024n
      unit += 1
    }
    return `${value}${BINARY[unit]}`
  }
  let [value, unit] = [nanos, 0]
  while (value !== 0n && value % 1000n === 0n && unit < DECIMAL.length - 1) {
    value /= 1000n
    unit += 1
  }
  if (value === 0n) return '0'
  const exponent = (unit - 3) * 3
  if (parsed.form === 'exponent') return exponent === 0 ? `${value}` : `${value}e${exponent}`
  return `${value}${DECIMAL[unit]}`
}

function parse(text: string): Parsed | undefined {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:([eE])([+-]?\d+)|([numkMGTPE]|[KMGTPE]i)?)$/.exec(text)
  if (match === null) return undefined
  const [, sign = '', whole = '', fraction = '', isExponent, power, unit = ''] = match
  if (whole === '' && fraction === '') return undefined
  const binary = unit.endsWith('i')
  const shift = isExponent === undefined ? 0 : Number(power)
  if (Math.abs(shift) > 30) return undefined
  const scale = binary
    ? 1024n ** BigInt(BINARY.indexOf(unit))
    : 10n ** BigInt(isExponent === undefined ? DECIMAL.indexOf(unit) * 3 : 0)
  // In decimal units the scale counts from billionths already.
  const base = binary || isExponent !== undefined ? scale * NANO : scale
  const digits = BigInt(`${whole}${fraction}` || '0')
  const [over, under] = [
    digits * base * 10n ** BigInt(Math.max(0, shift)),
    10n ** BigInt(fraction.length + Math.max(0, -shift)),
  ]
  // What is smaller than a billionth is rounded up.
  const nanos = over / under + (over % under === 0n ? 0n : 1n)
  return {
    nanos: sign === '-' ? -nanos : nanos,
    form: binary ? 'binary' : isExponent === undefined ? 'decimal' : 'exponent',
  }
}
