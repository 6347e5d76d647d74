import { ESCAPES } from '../characters.ts'
import type { List, ParameterOperator, Word, WordPart } from './ast.ts'
import { ShellSyntaxError } from './syntax-error.ts'

/** Characters that end a word outside quotes. */
const META = new Set([' ', '\t', '\n', ';', '&', '|', '<', '>', '(', ')'])

/** Text with a place in it, shared by the readers of words and of commands. */
export class Cursor {
  position = 0
  text: string
  private readonly firstLine: number
  /** Where the lines were counted last, so that counting goes on from there. */
  private counted = { position: 0, lines: 0 }

  /** @param firstLine number of the first line: ash counts from 0 in a string and from 1 in a file */
  constructor(text: string, firstLine = 0) {
    this.text = text
    this.firstLine = firstLine
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
    if (this.position < this.counted.position) this.counted = { position: 0, lines: 0 }
    let { position, lines } = this.counted
    for (; position < this.position; position++) if (this.text[position] === '\n') lines++
    this.counted = { position: this.position, lines }
    return this.firstLine + lines
  }
  /** Puts text in at the cursor: what an alias stands for. */
  insert(text: string): void {
    this.text = this.text.slice(0, this.position) + text + this.text.slice(this.position)
  }
  fail(message: string, incomplete = false): ShellSyntaxError {
    return new ShellSyntaxError(message, { incomplete, line: this.line })
  }
}

/** How the commands of a substitution are read: the parser's part in reading a word. */
export interface SubstitutionReader {
  /** Reads up to and past the closing parenthesis; the cursor is behind `$(`. */
  parenthesized(): List
  /** Reads commands of a text of their own, out of backquotes. */
  text(source: string): List
}

/** Reads words, quotes and expansions included. */
export class WordReader {
  private readonly cursor: Cursor
  private readonly commands: SubstitutionReader

  constructor(cursor: Cursor, commands: SubstitutionReader) {
    this.cursor = cursor
    this.commands = commands
  }

  /** One word at the cursor; `undefined` where none begins. `assignment`: `~` also counts after `=` and `:`. */
  word(options: { readonly assignment?: boolean } = {}): Word | undefined {
    const parts: WordPart[] = []
    const start = this.cursor.position
    this.parts(parts, (char) => META.has(char), { tilde: true, assignment: options.assignment })
    if (this.cursor.position === start) return undefined
    return { parts }
  }

  /** The whole text as one word, as between double quotes: a here-document's body. */
  quotedText(): Word {
    const parts: WordPart[] = []
    this.doubleQuoted(parts, undefined)
    return { parts }
  }

