import type { ParameterOperator, Word, WordPart } from './ast.ts'
import { ShellSyntaxError } from './syntax-error.ts'

/** Characters that end a word outside quotes. */
const META = new Set([' ', '\t', '\n', ';', '&', '|', '<', '>', '(', ')'])

/** Text with a place in it, shared by the readers of words and of commands. */
export class Cursor {
  position = 0
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
  peek(ahead = 0): string | undefined {
    return this.text[this.position + ahead]
  }
  next(): string | undefined {
    return this.text[this.position++]
  }
  startsWith(text: string): boolean {
    return this.text.startsWith(text, this.position)
  }
  get atEnd(): boolean {
    return this.position >= this.text.length
  }
  get line(): number {
    let line = 1
    for (
      let at = this.text.indexOf('\n');
      at !== -1 && at < this.position;
      at = this.text.indexOf('\n', at + 1)
    ) {
      line++
    }
    return line
  }
  fail(message: string, incomplete = false): ShellSyntaxError {
    return new ShellSyntaxError(message, { incomplete, line: this.line })
  }
}

/** Reads one word at the cursor, quotes and expansions included. `undefined` where no word begins. */
export function readWord(cursor: Cursor): Word | undefined {
  const parts: WordPart[] = []
  const start = cursor.position
  if (cursor.peek() === '~') {
    const after = cursor.peek(1)
    if (after === undefined || after === '/' || META.has(after)) {
      cursor.next()
      parts.push({ kind: 'tilde' })
    }
  }
  readParts(cursor, parts, (char) => META.has(char))
  if (cursor.position === start) return undefined
  return { parts }
}

/** A whole text as one word: a here-document's body, an arithmetic expression, the inside of `${x-…}`. */
export function readQuotedText(text: string): Word {
  const cursor = new Cursor(text)
  const parts: WordPart[] = []
  readDoubleQuoted(cursor, parts, undefined)
  return { parts }
}

function readParts(cursor: Cursor, parts: WordPart[], ends: (char: string) => boolean): void {
  let text = ''
  const flush = () => {
    if (text !== '') parts.push({ kind: 'text', text, quoted: false })
    text = ''
  }
  for (;;) {
    const char = cursor.peek()
    if (char === undefined || ends(char)) break
    if (char === '\\') {
      cursor.next()
      const escaped = cursor.next()
      if (escaped === '\n') continue
      flush()
      parts.push({ kind: 'text', text: escaped ?? '\\', quoted: true })
    } else if (char === "'") {
      flush()
      parts.push({ kind: 'text', text: readSingleQuoted(cursor), quoted: true })
    } else if (char === '"') {
      flush()
      cursor.next()
      const before = parts.length
      readDoubleQuoted(cursor, parts, '"')
      if (parts.length === before) parts.push({ kind: 'text', text: '', quoted: true })
    } else if (char === '$' || char === '`') {
      const part = readExpansion(cursor, false)
      if (part === undefined) text += cursor.next() ?? ''
      else {
        flush()
        parts.push(part)
      }
    } else {
      text += char
      cursor.next()
    }
  }
  flush()
}

function readSingleQuoted(cursor: Cursor): string {
  cursor.next()
  const end = cursor.text.indexOf("'", cursor.position)
  if (end === -1) throw cursor.fail('unterminated quoted string', true)
  const text = cursor.text.slice(cursor.position, end)
  cursor.position = end + 1
  return text
}

