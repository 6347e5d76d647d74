import type { HintView, Mark } from '../../runner/snapshot.ts'
import type { Body } from '../layout/viewport.ts'
import { EMPTY_LINE, indentLine, joinLine, type Line, padText, textWidth } from '../text/line.ts'
import { markdownLines } from '../text/markdown.ts'
import type { Theme } from '../theme/theme.ts'
import { MARGIN, prose, textRoom } from './parts.ts'

const MARKS: Readonly<Record<HintView['state'], Mark>> = {
  open: 'good',
  closed: 'waiting',
  locked: 'waiting',
}

/** The hints of a step in their order; an open one with its text below. */
export function hintsScreen(
  hints: readonly HintView[],
  mark: number | undefined,
  width: number,
  theme: Theme,
): Body {
  const lines: Line[] = [
    EMPTY_LINE,
    ...prose('Hints never cost points. The score card says how many you opened.', width),
    EMPTY_LINE,
  ]
  let marked: number | undefined
  hints.forEach((hint, index) => {
    const chosen = index === mark
    if (chosen) marked = lines.length
    const sign = chosen ? [{ text: theme.symbols.marked }] : [theme.symbol(MARKS[hint.state])]
    const column = Math.max(20, Math.min(52, width - 28))
    const title = { text: hint.title, style: chosen ? theme.chosen : undefined }
    lines.push(
      joinLine(
        '  ',
        sign,
        `${String(index + 1).padStart(2)}  `,
        title,
        padText('', Math.max(1, column - textWidth(hint.title))),
        hint.note ?? hint.state,
      ),
    )
    if (hint.state === 'open') {
      lines.push(
        ...markdownLines(hint.blocks, textRoom(width) - 5, theme).map((line) =>
          indentLine(line, MARGIN + 5),
        ),
        EMPTY_LINE,
      )
    }
  })
  return { lines, marked }
}

export function hintsNow(hints: readonly HintView[], mark: number | undefined): string {
  const hint = mark === undefined ? undefined : hints[mark]
  if (hint === undefined || mark === undefined) return 'Esc goes back.'
  if (hint.state === 'closed') return `Enter opens hint ${mark + 1}.`
  return hint.state === 'open'
    ? `Hint ${mark + 1} is open. Esc goes back.`
    : `Hint ${mark + 1} opens ${hint.note ?? 'later'}.`
}
