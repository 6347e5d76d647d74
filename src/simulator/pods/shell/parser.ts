import type { AndOr, Command, List, Pipeline, Redirect, Word } from './ast.ts'
import type { ShellSyntaxError } from './syntax-error.ts'
import { Cursor, WordReader } from './word-reader.ts'

const KEYWORDS = [
  '!',
  'case',
  'do',
  'done',
  'elif',
  'else',
  'esac',
  'fi',
  'for',
  'function',
  'if',
  'in',
  'then',
  'until',
  'while',
  '{',
  '}',
] as const
type Keyword = (typeof KEYWORDS)[number]
type Operator = ';' | '&' | '&&' | '||' | '|' | '(' | ')' | ';;'
type Token = 'end of file' | 'newline' | 'word' | 'redirection' | Operator | Keyword

const RESERVED: ReadonlyMap<string, Keyword> = new Map(KEYWORDS.map((word) => [word, word]))
/** The words that have a meaning of their own in the place of a command. */
export const SHELL_KEYWORDS: ReadonlySet<string> = new Set(KEYWORDS)
/** Tokens that end a list. */
const CLOSING: ReadonlySet<Token> = new Set<Token>([
  'end of file',
  ')',
  ';;',
  'do',
  'done',
  'elif',
  'else',
  'esac',
  'fi',
  'then',
  '}',
])
const OPERATORS: readonly Operator[] = ['&&', '||', ';;', ';', '&', '|', '(', ')']
const REDIRECTS = ['<<-', '<<', '<>', '<&', '<', '>>', '>&', '>|', '>'] as const
/** Builtins whose arguments may be assignments: no splitting there, and `~` after `=`. */
const ASSIGNING = new Set(['export', 'readonly', 'local', 'alias'])

interface PendingHereDocument {
  readonly stripTabs: boolean
  readonly delimiter: string
  readonly expand: boolean
  readonly fill: (word: Word) => void
}

/** What a token may turn out to be where it stands. */
interface Expectation {
  readonly newlines?: boolean
  readonly keywords?: boolean
  readonly aliases?: boolean
}

const ANYTHING: Expectation = { newlines: true, keywords: true, aliases: true }
const SAME_LINE: Expectation = { keywords: true, aliases: true }

export interface ParserOptions {
  /** The text is what was typed so far, so an open here-document waits for its end. */
  readonly moreMayCome?: boolean
  readonly aliases?: ReadonlyMap<string, string>
  /** @default 0 */
  readonly firstLine?: number
  /** How deep in substitutions this text is. */
  readonly depth?: number
}

/** Substitutions inside each other: far beyond any script, and short of what the parser's own stack holds. */
const MAX_DEPTH = 200

/**
 * Reads a script one complete command line at a time, as a shell runs it; the grammar and the words of its errors are those of
 * BusyBox' ash.c (list, andor, pipeline, parse_command, simplecmd). Throws `ShellSyntaxError`.
 */
export class Parser {
  private readonly cursor: Cursor
  private readonly words: WordReader
  private hereDocuments: PendingHereDocument[] = []
  private readonly options: ParserOptions
  private token: Token = 'newline'
  private pushedBack = false
  private word: Word = { parts: [] }
  private redirection: Redirect | undefined
  private depth: number
  /** Aliases whose text is being read, and where that text ends. */
  private expanding: { readonly name: string; readonly end: number; readonly blank: boolean }[] = []
  /** Where the last word began. */
  private wordStart = 0

  constructor(text: string, options: ParserOptions = {}) {
    this.options = options
    this.depth = options.depth ?? 0
    this.cursor = new Cursor(text, options.firstLine ?? 0)
    this.words = new WordReader(this.cursor, {
      parenthesized: () => this.parenthesized(),
      text: (source) => this.backquoted(source),
    })
  }

  /** Whether only blanks are left. */
  get atEnd(): boolean {
    return this.cursor.text.slice(this.cursor.position).trim() === ''
  }

  get position(): number {
    return this.cursor.position
  }

  /** What was read since a position, with the line's end. */
  textSince(position: number): string {
    return this.cursor.text.slice(position, this.cursor.position)
  }

  /** The commands up to the end of a line; `undefined` at the end of the script. */
  nextLine(): List | undefined {
    this.pushedBack = false
    this.expanding = []
    for (;;) {
      const token = this.read({ assignment: true })
      if (token === 'end of file') return undefined
      if (token !== 'newline') break
    }
    this.pushedBack = true
    return this.list({ oneLine: true })
  }

