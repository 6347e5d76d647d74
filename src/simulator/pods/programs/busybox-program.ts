import { FileError } from '../files/file-node.ts'
import type { Program, ProgramContext } from '../process/program.ts'
import { BUSYBOX_USAGE } from './busybox-usage.ts'

/** What BusyBox calls itself in usage texts. */
export const BUSYBOX_BANNER = 'BusyBox v1.37.0 multi-call binary.'

/** A program that says what is wrong and ends; the name is put before it. */
export class ProgramError extends Error {
  override readonly name = 'ProgramError'
  /** Where none is given, the code that the program has for failing. */
  readonly exitCode: number | undefined
  constructor(message: string, exitCode?: number) {
    super(message)
    this.exitCode = exitCode
  }
}

/** Wrong arguments: the message, if any, and the synopsis follow. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** The name that a program was called by, without folders. */
export function calledAs(context: Pick<ProgramContext, 'argv'>): string {
  const [name = ''] = context.argv
  return name.slice(name.lastIndexOf('/') + 1)
}

function usageOf(context: ProgramContext): string {
  const name = calledAs(context)
  return `${BUSYBOX_BANNER}\n\nUsage: ${BUSYBOX_USAGE[name] ?? name}\n`
}

/** What GNU's programs say to wrong arguments: getopt's words as glibc has them, and where to read on. */
function gnuUsage(name: string, message: string): string {
  const words = message
    .replace(/^unrecognized option: (.)$/, "invalid option -- '$1'")
    .replace(/^unrecognized option: (.+)$/, "unrecognized option '--$1'")
    .replace(/^option requires an argument: (.)$/, "option requires an argument -- '$1'")
    .replace(/^option requires an argument: (.+)$/, "option '--$1' requires an argument")
  return `${name}: ${words === '' ? 'missing operand' : words}\nTry '${name} --help' for more information.\n`
}

/**
 * A program in BusyBox' manner: errors as `name: message`, wrong arguments with the synopsis on stderr and exit 1.
 */
export function busyboxProgram(
  run: (context: ProgramContext, args: readonly string[]) => Promise<number>,
  failureCode = 1,
): Program {
  return async (context) => {
    const args = context.argv.slice(1)
    try {
      if (args.length === 1 && args[0] === '--help') {
        // Asked for, it is no error.
        await context.stderr.write(usageOf(context))
        return 0
      }
      return await run(context, args)
    } catch (error) {
      if (error instanceof ProgramError) {
        await context.stderr.write(`${calledAs(context)}: ${error.message}\n`)
        return error.exitCode ?? failureCode
      }
      if (error instanceof FileError) {
        const what = error.path === '' ? '' : `${error.path}: `
        await context.stderr.write(`${calledAs(context)}: ${what}${error.message}\n`)
        return 1
      }
      if (error instanceof UsageError && context.gnu) {
        await context.stderr.write(gnuUsage(calledAs(context), error.message))
        return failureCode
      }
      if (error instanceof UsageError) {
        if (error.message !== '')
          await context.stderr.write(`${calledAs(context)}: ${error.message}\n`)
        await context.stderr.write(usageOf(context))
        return failureCode
      }
      throw error
    }
  }
}

export interface ParsedOptions {
  has(letter: string): boolean
  /** How often a flag was given. */
  count(letter: string): number
  /** The last value of an option. */
  value(letter: string): string | undefined
  values(letter: string): readonly string[]
  readonly operands: readonly string[]
}

/**
 * Options as getopt of musl reads them. `letters`: `c:` takes a value; a leading `+` stops at the first operand.
 * `long`: long names and the letter that each means. Throws `UsageError`.
 */
export function parseOptions(
  args: readonly string[],
  letters: string,
  long: Readonly<Record<string, string>> = {},
): ParsedOptions {
  const given = new Map<string, string[]>()
  const operands: string[] = []
  const add = (letter: string, value: string) =>
    given.set(letter, [...(given.get(letter) ?? []), value])
  const takesValue = (letter: string) => letters.includes(`${letter}:`)
  for (let index = 0; index < args.length; index++) {
    const argument = args[index] ?? ''
    if (argument === '--') {
      operands.push(...args.slice(index + 1))
      break
    }
    if (argument.startsWith('--')) {
      const [name = '', ...rest] = argument.slice(2).split('=')
      const matches = Object.keys(long).filter((candidate) => candidate.startsWith(name))
      const key = matches.includes(name) ? name : matches.length === 1 ? matches[0] : undefined
      const letter = key === undefined ? undefined : long[key]
      if (letter === undefined) throw new UsageError(`unrecognized option: ${name}`)
      if (!takesValue(letter)) add(letter, '')
      else if (rest.length > 0) add(letter, rest.join('='))
      else {
        const value = args[++index]
        if (value === undefined) throw new UsageError(`option requires an argument: ${name}`)
        add(letter, value)
      }
      continue
    }
    if (!argument.startsWith('-') || argument === '-') {
      if (letters.startsWith('+')) {
        operands.push(...args.slice(index))
        break
      }
      operands.push(argument)
      continue
    }
    for (let at = 1; at < argument.length; at++) {
      const letter = argument[at] ?? ''
      if (letter === ':' || letter === '+' || !letters.includes(letter)) {
        throw new UsageError(`unrecognized option: ${letter}`)
      }
      if (!takesValue(letter)) {
        add(letter, '')
        continue
      }
      const value = argument.slice(at + 1) || args[++index]
      if (value === undefined) throw new UsageError(`option requires an argument: ${letter}`)
      add(letter, value)
      break
    }
  }
  return {
    has: (letter) => given.has(letter),
    count: (letter) => given.get(letter)?.length ?? 0,
    value: (letter) => given.get(letter)?.at(-1),
    values: (letter) => given.get(letter) ?? [],
    operands,
  }
}

/** A whole number of an option; anything else ends the program as BusyBox' xatoi does. */
export function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new ProgramError(`invalid number '${text}'`)
  return Number(text)
}

/** Seconds with a fraction, and for sleep and timeout with a suffix s, m, h, d. */
export function duration(text: string): number {
  const match = /^(\d+(?:\.\d*)?|\.\d+)([smhd]?)$/.exec(text)
  if (match?.[1] === undefined) throw new ProgramError(`invalid number '${text}'`)
  const factor = { s: 1, m: 60, h: 3600, d: 86_400 }[match[2] || 's'] ?? 1
  return Number(match[1]) * factor
}
