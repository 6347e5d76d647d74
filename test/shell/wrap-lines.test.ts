import { describe, expect, it } from 'vitest'
import { wrapLines } from '../../src/shell/line/wrap-lines.ts'

describe('lines of prose in a terminal', () => {
  it('break between words, and stay as they are where they fit', () => {
    expect(wrapLines('it starts no programs of your computer\nshort  as it is\n', 20)).toBe(
      'it starts no\nprograms of your\ncomputer\nshort  as it is\n',
    )
  })

  it('go on under their own text', () => {
    const wanted = '  the policy lets\n  every pod of the\n  namespace in'
    expect(wrapLines('  the policy lets every pod of the namespace in', 22)).toBe(wanted)
    expect(wrapLines('  lint   Find mistakes that policies often have', 32)).toBe(
      '  lint   Find mistakes that\n         policies often have',
    )
  })

  it('keep a word whole that is wider than the terminal', () => {
    expect(wrapLines('see https://kubernetes.io/docs/concepts now', 10)).toBe(
      'see\nhttps://kubernetes.io/docs/concepts\nnow',
    )
  })
})
