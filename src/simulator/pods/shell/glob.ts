import type { Steps } from '../turns.ts'

/** Text of an expanded word; quoted text is taken as it is. */
export interface PatternPiece {
  readonly text: string
  readonly quoted: boolean
}

interface Char {
  readonly char: string
  readonly quoted: boolean
}

/** What stands between two stars of a pattern: characters, each of them some or one. */
interface Segment {
  readonly length: number
  /** The text, where it is nothing else: it is found at once. */
  readonly literal: string | undefined
  readonly matches: readonly ((char: string) => boolean)[]
}

/**
 * A pattern of the shell. Each segment is best where it is found first (or last), so the time grows with the text and not with all that
 * could be tried.
 */
export class Glob {
  private readonly first: Segment
  private readonly middle: readonly Segment[]
  /** `undefined` where the pattern has no star. */
  private readonly last: Segment | undefined
  /** The fewest characters that match. */
  private readonly least: number

  constructor(pieces: readonly PatternPiece[]) {
    const [first = EMPTY, ...others] = segmentsOf(pieces)
    this.first = first
    this.last = others.pop()
    this.middle = others
    this.least = [first, ...others, this.last ?? EMPTY].reduce((sum, { length }) => sum + length, 0)
  }

  get isEmpty(): boolean {
    return this.last === undefined && this.first.length === 0
  }

  /** Whether the whole text matches. */
  *matches(text: string): Steps<boolean> {
    if (this.last === undefined)
      return text.length === this.first.length && standsAt(this.first, text, 0)
    if (text.length < this.least || !standsAt(this.first, text, 0)) return false
    if (!standsAt(this.last, text, text.length - this.last.length)) return false
    const end = yield* this.middleFrom(text, this.first.length)
    return end !== undefined && end <= text.length - this.last.length
  }

  /** Where the shortest or longest start that matches ends; `undefined` where none does. */
  *start(text: string, longest: boolean): Steps<number | undefined> {
    if (!standsAt(this.first, text, 0)) return undefined
    return yield* this.endFrom(text, this.first.length, longest)
  }

  /** Where the shortest or longest end that matches begins; `undefined` where none does. */
  *end(text: string, longest: boolean): Steps<number | undefined> {
    const { first, last } = this
    if (last === undefined) {
      const at = text.length - first.length
      return standsAt(first, text, at) ? at : undefined
    }
    let limit = text.length - last.length
    if (!standsAt(last, text, limit)) return undefined
    for (const segment of [...this.middle].reverse()) {
      const at = yield* findLast(segment, text, 0, limit - segment.length)
      if (at === -1) return undefined
      limit = at
    }
    const at = longest
      ? yield* findFirst(first, text, 0, limit - first.length)
      : yield* findLast(first, text, 0, limit - first.length)
    return at === -1 ? undefined : at
  }

  /** The longest match that begins first, from a place on; `undefined` where there is none. */
  *find(
    text: string,
    from: number,
  ): Steps<{ readonly start: number; readonly end: number } | undefined> {
    const start = yield* findFirst(this.first, text, from, text.length - this.first.length)
    if (start === -1) return undefined
    // What does not follow the first beginning follows no later one.
    const end = yield* this.endFrom(text, start + this.first.length, true)
    return end === undefined ? undefined : { start, end }
  }

  private *endFrom(text: string, from: number, longest: boolean): Steps<number | undefined> {
    if (this.last === undefined) return from
    const begin = yield* this.middleFrom(text, from)
    if (begin === undefined) return undefined
    const furthest = text.length - this.last.length
    const at = longest
      ? yield* findLast(this.last, text, begin, furthest)
      : yield* findFirst(this.last, text, begin, furthest)
    return at === -1 ? undefined : at + this.last.length
  }

  private *middleFrom(text: string, from: number): Steps<number | undefined> {
    let at = from
    for (const segment of this.middle) {
      const found = yield* findFirst(segment, text, at, text.length - segment.length)
      if (found === -1) return undefined
      at = found + segment.length
    }
    return at
  }
}

const EMPTY: Segment = { length: 0, literal: '', matches: [] }
/** So many places are looked at in one step. */
const PLACES = 2048

