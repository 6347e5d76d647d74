import type { LineResult } from '../shell/lab.ts'

/** One command of a transcript, what it has to print, and how it is run. */
export interface TranscriptEntry {
  /** The command, with its here-document. */
  readonly line: string
  readonly expected: LineResult
  /** Comments and empty lines above it, kept when the transcript is recorded again. */
  readonly before: readonly string[]
  readonly options: EntryOptions
}

export interface EntryOptions {
  /** The lab's kubectl has no such command, and says so. */
  readonly onlyReal?: boolean
  /** What the lab's kubectl does otherwise on purpose, and why; it is not compared. */
  readonly differs?: string
  /** Lines of the output in any order. */
  readonly unordered?: boolean
  /** Only the last line counts: how many steps are seen on the way is chance. */
  readonly ending?: boolean
  /** Output that ends the command: it is interrupted then, as with Ctrl-C. */
  readonly until?: string
  /** Commands that run once the first output is there. */
  readonly meanwhile?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/**
 * Reads a transcript. `$ ` begins a command and `> ` goes on with its here-document, `|` stands before a line of its
 * output, `!` before one of its error output, `?` before an exit code that is not 0, `\` says that the line before
 * has no end, `@ ` sets an option, `# ` is a comment.
 *
 * @throws Error for a line that is none of these
 */
export function parseTranscript(text: string): readonly TranscriptEntry[] {
  const entries: TranscriptEntry[] = []
  let before: string[] = []
  let open: Building | undefined
  const close = () => {
    if (open === undefined) return
    const { line, before, options, out, err, code } = open
    entries.push({ line, before, options, expected: { out, err, code } })
    open = undefined
  }
  for (const [index, row] of text.replaceAll('\r\n', '\n').split('\n').entries()) {
    const rest = row.slice(1)
    switch (row[0]) {
      case undefined:
      case '#':
        close()
        before.push(row)
        break
      case '$':
        close()
        open = {
          line: rest.trimStart(),
          before: before.filter((one) => !one.startsWith('@')),
          options: parseOptions(before.filter((one) => one.startsWith('@'))),
          out: '',
          err: '',
          code: 0,
          last: 'out',
        }
        before = []
        break
      case '@':
        close()
        before.push(row)
        break
      case '>':
      case '|':
      case '!':
      case '?':
      case '\\':
        if (open === undefined) throw new Error(`line ${index + 1}: no command before ${row}`)
        addRow(open, row[0], rest)
        break
      default:
        throw new Error(`line ${index + 1} is no line of a transcript: ${row}`)
    }
  }
  close()
  return entries
}

interface Building {
  line: string
  before: readonly string[]
  options: EntryOptions
  out: string
  err: string
  code: number
  last: 'out' | 'err'
}

function addRow(open: Building, mark: '>' | '|' | '!' | '?' | '\\', rest: string): void {
  switch (mark) {
    case '>':
      open.line += `\n${rest.replace(/^ /, '')}`
      return
    case '|':
      open.out += `${rest}\n`
      open.last = 'out'
      return
    case '!':
      open.err += `${rest}\n`
      open.last = 'err'
      return
    case '?':
      open.code = Number(rest)
      return
    case '\\':
      open[open.last] = open[open.last].slice(0, -1)
      return
  }
}

function parseOptions(rows: readonly string[]): EntryOptions {
  let options: EntryOptions = {}
  for (const row of rows) {
    const [word = '', ...words] = row.slice(1).trim().split(' ')
    const rest = words.join(' ')
    switch (word) {
      case 'only-real':
        options = { ...options, onlyReal: true }
        break
      case 'differs':
        options = { ...options, differs: rest }
        break
      case 'unordered':
        options = { ...options, unordered: true }
        break
      case 'ending':
        options = { ...options, ending: true }
        break
      case 'until':
        options = { ...options, until: rest }
        break
      case 'meanwhile':
        options = { ...options, meanwhile: [...(options.meanwhile ?? []), rest] }
        break
      case 'env': {
        const equals = rest.indexOf('=')
        const variable = { [rest.slice(0, equals)]: rest.slice(equals + 1) }
        options = { ...options, env: { ...options.env, ...variable } }
        break
      }
      default:
        throw new Error(`a transcript has no option ${word}`)
    }
  }
  return options
}

/** Writes a transcript down, the reverse of `parseTranscript`. */
export function formatTranscript(entries: readonly TranscriptEntry[]): string {
  return `${entries.flatMap(formatEntry).join('\n')}\n`
}

function formatEntry({ line, before, options, expected }: TranscriptEntry): readonly string[] {
  const [first = '', ...more] = line.split('\n')
  return [
    ...before,
    ...formatOptions(options),
    `$ ${first}`,
    ...more.map((row) => `> ${row}`),
    ...formatText('|', expected.out),
    ...formatText('!', expected.err),
    ...(expected.code === 0 ? [] : [`? ${expected.code}`]),
  ]
}

function formatOptions(options: EntryOptions): readonly string[] {
  return [
    ...(options.onlyReal === true ? ['@ only-real'] : []),
    ...(options.differs === undefined ? [] : [`@ differs ${options.differs}`]),
    ...(options.unordered === true ? ['@ unordered'] : []),
    ...(options.ending === true ? ['@ ending'] : []),
    ...Object.entries(options.env ?? {}).map(([name, value]) => `@ env ${name}=${value}`),
    ...(options.meanwhile ?? []).map((line) => `@ meanwhile ${line}`),
    ...(options.until === undefined ? [] : [`@ until ${options.until}`]),
  ]
}

function formatText(mark: string, text: string): readonly string[] {
  if (text === '') return []
  const ended = text.endsWith('\n')
  const rows = (ended ? text.slice(0, -1) : text).split('\n').map((row) => mark + row)
  return ended ? rows : [...rows, '\\']
}
