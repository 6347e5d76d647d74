import { splitGraphemes, textWidth } from '../text/line.ts'
import { TEXT_COLUMNS, wrapText } from '../text/wrap.ts'
import { toAscii } from '../theme/symbols.ts'
import type { PlainPart } from './plain-markdown.ts'

/** Writes whole lines and one prompt behind them. Lines are only added; nothing is taken back. */
export interface LineOutput {
  say(parts: readonly PlainPart[]): void
  /** Lines of a command, broken only where the window ends. */
  print(lines: readonly string[]): void
  /** Waits for a line behind this prompt; said once until something else is said or the line came. */
  prompt(text: string): void
  /** The learner ended the line: the terminal has moved on. */
  entered(): void
  /** Ctrl-C was pressed: the terminal wrote `^C` and stays behind it. */
  interrupted(): void
  /** Ends an open line. */
  close(): void
}

export function createLineOutput(options: {
  readonly write: (text: string) => void
  readonly columns: () => number
  readonly ascii: boolean
}): LineOutput {
  const { write } = options
  let open: string | undefined
  const width = () => Math.max(20, Math.min(TEXT_COLUMNS, options.columns()))
  // A pod's output comes here as text of cells; what could act on a terminal is dropped all the same.
  const clean = (text: string) => {
    const safe = text.replace(/[\x00-\x08\x0a-\x1f\x7f-\x9f]/g, '').replaceAll('\t', '  ')
    return options.ascii ? toAscii(safe) : safe
  }
  const lines = (rows: readonly string[]) => {
    if (rows.length === 0) return
    const lead = open === undefined ? '' : '\n'
    open = undefined
    write(`${lead}${rows.map((row) => `${clean(row)}\n`).join('')}`)
  }
  return {
    say: (parts) =>
      lines(
        parts.flatMap((part) =>
          part.kind === 'code'
            ? part.text.split('\n').flatMap((row) => chop(row, width()))
            : wrapText(part.text, width()),
        ),
      ),
    print: (rows) => lines(rows.flatMap((row) => chop(row, width()))),
    prompt: (text) => {
      if (open === text) return
      const lead = open === undefined ? '' : '\n'
      open = text
      write(`${lead}${clean(text)}`)
    },
    entered: () => {
      open = undefined
    },
    interrupted: () => {
      write('\n')
      open = undefined
    },
    close: () => {
      if (open !== undefined) write('\n')
      open = undefined
    },
  }
}

/** Pieces of at most `width` columns: what a command printed keeps its blanks. */
function chop(row: string, width: number): string[] {
  if (textWidth(row) <= width) return [row]
  const pieces: string[] = []
  let piece = ''
  let used = 0
  for (const char of splitGraphemes(row)) {
    if (used + char.width > width) {
      pieces.push(piece)
      piece = ''
      used = 0
    }
    piece += char.text
    used += char.width
  }
  return [...pieces, piece]
}
