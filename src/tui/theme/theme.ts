import type { Mark, StatusLine } from '../../runner/snapshot.ts'
import { type Line, lineOf, type Span, type Style } from '../text/line.ts'
import { keyTo } from '../way-to.ts'
import { type Symbols, symbolsFor, toAscii } from './symbols.ts'

export interface ThemeOptions {
  /** Colour may be used. Bold, underline and reverse stay without it. */
  readonly color: boolean
  /** Only plain characters may be written. */
  readonly ascii: boolean
}

/** ANSI 16 colours by meaning; what is missing keeps the terminal's own foreground. */
const COLORS: Readonly<Partial<Record<Mark, number>>> = { good: 6, bad: 1, refused: 5, careful: 3 }

/** What meanings look like: the only place that knows a colour or a symbol. */
export interface Theme {
  readonly symbols: Symbols
  readonly heading: Style
  readonly key: Style
  readonly code: Style
  readonly emphasis: Style
  readonly chosen: Style
  /** Symbol and word: the symbol coloured, the word as the text around it. */
  mark(mark: Mark, word: string): Line
  symbol(mark: Mark): Span
  status(line: StatusLine): Line
  /** A line as it is sent to a terminal, SGR included. */
  write(line: Line): string
}

export function createTheme(options: ThemeOptions): Theme {
  const symbols = symbolsFor(options)
  const symbol = (mark: Mark): Span => {
    const color = COLORS[mark]
    const style: Style = {
      ...(mark === 'active' ? { bold: true } : {}),
      ...(color === undefined ? {} : { color }),
    }
    return { text: symbols.marks[mark], style }
  }
  const mark = (kind: Mark, word: string): Line => [symbol(kind), { text: ` ${word}` }]
  return {
    symbols,
    heading: { bold: true },
    key: { bold: true },
    code: { bold: true },
    emphasis: { underline: true },
    chosen: { inverse: true },
    mark,
    symbol,
    status: (line) =>
      line.parts.flatMap((part) =>
        typeof part === 'string'
          ? lineOf(part.replace(/\s*\n\s*/g, ' '))
          : 'wayTo' in part
            ? lineOf(keyTo(part))
            : mark(part.mark, part.word),
      ),
    write: (line) => line.map((span) => writeSpan(span, options)).join(''),
  }
}

function writeSpan(span: Span, options: ThemeOptions): string {
  const text = options.ascii ? toAscii(span.text) : span.text
  const { style } = span
  if (style === undefined || text === '') return text
  const on: number[] = []
  const off: number[] = []
  if (style.bold) {
    on.push(1)
    off.push(22)
  }
  if (style.underline) {
    on.push(4)
    off.push(24)
  }
  if (style.inverse) {
    on.push(7)
    off.push(27)
  }
  if (style.color !== undefined && options.color) {
    on.push(style.color < 8 ? 30 + style.color : 82 + style.color)
    off.push(39)
  }
  // One sequence a code: readers of SGR that pair openers with closers understand these best.
  return on.length === 0 ? text : `${codes(on)}${text}${codes(off.reverse())}`
}

function codes(numbers: readonly number[]): string {
  return numbers.map((code) => `\x1b[${code}m`).join('')
}
