import { KubectlError, notInLab } from './kubectl-error.ts'

/** `slice` splits each value at commas, `array` takes it whole; both may be given several times. */
export type FlagType = 'bool' | 'string' | 'int' | 'duration' | 'slice' | 'array'

export interface FlagSpec {
  readonly name: string
  readonly short?: string
  readonly type: FlagType
  readonly default?: string
  /** Value of the flag given alone: `--dry-run`. */
  readonly alone?: string
  /** kubectl has it and the lab does not: what to do instead. */
  readonly refused?: string
  /** Words of a completion. */
  readonly values?: readonly string[]
}

/** Flags as given, and the words between them. */
export interface ParsedFlags {
  readonly positionals: readonly string[]
  /** How many positionals stood before `--`; `-1` without it. */
  readonly beforeDash: number
  readonly flags: Flags
}

/** Values of flags, with the defaults of their specs. */
export class Flags {
  private readonly values: ReadonlyMap<string, readonly string[]>
  private readonly specs: readonly FlagSpec[]

  constructor(specs: readonly FlagSpec[], values: ReadonlyMap<string, readonly string[]>) {
    this.specs = specs
    this.values = values
  }

  /** Whether it was given at all. */
  has(name: string): boolean {
    return this.values.has(name)
  }

  string(name: string): string {
    return (
      this.values.get(name)?.at(-1) ?? this.specs.find((spec) => spec.name === name)?.default ?? ''
    )
  }

  bool(name: string): boolean {
    return TRUE.has(this.string(name))
  }

  int(name: string): number {
    return Number(this.string(name) || '0')
  }

  list(name: string): readonly string[] {
    return this.values.get(name) ?? []
  }

  /** Milliseconds. */
  duration(name: string): number {
    return parseDuration(this.string(name) || '0') ?? 0
  }
}

const TRUE: ReadonlySet<string> = new Set(['1', 't', 'T', 'TRUE', 'true', 'True'])
const FALSE: ReadonlySet<string> = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False'])

/**
 * Reads flags as spf13/pflag does, with its texts: `--name value`, `--name=value`, `-x value`, `-xvalue`, bundles of
 * one-letter switches, `--` ends them, and words may stand between.
 *
 * @param command as the help names it: `kubectl run`
 * @throws KubectlError
 */
export function parseFlags(
  command: string,
  specs: readonly FlagSpec[],
  args: readonly string[],
): ParsedFlags {
  const values = new Map<string, string[]>()
  const positionals: string[] = []
  let beforeDash = -1
  const fail = (message: string): never => {
    throw new KubectlError(`${message}\nSee '${command} --help' for usage.`)
  }
  const set = (spec: FlagSpec, value: string) => {
    const problem = checkValue(spec, value)
    if (problem !== undefined) {
      const name = spec.short === undefined ? `--${spec.name}` : `-${spec.short}, --${spec.name}`
      fail(`invalid argument ${JSON.stringify(value)} for "${name}" flag: ${problem}`)
    }
    if (spec.refused !== undefined) {
      throw notInLab(`--${spec.name}`, spec.refused)
    }
    const added = spec.type === 'slice' ? value.split(',') : [value]
    const many = spec.type === 'slice' || spec.type === 'array'
    values.set(spec.name, many ? [...(values.get(spec.name) ?? []), ...added] : added)
  }
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? ''
    if (arg === '--') {
      beforeDash = positionals.length
      positionals.push(...args.slice(index + 1))
      break
    }
    if (!arg.startsWith('-') || arg === '-') {
      positionals.push(arg)
      continue
    }
    if (arg.startsWith('--')) {
      const text = arg.slice(2)
      if (text.startsWith('-') || text.startsWith('=')) fail(`bad flag syntax: ${arg}`)
      const equals = text.indexOf('=')
      const name = equals === -1 ? text : text.slice(0, equals)
      const spec = specs.find((one) => one.name === name)
      if (spec === undefined) {
        fail(`unknown flag: --${name}`)
        continue
      }
      const alone = spec.alone ?? (spec.type === 'bool' ? 'true' : undefined)
      if (equals !== -1) set(spec, text.slice(equals + 1))
      else if (alone !== undefined) set(spec, alone)
      else if (index + 1 < args.length) set(spec, args[++index] ?? '')
      else fail(`flag needs an argument: ${arg}`)
      continue
    }
    let letters = arg.slice(1)
    while (letters !== '') {
      const letter = letters[0] ?? ''
      const spec = specs.find((one) => one.short === letter)
      if (spec === undefined) {
        fail(`unknown shorthand flag: '${letter}' in -${letters}`)
        break
      }
      const rest = letters.slice(1)
      const alone = spec.alone ?? (spec.type === 'bool' ? 'true' : undefined)
      if (rest.startsWith('=') && letters.length > 2) {
        set(spec, rest.slice(1))
        break
      }
      if (alone !== undefined) {
        set(spec, alone)
        letters = rest
        continue
      }
      if (rest !== '') set(spec, rest)
      else if (index + 1 < args.length) set(spec, args[++index] ?? '')
      else fail(`flag needs an argument: '${letter}' in -${letters}`)
      break
    }
  }
  return { positionals, beforeDash, flags: new Flags(specs, values) }
}

function checkValue(spec: FlagSpec, value: string): string | undefined {
  switch (spec.type) {
    case 'bool':
      return TRUE.has(value) || FALSE.has(value)
        ? undefined
        : `strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`
    case 'int':
      return /^[+-]?\d+$/.test(value)
        ? undefined
        : `strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`
    case 'duration':
      return parseDuration(value) === undefined ? durationProblem(value) : undefined
    default:
      return undefined
  }
}

const UNITS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}

/** Milliseconds of a Go duration such as `1m30s`, or `undefined` where it is none. */
export function parseDuration(text: string): number | undefined {
  const match = /^([+-]?)((?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h))+$/.exec(text)
  if (match === null) return /^[+-]?0$/.test(text) ? 0 : undefined
  let sum = 0
  for (const part of text.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/g)) {
    sum += Number(part[1]) * (UNITS[part[2] ?? ''] ?? 0)
  }
  return match[1] === '-' ? -sum : sum
}

/** The words of Go's `time.ParseDuration`. */
function durationProblem(text: string): string {
  return /^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(text)
    ? `time: missing unit in duration ${JSON.stringify(text)}`
    : `time: invalid duration ${JSON.stringify(text)}`
}