  private list(options: { readonly oneLine?: boolean; readonly mayBeEmpty?: boolean } = {}): List {
    const expected: Expectation = options.oneLine ? SAME_LINE : ANYTHING
    const items: AndOr[] = []
    let mayEnd = options.mayBeEmpty === true
    for (;;) {
      let token = this.read(expected)
      if (token === 'newline') {
        this.readHereDocuments()
        return { items }
      }
      if (token === 'end of file') {
        if (mayEnd || items.length > 0) this.readHereDocuments()
        this.pushedBack = true
        return { items }
      }
      this.pushedBack = true
      if (mayEnd && CLOSING.has(token)) return { items }
      mayEnd = mayEnd || !options.oneLine
      const start = this.tokenStart
      const andOr = this.andOr()
      const end = this.tokenStart
      token = this.read({})
      const text = this.cursor.text.slice(Math.min(start, end), end).trim()
      items.push({ ...andOr, background: token === '&', text })
      if (token === 'end of file') {
        this.readHereDocuments()
        this.pushedBack = true
        return { items }
      }
      if (token === 'newline') this.pushedBack = true
      else if (token !== '&' && token !== ';') {
        if (options.oneLine) throw this.unexpected()
        this.pushedBack = true
        return { items }
      }
    }
  }

  private andOr(): Omit<AndOr, 'background' | 'text'> {
    const first = this.pipeline()
    const rest: AndOr['rest'][number][] = []
    for (;;) {
      const operator = this.read({})
      if (operator !== '&&' && operator !== '||') {
        this.pushedBack = true
        return { first, rest }
      }
      rest.push({ operator, pipeline: this.pipeline(ANYTHING) })
    }
  }

  private pipeline(expected: Expectation = SAME_LINE): Pipeline {
    const negated = this.read(expected) === '!'
    const commands: Command[] = []
    if (negated) commands.push(this.command(SAME_LINE))
    else {
      this.pushedBack = true
      commands.push(this.command(SAME_LINE))
    }
    while (this.read({}) === '|') commands.push(this.command(ANYTHING))
    this.pushedBack = true
    return { negated, commands }
  }

  private command(expected: Expectation): Command {
    switch (this.read(expected)) {
      case 'if':
        return this.ifCommand()
      case 'while':
      case 'until':
        return this.whileCommand(this.token === 'until')
      case 'for':
        return this.forCommand()
      case 'case':
        return this.caseCommand()
      case '(': {
        const body = this.list()
        this.expect(')', {})
        return { kind: 'subshell', body, redirects: this.redirects() }
      }
      case '{': {
        const body = this.list()
        this.expect('}', {})
        return { kind: 'group', body, redirects: this.redirects() }
      }
      case 'function':
      case 'word':
      case 'redirection':
        this.pushedBack = true
        return this.simpleCommand()
      default:
        throw this.unexpected()
    }
  }

  private ifCommand(): Command {
    const branches: { condition: List; body: List }[] = []
    let otherwise: List | undefined
    do {
      const condition = this.list()
      this.expect('then', {})
      branches.push({ condition, body: this.list() })
    } while (this.read({}) === 'elif')
    if (this.token === 'else') otherwise = this.list()
    else this.pushedBack = true
    this.expect('fi', {})
    return { kind: 'if', branches, otherwise, redirects: this.redirects() }
  }

  private whileCommand(until: boolean): Command {
    const condition = this.list()
    this.expect('do', {})
    const body = this.list()
    this.expect('done', {})
    return { kind: 'while', until, condition, body, redirects: this.redirects() }
  }

  private forCommand(): Command {
    this.read({})
    const name = this.token === 'word' ? plainText(this.word) : undefined
    if (name === undefined || !NAME.test(name))
      throw this.cursor.fail('bad for loop variable', this.token === 'end of file')
    let words: Word[] | undefined
    if (this.read(ANYTHING) === 'in') {
      words = []
      while (this.read({}) === 'word') words.push(this.word)
      if (this.token !== 'newline' && this.token !== ';') throw this.unexpected()
    } else if (this.token !== ';') this.pushedBack = true
    this.expect('do', ANYTHING)
    const body = this.list()
    this.expect('done', {})
    return { kind: 'for', name, words, body, redirects: this.redirects() }
  }

