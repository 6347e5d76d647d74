export type OutputMatch =
  | { readonly matched: true }
  | {
      readonly matched: false
      /** The first line that differs, as the lesson has it; `undefined` where more was printed than expected. */
      readonly expected: string | undefined
      /** What was printed there; `undefined` where less was printed than expected. */
      readonly actual: string | undefined
      /** Line of the output, from 1. */
      readonly line: number
    }

/**
 * Holds printed lines against expected ones by trycmd's rules (assert-rs/trycmd): `[..]` stands for any text within a line, a
 * line `...` for any lines, also none. A line `^C` says where Ctrl-C is pressed: terminals echo it, pipes do not, so it stands
 * for itself, an empty line, or nothing. Blanks at line ends and empty lines at the end do not count. No expected lines expect nothing:
 * they match every output.
 */
export function matchesExpected(
  expected: readonly string[],
  lines: readonly string[],
): OutputMatch {
  const wanted = trimmed(expected)
  const got = trimmed(lines)
  if (wanted.length === 0) return { matched: true }
  let farthest = { at: 0, wanted: 0 }
  const dead = new Set<number>()
  const walk = (w: number, g: number): boolean => {
    const key = w * (got.length + 1) + g
    if (dead.has(key)) return false
    if (w === wanted.length && g === got.length) return true
    if (g > farthest.at || (g === farthest.at && w > farthest.wanted))
      farthest = { at: g, wanted: w }
    const pattern = wanted[w]
    const line = got[g]
    let found = false
    if (pattern === '...') found = walk(w + 1, g) || (line !== undefined && walk(w, g + 1))
    else if (pattern === '^C')
      found = ((line === '^C' || line === '') && walk(w + 1, g + 1)) || walk(w + 1, g)
    else if (pattern !== undefined && line !== undefined)
      found = matchesLine(pattern, line) && walk(w + 1, g + 1)
    if (!found) dead.add(key)
    return found
  }
  if (walk(0, 0)) return { matched: true }
  return {
    matched: false,
    expected: wanted[farthest.wanted],
    actual: got[farthest.at],
    line: farthest.at + 1,
  }
}

function matchesLine(pattern: string, line: string): boolean {
  const parts = pattern.split('[..]')
  if (parts.length === 1) return pattern === line
  const [first = '', ...rest] = parts
  const last = rest.pop() ?? ''
  if (!line.startsWith(first) || line.length < first.length + last.length || !line.endsWith(last))
    return false
  let at = first.length
  const end = line.length - last.length
  for (const part of rest) {
    const found = line.indexOf(part, at)
    if (found === -1 || found + part.length > end) return false
    at = found + part.length
  }
  return true
}

function trimmed(lines: readonly string[]): readonly string[] {
  const texts = lines.map((line) => line.trimEnd())
  while (texts.at(-1) === '') texts.pop()
  return texts
}
