import type { List, PhrasingContent, RootContent, Table } from 'mdast'
import type { Theme } from '../theme/theme.ts'
import { highlightCode } from './highlight.ts'
import {
  EMPTY_LINE,
  indentLine,
  type Line,
  lineOf,
  lineWidth,
  padLine,
  type Span,
  type Style,
} from './line.ts'
import { wrapLine } from './wrap.ts'

/** Draws Markdown blocks at most `width` columns wide, an empty line between two blocks. */
export function markdownLines(nodes: readonly RootContent[], width: number, theme: Theme): Line[] {
  const blocks = nodes
    .map((node) => blockLines(node, width, theme))
    .filter((lines) => lines.length > 0)
  return blocks.flatMap((lines, index) => (index === 0 ? lines : [EMPTY_LINE, ...lines]))
}

function blockLines(node: RootContent, width: number, theme: Theme): Line[] {
  switch (node.type) {
    case 'paragraph':
      return wrapLine(inline(node.children, theme, undefined), width)
    case 'heading':
      return wrapLine(inline(node.children, theme, theme.heading), width)
    case 'blockquote':
      return markdownLines(node.children, Math.max(1, width - 2), theme).map((line) => [
        { text: `${theme.symbols.vertical} ` },
        ...line,
      ])
    case 'list':
      return listLines(node, width, theme)
    case 'code':
      return codeLines(node.value, node.lang ?? '', width - 2).map((line) => indentLine(line, 2))
    case 'table':
      return tableLines(node, width, theme)
    case 'thematicBreak':
      return [lineOf(theme.symbols.light.repeat(width))]
    case 'definition':
    case 'html':
    case 'yaml':
      // Comments and details of the source, not of the text.
      return []
    case 'footnoteDefinition':
      return [[{ text: `[${node.identifier}] ` }], ...markdownLines(node.children, width, theme)]
    case 'listItem':
      return markdownLines(node.children, width, theme)
    case 'tableRow':
    case 'tableCell':
      return []
    default:
      return wrapLine(inline([node], theme, undefined), width)
  }
}

/** Code as it stands: rows are cut, never wrapped, because a broken row of YAML means something else. */
export function codeLines(text: string, language: string, width: number): Line[] {
  return highlightCode(text, language).map((line) =>
    lineWidth(line) > width ? cutCode(line, width) : line,
  )
}

function cutCode(line: Line, width: number): Line {
  return padLine(line, Math.max(1, width))
}

function listLines(list: List, width: number, theme: Theme): Line[] {
  const start = list.start ?? 1
  return list.children.flatMap((item, index) => {
    const sign = list.ordered === true ? `${start + index}. ` : '- '
    const room = Math.max(1, width - sign.length)
    const body =
      item.spread === true
        ? markdownLines(item.children, room, theme)
        : item.children.flatMap((child) => blockLines(child, room, theme))
    const lines = body.map(
      (line, row): Line =>
        row > 0 && line.length === 0
          ? line
          : [{ text: row === 0 ? sign : ' '.repeat(sign.length) }, ...line],
    )
    return list.spread === true && index > 0 ? [EMPTY_LINE, ...lines] : lines
  })
}

const CELL_GAP = 2

function tableLines(table: Table, width: number, theme: Theme): Line[] {
  const rows = table.children.map((row, index) =>
    row.children.map((cell) =>
      inline(cell.children, theme, index === 0 ? theme.heading : undefined),
    ),
  )
  const widths = columnWidths(rows, width)
  const lines: Line[] = []
  rows.forEach((row, index) => {
    const cells = widths.map((columns, column) => wrapLine(row[column] ?? EMPTY_LINE, columns))
    const height = Math.max(...cells.map((cell) => cell.length))
    for (let at = 0; at < height; at++) {
      const spans = cells.flatMap((cell, column): Span[] => {
        const last = column === cells.length - 1
        const text = cell[at] ?? EMPTY_LINE
        return last ? [...text] : [...padLine(text, (widths[column] ?? 0) + CELL_GAP)]
      })
      lines.push(spans)
    }
    if (index === 0) {
      const total = widths.reduce((sum, columns) => sum + columns + CELL_GAP, -CELL_GAP)
      lines.push(lineOf(theme.symbols.light.repeat(Math.min(width, total))))
    }
  })
  return lines
}

/** Natural widths where they fit; else the widest columns give way first. */
function columnWidths(rows: readonly (readonly Line[])[], width: number): number[] {
  const count = Math.max(0, ...rows.map((row) => row.length))
  const widths = Array.from({ length: count }, (_, column) =>
    Math.max(1, ...rows.map((row) => lineWidth(row[column] ?? EMPTY_LINE))),
  )
  const room = Math.max(count, width - CELL_GAP * (count - 1))
  while (widths.reduce((sum, columns) => sum + columns, 0) > room) {
    const widest = widths.indexOf(Math.max(...widths))
    widths[widest] = (widths[widest] ?? 1) - 1
  }
  return widths
}

function inline(
  nodes: readonly (PhrasingContent | RootContent)[],
  theme: Theme,
  style: Style | undefined,
): Span[] {
  return nodes.flatMap((node): Span[] => {
    switch (node.type) {
      case 'text':
        return [span(node.value.replace(/\s*\n\s*/g, ' '), style)]
      case 'inlineCode':
        return [span(node.value, { ...style, ...theme.code })]
      case 'strong':
        return inline(node.children, theme, { ...style, ...theme.heading })
      case 'emphasis':
        return inline(node.children, theme, { ...style, ...theme.emphasis })
      case 'break':
        return [span('\n', style)]
      case 'link': {
        const text = inline(node.children, theme, style)
        const shown = text.map((part) => part.text).join('')
        const bare = shown === node.url || node.url.startsWith('#')
        return bare ? text : [...text, span(` (${node.url.replace(/^mailto:/, '')})`, style)]
      }
      case 'image':
        return [span(node.alt ?? '', style)]
      case 'html':
        return []
      case 'footnoteReference':
        return [span(`[${node.identifier}]`, style)]
      default:
        return 'children' in node
          ? inline(node.children, theme, style)
          : 'value' in node
            ? [span(node.value, style)]
            : []
    }
  })
}

function span(text: string, style: Style | undefined): Span {
  return style === undefined ? { text } : { text, style }
}