  private caseCommand(): Command {
    if (this.read({}) !== 'word') throw this.expected('word')
    const word = this.word
    this.expect('in', ANYTHING)
    const items: { patterns: Word[]; body: List }[] = []
    const between: Expectation = { newlines: true, keywords: true }
    while (this.read(between) !== 'esac') {
      if (this.token === '(') this.read({})
      const patterns: Word[] = []
      for (;;) {
        if (this.token !== 'word' && !RESERVED.has(this.token)) throw this.expected(')')
        patterns.push(this.word)
        if (this.read({}) !== '|') break
        this.read({})
      }
      if (this.token !== ')') throw this.expected(')')
      items.push({ patterns, body: this.list({ mayBeEmpty: true }) })
      const next = this.read(between)
      if (next === 'esac') break
      if (next !== ';;') throw this.expected(';;')
    }
    return { kind: 'case', word, items, redirects: this.redirects() }
  }

  private simpleCommand(): Command {
    const assignments: { name: string; value: Word }[] = []
    const words: Word[] = []
    const redirects: Redirect[] = []
    const line = this.cursor.line
    let aliases = true
    /** Inside `[[ … ]]`, where `&&` and `||` are operators of the test. */
    let test = false
    let assigning = false
    for (;;) {
      const token = this.read({ aliases, assignment: aliases || assigning })
      if (token === 'function') {
        if (this.read({}) !== 'word') throw this.expected('word')
        words.push(this.word)
        const next = this.read({ newlines: true, keywords: true })
        this.pushedBack = true
        // Its parentheses are read as those of any other function.
        if (next !== '(') {
          if (!['{', 'if', 'case', 'until', 'while', 'for'].includes(next)) throw this.unexpected()
          return this.functionBody(this.word, words)
        }
        aliases = false
        continue
      }
      if (token === 'redirection') {
        if (this.redirection !== undefined) redirects.push(this.redirection)
        continue
      }
      if (test && (token === '&&' || token === '||')) {
        const text = token === '&&' ? '-a' : '-o'
        words.push({ parts: [{ kind: 'text', text, quoted: true }] })
        continue
      }
      if (token === 'word') {
        const assignment = aliases ? assignmentOf(this.word) : undefined
        if (assignment !== undefined) {
          assignments.push(assignment)
          continue
        }
        const text = plainText(this.word)
        if (words.length === 0 && text !== undefined) assigning = ASSIGNING.has(text)
        words.push(
          assigning && assignmentOf(this.word) !== undefined
            ? { ...this.word, assignment: true }
            : this.word,
        )
        aliases = false
        if (text === '[[') test = true
        else if (text === ']]') test = false
        continue
      }
      if (
        token === '(' &&
        words.length === 1 &&
        assignments.length === 0 &&
        redirects.length === 0 &&
        words[0] !== undefined
      ) {
        if (this.read({}) !== ')') throw this.expected(')')
        return this.functionBody(words[0], words)
      }
      this.pushedBack = true
      return { kind: 'simple', assignments, words, redirects, line }
    }
  }

  /** Any name will do, as in bash, even one of a builtin. */
  private functionBody(last: Word, words: readonly Word[]): Command {
    const name = plainText(words[0] ?? last)
    if (name === undefined) throw this.cursor.fail('bad function name')
    return { kind: 'function', name, body: this.command(ANYTHING) }
  }

  private redirects(): Redirect[] {
    const redirects: Redirect[] = []
    while (this.read(SAME_LINE) === 'redirection') {
      if (this.redirection !== undefined) redirects.push(this.redirection)
    }
    this.pushedBack = true
    return redirects
  }

  /** The commands of `$( … )`, in the same text. */
  private parenthesized(): List {
    const outer = {
      token: this.token,
      pushedBack: this.pushedBack,
      hereDocuments: this.hereDocuments,
      wordStart: this.wordStart,
      tokenStart: this.tokenStart,
    }
    this.pushedBack = false
    this.hereDocuments = []
    this.depth++
    if (this.depth > MAX_DEPTH) throw this.cursor.fail('substitutions are nested too deeply')
    const list = this.list({ mayBeEmpty: true })
    this.expect(')', {})
    this.depth--
    Object.assign(this, outer)
    return list
  }

