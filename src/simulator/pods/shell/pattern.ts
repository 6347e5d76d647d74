import { absolutePath } from '../files/file-node.ts'
import type { FileTree } from '../files/file-tree.ts'
import { BoundedRegExp } from '../programs/bounded-regexp.ts'

/** Text of an expanded word; quoted text is taken as it is. */
export interface PatternPiece {
  readonly text: string
  readonly quoted: boolean
}

/** The pattern as the source of a regular expression, with no anchors. `inPath`: `*` and `?` stop at slashes. */
function patternSource(
  pieces: readonly PatternPiece[],
  options: { readonly inPath: boolean },
): string {
  let source = ''
  const any = options.inPath ? '[^/]' : '[\\s\\S]'
  const chars = pieces.flatMap(({ text, quoted }) => [...text].map((char) => ({ char, quoted })))
  for (let index = 0; index < chars.length; index++) {
    const entry = chars[index]
    if (entry === undefined) break
    const { char, quoted } = entry
    if (quoted) source += literal(char)
    else if (char === '*') source += `${any}*`
    else if (char === '?') source += any
    else if (char === '\\') {
      index++
      source += literal(chars[index]?.char ?? '\\')
    } else if (char === '[') {
      const end = classEnd(chars, index)
      if (end === undefined) {
        source += '\\['
        continue
      }
      source += characterClass(chars.slice(index + 1, end))
      index = end
    } else source += literal(char)
  }
  return source
}

function classEnd(
  chars: readonly { readonly char: string; readonly quoted: boolean }[],
  start: number,
): number | undefined {
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

function characterClass(
  chars: readonly { readonly char: string; readonly quoted: boolean }[],
): string {
  const text = chars.map(({ char }) => char).join('')
  const negated = text.startsWith('!') || text.startsWith('^')
  const body = (negated ? text.slice(1) : text).replace(
    /\[:([a-z]+):\]|([\\\]^[])/g,
    (whole, name: string | undefined, special: string | undefined) =>
      name === undefined ? `\\${special ?? whole}` : (CLASSES[name] ?? ''),
  )
  return `[${negated ? '^' : ''}${body}]`
}

function literal(char: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(char) ? `\\${char}` : char
}

function toRegExp(source: string): RegExp | undefined {
  try {
    return new BoundedRegExp(source, 'u')
  } catch {
    // A range like [z-a] matches nothing, as in the C library.
    return undefined
  }
}

/** Whether the whole text matches, as in `case`. */
export function matchesPattern(pieces: readonly PatternPiece[], text: string): boolean {
  return toRegExp(`^(?:${patternSource(pieces, { inPath: false })})$`)?.test(text) ?? false
}

/** Removes the shortest or longest matching start or end, as `${x#…}` and `${x%…}` do. */
export function trimPattern(
  text: string,
  pieces: readonly PatternPiece[],
  options: { readonly end: 'start' | 'end'; readonly longest: boolean },
): string {
  const whole = toRegExp(`^(?:${patternSource(pieces, { inPath: false })})$`)
  if (whole === undefined) return text
  const lengths = Array.from({ length: text.length + 1 }, (_, length) => length)
  if (options.longest) lengths.reverse()
  for (const length of lengths) {
    const part = options.end === 'start' ? text.slice(0, length) : text.slice(text.length - length)
    if (whole.test(part)) {
      return options.end === 'start' ? text.slice(length) : text.slice(0, text.length - length)
    }
  }
  return text
}

/** `${x/pattern/replacement}`, and with `all` `${x//…}`. */
export function replacePattern(
  text: string,
  pieces: readonly PatternPiece[],
  replacement: string,
  options: { readonly all: boolean },
): string {
  const source = patternSource(pieces, { inPath: false })
  if (source === '') return text
  const expression = toRegExp(source)
  if (expression === undefined) return text
  return text.replace(new BoundedRegExp(expression, options.all ? 'gu' : 'u'), () => replacement)
}

/** Whether a word could name several files. */
export function hasWildcards(pieces: readonly PatternPiece[]): boolean {
  return pieces.some(({ text, quoted }) => !quoted && /[*?[]/.test(text))
}

/** The files that a pattern names, in order; none where it matches nothing. */
export function expandPath(
  pieces: readonly PatternPiece[],
  files: FileTree,
  cwd: string,
): string[] {
  const segments = splitSegments(pieces)
  const absolute = segments[0]?.length === 0
  let found: string[] = [absolute ? '/' : '']
  for (const [index, segment] of segments.entries()) {
    if (index === 0 && absolute) continue
    const last = index === segments.length - 1
    const next: string[] = []
    for (const prefix of found) {
      const folder = prefix === '' ? cwd : absolutePath(cwd, prefix)
      if (!hasWildcards(segment)) {
        const path = prefix + segment.map(({ text }) => text).join('')
        if (files.stat(absolutePath(cwd, path)) !== undefined) next.push(last ? path : `${path}/`)
        continue
      }
      const expression = toRegExp(`^(?:${patternSource(segment, { inPath: true })})$`)
      const hidden = segment[0]?.text.startsWith('.') === true
      if (expression === undefined || files.stat(folder)?.kind !== 'directory') continue
      for (const name of [...(hidden ? ['.', '..'] : []), ...files.list(folder)]) {
        if (name.startsWith('.') && !hidden) continue
        if (!expression.test(name)) continue
        if (!last && files.stat(absolutePath(folder, name))?.kind !== 'directory') continue
        next.push(last ? prefix + name : `${prefix}${name}/`)
      }
    }
    found = next
  }
  return found.sort()
}

function splitSegments(pieces: readonly PatternPiece[]): PatternPiece[][] {
  const segments: PatternPiece[][] = [[]]
  for (const piece of pieces) {
    for (const [index, text] of piece.text.split('/').entries()) {
      if (index > 0) segments.push([])
      if (text !== '') segments.at(-1)?.push({ text, quoted: piece.quoted })
    }
  }
  return segments
}
