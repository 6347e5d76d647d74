import { clipLine, EMPTY_LINE, fitLine, type Line, lineOf, padLine } from '../text/line.ts'
import { type Body, viewport } from './viewport.ts'

/**
 * The rows of a pane: exactly `height`, each at most `width` columns, the last one saying how much is below where not
 * everything fits. With `edge` they are padded and end in it.
 */
export function paneRows(
  body: Body,
  options: {
    readonly width: number
    readonly height: number
    readonly top: number
    readonly edge?: string | undefined
  },
): { readonly rows: readonly Line[]; readonly top: number } {
  const { width, height, edge } = options
  const shown = viewport(body, height, options.top)
  const rows = [...shown.lines]
  if (shown.below > 0) {
    const word = body.marked === undefined ? 'more lines' : 'more below'
    rows.push(
      lineOf(`${shown.below} ${word}: Space`.padStart(Math.max(0, Math.min(width, 78) - 2))),
    )
  }
  while (rows.length < height) rows.push(EMPTY_LINE)
  return {
    top: shown.top,
    rows: rows.map((row) =>
      edge === undefined ? fitLine(row, width) : [...padLine(row, width), { text: edge }],
    ),
  }
}

/** Rows of a terminal: cut without a sign, as a terminal does. */
export function terminalRows(
  lines: readonly Line[],
  width: number,
  height: number,
): readonly Line[] {
  const rows = lines.slice(0, height).map((line) => clipLine(line, width))
  while (rows.length < height) rows.push(EMPTY_LINE)
  return rows
}

/** The first line of a terminal that is not scrolled back: its window, or what fits of it. */
export function terminalWindow(
  screen: { readonly lineCount: number; readonly top?: number },
  height: number,
): number {
  return Math.max(0, screen.top ?? 0, screen.lineCount - height)
}
