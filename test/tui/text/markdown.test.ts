import { describe, expect, it } from 'vitest'
import { lineText, lineWidth } from '../../../src/tui/text/line.ts'
import { markdownLines } from '../../../src/tui/text/markdown.ts'
import { createTheme } from '../../../src/tui/theme/theme.ts'
import { markdown } from '../support/snapshots.ts'

const theme = createTheme({ color: true, ascii: false })
const draw = (text: string, width = 40) => markdownLines(markdown(text), width, theme).map(lineText)

describe('Markdown on a terminal', () => {
  it('wraps paragraphs with an empty line between them', () => {
    expect(draw('One two three four\nfive.\n\nSix.', 12)).toEqual([
      'One two',
      'three four',
      'five.',
      '',
      'Six.',
    ])
  })

  it('draws lists with their signs and hangs the text', () => {
    expect(draw('- one and two\n- three\n', 10)).toEqual(['- one and', '  two', '- three'])
    expect(draw('2. two\n3. three\n')).toEqual(['2. two', '3. three'])
  })

  it('nests lists', () => {
    expect(draw('- a\n  - b\n')).toEqual(['- a', '  - b'])
  })

  it('draws tables in columns that give way to the width', () => {
    const rows = draw(
      '| flow | outcome |\n|---|---|\n| test to web | timeout, because it is denied |\n',
      24,
    )
    expect(rows[0]).toMatch(/^flow +outcome/)
    for (const line of markdownLines(
      markdown('| a | b |\n|---|---|\n| long words here | more long words |'),
      16,
      theme,
    )) {
      expect(lineWidth(line)).toBeLessThanOrEqual(16)
    }
  })

  it('draws quotes behind a bar', () => {
    expect(draw('> a remark')).toEqual(['│ a remark'])
  })

  it('marks emphasis, strong text and code without colour', () => {
    const spans = markdownLines(markdown('*one* **two** `three`'), 40, theme)[0] ?? []
    expect(
      spans.filter((span) => span.style !== undefined).map((span) => [span.text, span.style]),
    ).toEqual([
      ['one', { underline: true }],
      ['two', { bold: true }],
      ['three', { bold: true }],
    ])
  })

  it('shows the address of a link behind its text', () => {
    expect(draw('[docs](https://example.com)')).toEqual(['docs (https://example.com)'])
  })

  it('never wraps code, and cuts what is too wide visibly', () => {
    expect(draw('```\nkubectl get pods --all-namespaces\n```', 20)).toEqual([
      '  kubectl get po[..]',
    ])
  })

  it('shows nothing of comments in the source', () => {
    expect(draw('<!-- note -->\n\ntext')).toEqual(['text'])
  })
})
