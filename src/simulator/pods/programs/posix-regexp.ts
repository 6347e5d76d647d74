import { BoundedRegExp } from './bounded-regexp.ts'
import { ProgramError } from './busybox-program.ts'

const CLASSES: Readonly<Record<string, string>> = {
  alpha: 'A-Za-z',
  digit: '0-9',
  alnum: 'A-Za-z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: '\\s',
  blank: ' \\t',
  xdigit: '0-9A-Fa-f',
  punct: '!-\\/:-@\\[-`{-~',
}

/** A POSIX basic or extended regular expression. Throws `ProgramError` for one that is malformed. */
export function posixRegExp(
  pattern: string,
  options: {
    readonly extended: boolean
    readonly literal?: boolean
    readonly ignoreCase?: boolean
    readonly word?: boolean
    readonly line?: boolean
    readonly global?: boolean
  },
): RegExp {
  let source = options.literal
    ? pattern.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
    : translate(pattern, options.extended)
  if (options.word) source = `(?<![A-Za-z0-9_])(?:${source})(?![A-Za-z0-9_])`
  if (options.line) source = `^(?:${source})$`
  try {
    return new BoundedRegExp(source, `${options.global ? 'g' : ''}${options.ignoreCase ? 'i' : ''}`)
  } catch {
    throw new ProgramError(`bad regex '${pattern}': Invalid regexp`, 2)
  }
}

function translate(pattern: string, extended: boolean): string {
  let source = ''
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at] ?? ''
    if (char === '[') {
      const end = bracketEnd(pattern, at)
      source += bracket(pattern.slice(at + 1, end))
      at = end
    } else if (char === '\\') {
      const next = pattern[++at] ?? '\\'
      if ('(){}|+?'.includes(next)) source += extended ? `\\${next}` : next
      else if (next === '<' || next === '>') source += '\\b'
      else if (/[1-9bBwWsS]/.test(next)) source += `\\${next}`
      else source += /[A-Za-z]/.test(next) ? next : `\\${next}`
    } else if (!extended && '(){}|+?'.includes(char)) source += `\\${char}`
    else if (!extended && char === '*' && (source === '' || source.endsWith('(') || source === '^'))
      source += '\\*'
    else if (char === '/') source += '\\/'
    else source += char
  }
  return source
}

function bracketEnd(pattern: string, start: number): number {
  let at = start + 1
  if (pattern[at] === '^') at++
  if (pattern[at] === ']') at++
  while (at < pattern.length && pattern[at] !== ']') {
    if (pattern.startsWith('[:', at)) at = pattern.indexOf(':]', at) + 1
    at++
  }
  if (at >= pattern.length) throw new ProgramError(`bad regex '${pattern}': Missing ']'`, 2)
  return at
}

function bracket(body: string): string {
  const negated = body.startsWith('^')
  const inner = (negated ? body.slice(1) : body).replace(
    /\[:([a-z]+):\]|([\\\]^[])/g,
    (whole, name: string | undefined, special: string | undefined) =>
      name === undefined ? `\\${special ?? whole}` : (CLASSES[name] ?? ''),
  )
  return `[${negated ? '^' : ''}${inner}]`
}
