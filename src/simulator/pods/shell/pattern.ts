import { absolutePath } from '../files/file-node.ts'
import type { FileTree } from '../files/file-tree.ts'
import { withinMemory } from '../process/program-context.ts'
import { atOnce, type Steps } from '../turns.ts'
import { Glob, type PatternPiece } from './glob.ts'

export type { PatternPiece } from './glob.ts'

/** Whether the whole text matches, as in `case`. */
export function matchesPattern(pieces: readonly PatternPiece[], text: string): boolean {
  return atOnce(new Glob(pieces).matches(text))
}

/** Removes the shortest or longest matching start or end, as `${x#…}` and `${x%…}` do. */
export function* trimPattern(
  text: string,
  pieces: readonly PatternPiece[],
  options: { readonly end: 'start' | 'end'; readonly longest: boolean },
): Steps<string> {
  const glob = new Glob(pieces)
  if (options.end === 'start') return text.slice((yield* glob.start(text, options.longest)) ?? 0)
  return text.slice(0, (yield* glob.end(text, options.longest)) ?? text.length)
}

/** `${x/pattern/replacement}`, and with `all` `${x//…}`. */
export function* replacePattern(
  text: string,
  pieces: readonly PatternPiece[],
  replacement: string,
  options: { readonly all: boolean },
): Steps<string> {
  const glob = new Glob(pieces)
  if (glob.isEmpty) return text
  const parts: string[] = []
  let held = 0
  let at = 0
  for (;;) {
    const match = yield* glob.find(text, at)
    if (match === undefined) break
    parts.push(text.slice(at, match.start), replacement)
    held += match.start - at + replacement.length
    withinMemory(held)
    at = match.end
    if (!options.all || at >= text.length || match.end === match.start) break
    if (parts.length % 512 === 0) yield
  }
  withinMemory(held + text.length - at)
  return parts.join('') + text.slice(at)
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
      const glob = new Glob(segment)
      const hidden = segment[0]?.text.startsWith('.') === true
      if (files.stat(folder)?.kind !== 'directory') continue
      for (const name of [...(hidden ? ['.', '..'] : []), ...files.list(folder)]) {
        if (name.startsWith('.') && !hidden) continue
        if (!atOnce(glob.matches(name))) continue
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
