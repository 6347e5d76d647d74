/** Flags as Go's pflag reads them. */
export interface GoFlags {
  value(name: string): string
  number(name: string): number
  isSet(name: string): boolean
  readonly operands: readonly string[]
}

/** Wrong flags, in pflag's words. */
export class GoFlagError extends Error {
  override readonly name = 'GoFlagError'
}

/** Reads `--name=value`, `--name value`, `--switch`. `known`: defaults by name; `true` and `false` make a switch. */
export function parseGoFlags(
  args: readonly string[],
  known: Readonly<Record<string, string>>,
): GoFlags {
  const values = new Map(Object.entries(known))
  const given = new Set<string>()
  const operands: string[] = []
  for (let index = 0; index < args.length; index++) {
    const argument = args[index] ?? ''
    if (argument === '--') {
      operands.push(...args.slice(index + 1))
      break
    }
    if (!argument.startsWith('-') || argument === '-') {
      operands.push(argument)
      continue
    }
    const equals = argument.indexOf('=')
    const name = argument.slice(0, equals === -1 ? undefined : equals).replace(/^--?/, '')
    const fallback = known[name]
    if (fallback === undefined || !argument.startsWith('--')) {
      throw new GoFlagError(
        argument.startsWith('--')
          ? `unknown flag: --${name}`
          : `unknown shorthand flag: '${name[0] ?? ''}' in ${argument}`,
      )
    }
    const isSwitch = fallback === 'true' || fallback === 'false'
    const value = equals !== -1 ? argument.slice(equals + 1) : isSwitch ? 'true' : args[++index]
    if (value === undefined) throw new GoFlagError(`flag needs an argument: --${name}`)
    if (/^-?\d+$/.test(fallback) && !/^-?\d+$/.test(value)) {
      throw new GoFlagError(
        `invalid argument "${value}" for "--${name}" flag: strconv.ParseInt: parsing "${value}": invalid syntax`,
      )
    }
    if (/^\d+s$/.test(fallback) && parseGoDuration(value) === undefined) {
      throw new GoFlagError(
        `invalid argument "${value}" for "--${name}" flag: time: invalid duration "${value}"`,
      )
    }
    values.set(name, value)
    given.add(name)
  }
  return {
    value: (name) => values.get(name) ?? '',
    number: (name) => Number(values.get(name)),
    isSet: (name) => given.has(name),
    operands,
  }
}

const UNITS: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 0.001,
  µs: 0.001,
  ns: 0.000_001,
}

/** Go's `time.ParseDuration` in milliseconds; `undefined` where it is no duration. */
export function parseGoDuration(text: string): number | undefined {
  if (text === '0') return 0
  if (!/^(?:\d+(?:\.\d*)?|\.\d+)(?:h|ms|m|us|µs|ns|s)/.test(text)) return undefined
  let total = 0
  let rest = text
  while (rest !== '') {
    const match = /^(\d+(?:\.\d*)?|\.\d+)(h|ms|m|us|µs|ns|s)/.exec(rest)
    if (match === null) return undefined
    total += Number(match[1]) * (UNITS[match[2] ?? ''] ?? 0)
    rest = rest.slice(match[0].length)
  }
  return total
}
