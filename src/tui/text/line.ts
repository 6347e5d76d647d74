import stringWidth from 'string-width'

/** How a run of text looks. Colours are ANSI 16 numbers; a theme decides which meaning has which. */
export interface Style {
  readonly bold?: boolean
  readonly underline?: boolean
  readonly inverse?: boolean
  readonly color?: number
}

export interface Span {
  readonly text: string
  readonly style?: Style | undefined
}

/** One row of the screen. */
export type Line = readonly Span[]

export const EMPTY_LINE: Line = []

const plainAscii = /^[\x20-\x7e]*$/

/** Columns that a text takes. */
export function textWidth(text: string): number {
  return plainAscii.test(text) ? text.length : stringWidth(text)
}

export function lineWidth(line: Line): number {
  let width = 0
  for (const span of line) width += textWidth(span.text)
  return width
}

export function lineText(line: Line): string {
  return line.map((span) => span.text).join('')
}

/** A line of one style. */
export function lineOf(text: string, style?: Style): Line {
  return text === '' ? EMPTY_LINE : [style === undefined ? { text } : { text, style }]
}

/** Spans, lines and texts put together to one line. */
export function joinLine(...parts: readonly (string | Span | Line | undefined)[]): Line {
  const spans: Span[] = []
  for (const part of parts) {
    if (part === undefined || part === '') continue
    if (typeof part === 'string') spans.push({ text: part })
    else if ('text' in part) spans.push(part)
    else spans.push(...part)
  }
  return spans
}

/** Made at its first use: that takes 10 ms, which the first screen need not wait for. */
const graphemes = (() => {
  let made: Intl.Segmenter | undefined
  return () => {
    made ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' })
    return made
  }
})()

/** The characters of a text as a person counts them, each with its columns. */
export function splitGraphemes(
  text: string,
): readonly { readonly text: string; readonly width: number }[] {
  if (plainAscii.test(text)) return [...text].map((char) => ({ text: char, width: 1 }))
  return [...graphemes().segment(text)].map(({ segment }) => ({
    text: segment,
    width: textWidth(segment),
  }))
}

/** The first `width` columns of a text. */
export function sliceText(text: string, width: number): string {
  if (textWidth(text) <= width) return text
  let used = 0
  let kept = ''
  for (const part of splitGraphemes(text)) {
    if (used + part.width > width) break
    used += part.width
    kept += part.text
  }
  return kept
}

/** What stands for the part of a line that does not fit, as in expected output of a lesson. */
const CUT = '[..]'

/** A line of at most `width` columns; what does not fit becomes `[..]`. */
export function fitLine(line: Line, width: number): Line {
  return cutLine(line, width, width > CUT.length ? CUT : '')
}

/** A line of at most `width` columns; what does not fit is not shown. */
export function clipLine(line: Line, width: number): Line {
  return cutLine(line, width, '')
}

function cutLine(line: Line, width: number, mark: string): Line {
  if (lineWidth(line) <= width) return line
  const room = Math.max(0, width - mark.length)
  const spans: Span[] = []
  let used = 0
  for (const span of line) {
    const text = sliceText(span.text, room - used)
    if (text !== '') spans.push({ ...span, text })
    used += textWidth(text)
    if (text !== span.text) break
  }
  if (mark !== '') spans.push({ text: mark })
  return spans
}

/** A line of exactly `width` columns. */
export function padLine(line: Line, width: number): Line {
  const fitted = fitLine(line, width)
  const missing = width - lineWidth(fitted)
  return missing > 0 ? [...fitted, { text: ' '.repeat(missing) }] : fitted
}

/** Left and right texts on one line of `width` columns; the right one goes first where both do not fit. */
export function spreadLine(left: Line, right: Line, width: number): Line {
  const room = width - lineWidth(left) - lineWidth(right)
  if (room >= 1) return [...left, { text: ' '.repeat(room) }, ...right]
  return fitLine(left, width)
}

/** A text padded with blanks to `width` columns; longer ones stay as they are. */
export function padText(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - textWidth(text)))
}

/** A line moved to the right. */
export function indentLine(line: Line, columns: number): Line {
  return columns === 0 || line.length === 0 ? line : [{ text: ' '.repeat(columns) }, ...line]
}
