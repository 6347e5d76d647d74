import {
  type AwkProgram,
  AwkSyntaxError,
  type Expression,
  type Rule,
  type Statement,
} from './syntax.ts'
import { type Token, tokenize, WORDS } from './tokens.ts'

/** Reads an awk program. Throws `AwkSyntaxError`. */
export function parseAwk(text: string): AwkProgram {
  return new Parser(tokenize(text)).program()
}

class Parser {
  private at = 0
  private readonly tokens: readonly Token[]
  /** Inside parentheses `>` compares; in an open `print` it redirects. */
  private noGreater = false
  private noIn = false
  constructor(tokens: readonly Token[]) {
    this.tokens = tokens
  }

  private get token(): Token {
    return this.tokens[this.at] ?? { kind: 'end', text: '', line: 0, spaceBefore: false }
  }
  private is(text: string): boolean {
    return (this.token.kind === 'symbol' || this.token.kind === 'name') && this.token.text === text
  }
  private take(text: string): boolean {
    if (!this.is(text)) return false
    this.at++
    return true
  }
  private expect(text: string): void {
    if (!this.take(text)) throw this.unexpected()
  }
  private unexpected(): AwkSyntaxError {
    // BusyBox tells the end only where a line has ended before it; one newline more stands there always.
    const ended = this.token.kind === 'end' && this.tokens[this.at - 2]?.kind === 'newline'
    return new AwkSyntaxError(
      ended ? 'Unexpected end of string' : 'Unexpected token',
      this.token.line,
    )
  }
  private newlines(): void {
    while (this.token.kind === 'newline') this.at++
  }
  private separators(): void {
    while (this.token.kind === 'newline' || this.is(';')) this.at++
  }

  program(): AwkProgram {
    const rules: Rule[] = []
    const functions = new Map<string, { parameters: string[]; body: Statement }>()
    for (;;) {
      this.separators()
      if (this.token.kind === 'end') return { rules, functions }
      if (this.take('function') || this.take('func')) {
        const name = this.token.text
        this.at++
        this.expect('(')
        const parameters: string[] = []
        while (!this.take(')')) {
          this.newlines()
          parameters.push(this.token.text)
          this.at++
          this.take(',')
        }
        this.newlines()
        functions.set(name, { parameters, body: this.block() })
      } else if (this.take('BEGIN')) rules.push(this.rule('begin'))
      else if (this.take('END')) rules.push(this.rule('end'))
      else if (this.is('{')) rules.push(this.rule('main'))
      else {
        const from = this.expression()
        let to: Expression | undefined
        if (this.take(',')) {
          this.newlines()
          to = this.expression()
        }
        rules.push({ kind: 'main', from, to, body: this.is('{') ? this.block() : undefined })
      }
    }
  }

  private rule(kind: Rule['kind']): Rule {
    if (kind !== 'main') this.newlines()
    return { kind, from: undefined, to: undefined, body: this.block() }
  }

  private block(): Statement {
    this.expect('{')
    const body: Statement[] = []
    for (;;) {
      this.separators()
      if (this.take('}')) return { kind: 'block', body }
      if (this.token.kind === 'end') throw this.unexpected()
      body.push(this.statement())
    }
  }

  /** A statement of `if`, `while` or `for`, which may stand on the next line; `;` is an empty one. */
  private body(): Statement {
    this.newlines()
    if (this.take(';')) return { kind: 'block', body: [] }
    return this.statement()
  }

  private statement(): Statement {
    if (this.is('{')) return this.block()
    if (this.take('if')) {
      this.expect('(')
      const test = this.expression()
      this.expect(')')
      const yes = this.body()
      const before = this.at
      this.separators()
      if (this.take('else')) return { kind: 'if', test, yes, no: this.body() }
      this.at = before
      return { kind: 'if', test, yes, no: undefined }
    }
    if (this.take('while')) {
      this.expect('(')
      const test = this.expression()
      this.expect(')')
      return { kind: 'while', test, body: this.body(), after: false }
    }
    if (this.take('do')) {
      const body = this.body()
      this.separators()
      this.expect('while')
      this.expect('(')
      const test = this.expression()
      this.expect(')')
      this.end()
      return { kind: 'while', test, body, after: true }
    }
    if (this.take('for')) return this.forStatement()
    const statement = this.simple()
    this.end()
    return statement
  }

  private end(): void {
    if (this.token.kind === 'newline' || this.is(';')) this.at++
    else if (!this.is('}') && this.token.kind !== 'end') throw this.unexpected()
  }

