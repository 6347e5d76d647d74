import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lineOf, lineText, lineWidth, textWidth } from '../../../src/tui/text/line.ts'
import { wrapLine, wrapText } from '../../../src/tui/text/wrap.ts'

describe('wrapping', () => {
  it('breaks at blanks', () => {
    expect(wrapText('the pod could not look up the name', 12)).toEqual([
      'the pod',
      'could not',
      'look up the',
      'name',
    ])
  })

  it('keeps blanks in a row that fits', () => {
    expect(wrapText('wanted    timeout', 20)).toEqual(['wanted    timeout'])
  })

  it('breaks a word that is wider than a row', () => {
    expect(wrapText('http://www.example.com:80', 10)).toEqual(['http://www', '.example.c', 'om:80'])
  })

  it('counts wide characters as two columns', () => {
    expect(wrapText('漢字漢字', 4)).toEqual(['漢字', '漢字'])
  })

  it('indents later rows', () => {
    expect(wrapText('one two three', 8, { indent: 2 })).toEqual(['one two', '  three'])
  })

  it('keeps styles over a break', () => {
    const rows = wrapLine([{ text: 'plain ' }, { text: 'bold bold', style: { bold: true } }], 10)
    expect(rows.map(lineText)).toEqual(['plain bold', 'bold'])
    expect(rows[1]?.[0]?.style).toEqual({ bold: true })
  })

  it('never writes a row that is too wide and never loses a word', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 2, max: 90 }), (text, width) => {
        const rows = wrapLine(lineOf(text.replace(/\s+/g, ' ')), width)
        for (const row of rows) expect(lineWidth(row)).toBeLessThanOrEqual(width)
        expect(rows.map(lineText).join('').replace(/\s/g, '')).toBe(text.replace(/\s/g, ''))
      }),
    )
  })

  it('knows the width of text', () => {
    expect(textWidth('✓ ok')).toBe(4)
  })
})
