import { absolutePath } from '../files/file-node.ts'
import { BoundedRegExp } from './bounded-regexp.ts'
import { busyboxProgram, ProgramError, parseOptions, UsageError } from './busybox-program.ts'
import { posixRegExp } from './posix-regexp.ts'
import { startChild } from './start-child.ts'

const env = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, '+i0u:')
  const operands = [...options.operands]
  const variables = new Map(options.has('i') || operands[0] === '-' ? [] : context.env)
  if (operands[0] === '-') operands.shift()
  for (const name of options.values('u')) variables.delete(name)
  while (operands[0]?.includes('=')) {
    const [name = '', ...value] = (operands.shift() ?? '').split('=')
    variables.set(name, value.join('='))
  }
  if (operands.length === 0) {
    for (const [name, value] of variables)
      await context.stdout.write(`${name}=${value}${options.has('0') ? '\0' : '\n'}`)
    return 0
  }
  const child = startChild(context, operands, { env: variables })
  if (child === undefined)
    throw new ProgramError(`can't execute '${operands[0]}': No such file or directory`, 127)
  return child.exited
})

const printenv = busyboxProgram(async (context, args) => {
  if (args.length === 0) {
    for (const [name, value] of context.env) await context.stdout.write(`${name}=${value}\n`)
    return 0
  }
  let status = 0
  for (const name of args) {
    const value = context.env.get(name)
    if (value === undefined) status = 1
    else await context.stdout.write(`${value}\n`)
  }
  return status
})

const which = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, 'a')
  if (options.operands.length === 0) throw new UsageError('')
  const { files } = context.container
  let status = 0
  for (const name of options.operands) {
    const candidates = name.includes('/')
      ? [name]
      : (context.env.get('PATH') ?? '').split(':').map((folder) => `${folder}/${name}`)
    const found = candidates.filter((path) => {
      const stat = files.stat(absolutePath(context.cwd, path))
      return stat?.kind === 'file' && stat.executable
    })
    if (found.length === 0) status = 1
    for (const path of options.has('a') ? found : found.slice(0, 1))
      await context.stdout.write(`${path}\n`)
  }
  return status
})

const basename = busyboxProgram(async (context, args) => {
  const [path, suffix] = args
  if (path === undefined || args.length > 2) throw new UsageError('')
  const bare = path.replace(/(.)\/+$/, '$1')
  const name = bare.slice(bare.lastIndexOf('/') + 1) || '/'
  const cutOff = suffix !== undefined && name !== suffix && name.endsWith(suffix)
  await context.stdout.write(`${cutOff ? name.slice(0, -(suffix?.length ?? 0)) : name}\n`)
  return 0
})

const dirname = busyboxProgram(async (context, args) => {
  const [path] = args
  if (path === undefined) throw new UsageError('')
  const bare = path.replace(/(.)\/+$/, '$1')
  const at = bare.lastIndexOf('/')
  await context.stdout.write(`${at === -1 ? '.' : at === 0 ? '/' : bare.slice(0, at)}\n`)
  return 0
})

const pwd = busyboxProgram(async (context) => {
  await context.stdout.write(`${context.cwd}\n`)
  return 0
})

/** expr: one expression, its words as arguments. */
const expr = busyboxProgram(async (context, args) => {
  if (args.length === 0) throw new ProgramError('too few arguments', 2)
  const parser = new ExprParser(args)
  const result = parser.or()
  if (!parser.atEnd) throw new ProgramError('syntax error', 2)
  await context.stdout.write(`${result}\n`)
  return result === '' || result === '0' ? 1 : 0
}, 2)

