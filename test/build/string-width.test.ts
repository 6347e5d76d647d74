import library from 'string-width'
import { expect, it } from 'vitest'
import stringWidth from '../../scripts/build/string-width.ts'

/** All characters of the basic plane that may stand alone. */
const characters = Array.from({ length: 0x10000 }, (_, code) => code)
  .filter((code) => code < 0xd800 || code > 0xdfff)
  .map((code) => String.fromCodePoint(code))

/** The library throws for some characters that no terminal shows. */
function columns(measure: (text: string) => number, text: string): number | string {
  try {
    return measure(text)
  } catch (error) {
    return String(error)
  }
}

it('measures every character as the library does, alone and between others', () => {
  const differing = characters.filter((one) =>
    [one, `a${one}─`].some((text) => columns(stringWidth, text) !== columns(library, text)),
  )
  expect(differing).toEqual([])
})

it('leaves colours out, and hands on what is more than plain text', () => {
  for (const text of [
    '\x1b[1;31mred\x1b[0m',
    '\x1b]8;;https://a.b\x07link\x1b]8;;\x07',
    '日本',
    '👩‍👩‍👦 a',
    '',
  ]) {
    expect(stringWidth(text)).toBe(library(text))
  }
  expect(stringWidth('±', { ambiguousIsNarrow: false })).toBe(
    library('±', { ambiguousIsNarrow: false }),
  )
})
