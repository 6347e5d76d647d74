import { LineSyntaxError } from './line-syntax-error.ts'

/** One command of a line. */
export interface SimpleCommand {
  readonly words: readonly string[]
  /** Text of a here-document that the command reads as its standard input. */
  readonly hereDocument?: string
  /** When it runs, seen from the command before it. */
  readonly runs: 'always' | 'after-success' | 'after-failure'
  /** The command as it was typed, without its here-document. */
  readonly source: string
}

interface OpenHereDocument {
  readonly delimiter: string
  readonly stripTabs: boolean
  readonly command: { hereDocument?: string }
}

type Building = { -readonly [K in keyof SimpleCommand]: SimpleCommand[K] } & { words: string[] }

/** What the characters that sh gives a meaning to would do, for the sentence that refuses them. */
const REFUSED: Readonly<Record<string, string>> = {
  '|': 'pipes are not part of it. Run the command alone, or try kubectl -o name, -o jsonpath or -l to narrow its output',
  '>': 'redirects are not part of it. Edit files of the work folder with your own editor',
  '<': 'redirects are not part of it. Name the file instead, as in: kubectl apply -f FILE',
  '&': 'background commands are not part of it. Run the command on its own line',
  $: "variables and $(…) are not part of it. Type the value itself, or put it in single quotes: '$'",
  '`': 'command substitution is not part of it. Run the inner command first and type its result',
  '*': "file patterns are not part of it. Name the files, or the folder as in: kubectl apply -f . Put a real * in quotes: '*'",
  '?': "file patterns are not part of it. Name the files. Put a real ? in quotes: '?'",
  '(': 'subshells are not part of it. Run the commands one after the other',
  ')': 'subshells are not part of it. Run the commands one after the other',
}

/**
 * Splits what was typed or pasted into commands: quotes, backslashes and comments as in POSIX sh (2.2, 2.3), `;`,
 * `&&`, `||`, several lines, here-documents. A leading `$ ` of a pasted line is dropped.
 *
 * @throws LineSyntaxError for what the lab's command line does not have and for quotes that stay open.
 */
export function parseLine(text: string): readonly SimpleCommand[] {
  return new LineParser(text.replaceAll('\r\n', '\n')).parse()
}

class LineParser {
  private at = 0
  private readonly commands: SimpleCommand[] = []
  private current: Building | undefined
  private word: string | undefined
  private start = 0
  private runs: SimpleCommand['runs'] = 'always'
  private joiner = ''
  private waiting: OpenHereDocument[] = []
  private readonly text: string

  constructor(text: string) {
    this.text = text
  }

  parse(): readonly SimpleCommand[] {
    this.dropPrompt()
    while (this.at < this.text.length) this.step()
    this.endCommand()
    if (this.joiner === '&&' || this.joiner === '||') {
      throw new LineSyntaxError(`A command is missing after ${this.joiner}`)
    }
    const open = this.waiting[0]
    if (open !== undefined) {
      throw new LineSyntaxError(
        `The here-document is not finished: its last line is to be ${open.delimiter} alone`,
      )
    }
    return this.commands
  }

