import { labelOf } from './label-of.ts'
import { labelKeyProblems, labelValueProblems } from './label-validation.ts'
import type { Labels } from './objects.ts'
import { type Token, tokenize } from './selector-tokens.ts'

export type SelectorOperator = '=' | '==' | '!=' | 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt'

export interface ParsedRequirement {
  readonly key: string
  readonly operator: SelectorOperator
  /** Sorted, without duplicates. */
  readonly values: readonly string[]
}

/** A selector as text, parsed. */
export interface ParsedLabelSelector {
  /** In order of their keys. Empty: everything matches. */
  readonly requirements: readonly ParsedRequirement[]
  matches(labels: Labels | undefined): boolean
}

/** Thrown for a selector that cannot be read; the message is apimachinery's. */
export class SelectorSyntaxError extends Error {
  override readonly name = 'SelectorSyntaxError'
}

/**
 * Reads the syntax of `kubectl -l`: `a=b`, `a==b`, `a!=b`, `a in (b,c)`, `a notin (b)`, `a`, `!a`, `a>1`, `a<1`.
 * @throws SelectorSyntaxError with the text that an API server answers
 */
export function parseLabelSelector(text: string): ParsedLabelSelector {
  const requirements = new Parser(tokenize(text)).parse()
  requirements.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
  return {
    requirements,
    matches: (labels) => requirements.every((requirement) => satisfies(requirement, labels ?? {})),
  }
}

function satisfies(requirement: ParsedRequirement, labels: Labels): boolean {
  const value = labelOf(labels, requirement.key)
  switch (requirement.operator) {
    case '=':
    case '==':
    case 'in':
      return value !== undefined && requirement.values.includes(value)
    case '!=':
    case 'notin':
      return value === undefined || !requirement.values.includes(value)
    case 'exists':
      return value !== undefined
    case '!':
      return value === undefined
    case 'gt':
    case 'lt': {
      if (value === undefined || !INTEGER.test(value)) return false
      const limit = BigInt(requirement.values[0] ?? '0')
      return requirement.operator === 'gt' ? BigInt(value) > limit : BigInt(value) < limit
    }
  }
}

const INTEGER = /^-?\d+$/
const BINARY_OPERATORS = 'in, notin, =, ==, !=, gt, lt'

/** labels/selector.go `Parser`: recursive descent over the tokens. */
class Parser {
  readonly #tokens: readonly Token[]
  #position = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  parse(): ParsedRequirement[] {
    const requirements: ParsedRequirement[] = []
    for (;;) {
      const first = this.#lookahead('values')
      if (first.kind === 'end') return requirements
      if (first.kind !== 'identifier' && first.kind !== '!') {
        throw new SelectorSyntaxError(
          `found '${first.text}', expected: !, identifier, or 'end of string'`,
        )
      }
      requirements.push(this.#requirement())
      const next = this.#consume('values')
      if (next.kind === 'end') return requirements
      if (next.kind !== ',') {
        throw new SelectorSyntaxError(`found '${next.text}', expected: ',' or 'end of string'`)
      }
      const after = this.#lookahead('values')
      if (after.kind !== 'identifier' && after.kind !== '!') {
        throw new SelectorSyntaxError(`found '${after.text}', expected: identifier after ','`)
      }
    }
  }

  #requirement(): ParsedRequirement {
    let token = this.#consume('values')
    const negated = token.kind === '!'
    if (negated) token = this.#consume('values')
    if (token.kind !== 'identifier') fail(`found '${token.text}', expected: identifier`)
    const key = token.text
    const problems = labelKeyProblems(key)
    if (problems.length > 0) fail(`<nil>: Invalid value: ${quote(key)}: ${problems.join('; ')}`)
    const next = this.#lookahead('values').kind
    // As upstream: after a `!` the operator is already known, and what follows the key is judged by the caller.
    if (negated) return { key, operator: '!', values: [] }
    if (next === 'end' || next === ',') return { key, operator: 'exists', values: [] }
    const operator = this.#operator()
    const values = operator === 'in' || operator === 'notin' ? this.#list() : [this.#exact()]
    return checked({ key, operator, values: [...new Set(values)].sort() })
  }

  #operator(): SelectorOperator {
    const token = this.#consume('operator')
    switch (token.kind) {
      case '=':
      case '==':
      case '!=':
      case 'in':
      case 'notin':
        return token.kind
      case '>':
        return 'gt'
      case '<':
        return 'lt'
      default:
        return fail(`found '${token.text}', expected: ${BINARY_OPERATORS}`)
    }
  }

  #list(): string[] {
    const open = this.#consume('values')
    if (open.kind !== '(') fail(`found '${open.text}' expected: '('`)
    const first = this.#lookahead('values')
    if (first.kind === ')') {
      this.#consume('values')
      return ['']
    }
    if (first.kind !== 'identifier' && first.kind !== ',') {
      fail(`found '${first.text}', expected: ',', ')' or identifier`)
    }
    const values = this.#identifiers()
    if (this.#consume('values').kind !== ')') fail(`found '${first.text}', expected: ')'`)
    return values
  }

  #identifiers(): string[] {
    const values = new Set<string>()
    for (;;) {
      const token = this.#consume('values')
      const next = this.#lookahead('values')
      if (token.kind === 'identifier') {
        values.add(token.text)
        if (next.kind === ')') return [...values]
        if (next.kind !== ',') fail(`found '${next.text}', expected: ',' or ')'`)
      } else if (token.kind === ',') {
        if (values.size === 0) values.add('')
        if (next.kind === ')') {
          values.add('')
          return [...values]
        }
        if (next.kind === ',') {
          this.#consume('values')
          values.add('')
        }
      } else {
        fail(`found '${token.text}', expected: ',', or identifier`)
      }
    }
  }

  #exact(): string {
    const next = this.#lookahead('values')
    if (next.kind === 'end' || next.kind === ',') return ''
    const token = this.#consume('values')
    return token.kind === 'identifier'
      ? token.text
      : fail(`found '${token.text}', expected: identifier`)
  }

  /** `in` and `notin` are words like any other where a key or value is read. */
  #lookahead(context: 'values' | 'operator'): Token {
    const token = this.#tokens[this.#position] ?? { kind: 'end', text: '' }
    const isWord = token.kind === 'in' || token.kind === 'notin'
    return context === 'values' && isWord ? { kind: 'identifier', text: token.text } : token
  }

  #consume(context: 'values' | 'operator'): Token {
    const token = this.#lookahead(context)
    this.#position++
    return token
  }
}

/** labels/selector.go `NewRequirement`: what the syntax alone does not catch. */
function checked(requirement: ParsedRequirement): ParsedRequirement {
  const { key, operator, values } = requirement
  const problems: string[] = []
  for (const [index, value] of values.entries()) {
    if ((operator === 'gt' || operator === 'lt') && !INTEGER.test(value)) {
      problems.push(
        `values[${index}]: Invalid value: ${quote(value)}: for 'Gt', 'Lt' operators, the value must be an integer`,
      )
    }
  }
  for (const [index, value] of values.entries()) {
    const found = labelValueProblems(value)
    if (found.length > 0) {
      problems.push(`values[${index}][${key}]: Invalid value: ${quote(value)}: ${found.join('; ')}`)
    }
  }
  if (problems.length === 1) fail(problems[0] ?? '')
  if (problems.length > 1) fail(`[${problems.join(', ')}]`)
  return requirement
}

function fail(message: string): never {
  throw new SelectorSyntaxError(`unable to parse requirement: ${message}`)
}

function quote(value: string): string {
  return JSON.stringify(value)
}
