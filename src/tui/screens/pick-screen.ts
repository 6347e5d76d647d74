import type { Body } from '../layout/viewport.ts'
import { EMPTY_LINE } from '../text/line.ts'
import type { Theme } from '../theme/theme.ts'
import { choiceLines, prose } from './parts.ts'

/** A short numbered list of the surface's own: what to copy, which file to open. */
export function pickScreen(
  title: string,
  choices: readonly { readonly label: string; readonly note: string }[],
  options: { readonly mark: number | undefined; readonly width: number; readonly theme: Theme },
): Body {
  const { mark, width, theme } = options
  const before = [EMPTY_LINE, ...prose(title, width), EMPTY_LINE]
  const rows = choices.map((choice, index) => ({
    ...choice,
    number: index + 1,
    marked: index === mark,
  }))
  const list = choiceLines(rows, width, theme)
  const start = mark === undefined ? undefined : list.starts[mark]
  return {
    lines: [...before, ...list.lines],
    marked: start === undefined ? undefined : before.length + start,
  }
}