  private step(): void {
    const character = this.text[this.at] ?? ''
    switch (character) {
      case ' ':
      case '\t':
        this.endWord()
        this.at += 1
        return
      case '\n':
        this.endCommand()
        if (this.joiner === ';') this.joiner = ''
        this.at += 1
        this.readHereDocuments()
        this.dropPrompt()
        return
      case '#':
        if (this.word === undefined) {
          while (this.at < this.text.length && this.text[this.at] !== '\n') this.at += 1
          return
        }
        this.take(character)
        return
      case '\\':
        this.escape()
        return
      case "'":
        this.singleQuoted()
        return
      case '"':
        this.doubleQuoted()
        return
      case ';':
        this.join(';', 'always')
        return
      case '&':
        if (this.text[this.at + 1] === '&') return this.join('&&', 'after-success')
        throw refusal(character)
      case '|':
        if (this.text[this.at + 1] === '|') return this.join('||', 'after-failure')
        throw refusal(character)
      case '<':
        if (this.text[this.at + 1] === '<') return this.openHereDocument()
        throw refusal(character)
      case '$':
        // A lone dollar sign means itself, as in sh.
        if (!/[A-Za-z0-9_{(@*#?$!'"-]/.test(this.text[this.at + 1] ?? ''))
          return this.take(character)
        throw refusal(character)
      default:
        if (character in REFUSED && !this.insideBraces(character)) throw refusal(character)
        this.take(character)
    }
  }

  private take(text: string): void {
    this.begin()
    this.word = (this.word ?? '') + text
    this.at += text.length
  }

  /** `{.items[*].metadata.name}` is no file pattern: sh would find no such file and pass it on as it is. */
  private insideBraces(character: string): boolean {
    if (character !== '*' && character !== '?') return false
    const word = this.word ?? ''
    return word.lastIndexOf('{') > word.lastIndexOf('}')
  }

  private begin(): Building {
    if (this.current === undefined) {
      this.start = this.at
      this.current = { words: [], runs: this.runs, source: '' }
      this.joiner = ''
    }
    return this.current
  }

  private escape(): void {
    const next = this.text[this.at + 1]
    if (next === undefined) {
      // Nothing follows on any line: sh would wait for more, a finished line ends here.
      this.at += 1
    } else if (next === '\n') {
      this.at += 2
    } else {
      this.begin()
      this.word = (this.word ?? '') + next
      this.at += 2
    }
  }

  private singleQuoted(): void {
    const end = this.text.indexOf("'", this.at + 1)
    if (end === -1) throw new LineSyntaxError("A quote is not closed: add the missing '")
    this.begin()
    this.word = (this.word ?? '') + this.text.slice(this.at + 1, end)
    this.at = end + 1
  }

  private doubleQuoted(): void {
    this.begin()
    let text = ''
    let at = this.at + 1
    for (;;) {
      const character = this.text[at]
      if (character === undefined) {
        throw new LineSyntaxError('A quote is not closed: add the missing "')
      }
      if (character === '"') break
      const next = this.text[at + 1] ?? ''
      if (character === '\\' && next !== '' && '$`"\\\n'.includes(next)) {
        if (next !== '\n') text += next
        at += 2
        continue
      }
      if (character === '`' || (character === '$' && /[A-Za-z0-9_{(@*#?$!-]/.test(next))) {
        throw refusal(character)
      }
      text += character
      at += 1
    }
    this.word = (this.word ?? '') + text
    this.at = at + 1
  }

  private endWord(): void {
    if (this.word === undefined || this.current === undefined) return
    this.current.words.push(this.word)
    this.word = undefined
  }

  private endCommand(): void {
    this.endWord()
    const command = this.current
    if (command === undefined) return
    command.source = this.text
      .slice(this.start, this.at)
      .replace(/\\\n[ \t]*/g, '')
      .trim()
    this.commands.push(command)
    this.current = undefined
    this.runs = 'always'
  }

  private join(operator: string, runs: SimpleCommand['runs']): void {
    this.endWord()
    if (this.current === undefined) {
      throw new LineSyntaxError(`A command is missing before ${operator}`)
    }
    this.endCommand()
    this.runs = runs
    this.joiner = operator
    this.at += operator.length
  }

  private openHereDocument(): void {
    this.endWord()
    const command = this.begin()
    const match = /^<<(-?)[ \t]*(?:'([^'\n]+)'|"([^"\n]+)"|\\?([^\s'"<>|&;()]+))/.exec(
      this.text.slice(this.at),
    )
    if (match === null) {
      throw new LineSyntaxError(
        'A here-document needs a word after <<, as in: kubectl apply -f - <<EOF',
      )
    }
    const delimiter = match[2] ?? match[3] ?? match[4] ?? ''
    this.waiting.push({ delimiter, stripTabs: match[1] === '-', command })
    this.at += match[0].length
  }

  private readHereDocuments(): void {
    for (const open of this.waiting) {
      let body = ''
      for (;;) {
        if (this.at >= this.text.length) {
          throw new LineSyntaxError(
            `The here-document is not finished: its last line is to be ${open.delimiter} alone`,
          )
        }
        const end = this.text.indexOf('\n', this.at)
        const raw = this.text.slice(this.at, end === -1 ? undefined : end)
        this.at = end === -1 ? this.text.length : end + 1
        const line = open.stripTabs ? raw.replace(/^\t+/, '') : raw
        if (line === open.delimiter) break
        body += `${line}\n`
      }
      open.command.hereDocument = body
    }
    this.waiting = []
  }

  private dropPrompt(): void {
    const prompt = /^[ \t]*\$[ \t]+/.exec(this.text.slice(this.at))
    if (prompt !== null) this.at += prompt[0].length
  }
}

function refusal(character: string): LineSyntaxError {
  return new LineSyntaxError(
    `The lab's command line does not understand ${character} here: ${REFUSED[character]}. (netpol-lab shell opens your own shell on this cluster)`,
  )
}
