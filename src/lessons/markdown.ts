import type { Code, Nodes, Root, RootContent } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { frontmatterFromMarkdown } from 'mdast-util-frontmatter'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { frontmatter } from 'micromark-extension-frontmatter'
import { gfm } from 'micromark-extension-gfm'
import type { SourcePoint } from './model.ts'

/** GitHub's Markdown with front matter, as a tree with positions. */
export function readMarkdown(text: string): Root {
  return fromMarkdown(text, {
    extensions: [frontmatter(['yaml']), gfm()],
    mdastExtensions: [frontmatterFromMarkdown(['yaml']), gfmFromMarkdown()],
  })
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
