import type { AndOr, Command, List, Pipeline, Redirect, Word } from './ast.ts'
import type { ShellSyntaxError } from './syntax-error.ts'
import { Cursor, readQuotedText, readWord } from './word-reader.ts'

const RESERVED = new Set([
  'if',
  'then',
  'else',
  'elif',
  'fi',
  'do',
  'done',
  'case',
  'esac',
  'while',
  'until',
  'for',
  '{',
  '}',
  '!',
  'in',
  'function',
])
/** Words that end a list. */
const CLOSING = new Set(['then', 'else', 'elif', 'fi', 'do', 'done', 'esac', '}'])
const REDIRECTS = ['<<-', '<<', '<>', '<&', '<', '>>', '>&', '>|', '>'] as const

interface PendingHereDocument {
  readonly stripTabs: boolean
  readonly delimiter: string
  readonly expand: boolean
  readonly fill: (word: Word) => void
}

/** Reads a script one complete command line at a time, as a shell runs it. Throws `ShellSyntaxError`. */
export class Parser {
  private readonly cursor: Cursor
  private hereDocuments: PendingHereDocument[] = []
  private readonly moreMayCome: boolean

  /** `moreMayCome`: the text is what was typed so far, so an open here-document waits for its end. */
  constructor(text: string, options: { readonly moreMayCome?: boolean } = {}) {
    this.cursor = new Cursor(text)
    this.moreMayCome = options.moreMayCome ?? false
  }

  /** Whether only blanks are left. */
  get atEnd(): boolean {
    return this.cursor.text.slice(this.cursor.position).trim() === ''
  }

  /** The commands up to the end of a line; `undefined` at the end of the script. */
  nextLine(): List | undefined {
    this.skipBlanks()
    while (this.cursor.peek() === '\n') {
      this.cursor.next()
      this.skipBlanks()
    }
    if (this.cursor.atEnd) return undefined
    const list = this.list({ oneLine: true })
    this.skipBlanks()
    if (!this.cursor.atEnd && this.cursor.peek() !== '\n') throw this.unexpected()
    if (this.cursor.peek() === '\n') this.newline()
    else if (this.hereDocuments.length > 0) this.readHereDocuments()
    return list
  }

  private list(options: { readonly oneLine?: boolean } = {}): List {
    const items: AndOr[] = []
    for (;;) {
      if (options.oneLine) this.skipBlanks()
      else this.skipNewlines()
      const char = this.cursor.peek()
      if (char === undefined || char === ')' || this.atClosingWord()) break
      if (options.oneLine && char === '\n') break
      if (char === ';' && this.cursor.peek(1) === ';') break
      const start = this.cursor.position
      const first = this.pipeline()
      const rest: AndOr['rest'][number][] = []
      for (;;) {
        this.skipBlanks()
        const operator = this.cursor.startsWith('&&')
          ? '&&'
          : this.cursor.startsWith('||')
            ? '||'
            : undefined
        if (operator === undefined) break
        this.cursor.position += 2
        this.skipNewlines()
        if (this.cursor.atEnd) throw this.cursor.fail('unexpected end of file', true)
        rest.push({ operator, pipeline: this.pipeline() })
      }
      const text = this.cursor.text.slice(start, this.cursor.position).trim()
      this.skipBlanks()
      const background = this.cursor.peek() === '&'
      if (background || (this.cursor.peek() === ';' && this.cursor.peek(1) !== ';'))
        this.cursor.next()
      else if (this.cursor.peek() !== '\n') {
        items.push({ first, rest, background: false, text })
        break
      }
      items.push({ first, rest, background, text })
    }
    return { items }
  }

  /** A list that may not be empty: the parts of `if`, `while` and `for`. */
  private filledList(): List {
    const list = this.list()
    if (list.items.length === 0 && !this.cursor.atEnd) throw this.unexpected()
    return list
  }