  private backquoted(source: string): List {
    if (this.depth > MAX_DEPTH) throw this.cursor.fail('substitutions are nested too deeply')
    const parser = new Parser(source, {
      firstLine: this.cursor.line,
      depth: this.depth + 1,
      ...(this.options.aliases === undefined ? {} : { aliases: this.options.aliases }),
    })
    const items: AndOr[] = []
    for (;;) {
      const list = parser.nextLine()
      if (list === undefined) return { items }
      items.push(...list.items)
    }
  }

  /** Where the token that was read last begins. */
  private tokenStart = 0

  /** The next token. Where it was put back, it is looked at again with what is expected now. */
  private read(expected: Expectation & { readonly assignment?: boolean }): Token {
    for (;;) {
      const from = this.cursor.position
      let token = this.pushedBack ? this.token : this.scan(expected)
      const again = this.pushedBack
      this.pushedBack = false
      while (expected.newlines && token === 'newline') {
        this.token = token
        this.readHereDocuments()
        token = this.scan(expected)
      }
      this.token = token
      if (token !== 'word') return token
      const text = plainText(this.word)
      if (text === undefined) return token
      if (expected.keywords) {
        const keyword = RESERVED.get(text)
        if (keyword !== undefined) {
          this.token = keyword
          return keyword
        }
      }
      if (!this.aliasesApply(expected, from, again)) return token
      const alias = this.options.aliases?.get(text)
      if (alias === undefined) return token
      const active = this.expanding.some(({ name, end }) => name === text && this.wordStart < end)
      if (active) return token
      for (const [index, entry] of this.expanding.entries()) {
        if (entry.end >= this.cursor.position)
          this.expanding[index] = { ...entry, end: entry.end + alias.length }
      }
      this.cursor.insert(alias)
      this.expanding.push({
        name: text,
        end: this.cursor.position + alias.length,
        blank: /[ \t]$/.test(alias),
      })
    }
  }

  /** An alias also holds for the word after an alias that ends in a blank. */
  private aliasesApply(expected: Expectation, from: number, again: boolean): boolean {
    if (expected.aliases) return true
    if (again) return false
    return this.expanding.some(
      ({ end, blank }) => blank && end >= from && end <= this.wordStart && end > 0,
    )
  }

  private scan(expected: Expectation & { readonly assignment?: boolean }): Token {
    this.skipBlanks()
    const { cursor } = this
    this.tokenStart = cursor.position
    if (cursor.atEnd) return 'end of file'
    if (cursor.peek() === '\n') {
      cursor.next()
      return 'newline'
    }
    if (this.scanRedirection()) return 'redirection'
    const operator = OPERATORS.find((candidate) => cursor.startsWith(candidate))
    if (operator !== undefined) {
      cursor.position += operator.length
      return operator
    }
    this.wordStart = cursor.position
    const start = this.wordStart
    const assignment =
      (expected.assignment ?? expected.keywords) === true &&
      /^[A-Za-z_][A-Za-z0-9_]*=/.test(cursor.text.slice(start, start + 256))
    this.word = this.words.word({ assignment }) ?? { parts: [] }
    this.wordStart = start
    this.tokenStart = start
    return 'word'
  }

  private scanRedirection(): boolean {
    const { cursor } = this
    const rest = cursor.text.slice(cursor.position, cursor.position + 16)
    if (rest.startsWith('&>')) {
      cursor.position += 2
      this.redirection = { fd: undefined, operator: '&>', target: this.redirectTarget() }
      return true
    }
    const digits = /^\d{0,9}(?=[<>])/.exec(rest)?.[0]
    if (digits === undefined) return false
    const operator = REDIRECTS.find((candidate) => rest.startsWith(candidate, digits.length))
    if (operator === undefined) return false
    cursor.position += digits.length + operator.length
    const fd = digits === '' ? undefined : Number(digits)
    this.redirection =
      operator === '<<' || operator === '<<-'
        ? this.hereDocument(fd, operator === '<<-')
        : { fd, operator, target: this.redirectTarget() }
    return true
  }

