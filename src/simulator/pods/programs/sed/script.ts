import { ProgramError } from '../busybox-program.ts'
import { posixRegExp } from '../posix-regexp.ts'

export type Address =
  | { readonly kind: 'line'; readonly line: number }
  | { readonly kind: 'last' }
  | { readonly kind: 'step'; readonly first: number; readonly step: number }
  /** Without a pattern: the last one that was used. */
  | { readonly kind: 'pattern'; readonly pattern: RegExp | undefined }

export interface SedCommand {
  readonly from: Address | undefined
  readonly to: Address | { readonly kind: 'plus'; readonly count: number } | undefined
  readonly negated: boolean
  readonly verb: string
  pattern?: RegExp | undefined
  replacement?: string
  global?: boolean
  print?: boolean
  occurrence?: number | undefined
  writeTo?: string | undefined
  text?: string
  map?: ReadonlyMap<string, string>
  exitCode?: number
  /** Where a branch goes on behind, or where a `{` that was not selected ends. */
  jump?: number
  /** A label to jump to that the script does not have. */
  missingLabel?: string
}

export interface SedDialect {
  readonly extended: boolean
  /** GNU's additions (`1~2`, `0,/x/`, `q5`, `Q`, `l`) and its view of what is no script; else BusyBox', which takes nearly all. */
  readonly gnu: boolean
}

/** Reads a sed script. Throws `ProgramError` with BusyBox' words. */
export function parseSed(script: string, dialect: SedDialect): SedCommand[] {
  return new SedParser(script, dialect).parse()
}

class SedParser {
  private at = 0
  private readonly script: string
  private readonly extended: boolean
  private readonly gnu: boolean
  private readonly commands: SedCommand[] = []
  private readonly labels = new Map<string, number>()
  private readonly branches: { readonly command: SedCommand; readonly label: string }[] = []
  private readonly open: SedCommand[] = []

  constructor(script: string, dialect: SedDialect) {
    this.script = script
    this.extended = dialect.extended
    this.gnu = dialect.gnu
  }

  parse(): SedCommand[] {
    for (;;) {
      this.skip(/[\s;]/)
      if (this.at >= this.script.length) break
      if (this.script[this.at] === '#') {
        this.skip(/[^\n]/)
        continue
      }
      this.command()
    }
    if (this.gnu && this.open.length > 0) throw new ProgramError('unmatched {')
    for (const { command, label } of this.branches) {
      const target = this.labels.get(label)
      if (target !== undefined) command.jump = target
      else if (this.gnu) throw new ProgramError(`can't find label for jump to '${label}'`)
      else command.missingLabel = label
    }
    return this.commands
  }

  private skip(chars: RegExp): void {
    while (this.at < this.script.length && chars.test(this.script[this.at] ?? '')) this.at++
  }

  private command(): void {
    const from = this.address()
    let to: SedCommand['to']
    this.skip(/[ \t]/)
    if (from !== undefined && this.script[this.at] === ',') {
      this.at++
      this.skip(/[ \t]/)
      const plus = /^\+(\d+)/.exec(this.script.slice(this.at))
      if (plus?.[1] !== undefined) {
        this.at += plus[0].length
        to = { kind: 'plus', count: Number(plus[1]) }
      } else to = this.address()
      if (to === undefined) throw new ProgramError('no address after comma')
    }
    this.skip(/[ \t]/)
    let negated = false
    while (this.script[this.at] === '!') {
      negated = true
      this.at++
      this.skip(/[ \t]/)
    }
    const verb = this.script[this.at++]
    if (verb === undefined) throw new ProgramError('missing command')
    const command: SedCommand = { from, to, negated, verb }
    if (verb === '}') {
      const opened = this.open.pop()
      if (opened !== undefined) opened.jump = this.commands.length - 1
      else if (this.gnu) throw new ProgramError('unexpected }')
      return
    }
    if (verb === ':') {
      this.labels.set(this.word(), this.commands.length - 1)
      return
    }
    this.commands.push(command)
    switch (verb) {
      case '{':
        this.open.push(command)
        return
      case 's':
        return this.substitution(command)
      case 'y':
        return this.transliteration(command)
      case 'a':
      case 'i':
      case 'c':
        command.text = this.text()
        return
      case 'r':
      case 'w':
        this.skip(/[ \t]/)
        command.text = this.line()
        if (command.text === '') throw new ProgramError('empty filename')
        return
      case 'b':
      case 't':
      case 'T': {
        const label = this.word()
        if (label !== '') this.branches.push({ command, label })
        return
      }
      case 'q':
      case 'Q': {
        if (!this.gnu) {
          if (verb === 'Q') throw new ProgramError(`unsupported command ${verb}`)
          return
        }
        this.skip(/[ \t]/)
        const code = /^\d+/.exec(this.script.slice(this.at))?.[0]
        if (code === undefined) break
        this.at += code.length
        command.exitCode = Number(code) & 0xff
        break
      }
      default:
        if (!'dDgGhHlnNpPx='.includes(verb)) throw new ProgramError(`unsupported command ${verb}`)
    }
    // BusyBox takes what follows for the next command.
    if (!this.gnu) return
    this.skip(/[ \t]/)
    const next = this.script[this.at]
    if (next !== undefined && !/[\n;}#]/.test(next))
      throw new ProgramError('extra characters after command')
  }

  private address(): Address | undefined {
    const rest = this.script.slice(this.at)
    const step = /^(\d+)~(\d+)/.exec(rest)
    if (step?.[1] !== undefined && this.gnu) {
      this.at += step[0].length
      return { kind: 'step', first: Number(step[1]), step: Number(step[2]) }
    }
    const line = /^\d+/.exec(rest)?.[0]
    if (line !== undefined) {
      this.at += line.length
      return { kind: 'line', line: Number(line) }
    }
    if (rest[0] === '$') {
      this.at++
      return { kind: 'last' }
    }
    if (rest[0] !== '/' && rest[0] !== '\\') return undefined
    if (rest[0] === '\\') this.at++
    const delimiter = this.script[this.at++] ?? '/'
    const source = this.delimited(delimiter, true)
    const ignoreCase = this.script[this.at] === 'I'
    if (ignoreCase) this.at++
    return { kind: 'pattern', pattern: this.regex(source, ignoreCase) }
  }

  private regex(source: string, ignoreCase: boolean): RegExp | undefined {
    return source === '' ? undefined : posixRegExp(source, { extended: this.extended, ignoreCase })
  }

  private delimited(delimiter: string, regex: boolean): string {
    let text = ''
    let inClass = false
    for (;;) {
      const char = this.script[this.at++]
      if (char === undefined) throw new ProgramError(`unmatched '${delimiter}'`)
      if (char === delimiter && !inClass) return text
      if (char === '\\' && !inClass) {
        const next = this.script[this.at++] ?? ''
        if (next === delimiter && delimiter !== '&')
          text += regex && /[.*+?()|{}[\]^$]/.test(delimiter) ? `\\${next}` : next
        else if (next === 'n' && regex) text += '\n'
        else text += `\\${next}`
        continue
      }
      if (regex && char === '[' && !inClass) {
        inClass = true
        const lead = /^\^?\]?/.exec(this.script.slice(this.at))?.[0] ?? ''
        text += char + lead
        this.at += lead.length
        continue
      }
      if (inClass && char === ']') inClass = false
      text += char
    }
  }

