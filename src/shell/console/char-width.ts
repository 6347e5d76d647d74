import type { Terminal } from '@xterm/headless'
import stringWidth from 'string-width'

const known = new Map<number, 0 | 1 | 2>()

/**
 * Columns that a code point takes. The same measure as the screens use to lay out text, so that the
 * emulated cells and the drawn ones agree.
 */
export function charWidth(codePoint: number): 0 | 1 | 2 {
  if (codePoint >= 0x20 && codePoint < 0x7f) return 1
  const kept = known.get(codePoint)
  if (kept !== undefined) return kept
  const measured = stringWidth(String.fromCodePoint(codePoint))
  const width = measured <= 0 ? 0 : measured === 1 ? 1 : 2
  known.set(codePoint, width)
  return width
}

/** Makes the emulator measure characters with `charWidth`. */
export function measureWithCharWidth(terminal: Terminal): void {
  terminal.unicode.register({
    version: 'lab',
    wcwidth: charWidth,
    charProperties: (codePoint, preceding) => {
      // The packing of xterm.js UnicodeService.createPropertyValue: width in bits 1 and 2, "joins the one before" in bit 0.
      const own = charWidth(codePoint)
      const before = (preceding >> 1) & 3
      const joins = own === 0 && preceding !== 0 && before !== 0
      const width = joins ? Math.max(before, own) : own
      return (width << 1) | (joins ? 1 : 0)
    },
  })
  terminal.unicode.activeVersion = 'lab'
}
