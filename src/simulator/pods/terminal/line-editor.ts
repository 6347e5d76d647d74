import type { TerminalDevice } from './terminal-device.ts'

export type ReadLine =
  | { readonly kind: 'line'; readonly line: string }
  /** Ctrl-C: the line is thrown away. */
  | { readonly kind: 'interrupted' }
  /** Ctrl-D on an empty line, or the terminal is gone. */
  | { readonly kind: 'end' }

export interface Completion {
  /** Where the completed word begins. */
  readonly start: number
  readonly words: readonly string[]
}

const KEYS: Readonly<Record<string, string>> = {
  '\u001b[A': 'up',
  '\u001bOA': 'up',
  '\u001b[B': 'down',
  '\u001bOB': 'down',
  '\u001b[C': 'right',
  '\u001bOC': 'right',
  '\u001b[D': 'left',
  '\u001bOD': 'left',
  '\u001b[H': 'home',
  '\u001bOH': 'home',
  '\u001b[1~': 'home',
  '\u001b[7~': 'home',
  '\u001b[F': 'end',
  '\u001bOF': 'end',
  '\u001b[4~': 'end',
  '\u001b[8~': 'end',
  '\u001b[3~': 'delete',
  '\u001b[1;5C': 'word-right',
  '\u001b[1;5D': 'word-left',
  '\u001bf': 'word-right',
  '\u001bb': 'word-left',
  '\u0001': 'home',
  '\u0002': 'left',
  '\u0003': 'interrupt',
  '\u0004': 'end-of-input',
  '\u0005': 'end',
  '\u0006': 'right',
  '\u0008': 'backspace',
  '\u007f': 'backspace',
  '\t': 'complete',
  '\n': 'enter',
  '\r': 'enter',
  '\u000b': 'kill-right',
  '\u000c': 'clear',
  '\u000e': 'down',
  '\u0010': 'up',
  '\u0012': 'search',
  '\u0015': 'kill-left',
  '\u0017': 'erase-word',
}

/** Lines that are kept for the arrow keys. */
const HISTORY_LIMIT = 255

/** Line editing at a prompt: BusyBox' keys, history and completion. Reads the terminal raw while it edits. */
export class LineEditor {
  private readonly history: string[] = []
  private readonly terminal: TerminalDevice
  private readonly complete: (line: string, caret: number) => Completion
  private chars: string[] = []
  private caret = 0
  private prompt = ''
  /** Row of the cursor below the prompt's first row. */
  private row = 0
  private pending = ''
  private readonly decoder = new TextDecoder()

  constructor(
    terminal: TerminalDevice,
    options: { readonly complete: (line: string, caret: number) => Completion },
  ) {
    this.terminal = terminal
    this.complete = options.complete
  }

  async readLine(prompt: string, signal: AbortSignal): Promise<ReadLine> {
    this.terminal.setRaw(true)
    this.prompt = prompt
    this.chars = []
    this.caret = 0
    this.row = 0
    let place = this.history.length
    const edited = new Map<number, string>()
    this.print(prompt)
    // BusyBox draws its line again: this is how a client that attaches later sees the prompt.
    this.terminal.onResize = () => this.redraw()
    try {
      for (;;) {
        const key = await this.nextKey(signal)
        if (key === undefined) return { kind: 'end' }
        switch (KEYS[key]) {
          case 'enter': {
            this.moveCaret(this.chars.length)
            this.print('\n')
            const line = this.chars.join('')
            if (line.trim() !== '' && this.history.at(-1) !== line) this.history.push(line)
            if (this.history.length > HISTORY_LIMIT) this.history.shift()
            return { kind: 'line', line }
          }
          case 'interrupt':
            this.moveCaret(this.chars.length)
            this.print('^C\n')
            return { kind: 'interrupted' }
          case 'end-of-input':
            if (this.chars.length === 0) {
              this.print('\n')
              return { kind: 'end' }
            }
            this.remove(this.caret, this.caret + 1)
            break
          case 'up':
          case 'down': {
            const next = place + (KEYS[key] === 'up' ? -1 : 1)
            if (next < 0 || next > this.history.length) break
            edited.set(place, this.chars.join(''))
            place = next
            this.replaceLine(edited.get(place) ?? this.history[place] ?? '')
            break
          }
          case 'complete':
            this.runCompletion()
            break
          case 'search':
            await this.search(signal)
            break
          default:
            this.edit(key)
        }
      }
    } finally {
      this.terminal.onResize = undefined
      this.terminal.setRaw(false)
    }
  }

