import { type Line, lineText } from '../text/line.ts'

/** Lines of a text with the one that is marked, and where a caret stands in them. */
export interface Body {
  readonly lines: readonly Line[]
  /** Index of the first line of the marked choice. */
  readonly marked?: number | undefined
  readonly caret?: { readonly line: number; readonly column: number } | undefined
}

export interface Viewport {
  readonly top: number
  /** Lines that are drawn; one row is left to say how many are below. */
  readonly lines: readonly Line[]
  readonly below: number
}

/** The part of a text that `height` rows show from line `top` on. */
export function viewport(body: Body, height: number, top: number): Viewport {
  const first = Math.max(0, Math.min(top, lastTop(body.lines.length, height)))
  const fits = first + height >= body.lines.length
  const lines = body.lines.slice(first, first + (fits ? height : height - 1))
  return { top: first, lines, below: body.lines.length - first - lines.length }
}

/** The greatest first line that still fills the rows. */
function lastTop(count: number, height: number): number {
  return Math.max(0, count - height)
}

/** The first line that is nearest to `top` and shows line `index`. */
export function topToShow(index: number, count: number, height: number, top: number): number {
  const low = Math.min(top, lastTop(count, height))
  if (index < low) return index
  const room = low + height >= count ? height : height - 1
  if (index < low + room) return low
  return Math.min(lastTop(count, height), index - height + 2)
}

/** The line of `after` that holds the text which line `top` of `before` begins with: the same words at another width. */
export function sameTop(before: readonly Line[], after: readonly Line[], top: number): number {
  const seen = solidCharacters(before.slice(0, top))
  let sum = 0
  for (const [index, line] of after.entries()) {
    if (sum >= seen) return sum > seen ? Math.max(0, index - 1) : index
    sum += solidCharacters([line])
  }
  return Math.max(0, after.length - 1)
}

function solidCharacters(lines: readonly Line[]): number {
  return lines.reduce((sum, line) => sum + lineText(line).replace(/\s+/g, '').length, 0)
}
