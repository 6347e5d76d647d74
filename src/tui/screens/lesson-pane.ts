import type { ItemView, Mark, ViewBlock } from '../../runner/snapshot.ts'
import {
  EMPTY_LINE,
  fitLine,
  indentLine,
  joinLine,
  type Line,
  lineOf,
  padText,
  spreadLine,
} from '../text/line.ts'
import { codeLines, markdownLines } from '../text/markdown.ts'
import { wrapText } from '../text/wrap.ts'
import type { Theme } from '../theme/theme.ts'
import { MARGIN, textRoom } from './parts.ts'

/** What is done, what Enter does next, what comes after it. */
function markOf(state: ItemView['state']): Mark {
  switch (state) {
    case 'done':
      return 'good'
    case 'running':
    case 'next':
      return 'active'
    case 'then':
      return 'waiting'
  }
}

/**
 * The text of a step: prose, excerpts, and what there is to do as done, next, then.
 *
 * @param files those that `v` opens; an excerpt of one says so
 */
export function lessonLines(
  blocks: readonly ViewBlock[],
  width: number,
  theme: Theme,
  files: readonly { readonly name: string }[] = [],
): Line[] {
  return blocks
    .map((block) => blockLines(block, width, theme, files))
    .filter((lines) => lines.length > 0)
    .flatMap((lines, index) => (index === 0 ? lines : [EMPTY_LINE, ...lines]))
}

/** The line of the next item, to be kept in view when a step goes on. */
export function nextItemLine(lines: readonly Line[], theme: Theme): number | undefined {
  const found = lines.findIndex((line) => line[0]?.text === `  ${theme.symbols.marked} `)
  return found === -1 ? undefined : found
}

function blockLines(
  block: ViewBlock,
  width: number,
  theme: Theme,
  files: readonly { readonly name: string }[],
): Line[] {
  const room = textRoom(width)
  switch (block.kind) {
    case 'prose':
      return markdownLines([block.node], room, theme).map((line) => indentLine(line, MARGIN))
    case 'excerpt':
      return excerptLines(block, room, theme, files).map((line) => indentLine(line, MARGIN + 2))
    case 'items':
      return block.items.flatMap((item) => itemLines(item, block.items, width, theme))
  }
}

function excerptLines(
  block: Extract<ViewBlock, { kind: 'excerpt' }>,
  room: number,
  theme: Theme,
  files: readonly { readonly name: string }[],
): Line[] {
  const code = codeLines(block.text, block.language, room - 2)
  if (block.title === undefined) return code
  const { firstLine } = block
  const range =
    firstLine === undefined ? '' : `, lines ${firstLine} to ${firstLine + code.length - 1}`
  const opens: Line = [{ text: 'v', style: theme.key }, { text: ' opens it' }]
  const title = lineOf(block.title.includes(', line') ? block.title : `${block.title}${range}`)
  const opened = files.some((file) => file.name === block.title)
  return [spreadLine(title, opened ? opens : [], room - 2), ...code]
}

function itemLines(item: ItemView, all: readonly ItemView[], width: number, theme: Theme): Line[] {
  const narrow = width < 80
  const longest = Math.max(...all.map((other) => other.state.length))
  const column = Math.max(longest, 4) + (narrow ? 2 : 3)
  const word = padText(item.state, column)
  const marker = item.state === 'next' || item.state === 'running' ? theme.symbols.marked : ' '
  const prompt = item.prompt === '' ? '' : padText(item.prompt, 5)
  const lead = joinLine({ text: `  ${marker} ` }, theme.mark(markOf(item.state), word), prompt)
  const command = item.prompt !== ''
  // A command keeps to one line, as typed; only the one that is next is shown whole whatever the width.
  if (command && item.state !== 'next') return [fitLine(joinLine(lead, item.text), width)]
  const indent = 4 + 2 + column + (command ? 5 : 0)
  const room = command ? width - indent : Math.min(textRoom(width) + MARGIN, width - 1) - indent
  return wrapText(item.text, Math.max(8, room)).map((row, index) =>
    index === 0 ? joinLine(lead, row) : lineOf(' '.repeat(indent) + row),
  )
}
