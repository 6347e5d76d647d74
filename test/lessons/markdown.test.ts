import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import type { Root } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { frontmatterFromMarkdown } from 'mdast-util-frontmatter'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { frontmatter } from 'micromark-extension-frontmatter'
import { gfm } from 'micromark-extension-gfm'
import { expect, test } from 'vitest'
import { readMarkdown, slug } from '../../src/lessons/markdown.ts'

/** What the parser gives when it reads every line itself, without byte offsets. */
function readWhole(text: string): unknown {
  const tree = fromMarkdown(text, {
    extensions: [frontmatter(['yaml']), gfm()],
    mdastExtensions: [frontmatterFromMarkdown(['yaml']), gfmFromMarkdown()],
  })
  return withoutOffsets(tree)
}

function withoutOffsets(tree: Root): unknown {
  return JSON.parse(
    JSON.stringify(tree, (key, value: unknown) => (key === 'offset' ? undefined : value)),
  )
}

test('reads a whole lesson as the plain parser does', async () => {
  const text = await readFile(
    join(import.meta.dirname, '../../lessons/08-deny-egress/lesson.md'),
    'utf8',
  )
  expect(withoutOffsets(readMarkdown(text))).toEqual(readWhole(text))
})

test.each([
  ['a fence that nobody closes', 'a\n\n```yaml\nb\n\nc'],
  ['fences in fences', '````md\n```yaml\na\n```\n````\nb\n'],
  ['a closing fence that is longer', '```yaml\na\n`````  \nb'],
  ['a closing fence that is shorter', '````yaml\na\n```\nb\n````\nc'],
  ['tildes', '~~~ yaml `x`\na\n~~~\nb'],
  ['an empty fence, and one with an empty line', '```\n```\n\n```\n\n```\nb'],
  ['a fence in a list and one after it', '- a\n\n  ```yaml\n  b\n  ```\n```yaml\nc\n```\n'],
  ['a fence in a quote', '> ```yaml\n> b\n> ```\n\nc'],
  [
    'a fence in a hint',
    '<details><summary>Hint 1: a</summary>\n\n```yaml\nb\n```\n\n</details>\n\nc',
  ],
  ['inline code at the start of a line', '```a``` b\n\n```\nc\n```\n'],
  ['an indented fence', '   ```yaml\n   a\n   ```\nb\n'],
])('reads %s as the plain parser does', (_what, text) => {
  expect(withoutOffsets(readMarkdown(text))).toEqual(readWhole(text))
})

test('reads any mix of such lines as the plain parser does', () => {
  const lines = fc.array(
    fc.constantFrom(
      '',
      'a',
      '```',
      '```yaml check',
      '````',
      '~~~',
      '- b',
      '> c',
      '# d',
      '  e',
      '</details>',
      '<!--',
      '-->',
    ),
    { maxLength: 14 },
  )
  fc.assert(
    fc.property(lines, (parts) => {
      const text = parts.join('\n')
      expect(withoutOffsets(readMarkdown(text))).toEqual(readWhole(text))
    }),
    { numRuns: 1000 },
  )
})

test.each([
  ['Port 53 is open to everybody', 'port-53-is-open-to-everybody'],
  ['Ping, and leave the pod', 'ping-and-leave-the-pod'],
  ['What `egress: []` means', 'what-egress-means'],
])('the anchor of "%s" is %s', (title, anchor) => {
  expect(slug(title)).toBe(anchor)
})
