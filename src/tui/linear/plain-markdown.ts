import type { PhrasingContent, RootContent } from 'mdast'

/** A sentence, which is wrapped, or code, whose lines stay as they are. */
export type PlainPart =
  | { readonly kind: 'sentence'; readonly text: string }
  | { readonly kind: 'code'; readonly text: string }

/** Markdown as sentences for a reader that has no layout: no frames, no columns, no signs of emphasis. */
export function plainMarkdown(nodes: readonly RootContent[]): PlainPart[] {
  return nodes.flatMap((node): PlainPart[] => {
    switch (node.type) {
      case 'paragraph':
      case 'heading':
        return sentence(inlineText(node.children))
      case 'blockquote':
      case 'footnoteDefinition':
        return plainMarkdown(node.children)
      case 'list':
        return node.children.flatMap((item, index) => {
          const [first, ...rest] = plainMarkdown(item.children)
          const sign = node.ordered === true ? `${(node.start ?? 1) + index}. ` : '- '
          return first === undefined ? [] : [{ ...first, text: sign + first.text }, ...rest]
        })
      case 'code':
        return [{ kind: 'code', text: node.value }]
      case 'table': {
        const [head, ...rows] = node.children.map((row) =>
          row.children.map((cell) => inlineText(cell.children)),
        )
        return rows.flatMap((row) =>
          sentence(row.map((cell, index) => `${head?.[index] ?? ''}: ${cell}`).join('; ')),
        )
      }
      default:
        return []
    }
  })
}

function sentence(text: string): PlainPart[] {
  return text.trim() === '' ? [] : [{ kind: 'sentence', text }]
}

/** The words of a paragraph, with the address of a link behind its text. */
function inlineText(nodes: readonly PhrasingContent[]): string {
  return nodes
    .map((node): string => {
      switch (node.type) {
        case 'text':
        case 'inlineCode':
          return node.value.replace(/\s*\n\s*/g, ' ')
        case 'break':
          return ' '
        case 'link': {
          const text = inlineText(node.children)
          return text === node.url || node.url.startsWith('#') ? text : `${text} (${node.url})`
        }
        case 'image':
          return node.alt ?? ''
        default:
          return 'children' in node ? inlineText(node.children) : ''
      }
    })
    .join('')
}