  /** The lines that were typed, oldest first. */
  get lines(): readonly string[] {
    return this.history
  }

  /** Ctrl-R: the last line with what is typed in it; Ctrl-R again goes further back, any key that edits takes the line. */
  private async search(signal: AbortSignal): Promise<void> {
    const { prompt } = this
    const before = this.chars
    let wanted = ''
    let found = this.history.length
    let line = ''
    const find = (from: number) => {
      for (let at = Math.min(from, this.history.length - 1); at >= 0; at--) {
        const candidate = this.history[at]
        if (candidate?.includes(wanted) !== true) continue
        found = at
        line = candidate
        return
      }
      this.print('\u0007')
    }
    const show = () => {
      this.prompt = `(reverse-i-search)'${wanted}': `
      this.chars = [...line]
      this.caret = Math.max(0, line.indexOf(wanted))
      this.redraw()
    }
    show()
    for (;;) {
      const key = await this.nextKey(signal)
      const action = key === undefined ? undefined : KEYS[key]
      if (key !== undefined && action === 'search') find(found - 1)
      else if (key !== undefined && action === 'backspace') {
        wanted = wanted.slice(0, -1)
        find(this.history.length - 1)
      } else if (
        key !== undefined &&
        action === undefined &&
        key >= ' ' &&
        !key.startsWith('\u001b')
      ) {
        wanted += key
        find(found)
      } else {
        this.prompt = prompt
        if (key === '\u0007' || (key !== undefined && action === 'interrupt')) this.chars = before
        else if (key !== undefined) this.pending = key + this.pending
        this.caret = Math.min(this.caret, this.chars.length)
        this.redraw()
        return
      }
      show()
    }
  }

  private edit(key: string): void {
    switch (KEYS[key]) {
      case 'left':
        this.moveCaret(this.caret - 1)
        break
      case 'right':
        this.moveCaret(this.caret + 1)
        break
      case 'home':
        this.moveCaret(0)
        break
      case 'end':
        this.moveCaret(this.chars.length)
        break
      case 'word-left':
        this.moveCaret(this.wordStart())
        break
      case 'word-right': {
        let at = this.caret
        while (at < this.chars.length && this.chars[at] === ' ') at++
        while (at < this.chars.length && this.chars[at] !== ' ') at++
        this.moveCaret(at)
        break
      }
      case 'backspace':
        this.remove(this.caret - 1, this.caret)
        break
      case 'delete':
        this.remove(this.caret, this.caret + 1)
        break
      case 'kill-left':
        this.remove(0, this.caret)
        break
      case 'kill-right':
        this.remove(this.caret, this.chars.length)
        break
      case 'erase-word':
        this.remove(this.wordStart(), this.caret)
        break
      case 'clear':
        this.print('\u001b[H\u001b[J')
        this.row = 0
        this.print(this.prompt + this.chars.join(''))
        this.row = this.rowOf(this.chars.length)
        this.placeCursor()
        break
      default:
        if (!key.startsWith('\u001b') && (key >= ' ' || key.length > 1)) this.insert(key)
    }
  }

  private wordStart(): number {
    let at = this.caret
    while (at > 0 && this.chars[at - 1] === ' ') at--
    while (at > 0 && this.chars[at - 1] !== ' ') at--
    return at
  }

  private insert(text: string): void {
    const added = [...text]
    const atEnd = this.caret === this.chars.length
    this.chars.splice(this.caret, 0, ...added)
    this.caret += added.length
    if (!atEnd) {
      this.redraw()
      return
    }
    this.print(text)
    this.row = this.rowOf(this.caret)
    this.settleAtEdge()
  }

  private remove(from: number, to: number): void {
    const start = Math.max(0, from)
    const end = Math.min(this.chars.length, to)
    if (start >= end) return
    this.caret = start
    this.chars.splice(start, end - start)
    this.redraw()
  }