class ExprParser {
  private at = 0
  private readonly words: readonly string[]
  constructor(words: readonly string[]) {
    this.words = words
  }
  get atEnd(): boolean {
    return this.at >= this.words.length
  }
  private take(...operators: readonly string[]): string | undefined {
    const word = this.words[this.at]
    if (word === undefined || !operators.includes(word)) return undefined
    this.at++
    return word
  }
  private number(text: string): bigint {
    if (!/^-?\d+$/.test(text)) throw new ProgramError('non-numeric argument', 2)
    return BigInt(text)
  }
  or(): string {
    let left = this.and()
    while (this.take('|') !== undefined) {
      const right = this.and()
      left = left === '' || left === '0' ? right : left
    }
    return left
  }
  private and(): string {
    let left = this.comparison()
    while (this.take('&') !== undefined) {
      const right = this.comparison()
      const empty = (text: string) => text === '' || text === '0'
      left = empty(left) || empty(right) ? '0' : left
    }
    return left
  }
  private comparison(): string {
    let left = this.sum()
    for (;;) {
      const operator = this.take('<', '<=', '=', '==', '!=', '>=', '>')
      if (operator === undefined) return left
      const right = this.sum()
      const numeric = /^-?\d+$/.test(left) && /^-?\d+$/.test(right)
      const [one, two] = numeric ? [BigInt(left), BigInt(right)] : [left, right]
      const order = one < two ? -1 : one > two ? 1 : 0
      const holds =
        operator === '<'
          ? order < 0
          : operator === '<='
            ? order <= 0
            : operator === '!='
              ? order !== 0
              : operator === '>='
                ? order >= 0
                : operator === '>'
                  ? order > 0
                  : order === 0
      left = holds ? '1' : '0'
    }
  }
  private sum(): string {
    let left = this.product()
    for (;;) {
      const operator = this.take('+', '-')
      if (operator === undefined) return left
      const right = this.number(this.product())
      const value = operator === '+' ? this.number(left) + right : this.number(left) - right
      left = String(BigInt.asIntN(64, value))
    }
  }
  private product(): string {
    let left = this.match()
    for (;;) {
      const operator = this.take('*', '/', '%')
      if (operator === undefined) return left
      const [one, two] = [this.number(left), this.number(this.match())]
      if (two === 0n && operator !== '*') throw new ProgramError('division by zero', 2)
      left = String(
        BigInt.asIntN(64, operator === '*' ? one * two : operator === '/' ? one / two : one % two),
      )
    }
  }
  private match(): string {
    let left = this.primary()
    while (this.take(':') !== undefined) left = matched(left, this.primary())
    return left
  }
  private primary(): string {
    if (this.take('(') !== undefined) {
      const value = this.or()
      if (this.take(')') === undefined) throw new ProgramError('syntax error', 2)
      return value
    }
    const left = this.words.length - this.at
    if (left >= 2 && this.take('length') !== undefined) return String(this.primary().length)
    if (left >= 3 && this.take('match') !== undefined)
      return matched(this.primary(), this.primary())
    if (left >= 3 && this.take('index') !== undefined) {
      const text = this.primary()
      const chars = this.primary()
      return String([...text].findIndex((char) => chars.includes(char)) + 1)
    }
    if (left >= 4 && this.take('substr') !== undefined) {
      const text = this.primary()
      const [from, length] = [
        Number(this.number(this.primary())),
        Number(this.number(this.primary())),
      ]
      return from < 1 || length < 1 ? '' : text.slice(from - 1, from - 1 + length)
    }
    const word = this.words[this.at++]
    if (word === undefined) throw new ProgramError('syntax error', 2)
    return word
  }
}

/** What `text : pattern` gives: the first group, else how much matched. */
function matched(text: string, pattern: string): string {
  const expression = posixRegExp(pattern, { extended: false })
  const found = new BoundedRegExp(`^(?:${expression.source})`).exec(text)
  return pattern.includes('\\(') ? (found?.[1] ?? '') : String(found?.[0].length ?? 0)
}

/** The programs about the environment, names of files and small sums. */
export const environmentTools = { env, printenv, which, basename, dirname, pwd, expr }