  private parts(
    parts: WordPart[],
    ends: (char: string) => boolean,
    options: { readonly tilde?: boolean; readonly assignment?: boolean | undefined } = {},
  ): void {
    const { cursor } = this
    let text = ''
    let tildeMayCome = options.tilde === true
    const flush = () => {
      if (text !== '') parts.push({ kind: 'text', text, quoted: false })
      text = ''
    }
    for (;;) {
      const char = cursor.peek()
      if (char === undefined || ends(char)) break
      const atTilde = tildeMayCome && char === '~'
      tildeMayCome =
        options.assignment === true &&
        (char === ':' || (char === '=' && parts.length === 0 && !text.includes('=')))
      if (atTilde) {
        const user = this.tilde(ends, options.assignment === true)
        if (user !== undefined) {
          flush()
          parts.push({ kind: 'tilde', user })
          continue
        }
      }
      if (char === '\\') {
        cursor.next()
        const escaped = cursor.next()
        if (escaped === '\n') continue
        flush()
        parts.push({ kind: 'text', text: escaped ?? '\\', quoted: true })
      } else if (char === "'") {
        flush()
        parts.push({ kind: 'text', text: this.singleQuoted(), quoted: true })
      } else if (char === '"') {
        flush()
        cursor.next()
        const before = parts.length
        this.doubleQuoted(parts, '"')
        if (parts.length === before) parts.push({ kind: 'text', text: '', quoted: true })
      } else if (char === '$' && cursor.peek(1) === "'") {
        flush()
        cursor.next()
        parts.push({ kind: 'text', text: this.dollarQuoted(), quoted: true })
      } else if (char === '$' || char === '`') {
        const part = this.expansion(false)
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

  /** The user of a `~` at the cursor, and past it; `undefined` where it is only a character. */
  private tilde(ends: (char: string) => boolean, assignment: boolean): string | undefined {
    const { cursor } = this
    let at = cursor.position + 1
    for (; at < cursor.text.length; at++) {
      const char = cursor.text[at] ?? ''
      if (char === '/' || ends(char) || (assignment && char === ':')) break
      if (/[\\'"$`]/.test(char)) return undefined
    }
    const user = cursor.text.slice(cursor.position + 1, at)
    cursor.position = at
    return user
  }

  private singleQuoted(): string {
    const { cursor } = this
    cursor.next()
    const end = cursor.text.indexOf("'", cursor.position)
    if (end === -1) {
      cursor.position = cursor.text.length
      throw cursor.fail('unterminated quoted string', true)
    }
    const text = cursor.text.slice(cursor.position, end)
    cursor.position = end + 1
    return text
  }

  /** `$'…'`: escapes as in C. */
  private dollarQuoted(): string {
    const { cursor } = this
    cursor.next()
    let text = ''
    for (;;) {
      const char = cursor.next()
      if (char === undefined) throw cursor.fail('unterminated quoted string', true)
      if (char === "'") return text
      if (char !== '\\') {
        text += char
        continue
      }
      const rest = cursor.text.slice(cursor.position, cursor.position + 4)
      const octal = /^[0-7]{1,3}/.exec(rest)?.[0]
      const hex = /^x([0-9a-fA-F]{1,2})/.exec(rest)
      const simple = DOLLAR_ESCAPES[rest[0] ?? '']
      if (octal !== undefined) {
        text += String.fromCharCode(Number.parseInt(octal, 8) & 0xff)
        cursor.position += octal.length
      } else if (hex?.[1] !== undefined) {
        text += String.fromCharCode(Number.parseInt(hex[1], 16))
        cursor.position += hex[0].length
      } else if (simple !== undefined) {
        text += simple
        cursor.position++
      } else text += '\\'
    }
  }

  /** Reads up to `end` (and past it), or to the end of the text where `end` is undefined. */
  private doubleQuoted(parts: WordPart[], end: '"' | undefined): void {
    const { cursor } = this
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
        const part = this.expansion(true)
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
  private expansion(quoted: boolean): WordPart | undefined {
    const { cursor } = this
    if (cursor.peek() === '`') {
      return { kind: 'command', body: this.commands.text(this.backquoted(quoted)), quoted }
    }
    const after = cursor.peek(1)
    if (after === undefined) return undefined
    if (cursor.startsWith('$((')) {
      return { kind: 'arithmetic', expression: this.arithmetic(), quoted }
    }
    if (after === '(') {
      cursor.position += 2
      return { kind: 'command', body: this.commands.parenthesized(), quoted }
    }
    if (after === '{') return this.braced(quoted)
    const name = /^(?:[A-Za-z_][A-Za-z0-9_]*|[0-9?#@*$!-])/.exec(
      cursor.text.slice(cursor.position + 1, cursor.position + 256),
    )?.[0]
    if (name === undefined) return undefined
    cursor.position += 1 + name.length
    return { kind: 'parameter', name, length: false, quoted }
  }

  private backquoted(quoted: boolean): string {
    const { cursor } = this
    cursor.next()
    let source = ''
    for (;;) {
      const char = cursor.next()
      if (char === undefined) throw cursor.fail('EOF in backquote substitution', true)
      if (char === '`') return source
      const escaped = cursor.peek()
      if (char !== '\\' || escaped === undefined) source += char
      else if (escaped === '\n') cursor.next()
      else if ('$`\\'.includes(escaped) || (quoted && escaped === '"')) source += cursor.next()
      else source += char
    }
  }

  /** `$(( … ))`. ash takes every `$((` for arithmetic. */
  private arithmetic(): Word {
    const { cursor } = this
    cursor.position += 3
    const parts: WordPart[] = []
    let text = ''
    const flush = () => {
      if (text !== '') parts.push({ kind: 'text', text, quoted: true })
      text = ''
    }
    let depth = 0
    for (;;) {
      const char = cursor.peek()
      if (char === undefined) throw cursor.fail("missing '))'", true)
      if (char === '$' || char === '`') {
        const part = this.expansion(true)
        if (part !== undefined) {
          flush()
          parts.push(part)
          continue
        }
      } else if (char === '\\') {
        cursor.next()
        const escaped = cursor.next() ?? ''
        if (escaped !== '\n') text += '$`\\'.includes(escaped) ? escaped : `\\${escaped}`
        continue
      } else if (char === '(') depth++
      else if (char === ')') {
        if (depth > 0) depth--
        else if (cursor.peek(1) === ')') {
          cursor.position += 2
          flush()
          return { parts }
        }
      }
      text += char
      cursor.next()
    }
  }

  private braced(quoted: boolean): WordPart {
    const { cursor } = this
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
      (!/^#[-=?+#%:]/.test(cursor.text.slice(cursor.position, cursor.position + 2)) ||
        /^#[-?#]\}/.test(cursor.text.slice(cursor.position, cursor.position + 3)))
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
    const trims = operator.startsWith('#') || operator.startsWith('%')
    const operand = this.operand(quoted && !trims, until)
    let second: Word | undefined
    if (until !== undefined && cursor.peek() === until) {
      cursor.next()
      second = this.operand(quoted, undefined)
    }
    if (cursor.peek() !== '}') throw cursor.fail("missing '}'", true)
    cursor.next()
    return { kind: 'parameter', name, length, operator, operand, second, quoted }
  }

  private operand(quoted: boolean, until: string | undefined): Word {
    const { cursor } = this
    const parts: WordPart[] = []
    if (!quoted) {
      this.parts(parts, (char) => char === '}' || char === until, { tilde: true })
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
        this.doubleQuoted(parts, '"')
      } else if (char === '\\') {
        cursor.next()
        const escaped = cursor.next() ?? ''
        if (escaped === '\n') continue
        if (until === undefined) {
          text += '$`"\\}'.includes(escaped) ? escaped : `\\${escaped}`
          continue
        }
        flush()
        parts.push({ kind: 'text', text: escaped, quoted: true, escaped: true })
      } else if (char === '$' || char === '`') {
        const part = this.expansion(true)
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
}

const DOLLAR_ESCAPES: Readonly<Record<string, string>> = { ...ESCAPES, "'": "'", '"': '"' }

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
