import type { TerminalSize } from '../../kube/client.ts'
import type { Body } from '../layout/viewport.ts'
import { joinLine, type Line, lineOf, textWidth } from '../text/line.ts'
import { wrapLine, wrapText } from '../text/wrap.ts'
import type { Theme } from '../theme/theme.ts'

const TINY_CHOICES = ['plain text', 'wait for a larger window', 'leave'] as const
const SHORT_CHOICES = ['plain text', 'wait', 'leave'] as const

/** What a window says that is too small for the screen; it fits 20 by 4. */
export function tinyScreen(size: TerminalSize, mark: number | undefined, theme: Theme): Body {
  const long = {
    text: `This window is ${size.columns} by ${size.rows}. The full screen needs 80 by 24.`,
    choices: TINY_CHOICES,
  }
  const short = { text: `${size.columns} by ${size.rows}, needs 80 by 24.`, choices: SHORT_CHOICES }
  const lines = [long, short].map(({ text, choices }) => [
    ...wrapText(text, size.columns).map((row) => lineOf(row)),
    ...wrapLine(choiceLine(choices, mark, theme), size.columns),
  ])
  const [wordy = [], brief = []] = lines
  return { lines: wordy.length <= size.rows ? wordy : brief }
}

/** The blanks inside a choice do not break it, so that number and word stay together. */
function choiceLine(choices: readonly string[], mark: number | undefined, theme: Theme): Line {
  return choices.reduce<Line>((line, choice, index) => {
    const text = `${index + 1} ${choice}`
    const gap = index === 0 || textWidth(text) === 0 ? '' : ' '
    return joinLine(line, gap, { text, style: index === mark ? theme.chosen : undefined })
  }, [])
}
