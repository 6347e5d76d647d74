import type { Program, ProgramContext, ProgramInput } from '../process/program.ts'
import { inputFrom, withinMemory } from '../process/program-context.ts'
import type { TerminalDevice } from '../terminal/terminal-device.ts'
import { BoundedRegExp } from './bounded-regexp.ts'
import {
  busyboxProgram,
  calledAs,
  ProgramError,
  parseOptions,
  UsageError,
} from './busybox-program.ts'
import { inputs, LINE_BYTES, linesOf } from './lines.ts'

/** less and more: a text page by page. Where it does not go to a terminal, all of it at once. */
function pager(letters: string): Program {
  return busyboxProgram(async (context, args) => {
    const options = parseOptions(args, letters)
    const { terminal } = context.stdout
    if (options.operands.length === 0 && context.stdin.terminal !== undefined)
      throw new UsageError('')
    let status = 0
    const missing = () => {
      status = 1
    }
    if (terminal === undefined) {
      for await (const { input } of inputs(context, options.operands, missing))
        for (let chunk = await input.read(); chunk !== undefined; chunk = await input.read())
          await context.stdout.write(chunk)
      return status
    }
    const lines: string[] = []
    let held = 0
    for await (const { input } of inputs(context, options.operands, missing))
      for await (const line of linesOf(input)) {
        held = withinMemory(held + line.length + LINE_BYTES)
        lines.push(line.replace(/\n$/, ''))
      }
    if (status !== 0) return status
    const keys = inputFrom(context.process.fds.get(1), context.signal, context.process)
    terminal.setRaw(true)
    try {
      if (calledAs(context) === 'more') await pages(context, terminal, keys, lines)
      else await new Screen(context, terminal, keys, lines, options.operands[0]).run()
    } finally {
      terminal.setRaw(false)
    }
    return 0
  })
}

/** One key, or the whole sequence that a key sends. */
async function readKey(keys: ProgramInput): Promise<string> {
  const chunk = await keys.read(16)
  return chunk === undefined ? 'q' : new TextDecoder().decode(chunk)
}

/** The rows of the screen that a line takes. */
function folded(line: string, columns: number): string[] {
  const text = line.replaceAll('\t', '        ')
  if (text.length <= columns) return [text]
  return text.match(new RegExp(`.{1,${columns}}`, 'gsu')) ?? ['']
}

/** more: a page, then a page or a line for a key. */
async function pages(
  context: ProgramContext,
  terminal: TerminalDevice,
  keys: ProgramInput,
  lines: readonly string[],
): Promise<void> {
  const rows = lines.flatMap((line) => folded(line, terminal.size.columns))
  let left = terminal.size.rows - 1
  for (const [index, row] of rows.entries()) {
    if (left <= 0) {
      const share = Math.round((index / rows.length) * 100)
      await context.stdout.write(`--More-- (${share}% of ${rows.length} lines)`)
      const key = await readKey(keys)
      await context.stdout.write('\r\u001b[K')
      if (/^[qQ\u0003]/.test(key)) return
      left = /^[\r\nr]/.test(key) ? 1 : terminal.size.rows - 1
    }
    await context.stdout.write(`${row}\n`)
    left--
  }
}

/** less: forwards and back, and to what is searched for. */
class Screen {
  private readonly context: ProgramContext
  private readonly terminal: TerminalDevice
  private readonly keys: ProgramInput
  private readonly rows: readonly string[]
  private readonly name: string | undefined
  private top = 0
  private pattern: RegExp | undefined
  private message: string | undefined

  constructor(
    context: ProgramContext,
    terminal: TerminalDevice,
    keys: ProgramInput,
    lines: readonly string[],
    name: string | undefined,
  ) {
    this.context = context
    this.terminal = terminal
    this.keys = keys
    this.rows = lines.flatMap((line) => folded(line, terminal.size.columns))
    this.name = name
    this.message = name
  }

  private get page(): number {
    return Math.max(1, this.terminal.size.rows - 1)
  }

  private get lastTop(): number {
    return Math.max(0, this.rows.length - this.page)
  }

  async run(): Promise<void> {
    for (;;) {
      await this.draw()
      const key = await readKey(this.keys)
      this.message = undefined
      if (/^[qQ\u0003]/.test(key)) break
      if (key === '/' || key === '?') await this.ask(key)
      else if (key === 'n') this.search(1)
      else if (key === 'N') this.search(-1)
      else this.top = Math.min(this.lastTop, Math.max(0, this.moved(key)))
    }
    await this.context.stdout.write('\r\u001b[K')
  }

  private moved(key: string): number {
    const half = Math.floor(this.page / 2)
    switch (key) {
      case ' ':
      case 'f':
      case '\u0006':
      case '\u001b[6~':
        return this.top + this.page
      case 'b':
      case '\u0002':
      case '\u001b[5~':
        return this.top - this.page
      case 'j':
      case 'e':
      case '\r':
      case '\n':
      case '\u001b[B':
      case '\u001bOB':
        return this.top + 1
      case 'k':
      case 'y':
      case '\u001b[A':
      case '\u001bOA':
        return this.top - 1
      case 'd':
        return this.top + half
      case 'u':
        return this.top - half
      case 'g':
      case '<':
      case '\u001b[H':
      case '\u001b[1~':
        return 0
      case 'G':
      case '>':
      case '\u001b[F':
      case '\u001b[4~':
        return this.lastTop
      default:
        return this.top
    }
  }

  private async draw(): Promise<void> {
    const shown = this.rows.slice(this.top, this.top + this.page)
    while (shown.length < this.page) shown.push('~')
    const atEnd = this.top >= this.lastTop
    const last =
      this.message ?? (atEnd ? (this.name === undefined ? '(END)' : `${this.name} (END)`) : ':')
    const status = last === ':' ? last : `\u001b[7m${last}\u001b[m`
    await this.context.stdout.write(
      `\u001b[H\u001b[J${shown.map((row) => this.marked(row)).join('\n')}\n${status}`,
    )
  }

  private marked(row: string): string {
    if (this.pattern === undefined) return row
    return row.replace(this.pattern, (found) => `\u001b[7m${found}\u001b[m`)
  }

  /** Reads what to look for on the last row. */
  private async ask(mark: string): Promise<void> {
    let text = ''
    for (;;) {
      await this.context.stdout.write(`\r\u001b[K${mark}${text}`)
      const key = await readKey(this.keys)
      if (/^[\r\n]/.test(key)) break
      if (key === '\u001b' || key === '\u0003') return
      if (key === '\u007f' || key === '\b') text = text.slice(0, -1)
      else if (!key.startsWith('\u001b')) text += key
    }
    if (text === '') return
    try {
      this.pattern = new BoundedRegExp(text)
    } catch {
      this.message = `bad pattern '${text}'`
      return
    }
    this.search(mark === '/' ? 1 : -1)
  }

  private search(step: 1 | -1): void {
    const { pattern } = this
    if (pattern === undefined) return
    try {
      for (let at = this.top + step; at >= 0 && at < this.rows.length; at += step) {
        if (!pattern.test(this.rows[at] ?? '')) continue
        this.top = Math.min(this.lastTop, at)
        return
      }
    } catch (error) {
      if (!(error instanceof ProgramError)) throw error
      this.message = error.message
      return
    }
    this.message = 'No matches found'
  }
}

export const pagers = {
  less: pager('EFIMmNSRh~'),
  more: pager(''),
}
