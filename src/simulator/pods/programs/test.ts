import type { FileStat } from '../files/file-node.ts'
import type { Program, ProgramContext } from '../process/program.ts'
import { pathOf } from '../process/program-context.ts'
import { matchesPattern } from '../shell/pattern.ts'
import { BoundedRegExp } from './bounded-regexp.ts'
import { calledAs } from './busybox-program.ts'

class TestError extends Error {}

interface TestContext
  extends Pick<ProgramContext, 'container' | 'cwd' | 'stdin' | 'stdout' | 'stderr'> {
  /** In `[[ … ]]` the right of `=` is a pattern. */
  readonly patterns: boolean
}

const UNARY = /^-[a-hknoprstuwxzLSGO]$/
const BINARY = new Set([
  '=',
  '==',
  '!=',
  '<',
  '>',
  '=~',
  '-eq',
  '-ne',
  '-lt',
  '-le',
  '-gt',
  '-ge',
  '-nt',
  '-ot',
  '-ef',
])

/** `test` and `[`: 0 true, 1 false, 2 for what it does not understand. */
export const testProgram: Program = async (context) => {
  const name = calledAs(context)
  let args = context.argv.slice(1)
  try {
    if (name === '[' || name === '[[') {
      if (args.at(-1) !== (name === '[' ? ']' : ']]'))
        throw new TestError(`missing ${name === '[' ? ']' : ']]'}`)
      args = args.slice(0, -1)
    }
    const { container, cwd, stdin, stdout, stderr } = context
    const patterns = name === '[['
    return evaluateTest(args, { container, cwd, stdin, stdout, stderr, patterns }) ? 0 : 1
  } catch (error) {
    if (!(error instanceof TestError)) throw error
    await context.stderr.write(`sh: ${error.message}\n`)
    return 2
  }
}

function evaluateTest(args: readonly string[], context: TestContext): boolean {
  // POSIX fixes the meaning by the number of arguments, so that odd operands need no escapes.
  switch (args.length) {
    case 0:
      return false
    case 1:
      return args[0] !== ''
    case 2:
      if (args[0] === '!') return args[1] === ''
      break
    case 3:
      if (BINARY.has(args[1] ?? ''))
        return binary(args[0] ?? '', args[1] ?? '', args[2] ?? '', context)
      break
    case 4:
      if (args[0] === '!') return !evaluateTest(args.slice(1), context)
      break
    default:
  }
  const parser = new TestParser(args, context)
  const value = parser.or()
  if (!parser.atEnd) throw new TestError(`${parser.current}: unknown operand`)
  return value
}

class TestParser {
  private at = 0
  private readonly args: readonly string[]
  private readonly context: TestContext
  constructor(args: readonly string[], context: TestContext) {
    this.args = args
    this.context = context
  }
  get atEnd(): boolean {
    return this.at >= this.args.length
  }
  get current(): string | undefined {
    return this.args[this.at]
  }
  or(): boolean {
    let value = this.and()
    while (this.take('-o')) value = this.and() || value
    return value
  }
  private and(): boolean {
    let value = this.not()
    while (this.take('-a')) value = this.not() && value
    return value
  }
  private not(): boolean {
    return this.take('!') ? !this.not() : this.primary()
  }
  private primary(): boolean {
    const word = this.args[this.at]
    if (word === undefined) throw new TestError('argument expected')
    if (word === '(') {
      this.at++
      const value = this.or()
      if (!this.take(')')) throw new TestError('closing paren expected')
      return value
    }
    const operator = this.args[this.at + 1]
    if (operator !== undefined && BINARY.has(operator) && this.at + 2 < this.args.length) {
      this.at += 3
      return binary(word, operator, this.args[this.at - 1] ?? '', this.context)
    }
    if (operator !== undefined && BINARY.has(operator))
      throw new TestError(`${operator}: argument expected`)
    if (UNARY.test(word) && operator !== undefined) {
      this.at += 2
      return unary(word, operator, this.context)
    }
    this.at++
    return word !== ''
  }
  private take(word: string): boolean {
    if (this.args[this.at] !== word) return false
    this.at++
    return true
  }
}

function integer(text: string): bigint {
  const trimmed = text.trim()
  // musl's strtoll sets an error where it finds no digit, and BusyBox takes any error for a number that is too big.
  if (!/^[-+]?\d/.test(trimmed))
    throw new TestError(text === '' ? 'out of range' : `${text}: out of range`)
  if (!/^[-+]?\d+$/.test(trimmed)) throw new TestError(`${text}: bad number`)
  const value = BigInt(trimmed.replace(/^\+/, ''))
  if (BigInt.asIntN(64, value) !== value) throw new TestError(`${text}: out of range`)
  return value
}

function binary(left: string, operator: string, right: string, context: TestContext): boolean {
  switch (operator) {
    case '=':
    case '==':
      return sameText(left, right, context)
    case '!=':
      return !sameText(left, right, context)
    case '<':
      return left < right
    case '>':
      return left > right
    case '=~':
      return new BoundedRegExp(right).test(left)
    case '-eq':
      return integer(left) === integer(right)
    case '-ne':
      return integer(left) !== integer(right)
    case '-lt':
      return integer(left) < integer(right)
    case '-le':
      return integer(left) <= integer(right)
    case '-gt':
      return integer(left) > integer(right)
    case '-ge':
      return integer(left) >= integer(right)
    default: {
      const { files } = context.container
      const one = files.stat(pathOf(context, left))
      const other = files.stat(pathOf(context, right))
      if (operator === '-ef')
        return files.resolve(pathOf(context, left)) === files.resolve(pathOf(context, right))
      const [newer, older] = operator === '-nt' ? [one, other] : [other, one]
      const seconds = (stat: FileStat) => Math.floor(stat.modifiedMs / 1000)
      return newer !== undefined && older !== undefined && seconds(newer) > seconds(older)
    }
  }
}

function sameText(left: string, right: string, context: TestContext): boolean {
  if (!context.patterns) return left === right
  return matchesPattern([{ text: right, quoted: false }], left)
}

function unary(operator: string, operand: string, context: TestContext): boolean {
  if (operator === '-n') return operand !== ''
  if (operator === '-z') return operand === ''
  if (operator === '-t') {
    const stream = [context.stdin, context.stdout, context.stderr][Number(operand)]
    return stream?.terminal !== undefined
  }
  const { files } = context.container
  const path = pathOf(context, operand)
  if (operator === '-L' || operator === '-h') return files.lstat(path)?.kind === 'link'
  const stat: FileStat | undefined = files.stat(path)
  if (stat === undefined) return false
  switch (operator) {
    case '-d':
      return stat.kind === 'directory'
    case '-f':
      return stat.kind === 'file' && !path.startsWith('/dev/')
    case '-s':
      return stat.size > 0
    case '-x':
      return stat.executable
    case '-c':
      return path.startsWith('/dev/')
    case '-b':
    case '-p':
    case '-S':
    case '-u':
    case '-g':
    case '-k':
      return false
    default:
      return true
  }
}
