import type { Body } from '../layout/viewport.ts'
import { EMPTY_LINE, joinLine, type Line, padText, textWidth } from '../text/line.ts'
import type { Theme } from '../theme/theme.ts'

/** All keys as a list to filter and to run. */
export function helpScreen(
  entries: readonly { readonly shown: string; readonly about: string; readonly word?: string }[],
  options: { readonly filter: string; readonly mark: number | undefined; readonly theme: Theme },
): Body {
  const { filter, mark, theme } = options
  const find = `  Find: ${filter}`
  const lines: Line[] = [EMPTY_LINE, joinLine(padText(find, 47), ' type to filter'), EMPTY_LINE]
  let marked: number | undefined
  entries.forEach((entry, index) => {
    const chosen = index === mark
    if (chosen) marked = lines.length
    lines.push(
      joinLine(
        `  ${chosen ? theme.symbols.marked : ' '}${String(index + 1).padStart(2)}  `,
        { text: entry.shown, style: theme.key },
        padText('', Math.max(1, 13 - textWidth(entry.shown))),
        { text: entry.about, style: chosen ? theme.chosen : undefined },
        padText('', Math.max(1, 48 - textWidth(entry.about))),
        entry.word === undefined ? '' : `:${entry.word}`,
      ),
    )
  })
  if (entries.length === 0) lines.push([{ text: '  No key is about that. Esc goes back.' }])
  return { lines, marked, caret: { line: 1, column: textWidth(find) } }
}