  private pipeline(): Pipeline {
    let negated = false
    this.skipBlanks()
    while (this.takeWord('!')) {
      negated = !negated
      this.skipBlanks()
    }
    const commands = [this.command()]
    for (;;) {
      this.skipBlanks()
      if (this.cursor.peek() !== '|' || this.cursor.peek(1) === '|') break
      this.cursor.next()
      this.skipNewlines()
      if (this.cursor.atEnd) throw this.cursor.fail('unexpected end of file', true)
      commands.push(this.command())
    }
    return { negated, commands }
  }

  private command(): Command {
    this.skipBlanks()
    if (this.cursor.peek() === '(') {
      this.cursor.next()
      const body = this.body(')')
      return { kind: 'subshell', body, redirects: this.redirects() }
    }
    switch (this.peekReserved()) {
      case '{': {
        this.takeWord('{')
        const body = this.body('}')
        return { kind: 'group', body, redirects: this.redirects() }
      }
      case 'if':
        return this.ifCommand()
      case 'while':
      case 'until':
        return this.whileCommand()
      case 'for':
        return this.forCommand()
      case 'case':
        return this.caseCommand()
      case 'function': {
        this.takeWord('function')
        this.skipBlanks()
        const name = /^[^\s(){};&|<>]+/.exec(this.cursor.text.slice(this.cursor.position))?.[0]
        if (name === undefined) throw this.unexpected()
        this.cursor.position += name.length
        this.skipBlanks()
        if (/^\(\s*\)/.test(this.cursor.text.slice(this.cursor.position))) {
          this.cursor.position = this.cursor.text.indexOf(')', this.cursor.position) + 1
        }
        return this.functionBody(name)
      }
      default:
        return this.simpleCommand()
    }
  }

  private body(closing: string): List {
    const list = this.list()
    if (closing === ')') {
      this.skipNewlines()
      if (this.cursor.peek() !== ')') throw this.expected(')')
      this.cursor.next()
    } else this.expectWord(closing)
    if (list.items.length === 0) throw this.cursor.fail(`unexpected "${closing}"`)
    return list
  }

  private ifCommand(): Command {
    this.takeWord('if')
    const branches: { condition: List; body: List }[] = []
    let otherwise: List | undefined
    for (;;) {
      const condition = this.filledList()
      this.expectWord('then')
      branches.push({ condition, body: this.filledList() })
      if (this.takeWord('elif')) continue
      if (this.takeWord('else')) otherwise = this.filledList()
      this.expectWord('fi')
      return { kind: 'if', branches, otherwise, redirects: this.redirects() }
    }
  }

  private whileCommand(): Command {
    const until = !this.takeWord('while')
    if (until) this.takeWord('until')
    const condition = this.filledList()
    this.expectWord('do')
    const body = this.filledList()
    this.expectWord('done')
    return { kind: 'while', until, condition, body, redirects: this.redirects() }
  }

  private forCommand(): Command {
    this.takeWord('for')
    this.skipBlanks()
    const name = /^[A-Za-z_][A-Za-z0-9_]*/.exec(this.cursor.text.slice(this.cursor.position))?.[0]
    if (name === undefined) throw this.cursor.fail('bad for loop variable', this.cursor.atEnd)
    this.cursor.position += name.length
    this.skipNewlines()
    let words: Word[] | undefined
    if (this.takeWord('in')) {
      words = []
      for (;;) {
        this.skipBlanks()
        const word = readWord(this.cursor)
        if (word === undefined) break
        words.push(word)
      }
    }
    this.skipBlanks()
    if (this.cursor.peek() === ';') this.cursor.next()
    this.skipNewlines()
    this.expectWord('do')
    const body = this.filledList()
    this.expectWord('done')
    return { kind: 'for', name, words, body, redirects: this.redirects() }
  }

