/** Reads and sets the variables of an arithmetic expression. */
export interface ArithmeticVariables {
  get(name: string): string | undefined
  set(name: string, value: string): void
}

/** Message as ash words it. */
export class ArithmeticError extends Error {
  override readonly name = 'ArithmeticError'
}

/** A variable is looked up when an operator uses it, as BusyBox does: `a + a++` adds the new value. */
type Value = { readonly number: bigint } | { readonly variable: string }

const BINARY: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<=', '>=', '<', '>'],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
]
const ASSIGNMENTS = ['=', '+=', '-=', '*=', '/=', '%=', '<<=', '>>=', '&=', '^=', '|=']
const TOKEN =
  /\s*(?:(0[xX][0-9a-fA-F]+|\d+#[0-9a-zA-Z@_]+|\d+)|([A-Za-z_][A-Za-z0-9_]*)|(<<=|>>=|\*\*|\+\+|--|&&|\|\||<<|>>|[-+*/%<>=!&|^]=|[-+*/%<>=!&|^~?:(),]))/y

/** The value of `$((text))`: 64-bit integers, C operators, assignments. Throws `ArithmeticError`. */
export function evaluateArithmetic(
  text: string,
  variables: ArithmeticVariables,
  depth = 0,
): bigint {
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  const trimmed = text.trimEnd()
  while (TOKEN.lastIndex < trimmed.length) {
    const match = TOKEN.exec(trimmed)
    if (match === null) throw new ArithmeticError('arithmetic syntax error')
    tokens.push(match[1] ?? match[2] ?? match[3] ?? '')
  }
  if (tokens.length === 0) return 0n
  const evaluator = new Evaluator(tokens, variables, depth)
  const value = evaluator.comma()
  if (!evaluator.atEnd) throw new ArithmeticError('arithmetic syntax error')
  return value
}

class Evaluator {
  private at = 0
  /** Above 0, operands are parsed and not used: nothing is assigned or divided. */
  private skipping = 0
  private readonly tokens: readonly string[]
  private readonly variables: ArithmeticVariables
  private readonly depth: number

  constructor(tokens: readonly string[], variables: ArithmeticVariables, depth: number) {
    this.tokens = tokens
    this.variables = variables
    this.depth = depth
  }

  get atEnd(): boolean {
    return this.at >= this.tokens.length
  }

  comma(): bigint {
    let value = this.number(this.assignment())
    while (this.take(',')) value = this.number(this.assignment())
    return value
  }

  private assignment(): Value {
    const left = this.ternary()
    const operator = ASSIGNMENTS.find((candidate) => this.tokens[this.at] === candidate)
    if (operator === undefined) return left
    if (!('variable' in left)) throw new ArithmeticError('arithmetic syntax error')
    this.at++
    const right = this.number(this.assignment())
    const number =
      operator === '=' ? right : this.apply(operator.slice(0, -1), this.number(left), right)
    this.assign(left.variable, number)
    return { number }
  }

  private ternary(): Value {
    const condition = this.binary(0)
    if (!this.take('?')) return condition
    const truth = this.number(condition) !== 0n
    const yes = this.unless(!truth, () => this.number(this.assignment()))
    if (!this.take(':')) throw new ArithmeticError('arithmetic syntax error')
    const no = this.unless(truth, () => this.number(this.assignment()))
    return { number: truth ? yes : no }
  }

  private binary(level: number): Value {
    const operators = BINARY[level]
    if (operators === undefined) return this.power()
    let left = this.binary(level + 1)
    for (;;) {
      const operator = operators.find((candidate) => this.tokens[this.at] === candidate)
      if (operator === undefined) return left
      this.at++
      if (operator === '&&' || operator === '||') {
        // BusyBox computes both sides, whatever the first one is.
        const value = this.number(left)
        const right = this.number(this.binary(level + 1))
        left = { number: this.apply(operator, value, right) }
        continue
      }
      const right = this.binary(level + 1)
      left = { number: this.apply(operator, this.number(left), this.number(right)) }
    }
  }

  private power(): Value {
    const base = this.unary()
    if (!this.take('**')) return base
    const exponent = this.number(this.power())
    if (exponent < 0n) throw new ArithmeticError('exponent less than 0')
    return { number: power(this.number(base), exponent) }
  }

  private unary(): Value {
    for (const operator of ['++', '--'] as const) {
      if (!this.take(operator)) continue
      const operand = this.unary()
      if (!('variable' in operand)) {
        return operator === '--' ? { number: operand.number } : operand
      }
      const number = wrap(this.number(operand) + (operator === '++' ? 1n : -1n))
      this.assign(operand.variable, number)
      return { number }
    }
    if (this.take('!')) return { number: this.number(this.unary()) === 0n ? 1n : 0n }
    if (this.take('~')) return { number: wrap(~this.number(this.unary())) }
    if (this.take('-')) return { number: wrap(-this.number(this.unary())) }
    if (this.take('+')) return { number: this.number(this.unary()) }
    return this.primary()
  }

  private primary(): Value {
    const token = this.tokens[this.at++]
    if (token === undefined) throw new ArithmeticError('arithmetic syntax error')
    if (token === '(') {
      const number = this.comma()
      if (!this.take(')')) throw new ArithmeticError('arithmetic syntax error')
      return { number }
    }
    if (/^\d/.test(token)) return { number: parseNumber(token) }
    if (!/^[A-Za-z_]/.test(token)) throw new ArithmeticError('arithmetic syntax error')
    for (const [operator, step] of [
      ['++', 1n],
      ['--', -1n],
    ] as const) {
      if (this.take(operator)) {
        const number = this.valueOf(token)
        this.assign(token, wrap(number + step))
        return { number }
      }
    }
    return { variable: token }
  }

  private number(value: Value): bigint {
    if (!('variable' in value)) return value.number
    return this.skipping > 0 ? 0n : this.valueOf(value.variable)
  }

  private valueOf(name: string): bigint {
    const text = this.variables.get(name)?.trim() ?? ''
    if (text === '') return 0n
    if (/^[-+]?(?:0[xX][0-9a-fA-F]+|\d+)$/.test(text)) {
      return text.startsWith('-') ? -parseNumber(text.slice(1)) : parseNumber(text.replace('+', ''))
    }
    if (this.depth > 20) throw new ArithmeticError('expression recursion loop detected')
    return evaluateArithmetic(text, this.variables, this.depth + 1)
  }

  private assign(name: string, value: bigint): void {
    if (this.skipping === 0) this.variables.set(name, String(value))
  }

  private unless(skip: boolean, parse: () => bigint): bigint {
    if (skip) this.skipping++
    const value = parse()
    if (skip) this.skipping--
    return value
  }

  private take(token: string): boolean {
    if (this.tokens[this.at] !== token) return false
    this.at++
    return true
  }

  private apply(operator: string, left: bigint, right: bigint): bigint {
    const truth = (value: boolean) => (value ? 1n : 0n)
    switch (operator) {
      case '+':
        return wrap(left + right)
      case '-':
        return wrap(left - right)
      case '*':
        return wrap(left * right)
      case '/':
      case '%':
        if (right === 0n) {
          if (this.skipping > 0) return 0n
          throw new ArithmeticError('divide by zero')
        }
        return operator === '/' ? wrap(left / right) : left % right
      case '<<':
        return wrap(left << (right & 63n))
      case '>>':
        return left >> (right & 63n)
      case '&':
        return left & right
      case '|':
        return left | right
      case '^':
        return left ^ right
      case '==':
        return truth(left === right)
      case '!=':
        return truth(left !== right)
      case '<':
        return truth(left < right)
      case '>':
        return truth(left > right)
      case '<=':
        return truth(left <= right)
      case '>=':
        return truth(left >= right)
      case '&&':
        return truth(left !== 0n && right !== 0n)
      default:
        return truth(left !== 0n || right !== 0n)
    }
  }
}

const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ@_'

function parseNumber(text: string): bigint {
  if (/^0[xX]/.test(text)) return wrap(BigInt(text))
  const based = /^(\d+)#(.+)$/.exec(text)
  if (based?.[1] !== undefined && based[2] !== undefined) {
    const base = Number(based[1])
    let value = 0n
    for (const char of base <= 36 ? based[2].toLowerCase() : based[2]) {
      const digit = DIGITS.indexOf(char)
      if (digit === -1 || digit >= base || base > 64)
        throw new ArithmeticError('arithmetic syntax error')
      value = wrap(value * BigInt(base) + BigInt(digit))
    }
    return value
  }
  if (/^0[0-7]+$/.test(text)) return wrap(BigInt(`0o${text.slice(1)}`))
  if (/^0\d/.test(text)) throw new ArithmeticError('arithmetic syntax error')
  return wrap(BigInt(text))
}

/** In 64 bits at every step: a large exponent costs no memory. */
function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  let factor = base
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = wrap(result * factor)
    factor = wrap(factor * factor)
  }
  return result
}

function wrap(value: bigint): bigint {
  return BigInt.asIntN(64, value)
}
