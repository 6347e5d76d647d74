import { type Line, lineOf, lineText, type Span, splitGraphemes, textWidth } from './line.ts'

/** The longest line of text that the lab writes, whatever the window. */
export const TEXT_COLUMNS = 76

interface Word {
  readonly spans: readonly Span[]
  readonly width: number
}

/**
 * Breaks a line at blanks so that no row is wider than `width`; a word that is wider than a row is broken inside.
 *
 * @param options.indent columns in front of the second and later rows. @default 0
 */
export function wrapLine(
  line: Line,
  width: number,
  options: { readonly indent?: number } = {},
): Line[] {
  const room = Math.max(1, width)
  const indent = Math.min(options.indent ?? 0, room - 1)
  const rows: Span[][] = []
  let row: Span[] = []
  let used = 0
  const start = () => {
    row = rows.length === 0 || indent === 0 ? [] : [{ text: ' '.repeat(indent) }]
    used = rows.length === 0 ? 0 : indent
  }
  let empty = true
  const close = () => {
    rows.push(row)
    empty = true
    start()
  }
  start()
  for (const piece of words(line)) {
    if (piece === 'break') {
      close()
      continue
    }
    if (!empty && used + 1 + piece.width > room) close()
    if (!empty) {
      row.push({ text: ' ' })
      used += 1
    }
    for (const part of empty && used + piece.width > room
      ? breakWord(piece, room - used, room - indent)
      : [piece]) {
      if (!empty && part !== piece) close()
      row.push(...part.spans)
      used += part.width
      empty = false
    }
  }
  if (!empty || rows.length === 0) rows.push(row)
  return rows
}

/** `wrapLine` for plain text; line ends in the text stay, and so do blanks in a row that fits. */
export function wrapText(
  text: string,
  width: number,
  options: { readonly indent?: number } = {},
): string[] {
  return text
    .split('\n')
    .flatMap((part) =>
      textWidth(part) <= width ? [part] : wrapLine(lineOf(part), width, options).map(lineText),
    )
}

function words(line: Line): (Word | 'break')[] {
  const found: (Word | 'break')[] = []
  let spans: Span[] = []
  const end = () => {
    if (spans.length > 0)
      found.push({ spans, width: spans.reduce((sum, span) => sum + textWidth(span.text), 0) })
    spans = []
  }
  for (const span of line) {
    for (const part of span.text.split(/(\n|[ \t]+)/)) {
      if (part === '') continue
      if (part === '\n') {
        end()
        found.push('break')
      } else if (/^[ \t]+$/.test(part)) end()
      else spans.push(span.style === undefined ? { text: part } : { text: part, style: span.style })
    }
  }
  end()
  return found
}

function breakWord(word: Word, first: number, later: number): Word[] {
  const parts: Word[] = []
  let spans: Span[] = []
  let used = 0
  let room = Math.max(1, first)
  for (const span of word.spans) {
    for (const char of splitGraphemes(span.text)) {
      if (used + char.width > room && used > 0) {
        parts.push({ spans, width: used })
        spans = []
        used = 0
        room = Math.max(1, later)
      }
      spans.push(
        span.style === undefined ? { text: char.text } : { text: char.text, style: span.style },
      )
      used += char.width
    }
  }
  if (used > 0) parts.push({ spans, width: used })
  return parts
}