  private caseCommand(): Command {
    this.takeWord('case')
    this.skipBlanks()
    const word = readWord(this.cursor)
    if (word === undefined) throw this.unexpected()
    this.skipNewlines()
    this.expectWord('in')
    const items: { patterns: Word[]; body: List }[] = []
    for (;;) {
      this.skipNewlines()
      if (this.takeWord('esac')) break
      if (this.cursor.peek() === '(') this.cursor.next()
      const patterns: Word[] = []
      for (;;) {
        this.skipBlanks()
        const pattern = readWord(this.cursor)
        if (pattern === undefined) throw this.expected(')')
        patterns.push(pattern)
        this.skipBlanks()
        if (this.cursor.peek() !== '|') break
        this.cursor.next()
      }
      if (this.cursor.peek() !== ')') throw this.expected(')')
      this.cursor.next()
      items.push({ patterns, body: this.list() })
      this.skipNewlines()
      if (this.cursor.startsWith(';;')) this.cursor.position += 2
      else {
        this.expectWord('esac')
        break
      }
    }
    return { kind: 'case', word, items, redirects: this.redirects() }
  }

  private simpleCommand(): Command {
    const assignments: { name: string; value: Word }[] = []
    const words: Word[] = []
    const redirects: Redirect[] = []
    const line = this.cursor.line
    for (;;) {
      this.skipBlanks()
      const redirect = this.redirect()
      if (redirect !== undefined) {
        redirects.push(redirect)
        continue
      }
      const rest = this.cursor.text.slice(this.cursor.position, this.cursor.position + 256)
      const assignment = words.length === 0 ? /^([A-Za-z_][A-Za-z0-9_]*)=/.exec(rest) : null
      if (assignment?.[1] !== undefined) {
        this.cursor.position += assignment[0].length
        assignments.push({ name: assignment[1], value: readWord(this.cursor) ?? { parts: [] } })
        continue
      }
      const word = readWord(this.cursor)
      if (word === undefined) break
      const name = words.length === 0 && assignments.length === 0 ? plainText(word) : undefined
      if (name !== undefined && /^[^\s=]+$/.test(name)) {
        const parens = /^[ \t]*\([ \t]*\)/.exec(this.cursor.text.slice(this.cursor.position))
        if (parens !== null) {
          this.cursor.position += parens[0].length
          return this.functionBody(name)
        }
      }
      words.push(word)
    }
    if (words.length === 0 && assignments.length === 0 && redirects.length === 0)
      throw this.unexpected()
    return { kind: 'simple', assignments, words, redirects, line }
  }

  private functionBody(name: string): Command {
    this.skipNewlines()
    if (this.cursor.atEnd) throw this.cursor.fail('unexpected end of file', true)
    return { kind: 'function', name, body: this.command() }
  }

  private redirects(): Redirect[] {
    const redirects: Redirect[] = []
    for (;;) {
      this.skipBlanks()
      const redirect = this.redirect()
      if (redirect === undefined) return redirects
      redirects.push(redirect)
    }
  }

  private redirect(): Redirect | undefined {
    const rest = this.cursor.text.slice(this.cursor.position, this.cursor.position + 16)
    if (rest.startsWith('&>')) {
      this.cursor.position += 2
      return { fd: undefined, operator: '&>', target: this.redirectTarget() }
    }
    const digits = /^\d*(?=[<>])/.exec(rest)?.[0]
    if (digits === undefined) return undefined
    const operator = REDIRECTS.find((candidate) => rest.startsWith(candidate, digits.length))
    if (operator === undefined) return undefined
    this.cursor.position += digits.length + operator.length
    const fd = digits === '' ? undefined : Number(digits)
    if (operator !== '<<' && operator !== '<<-')
      return { fd, operator, target: this.redirectTarget() }
    const delimiter = this.redirectTarget()
    const redirect: { fd: number | undefined; operator: '<<'; target: Word } = {
      fd,
      operator: '<<',
      target: { parts: [] },
    }
    this.hereDocuments.push({
      stripTabs: operator === '<<-',
      delimiter: delimiter.parts.map((part) => (part.kind === 'text' ? part.text : '')).join(''),
      expand: !delimiter.parts.some((part) => part.kind === 'text' && part.quoted),
      fill: (word) => {
        redirect.target = word
      },
    })
    return redirect
  }

