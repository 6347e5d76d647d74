import type { Code, Nodes, Root, RootContent } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { frontmatterFromMarkdown } from 'mdast-util-frontmatter'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { frontmatter } from 'micromark-extension-frontmatter'
import { gfm } from 'micromark-extension-gfm'
import type { SourcePoint } from './model.ts'

/**
 * GitHub's Markdown with front matter, as a tree with positions. Most of a lesson stands in fenced blocks at the left margin. The
 * parser, which weighs every character, sees them empty; their text and the lines of all nodes are put right afterwards.
 */
export function readMarkdown(text: string): Root {
  const lines = text.split('\n')
  const kept = outsideFences(lines)
  const tree = fromMarkdown(kept.map((index) => lines[index] ?? '').join('\n'), {
    extensions: [frontmatter(['yaml']), gfm()],
    mdastExtensions: [frontmatterFromMarkdown(['yaml']), gfmFromMarkdown()],
  })
  walk(tree, (node) => {
    if (node.position === undefined) return
    const { start, end } = node.position
    node.position = {
      start: { line: lineIn(kept, start.line), column: start.column },
      end: { line: lineIn(kept, end.line), column: end.column },
    }
  })
  for (const node of tree.children) {
    if (node.type !== 'code' || node.value !== '' || node.position === undefined) continue
    const { start, end } = node.position
    node.value = lines.slice(start.line, end.line - 1).join('\n')
  }
  return tree
}

function lineIn(kept: readonly number[], line: number): number {
  return (kept[line - 1] ?? 0) + 1
}

/**
 * The indexes of all lines but those inside closed fences at the left margin; of all lines where that cannot be told by looking at
 * lines alone: comments and scripts may hold anything, and HTML goes on until an empty line.
 */
function outsideFences(lines: readonly string[]): readonly number[] {
  const all = [...lines.keys()]
  const kept: number[] = []
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? ''
    if (/^\s*<(?:[!?]|script|pre|style|textarea)/i.test(line)) return all
    kept.push(index)
    const fence = /^(`{3,})[^`]*$|^(~{3,})/.exec(line)
    const mark = fence?.[1] ?? fence?.[2]
    if (mark === undefined) continue
    if (index > 0 && lines[index - 1]?.trim() !== '') return all
    const closing = new RegExp(`^${mark}${mark[0] ?? ''}*\\s*$`)
    const end = lines.findIndex((one, at) => at > index && closing.test(one))
    // A fence that nobody closes goes on to the end; the parser sees all of it.
    if (end === -1) return all
    kept.push(end)
    index = end
  }
  return kept
}

export function pointOf(node: Nodes, file: string): SourcePoint {
  const start = node.position?.start
  return { file, line: start?.line ?? 1, column: start?.column ?? 1 }
}

/** The text of a node without its markup. */
export function plainText(node: Nodes): string {
  if ('value' in node && typeof node.value === 'string') return node.value
  if ('children' in node) return node.children.map(plainText).join('')
  return ''
}

/** Calls `visit` for a node and everything in it. */
export function walk(node: Nodes, visit: (node: Nodes) => void): void {
  visit(node)
  if ('children' in node) for (const child of node.children) walk(child, visit)
}

export function isHtmlComment(node: RootContent): boolean {
  return node.type === 'html' && /^<!--[\s\S]*-->$/.test(node.value.trim())
}

/** Line of the file in which the content of a fenced block starts, and the columns before it. */
export function contentPlace(
  code: Code,
  file: string,
): { file: string; firstLine: number; indent: number } {
  const at = pointOf(code, file)
  return { file, firstLine: at.line + 1, indent: at.column - 1 }
}

/** The anchor of a heading, as Markdown hosts make it. */
export function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s-]/gu, '')
    .trim()
    .replace(/[\s-]+/g, '-')
}
