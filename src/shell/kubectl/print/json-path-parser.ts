import { KubectlError } from '../kubectl-error.ts'

/** A part of a template: text, or a path whose results are printed, or a loop over the results of a path. */
export type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'path'; readonly path: Path }
  | { readonly kind: 'range'; readonly path: Path; readonly body: readonly Part[] }

export type Path = readonly Step[]

export type Step =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'every' }
  | { readonly kind: 'deep' }
  | {
      readonly kind: 'slice'
      readonly from?: number
      readonly to?: number
      readonly step?: number
      readonly one: boolean
    }
  | { readonly kind: 'union'; readonly paths: readonly Path[] }
  | {
      readonly kind: 'filter'
      readonly left: Operand
      readonly operator: string
      readonly right: Operand
    }
  | { readonly kind: 'root' }

export type Operand = { readonly path: Path } | { readonly value: string | number | boolean }

/**
 * Reads a template: `text {action} text`.
 *
 * @throws KubectlError `error parsing jsonpath …`
 */
export function parseTemplate(text: string): readonly Part[] {
  return new TemplateParser(text).parse()
}

class TemplateParser {
  private at = 0
  private readonly text: string

  constructor(text: string) {
    this.text = text
  }

  parse(): readonly Part[] {
    const parts = this.parts(false)
    return parts
  }

  private parts(insideRange: boolean): readonly Part[] {
    const parts: Part[] = []
    for (;;) {
      const open = this.text.indexOf('{', this.at)
      const text = this.text.slice(this.at, open === -1 ? undefined : open)
      if (text !== '') parts.push({ kind: 'text', text })
      if (open === -1) {
        if (insideRange) this.fail('unterminated range')
        this.at = this.text.length
        return parts
      }
      const action = this.action(open + 1)
      if (action === 'end') {
        if (!insideRange) this.fail('not in range, nothing to end')
        return parts
      }
      if (/^range\s/.test(action)) {
        const path = parsePath(action.slice(5).trim(), this.text)
        parts.push({ kind: 'range', path, body: this.parts(true) })
        continue
      }
      parts.push(...actionParts(action, this.text))
    }
  }

  /** The text between the braces, which may hold quotes and brackets; leaves the caret behind them. */
  private action(from: number): string {
    let quote = ''
    let depth = 0
    for (let at = from; at < this.text.length; at += 1) {
      const character = this.text[at] ?? ''
      if (quote !== '') {
        if (character === '\\') at += 1
        else if (character === quote) quote = ''
        else if (character === '\n') this.fail('unterminated quoted string')
      } else if (character === '"' || character === "'") quote = character
      else if (character === '[') depth += 1
      else if (character === ']') depth -= 1
      else if (character === '}') {
        this.at = at + 1
        return this.text.slice(from, at).trim()
      }
    }
    if (depth > 0) this.fail('unterminated array')
    return this.fail(quote === '' ? 'unclosed action' : 'unterminated quoted string')
  }

  private fail(problem: string): never {
    throw new KubectlError(`error parsing jsonpath ${this.text}, ${problem}`)
  }
}

/** An action is one path, or texts and paths with spaces between. */
function actionParts(action: string, template: string): readonly Part[] {
  const parts: Part[] = []
  let rest = action
  while (rest !== '') {
    const quoted = /^(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')/.exec(rest)
    if (quoted !== null) {
      parts.push({ kind: 'text', text: unquote(quoted[1] ?? quoted[2] ?? '') })
      rest = rest.slice(quoted[0].length).trimStart()
      continue
    }
    const end = endOfPath(rest)
    parts.push({ kind: 'path', path: parsePath(rest.slice(0, end), template) })
    rest = rest.slice(end).trimStart()
  }
  return parts
}

function endOfPath(text: string): number {
  let depth = 0
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '[') depth += 1
    else if (text[at] === ']') depth -= 1
    else if (text[at] === ' ' && depth === 0) return at
  }
  return text.length
}

function unquote(text: string): string {
  return text.replace(/\\(.)/g, (_whole, letter: string) =>
    letter === 'n' ? '\n' : letter === 't' ? '\t' : letter === 'r' ? '\r' : letter,
  )
}