  private hereDocument(fd: number | undefined, stripTabs: boolean): Redirect {
    const redirect: { fd: number | undefined; operator: '<<'; target: Word } = {
      fd,
      operator: '<<',
      target: { parts: [] },
    }
    this.skipBlanks()
    // The delimiter is taken as it stands: nothing in it is expanded.
    const raw = /^(?:\\[\s\S]|'[^']*'|"(?:\\[\s\S]|[^"\\])*"|[^\s;&|<>()'"\\])+/.exec(
      this.cursor.text.slice(this.cursor.position),
    )?.[0]
    if (raw === undefined) throw this.unexpectedTarget()
    this.cursor.position += raw.length
    this.hereDocuments.push({
      stripTabs,
      delimiter: raw.replace(
        /\\([\s\S])|'([^']*)'|"((?:\\[\s\S]|[^"\\])*)"/g,
        (_all, one, single, double) => String(one ?? single ?? double),
      ),
      expand: !/[\\'"]/.test(raw),
      fill: (word) => {
        redirect.target = word
      },
    })
    return redirect
  }

  private redirectTarget(): Word {
    this.skipBlanks()
    const before = this.wordStart
    const word = this.words.word()
    this.wordStart = before
    if (word === undefined) throw this.unexpectedTarget()
    return word
  }

  private unexpectedTarget(): ShellSyntaxError {
    this.token =
      this.cursor.atEnd || !/[<>]/.test(this.cursor.peek() ?? '') ? this.scan({}) : 'redirection'
    return this.unexpected()
  }

  private readHereDocuments(): void {
    const pending = this.hereDocuments
    this.hereDocuments = []
    const { cursor } = this
    for (const document of pending) {
      let text = ''
      for (;;) {
        if (cursor.atEnd) {
          // ash takes the end of a script as the end of the document.
          if (this.options.moreMayCome !== true) break
          throw cursor.fail('unexpected end of file', true)
        }
        const end = cursor.text.indexOf('\n', cursor.position)
        const stop = end === -1 ? cursor.text.length : end + 1
        let line = cursor.text.slice(cursor.position, stop)
        cursor.position = stop
        if (document.stripTabs) line = line.replace(/^\t+/, '')
        if (line.replace(/\n$/, '') === document.delimiter) break
        text += line
      }
      document.fill(
        document.expand ? this.quotedText(text) : { parts: [{ kind: 'text', text, quoted: true }] },
      )
    }
  }

  private quotedText(text: string): Word {
    const options = {
      firstLine: this.cursor.line,
      depth: this.depth + 1,
      ...(this.options.aliases === undefined ? {} : { aliases: this.options.aliases }),
    }
    return new Parser(text, options).words.quotedText()
  }

  /** A text as between double quotes: a prompt, say. */
  static quoted(text: string): Word {
    return new Parser(text).words.quotedText()
  }

  private skipBlanks(): void {
    const { cursor } = this
    for (;;) {
      const char = cursor.peek()
      if (char === ' ' || char === '\t') cursor.next()
      else if (char === '\\' && cursor.peek(1) === '\n') cursor.position += 2
      else if (char === '#') {
        while (!cursor.atEnd && cursor.peek() !== '\n') cursor.next()
      } else return
    }
  }

  private expect(token: Token, expected: Expectation): void {
    if (this.read(expected) !== token) throw this.expected(token)
  }

  private expected(token: Token): ShellSyntaxError {
    return this.cursor.fail(
      `unexpected ${shown(this.token)} (expecting ${shown(token)})`,
      this.token === 'end of file',
    )
  }

  private unexpected(): ShellSyntaxError {
    return this.cursor.fail(`unexpected ${shown(this.token)}`, this.token === 'end of file')
  }
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

function shown(token: Token): string {
  return token === 'end of file' ||
    token === 'newline' ||
    token === 'word' ||
    token === 'redirection'
    ? token
    : `"${token}"`
}

/** The text of a word that has nothing quoted or expanded in it. */
function plainText(word: Word): string | undefined {
  const [part, ...others] = word.parts
  return part?.kind === 'text' && !part.quoted && others.length === 0 ? part.text : undefined
}

/** `name=value`, where the name stands unquoted in the word. */
function assignmentOf(word: Word): { readonly name: string; readonly value: Word } | undefined {
  const [part, ...others] = word.parts
  if (part?.kind !== 'text' || part.quoted) return undefined
  const match = /^([A-Za-z_][A-Za-z0-9_]*)=/.exec(part.text)
  if (match?.[1] === undefined) return undefined
  const text = part.text.slice(match[0].length)
  return {
    name: match[1],
    value: { parts: text === '' ? others : [{ ...part, text }, ...others] },
  }
}