function standsAt(segment: Segment, text: string, at: number): boolean {
  if (at < 0 || at + segment.length > text.length) return false
  if (segment.literal !== undefined) return text.startsWith(segment.literal, at)
  return segment.matches.every((matches, index) => matches(text[at + index] ?? ''))
}

function* findFirst(segment: Segment, text: string, from: number, to: number): Steps<number> {
  if (segment.literal !== undefined) {
    const at = text.indexOf(segment.literal, from)
    return at > to ? -1 : at
  }
  for (let at = from; at <= to; at++) {
    if (standsAt(segment, text, at)) return at
    if (at % PLACES === 0) yield
  }
  return -1
}

function* findLast(segment: Segment, text: string, from: number, to: number): Steps<number> {
  if (to < from) return -1
  if (segment.literal !== undefined) {
    const at = text.lastIndexOf(segment.literal, to)
    return at < from ? -1 : at
  }
  for (let at = to; at >= from; at--) {
    if (standsAt(segment, text, at)) return at
    if (at % PLACES === 0) yield
  }
  return -1
}

function segmentsOf(pieces: readonly PatternPiece[]): Segment[] {
  const chars = pieces.flatMap(({ text, quoted }) =>
    Array.from({ length: text.length }, (_none, at): Char => ({ char: text[at] ?? '', quoted })),
  )
  const segments: Segment[] = []
  let literal: string | undefined = ''
  let matches: ((char: string) => boolean)[] = []
  const finish = () => {
    segments.push({ length: matches.length, literal, matches })
    literal = ''
    matches = []
  }
  const add = (char: string) => {
    if (literal !== undefined) literal += char
    matches.push((other) => other === char)
  }
  for (let index = 0; index < chars.length; index++) {
    const { char, quoted } = chars[index] ?? { char: '', quoted: true }
    if (quoted) add(char)
    else if (char === '*') finish()
    else if (char === '?') {
      literal = undefined
      matches.push(() => true)
    } else if (char === '\\') {
      index++
      add(chars[index]?.char ?? '\\')
    } else if (char === '[') {
      const end = classEnd(chars, index)
      if (end === undefined) {
        add('[')
        continue
      }
      literal = undefined
      matches.push(characterClass(chars.slice(index + 1, end)))
      index = end
    } else add(char)
  }
  finish()
  return segments
}

function classEnd(chars: readonly Char[], start: number): number | undefined {
  let at = start + 1
  if (chars[at]?.char === '!' || chars[at]?.char === '^') at++
  if (chars[at]?.char === ']') at++
  for (; at < chars.length; at++) {
    if (chars[at]?.char === '[' && chars[at + 1]?.char === ':') {
      const close = chars.findIndex(
        (entry, index) => index > at + 1 && entry.char === ':' && chars[index + 1]?.char === ']',
      )
      if (close !== -1) {
        at = close + 1
        continue
      }
    }
    if (chars[at]?.char === ']' && !chars[at]?.quoted) return at
  }
  return undefined
}

const CLASSES: Readonly<Record<string, string>> = {
  alpha: 'A-Za-z',
  digit: '0-9',
  alnum: 'A-Za-z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: ' \\t\\n\\r\\f\\v',
  blank: ' \\t',
  xdigit: '0-9A-Fa-f',
  punct: '!-\\/:-@\\[-`{-~',
}

/** `[a-z]` and its like. A range that runs backwards matches nothing, as in the C library. */
function characterClass(chars: readonly Char[]): (char: string) => boolean {
  const text = chars.map(({ char }) => char).join('')
  const negated = text.startsWith('!') || text.startsWith('^')
  const body = (negated ? text.slice(1) : text).replace(
    /\[:([a-z]+):\]|([\\\]^[])/g,
    (whole, name: string | undefined, special: string | undefined) =>
      name === undefined ? `\\${special ?? whole}` : (CLASSES[name] ?? ''),
  )
  try {
    const expression = new RegExp(`[${negated ? '^' : ''}${body}]`)
    return (char) => expression.test(char)
  } catch {
    return () => false
  }
}