  private forStatement(): Statement {
    this.expect('(')
    const [variable, word, array, close] = this.tokens.slice(this.at, this.at + 4)
    if (
      variable?.kind === 'name' &&
      word?.text === 'in' &&
      array?.kind === 'name' &&
      close?.text === ')'
    ) {
      this.at += 4
      return { kind: 'for-in', variable: variable.text, array: array.text, body: this.body() }
    }
    const first = this.is(';') ? undefined : this.simple()
    this.expect(';')
    this.newlines()
    const test = this.is(';') ? undefined : this.expression()
    this.expect(';')
    this.newlines()
    const next = this.is(')') ? undefined : this.simple()
    this.expect(')')
    return { kind: 'for', first, test, next, body: this.body() }
  }

  private simple(): Statement {
    for (const how of ['next', 'nextfile', 'break', 'continue'] as const) {
      if (this.take(how)) return { kind: 'leave', how }
    }
    if (this.take('exit')) return { kind: 'exit', value: this.optional() }
    if (this.take('return')) return { kind: 'return', value: this.optional() }
    if (this.take('delete')) {
      const name = this.token.text
      this.at++
      return { kind: 'delete', name, keys: this.take('[') ? this.keys(']') : undefined }
    }
    if (this.is('print') || this.is('printf')) {
      const formatted = this.is('printf')
      this.at++
      return this.print(formatted)
    }
    return { kind: 'expression', value: this.expression() }
  }

  private optional(): Expression | undefined {
    const over =
      this.token.kind === 'newline' || this.token.kind === 'end' || this.is(';') || this.is('}')
    return over ? undefined : this.expression()
  }

  private print(formatted: boolean): Statement {
    let args: Expression[] = []
    const over = () =>
      this.token.kind === 'newline' ||
      this.token.kind === 'end' ||
      ['>', '>>', '|', ';', '}'].some((s) => this.is(s))
    if (!over()) {
      // `print (a, b) > "f"`: parentheses around all arguments.
      const start = this.at
      let grouped: Expression[] | undefined
      if (this.take('(')) {
        try {
          grouped = this.keys(')')
          if (!over()) grouped = undefined
        } catch (error) {
          if (!(error instanceof AwkSyntaxError)) throw error
          grouped = undefined
        }
      }
      if (grouped === undefined) {
        this.at = start
        this.noGreater = true
        args = [this.expression()]
        while (this.take(',')) {
          this.newlines()
          args.push(this.expression())
        }
        this.noGreater = false
      } else args = grouped
    }
    for (const to of ['>>', '>', '|'] as const) {
      if (!this.take(to)) continue
      this.noGreater = true
      const target = this.concatenation(false)
      this.noGreater = false
      return { kind: 'print', formatted, args, to, target }
    }
    return { kind: 'print', formatted, args, to: undefined, target: undefined }
  }

  private keys(close: string): Expression[] {
    const outer = { noGreater: this.noGreater, noIn: this.noIn }
    this.noGreater = false
    this.noIn = false
    const keys: Expression[] = []
    this.newlines()
    while (!this.take(close)) {
      keys.push(this.expression())
      this.newlines()
      if (!this.is(close)) this.expect(',')
      this.newlines()
    }
    Object.assign(this, outer)
    return keys
  }

  expression(): Expression {
    const left = this.ternary()
    const operator = ['=', '+=', '-=', '*=', '/=', '%=', '^=', '**='].find((text) => this.is(text))
    if (operator === undefined || !isTarget(left)) return left
    this.at++
    this.newlines()
    return { kind: 'assign', operator, target: left, value: this.expression() }
  }

  private ternary(): Expression {
    const test = this.or()
    if (!this.take('?')) return test
    this.newlines()
    const yes = this.expression()
    this.newlines()
    this.expect(':')
    this.newlines()
    return { kind: 'ternary', test, yes, no: this.expression() }
  }

  private or(): Expression {
    let left = this.and()
    while (this.take('||')) {
      this.newlines()
      left = { kind: 'binary', operator: '||', left, right: this.and() }
    }
    return left
  }

  private and(): Expression {
    let left = this.membership()
    while (this.take('&&')) {
      this.newlines()
      left = { kind: 'binary', operator: '&&', left, right: this.membership() }
    }
    return left
  }

  private membership(): Expression {
    let left = this.match()
    while (!this.noIn && this.take('in')) {
      const name = this.token.text
      this.at++
      left = { kind: 'in', keys: [left], name }
    }
    return left
  }

  private match(): Expression {
    let left = this.comparison()
    for (;;) {
      const operator = this.is('~') ? '~' : this.is('!~') ? '!~' : undefined
      if (operator === undefined) return left
      this.at++
      left = { kind: 'binary', operator, left, right: this.comparison() }
    }
  }

