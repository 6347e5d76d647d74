import { describe, expect, it } from 'vitest'
import { toAscii } from '../../../src/tui/theme/symbols.ts'
import { createTheme } from '../../../src/tui/theme/theme.ts'

describe('theme', () => {
  it('colours the symbol and leaves the word in the terminal’s own colour', () => {
    const theme = createTheme({ color: true, ascii: false })
    expect(theme.write(theme.mark('good', 'connected'))).toBe('\x1b[36m✓\x1b[39m connected')
    expect(theme.write(theme.mark('bad', 'timeout'))).toBe('\x1b[31m✗\x1b[39m timeout')
    expect(theme.write(theme.mark('refused', 'refused'))).toBe('\x1b[35m!\x1b[39m refused')
    expect(theme.write(theme.mark('careful', 'dns-failure'))).toBe('\x1b[33m?\x1b[39m dns-failure')
  })

  it('keeps bold, underline and reverse without colour', () => {
    const theme = createTheme({ color: false, ascii: false })
    expect(theme.write(theme.mark('good', 'connected'))).toBe('✓ connected')
    expect(theme.write([{ text: 'a', style: { bold: true, inverse: true, color: 3 } }])).toBe(
      '\x1b[1m\x1b[7ma\x1b[27m\x1b[22m',
    )
  })

  it('writes plain characters only where asked to', () => {
    const theme = createTheme({ color: false, ascii: true })
    expect(theme.write(theme.mark('bad', 'timeout'))).toBe('x timeout')
    expect(theme.write([{ text: '“quoted” – naïve 漢' }])).toBe('"quoted" - naive ??')
  })

  it('keeps the width of what it replaces', () => {
    expect(toAscii('─│┬·…')).toBe('-|+-.')
  })

  it('puts a status line on one row', () => {
    const theme = createTheme({ color: false, ascii: false })
    const line = theme.status({ parts: ['web\n ', { mark: 'bad', word: 'timeout' }] })
    expect(theme.write(line)).toBe('web ✗ timeout')
  })
})