function parsePath(text: string, template: string): Path {
  const fail = (problem: string): never => {
    throw new KubectlError(`error parsing jsonpath ${template}, ${problem}`)
  }
  const steps: Step[] = []
  let at = 0
  if (text.startsWith('$')) {
    steps.push({ kind: 'root' })
    at = 1
  } else if (text.startsWith('@')) at = 1
  while (at < text.length) {
    const character = text[at]
    if (character === '.') {
      if (text[at + 1] === '.') {
        steps.push({ kind: 'deep' })
        at += 2
        if (text[at] === '[') continue
      } else at += 1
      if (text[at] === '[' || at >= text.length) continue
      if (text[at] === '*') {
        steps.push({ kind: 'every' })
        at += 1
        continue
      }
      const name = /^(?:\\.|[^.[\]\s\\])+/.exec(text.slice(at))
      if (name === null) return fail(`unrecognized character in action: ${quoteRune(text[at])}`)
      steps.push({ kind: 'field', name: name[0].replace(/\\(.)/g, '$1') })
      at += name[0].length
    } else if (character === '[') {
      const end = endOfBracket(text, at)
      if (end === -1) return fail('unterminated array')
      steps.push(parseBracket(text.slice(at + 1, end).trim(), template))
      at = end + 1
    } else if (character === '*') {
      steps.push({ kind: 'every' })
      at += 1
    } else {
      const name = /^[\w/-]+/.exec(text.slice(at))
      if (name === null) return fail(`unrecognized character in action: ${quoteRune(character)}`)
      return fail(`unrecognized identifier ${name[0]}`)
    }
  }
  return steps
}

/** A character as Go's `%#U` writes it. */
function quoteRune(character: string | undefined): string {
  const code = (character ?? '').codePointAt(0) ?? 0
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')} '${character ?? ''}'`
}

function endOfBracket(text: string, from: number): number {
  let depth = 0
  let quote = ''
  for (let at = from; at < text.length; at += 1) {
    const character = text[at] ?? ''
    if (quote !== '') {
      if (character === quote) quote = ''
    } else if (character === '"' || character === "'") quote = character
    else if (character === '[') depth += 1
    else if (character === ']') {
      depth -= 1
      if (depth === 0) return at
    }
  }
  return -1
}

function parseBracket(text: string, template: string): Step {
  if (text === '*') return { kind: 'every' }
  const filter = /^\?\((.*)\)$/s.exec(text)
  if (filter !== null) return parseFilter(filter[1] ?? '', template)
  const one = /^-?\d+$/.exec(text)
  if (one !== null) return { kind: 'slice', from: Number(text), one: true }
  const range = /^(-?\d*):(-?\d*)(?::(-?\d*))?$/.exec(text)
  if (range !== null) {
    return {
      kind: 'slice',
      one: false,
      ...(range[1] ? { from: Number(range[1]) } : {}),
      ...(range[2] ? { to: Number(range[2]) } : {}),
      ...(range[3] ? { step: Number(range[3]) } : {}),
    }
  }
  const members = text.split(/,(?=(?:[^'"]*['"][^'"]*['"])*[^'"]*$)/)
  const paths = members.map((member): Path => {
    const trimmed = member.trim()
    const quoted = /^'(.*)'$|^"(.*)"$/s.exec(trimmed)
    if (quoted !== null) return [{ kind: 'field', name: quoted[1] ?? quoted[2] ?? '' }]
    if (/^-?\d+$/.test(trimmed)) return [{ kind: 'slice', from: Number(trimmed), one: true }]
    throw new KubectlError(`error parsing jsonpath ${template}, invalid array index ${text}`)
  })
  return { kind: 'union', paths }
}

function parseFilter(text: string, template: string): Step {
  const match = /^(.*?)(==|!=|<=|>=|<|>)(.*)$/s.exec(text)
  const none: Operand = { value: '' }
  if (match === null) {
    return { kind: 'filter', left: parseOperand(text, template), operator: 'exists', right: none }
  }
  return {
    kind: 'filter',
    left: parseOperand(match[1] ?? '', template),
    operator: match[2] ?? '',
    right: parseOperand(match[3] ?? '', template),
  }
}

function parseOperand(source: string, template: string): Operand {
  const text = source.trim()
  const quoted = /^'(.*)'$|^"(.*)"$/s.exec(text)
  if (quoted !== null) return { value: unquote(quoted[1] ?? quoted[2] ?? '') }
  if (/^-?\d+(\.\d+)?$/.test(text)) return { value: Number(text) }
  if (text === 'true' || text === 'false') return { value: text === 'true' }
  return { path: parsePath(text, template) }
}