  private substitution(command: SedCommand): void {
    const delimiter = this.script[this.at++]
    if (delimiter === undefined || delimiter === '\n')
      throw new ProgramError('bad format in substitution expression')
    const source = this.delimited(delimiter, true)
    command.replacement = this.delimited(delimiter, false)
    let ignoreCase = false
    for (;;) {
      const flag = this.script[this.at]
      if (flag === undefined || /[\s;}#]/.test(flag)) break
      const digits = /^\d+/.exec(this.script.slice(this.at))?.[0]
      if (digits !== undefined) {
        command.occurrence = Number(digits)
        this.at += digits.length
        continue
      }
      this.at++
      if (flag === 'g') command.global = true
      else if (flag === 'p') command.print = true
      else if (flag === 'i' || flag === 'I') ignoreCase = true
      else if (flag === 'w') {
        this.skip(/[ \t]/)
        command.writeTo = this.line()
        break
      } else throw new ProgramError('bad option in substitution expression')
    }
    command.pattern = this.regex(source, ignoreCase)
    const groups = (source.match(this.extended ? /(?<!\\)\(/g : /\\\(/g) ?? []).length
    for (const [, digit] of command.replacement.matchAll(/\\(\d)/g)) {
      if (Number(digit) > groups)
        throw new ProgramError(`invalid reference \\${digit} on s command's RHS`)
    }
  }

  private transliteration(command: SedCommand): void {
    const delimiter = this.script[this.at++] ?? '/'
    const decode = (text: string) => [
      ...text.replace(
        /\\(.)/g,
        (_all, char: string) => ({ n: '\n', t: '\t', '\\': '\\' })[char] ?? `\\${char}`,
      ),
    ]
    const from = decode(this.delimited(delimiter, true))
    const to = decode(this.delimited(delimiter, true))
    if (this.gnu && from.length !== to.length)
      throw new ProgramError('bad format in substitution expression')
    command.map = new Map(from.map((char, index) => [char, to[index] ?? char]))
  }

  /** A label or the like: up to blank or separator. */
  private word(): string {
    this.skip(/[ \t]/)
    const word = /^[^\s;}]*/.exec(this.script.slice(this.at))?.[0] ?? ''
    this.at += word.length
    return word
  }

  private line(): string {
    const end = this.script.indexOf('\n', this.at)
    const text = this.script.slice(this.at, end === -1 ? undefined : end)
    this.at = end === -1 ? this.script.length : end
    return text
  }

  /** The text of a, i and c: to the end of the line, going on after a backslash. */
  private text(): string {
    this.skip(/[ \t]/)
    const lead = /^\\[ \t]*\n?/.exec(this.script.slice(this.at))?.[0] ?? ''
    this.at += lead.length
    if (lead === '' || lead.endsWith('\n')) this.skip(/[ \t]/)
    let text = ''
    for (;;) {
      const char = this.script[this.at++]
      if (char === undefined || char === '\n') break
      if (char === '\\') {
        const next = this.script[this.at++] ?? ''
        text += next === 't' ? '\t' : next
      } else text += char
    }
    if (text === '' && lead === '') throw new ProgramError("expected \\ after `a', `c' or `i'")
    return text
  }
}