  private redirectTarget(): Word {
    this.skipBlanks()
    const word = readWord(this.cursor)
    if (word === undefined) throw this.unexpected()
    return word
  }

  private readHereDocuments(): void {
    const pending = this.hereDocuments
    this.hereDocuments = []
    for (const document of pending) {
      let text = ''
      for (;;) {
        if (this.cursor.atEnd) {
          // ash takes the end of a script as the end of the document.
          if (!this.moreMayCome) break
          throw this.cursor.fail('unexpected end of file', true)
        }
        const end = this.cursor.text.indexOf('\n', this.cursor.position)
        let line = this.cursor.text.slice(this.cursor.position, end === -1 ? undefined : end)
        this.cursor.position = end === -1 ? this.cursor.text.length : end + 1
        if (document.stripTabs) line = line.replace(/^\t+/, '')
        if (line === document.delimiter) break
        text += `${line}\n`
      }
      document.fill(
        document.expand ? readQuotedText(text) : { parts: [{ kind: 'text', text, quoted: true }] },
      )
    }
  }

  private newline(): void {
    this.cursor.next()
    if (this.hereDocuments.length > 0) this.readHereDocuments()
  }

  private skipBlanks(): void {
    for (;;) {
      const char = this.cursor.peek()
      if (char === ' ' || char === '\t') this.cursor.next()
      else if (char === '\\' && this.cursor.peek(1) === '\n') this.cursor.position += 2
      else if (char === '#') {
        while (!this.cursor.atEnd && this.cursor.peek() !== '\n') this.cursor.next()
      } else return
    }
  }

  private skipNewlines(): void {
    for (;;) {
      this.skipBlanks()
      if (this.cursor.peek() !== '\n') return
      this.newline()
    }
  }

  private peekReserved(): string | undefined {
    const word = /^(?:[{}!]|[a-z]+)(?=$|[\s;&|<>()])/.exec(
      this.cursor.text.slice(this.cursor.position, this.cursor.position + 16),
    )?.[0]
    return word !== undefined && RESERVED.has(word) ? word : undefined
  }

  private atClosingWord(): boolean {
    const word = this.peekReserved()
    return word !== undefined && CLOSING.has(word)
  }

  private takeWord(word: string): boolean {
    if (this.peekReserved() !== word) return false
    this.cursor.position += word.length
    return true
  }

  private expectWord(word: string): void {
    this.skipNewlines()
    if (!this.takeWord(word)) throw this.expected(word)
  }

  private expected(word: string): ShellSyntaxError {
    const found = this.foundText()
    return this.cursor.fail(`unexpected ${found} (expecting "${word}")`, this.cursor.atEnd)
  }

  private unexpected(): ShellSyntaxError {
    return this.cursor.fail(`unexpected ${this.foundText()}`, this.cursor.atEnd)
  }

  private foundText(): string {
    if (this.cursor.atEnd) return 'end of file'
    if (this.cursor.peek() === '\n') return 'newline'
    const rest = this.cursor.text.slice(this.cursor.position)
    const operator = /^(?:;;|&&|\|\||[;&|()<>])/.exec(rest)?.[0]
    if (operator !== undefined) return `"${operator}"`
    const word = /^[^\s;&|()<>]+/.exec(rest)?.[0] ?? ''
    return RESERVED.has(word) ? `"${word}"` : 'word'
  }
}

function plainText(word: Word): string | undefined {
  const [part, ...others] = word.parts
  return part?.kind === 'text' && !part.quoted && others.length === 0 ? part.text : undefined
}
