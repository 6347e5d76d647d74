// Stands in for string-width in the bundle, with the same results. The library costs 50 ms at its first use: regular expressions
// over all of Unicode and a segmenter. A terminal of letters, digits and lines needs none of it.
import type measure from 'string-width'

/** Characters of one column that join with no other one; those for private use mark rows of the screen. */
const PLAIN =
  /^[\x20-\x7e\xa1-\xac\xae-\xff\u2010-\u2027\u2030-\u203a\u2190-\u2193\u2500-\u259f\ue000-\uf8ff]*$/
const COLOURS = /\x1b\[[\d;]*m/g

let library: typeof measure | undefined

export default function stringWidth(...args: Parameters<typeof measure>): number {
  const [text, options] = args
  if (options === undefined && typeof text === 'string') {
    const bare = text.includes('\x1b') ? text.replace(COLOURS, '') : text
    if (PLAIN.test(bare)) return bare.length
  }
  // require() and not import: what is imported is evaluated before the first screen. By path: its name leads here.
  library ??= loadLibrary()
  return library(...args)
}

function loadLibrary(): typeof measure {
  const loaded: {
    readonly default: typeof measure
  } = require('../../node_modules/string-width/index.js')
  return loaded.default
}
