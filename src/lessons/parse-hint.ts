import type { Html, RootContent } from 'mdast'
import { plainText, pointOf } from './markdown.ts'
import type { Hint } from './model.ts'
import type { Problems } from './problems.ts'

const TIERS = [1, 2, 4, 5]

/** Whether a node opens a hint: `<details><summary>Hint 1: title</summary>`, alone, with the text after a blank line. */
export function opensDetails(node: RootContent): node is Html {
  return node.type === 'html' && /^<details\b/i.test(node.value.trim())
}

/**
 * Reads a hint from the nodes after its opening tag. Returns the hint, if it is well formed, and how many nodes
 * belong to it, the closing tag included.
 */
export function parseHint(
  nodes: readonly RootContent[],
  index: number,
  file: string,
  problems: Problems,
): { readonly hint: Hint | undefined; readonly used: number } {
  const opening = nodes[index]
  if (opening === undefined || opening.type !== 'html') return { hint: undefined, used: 1 }
  const at = pointOf(opening, file)
  const match = /^<details>\s*<summary>\s*Hint (\d+):\s*(\S[^<]*?)\s*<\/summary>$/i.exec(
    opening.value.trim(),
  )
  const end = nodes.findIndex(
    (node, at) => at > index && node.type === 'html' && node.value.trim() === '</details>',
  )
  if (end === -1) {
    problems.add(
      at,
      'hint-form',
      'This <details> is never closed. Write </details> on a line of its own, with an empty line before it.',
    )
    return { hint: undefined, used: 1 }
  }
  const used = end - index + 1
  if (match === null) {
    problems.add(
      at,
      'hint-form',
      'Write a hint as <details><summary>Hint 1: a title</summary>, then an empty line, then its text.',
    )
    return { hint: undefined, used }
  }
  const tier = Number(match[1])
  if (!TIERS.includes(tier)) {
    problems.add(
      at,
      'hint-tier',
      `There is no hint tier ${tier} to write. Use 1 where to look, 2 the rule, 4 a worked twin, 5 this solution; the lab makes 0 and 3.`,
    )
  }
  const blocks = nodes.slice(index + 1, end)
  if (blocks.map(plainText).join('').trim() === '') {
    problems.add(
      at,
      'hint-form',
      'This hint says nothing. Write its text between the tags, after an empty line.',
    )
  }
  return { hint: { tier, title: match[2] ?? '', blocks }, used }
}
