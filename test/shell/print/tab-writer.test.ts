import { describe, expect, it } from 'vitest'
import { alignGrowing, alignTabs } from '../../../src/shell/kubectl/print/tab-writer.ts'

describe('aligned columns', () => {
  it('are as wide as their widest cell and three more, and at least six', () => {
    expect(alignTabs('NAME\tAGE\nlong-name\t1s\n')).toBe('NAME        AGE\nlong-name   1s\n')
    expect(alignTabs('a\tb\n')).toBe('a     b\n')
  })

  it('belong to blocks of lines that have them', () => {
    const text = 'Name:\tx\nplain\nA:\ty\nLonger:\tz\n'
    expect(alignTabs(text, { minimum: 0, padding: 2 })).toBe(
      'Name:  x\nplain\nA:       y\nLonger:  z\n',
    )
  })

  it('only grow where lines come in portions', () => {
    const align = alignGrowing()
    expect(align('NAME\tX\nab\ty\n')).toBe('NAME   X\nab     y\n')
    expect(align('abcdefgh\ty\n')).toBe('abcdefgh   y\n')
    expect(align('a\ty\n')).toBe('a          y\n')
  })
})