/** Reads up to `end` (and past it), or to the end of the text where `end` is undefined. */
function readDoubleQuoted(cursor: Cursor, parts: WordPart[], end: '"' | undefined): void {
  let text = ''
  const flush = () => {
    if (text !== '') parts.push({ kind: 'text', text, quoted: true })
    text = ''
  }
  for (;;) {
    const char = cursor.peek()
    if (char === undefined) {
      if (end !== undefined) throw cursor.fail('unterminated quoted string', true)
      break
    }
    if (char === end) {
      cursor.next()
      break
    }
    if (char === '\\') {
      cursor.next()
      const escaped = cursor.peek()
      if (escaped === '\n') cursor.next()
      else if (escaped !== undefined && ('$`\\'.includes(escaped) || escaped === end)) {
        text += escaped
        cursor.next()
      } else text += '\\'
    } else if (char === '$' || char === '`') {
      const part = readExpansion(cursor, true)
      if (part === undefined) text += cursor.next() ?? ''
      else {
        flush()
        parts.push(part)
      }
    } else {
      text += char
      cursor.next()
    }
  }
  flush()
}

/** Reads what `$` or a backquote begins; `undefined` where the dollar is only a dollar. */
function readExpansion(cursor: Cursor, quoted: boolean): WordPart | undefined {
  if (cursor.peek() === '`') return { kind: 'command', source: readBackquoted(cursor), quoted }
  const after = cursor.peek(1)
  if (after === undefined) return undefined
  if (cursor.startsWith('$((')) {
    const arithmetic = readArithmetic(cursor)
    if (arithmetic !== undefined) {
      return { kind: 'arithmetic', expression: readQuotedText(arithmetic), quoted }
    }
  }
  if (after === '(') {
    cursor.position += 2
    const source = readBalanced(cursor)
    return { kind: 'command', source, quoted }
  }
  if (after === '{') return readBraced(cursor, quoted)
  const name = /^(?:[A-Za-z_][A-Za-z0-9_]*|[0-9?#@*$!-])/.exec(
    cursor.text.slice(cursor.position + 1, cursor.position + 256),
  )?.[0]
  if (name === undefined) return undefined
  cursor.position += 1 + name.length
  return { kind: 'parameter', name, length: false, quoted }
}

function readBackquoted(cursor: Cursor): string {
  cursor.next()
  let source = ''
  for (;;) {
    const char = cursor.next()
    if (char === undefined) throw cursor.fail('EOF in backquote substitution', true)
    if (char === '`') return source
    const escaped = cursor.peek()
    if (char === '\\' && escaped !== undefined && '$`\\'.includes(escaped)) source += cursor.next()
    else source += char
  }
}

/** `$(( … ))`; `undefined` where it is a command substitution of a subshell after all. */
function readArithmetic(cursor: Cursor): string | undefined {
  const start = cursor.position
  cursor.position += 3
  let depth = 0
  const from = cursor.position
  for (;;) {
    const char = cursor.next()
    if (char === undefined) {
      throw cursor.fail("missing '))'", true)
    }
    if (char === '(') depth++
    else if (char === ')') {
      if (depth > 0) depth--
      else if (cursor.peek() === ')') {
        cursor.next()
        return cursor.text.slice(from, cursor.position - 2)
      } else {
        cursor.position = start
        return undefined
      }
    }
  }
}

/** The source of `$(…)` up to its closing parenthesis, quotes, comments and `case` patterns respected. */
function readBalanced(cursor: Cursor): string {
  const start = cursor.position
  let depth = 0
  let cases = 0
  let atWord = true
  for (;;) {
    const char = cursor.peek()
    if (char === undefined) throw cursor.fail('unexpected end of file (expecting ")")', true)
    if (char === '\\') {
      cursor.position += 2
      atWord = false
    } else if (char === "'") {
      readSingleQuoted(cursor)
      atWord = false
    } else if (char === '"') {
      cursor.next()
      readDoubleQuoted(cursor, [], '"')
      atWord = false
    } else if (char === '`') {
      readBackquoted(cursor)
    } else if (char === '$' && cursor.peek(1) === '(') {
      if (readExpansion(cursor, false) === undefined) cursor.next()
      atWord = false
    } else if (char === '#' && atWord) {
      while (!cursor.atEnd && cursor.peek() !== '\n') cursor.next()
    } else if (char === '(') {
      depth++
      cursor.next()
      atWord = true
    } else if (char === ')') {
      if (depth > 0) depth--
      // A `)` that ends a pattern of `case` closes nothing.
      else if (cases === 0) {
        const source = cursor.text.slice(start, cursor.position)
        cursor.next()
        return source
      }
      cursor.next()
      atWord = true
    } else if (/[A-Za-z]/.test(char) && atWord) {
      const word = /^[A-Za-z0-9_]+/.exec(cursor.text.slice(cursor.position))?.[0] ?? char
      cursor.position += word.length
      if (word === 'case') cases++
      if (word === 'esac' && cases > 0) cases--
      atWord = false
    } else {
      cursor.next()
      atWord = META.has(char)
    }
  }
}

function readBraced(cursor: Cursor, quoted: boolean): WordPart {
  const start = cursor.position
  cursor.position += 2
  const bad = () => {
    if (cursor.text.indexOf('}', start) === -1) return cursor.fail("missing '}'", true)
    return cursor.fail('bad substitution')
  }
  let length = false
  if (
    cursor.peek() === '#' &&
    cursor.peek(1) !== '}' &&
    !/^#[-=?+#%:]/.test(cursor.text.slice(cursor.position, cursor.position + 2))
  ) {
    length = true
    cursor.next()
  }
  const name = /^(?:[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[?#@*$!-])/.exec(
    cursor.text.slice(cursor.position),
  )?.[0]
  if (name === undefined) throw bad()
  cursor.position += name.length
  if (cursor.peek() === '}') {
    cursor.next()
    return { kind: 'parameter', name, length, quoted }
  }
  if (length || cursor.atEnd) throw bad()
  const operator = OPERATORS.find((candidate) => cursor.startsWith(candidate))
  if (operator === undefined) throw bad()
  cursor.position += operator.length
  const until = operator === '/' || operator === '//' ? '/' : operator === ':' ? ':' : undefined
  const operand = readOperand(cursor, quoted, until)
  let second: Word | undefined
  if (until !== undefined && cursor.peek() === until) {
    cursor.next()
    second = readOperand(cursor, quoted, undefined)
  }
  if (cursor.peek() !== '}') throw cursor.fail("missing '}'", true)
  cursor.next()
  return { kind: 'parameter', name, length, operator, operand, second, quoted }
}

const OPERATORS: readonly ParameterOperator[] = [
  ':-',
  ':=',
  ':?',
  ':+',
  '-',
  '=',
  '?',
  '+',
  '##',
  '#',
  '%%',
  '%',
  '//',
  '/',
  ':',
]

function readOperand(cursor: Cursor, quoted: boolean, until: string | undefined): Word {
  const parts: WordPart[] = []
  if (cursor.peek() === '~' && !quoted) {
    cursor.next()
    parts.push({ kind: 'tilde' })
  }
  if (!quoted) {
    readParts(cursor, parts, (char) => char === '}' || char === until)
    return { parts }
  }
  // Inside double quotes only `"`, `$`, backquote, backslash and `}` are special.
  let text = ''
  const flush = () => {
    if (text !== '') parts.push({ kind: 'text', text, quoted: true })
    text = ''
  }
  for (;;) {
    const char = cursor.peek()
    if (char === undefined || char === '}' || char === until) break
    if (char === '"') {
      flush()
      cursor.next()
      readDoubleQuoted(cursor, parts, '"')
    } else if (char === '\\') {
      cursor.next()
      const escaped = cursor.next() ?? ''
      text += '$`"\\}'.includes(escaped) ? escaped : `\\${escaped}`
    } else if (char === '$' || char === '`') {
      const part = readExpansion(cursor, true)
      if (part === undefined) text += cursor.next() ?? ''
      else {
        flush()
        parts.push(part)
      }
    } else {
      text += char
      cursor.next()
    }
  }
  flush()
  return { parts }
}