  private comparison(): Expression {
    let left = this.concatenation(true)
    for (;;) {
      const operator = ['<', '<=', '==', '!=', '>', '>='].find((text) => this.is(text))
      if (operator !== undefined && !(operator === '>' && this.noGreater)) {
        this.at++
        left = { kind: 'binary', operator, left, right: this.concatenation(true) }
      } else if (this.is('|') && this.tokens[this.at + 1]?.text === 'getline') {
        this.at += 2
        left = { kind: 'getline', from: 'command', source: left, target: this.getlineTarget() }
      } else return left
    }
  }

  private getlineTarget(): Expression | undefined {
    return this.token.kind === 'name' && !WORDS.has(this.token.text)
      ? this.primary()
      : this.is('$')
        ? this.primary()
        : undefined
  }

  private concatenation(withIn: boolean): Expression {
    let left = this.sum()
    for (;;) {
      const { kind, text } = this.token
      const begins =
        kind === 'number' ||
        kind === 'string' ||
        kind === 'regex' ||
        kind === 'function' ||
        (kind === 'name' && !WORDS.has(text)) ||
        (kind === 'symbol' && ['$', '!', '(', '-', '+', '++', '--'].includes(text))
      if (!begins || (text === 'in' && withIn)) return left
      left = { kind: 'binary', operator: ' ', left, right: this.sum() }
    }
  }

  private sum(): Expression {
    let left = this.product()
    for (;;) {
      const operator = this.is('+') ? '+' : this.is('-') ? '-' : undefined
      if (operator === undefined) return left
      this.at++
      left = { kind: 'binary', operator, left, right: this.product() }
    }
  }

  private product(): Expression {
    let left = this.sign()
    for (;;) {
      const operator = ['*', '/', '%'].find((text) => this.is(text))
      if (operator === undefined) return left
      this.at++
      left = { kind: 'binary', operator, left, right: this.sign() }
    }
  }

  private sign(): Expression {
    for (const operator of ['!', '-', '+']) {
      if (this.take(operator)) return { kind: 'unary', operator, operand: this.sign() }
    }
    return this.power()
  }

  private power(): Expression {
    const base = this.postfix()
    if (!this.take('^') && !this.take('**')) return base
    return { kind: 'binary', operator: '^', left: base, right: this.sign() }
  }

  private postfix(): Expression {
    const operand = this.primary()
    if (!isTarget(operand)) return operand
    if (this.take('++')) return { kind: 'step', prefix: false, by: 1, target: operand }
    if (this.take('--')) return { kind: 'step', prefix: false, by: -1, target: operand }
    return operand
  }

  private primary(): Expression {
    const { kind, text } = this.token
    if (kind === 'end' || kind === 'newline') throw this.unexpected()
    this.at++
    switch (kind) {
      case 'number':
        return { kind: 'number', value: Number(text) }
      case 'string':
        return { kind: 'string', value: text }
      case 'regex':
        return { kind: 'regex', source: text }
      case 'function':
        this.expect('(')
        return { kind: 'call', name: text, args: this.keys(')') }
      case 'symbol':
        if (text === '$') {
          if (this.is('++') || this.is('--')) {
            const by = this.is('++') ? 1 : -1
            this.at++
            return {
              kind: 'field',
              index: { kind: 'step', prefix: true, by, target: this.primary() },
            }
          }
          return { kind: 'field', index: this.primary() }
        }
        if (text === '++' || text === '--')
          return { kind: 'step', prefix: true, by: text === '++' ? 1 : -1, target: this.primary() }
        if (text === '-' || text === '+' || text === '!')
          return { kind: 'unary', operator: text, operand: this.primary() }
        if (text === '(') {
          const keys = this.keys(')')
          const [inner] = keys
          if (inner === undefined) throw this.unexpected()
          if (keys.length === 1) return { kind: 'group', inner }
          this.expect('in')
          const name = this.token.text
          this.at++
          return { kind: 'in', keys, name }
        }
        break
      default:
        if (text === 'getline') {
          const target = this.getlineTarget()
          if (this.take('<')) {
            return { kind: 'getline', from: 'file', source: this.postfix(), target }
          }
          return { kind: 'getline', from: 'input', source: undefined, target }
        }
        if (text === 'length') return { kind: 'call', name: text, args: [] }
        if (!WORDS.has(text)) {
          if (this.take('[')) return { kind: 'element', name: text, keys: this.keys(']') }
          return { kind: 'variable', name: text }
        }
    }
    this.at--
    throw this.unexpected()
  }
}

function isTarget(expression: Expression): boolean {
  return ['variable', 'field', 'element'].includes(expression.kind)
}