  private replaceLine(text: string): void {
    this.chars = [...text]
    this.caret = this.chars.length
    this.redraw()
  }

  private moveCaret(to: number): void {
    const caret = Math.max(0, Math.min(this.chars.length, to))
    if (caret === this.caret) return
    this.caret = caret
    this.placeCursor()
  }

  private redraw(): void {
    if (this.row > 0) this.print(`\u001b[${this.row}A`)
    this.print(`\r${this.prompt}${this.chars.join('')}\u001b[J`)
    this.row = this.rowOf(this.chars.length)
    this.settleAtEdge(this.chars.length)
    this.placeCursor()
  }

  /** After the last column a terminal waits with the line break; force it, so that the cursor is where we count it. */
  private settleAtEdge(at = this.caret): void {
    if (this.columnOf(at) === 0 && at > 0) this.print(' \r')
  }

  private placeCursor(): void {
    const row = this.rowOf(this.caret)
    if (row < this.row) this.print(`\u001b[${this.row - row}A`)
    if (row > this.row) this.print(`\u001b[${row - this.row}B`)
    this.row = row
    const column = this.columnOf(this.caret)
    this.print(column === 0 ? '\r' : `\r\u001b[${column}C`)
  }

  private get promptWidth(): number {
    const lastLine = this.prompt.slice(this.prompt.lastIndexOf('\n') + 1)
    return [...lastLine.replace(/\u001b\[[0-9;]*[A-Za-z]/g, '')].length
  }

  private rowOf(at: number): number {
    return Math.floor((this.promptWidth + at) / Math.max(1, this.terminal.size.columns))
  }

  private columnOf(at: number): number {
    return (this.promptWidth + at) % Math.max(1, this.terminal.size.columns)
  }

  private runCompletion(): void {
    const { start, words } = this.complete(this.chars.join(''), this.caret)
    const typed = this.chars.slice(start, this.caret).join('')
    const [first, ...others] = words
    if (first === undefined) {
      this.print('\u0007')
      return
    }
    let common = first
    for (const word of others) {
      while (!word.startsWith(common)) common = common.slice(0, -1)
    }
    if (others.length === 0) {
      this.insert(`${common.slice(typed.length)}${common.endsWith('/') ? '' : ' '}`)
    } else if (common.length > typed.length) this.insert(common.slice(typed.length))
    else this.list(words)
  }

  private list(words: readonly string[]): void {
    const shown = words.map((word) => word.slice(word.replace(/\/$/, '').lastIndexOf('/') + 1))
    const width = Math.max(...shown.map((word) => word.length)) + 2
    const columns = Math.max(1, Math.floor(this.terminal.size.columns / width))
    const rows = Math.ceil(shown.length / columns)
    const caret = this.caret
    this.moveCaret(this.chars.length)
    let text = '\n'
    for (let row = 0; row < rows; row++) {
      const line = Array.from({ length: columns }, (_, column) =>
        (shown[row + column * rows] ?? '').padEnd(width),
      )
      text += `${line.join('').trimEnd()}\n`
    }
    this.print(text)
    this.row = 0
    this.caret = caret
    this.redraw()
  }

  /** The next key: one character, or one escape sequence. */
  private async nextKey(signal: AbortSignal): Promise<string | undefined> {
    for (;;) {
      const key = takeKey(this.pending)
      if (key !== undefined) {
        this.pending = this.pending.slice(key.length)
        return key
      }
      // One byte at a time: what is typed after Enter belongs to the program that the line starts.
      const bytes = await this.terminal.read(1, signal)
      if (bytes === undefined) return undefined
      this.pending += this.decoder.decode(bytes, { stream: true })
    }
  }

  private print(text: string): void {
    this.terminal.write(new TextEncoder().encode(text))
  }
}

function takeKey(text: string): string | undefined {
  if (text === '') return undefined
  if (!text.startsWith('\u001b')) return String.fromCodePoint(text.codePointAt(0) ?? 0)
  const sequence = /^\u001b(?:\[[0-9;?]*[A-Za-z~]|O[A-Za-z]|[^[O])/.exec(text)?.[0]
  return sequence
}
