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
    throw new ProgramError(`bad regex '${pattern}': ${problemOf(pattern, options.extended)}`)
  }
}

/** Why an expression is none, in musl's words. */
function problemOf(pattern: string, extended: boolean): string {
  const plain = pattern.replace(/\[\^?\]?[^\]]*\]/g, '')
  const [open, close] = extended ? [/(?<!\\)\(/g, /(?<!\\)\)/g] : [/\\\(/g, /\\\)/g]
  if ((plain.match(open) ?? []).length !== (plain.match(close) ?? []).length) return "Missing ')'"
  if (/\[[^\]]*.-.[^\]]*\]/.test(pattern)) return 'Invalid character range'
  if (/(?:^|[(|])[*+?{]/.test(plain)) return 'Repetition not preceded by valid expression'
  return 'Invalid regexp'
}

function translate(pattern: string, extended: boolean): string {
  let source = ''
  let open = 0
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at] ?? ''
    if (char === '[') {
      const end = bracketEnd(pattern, at)
      source += bracket(pattern.slice(at + 1, end))
      at = end
    } else if (extended ? char === '{' && source !== '' : pattern.startsWith('\\{', at)) {
      const { text, end } = interval(pattern, extended ? at : at + 1, extended)
      source += text
      at = end
    } else if (char === '\\') {
      const next = pattern[++at]
      if (next === undefined) throw new ProgramError(`bad regex '${pattern}': Trailing backslash`)
      if ('(){}|+?'.includes(next)) source += extended ? `\\${next}` : next
      else if (next === '<' || next === '>') source += '\\b'
      else if (/[1-9bBwWsS]/.test(next)) source += `\\${next}`
      else source += /[A-Za-z]/.test(next) ? next : `\\${next}`
    } else if (!extended && '(){}|+?'.includes(char)) source += `\\${char}`
    // In a basic expression these are anchors at its ends and at those of a group alone.
    else if (!extended && char === '^' && !/^$|\\\($|\\\|$/.test(pattern.slice(0, at)))
      source += '\\^'
    else if (!extended && char === '$' && !/^$|^\\[)|]/.test(pattern.slice(at + 1))) source += '\\$'
    else if (!extended && char === '*' && (source === '' || source.endsWith('(') || source === '^'))
      source += '\\*'
    // A parenthesis that closes none is one of the text, for musl.
    else if (extended && char === ')' && open === 0) source += '\\)'
    else if (char === '/') source += '\\/'
    else {
      if (char === '(') open++
      else if (char === ')') open--
      source += char
    }
  }
  return source
}

/** `{2}`, `{2,}`, `{2,5}` from its brace on; `end`: its last character. Throws `ProgramError`. */
function interval(
  pattern: string,
  start: number,
  extended: boolean,
): { readonly text: string; readonly end: number } {
  const form = extended ? /^\{(\d*)(?:(,)(\d*))?\}/ : /^\{(\d*)(?:(,)(\d*))?\\\}/
  const [whole, least = '', comma = '', most = ''] = form.exec(pattern.slice(start)) ?? []
  if (
    whole === undefined ||
    (least === '' && most === '') ||
    Number(least) > 255 ||
    (most !== '' && Number(most) < Number(least))
  )
    throw new ProgramError(`bad regex '${pattern}': Invalid contents of {}`)
  return { text: `{${least || 0}${comma}${most}}`, end: start + whole.length - 1 }
}

function bracketEnd(pattern: string, start: number): number {
  let at = start + 1
  if (pattern[at] === '^') at++
  if (pattern[at] === ']') at++
  while (at < pattern.length && pattern[at] !== ']') {
    if (pattern.startsWith('[:', at)) at = pattern.indexOf(':]', at) + 1
    at++
  }
  if (at >= pattern.length) throw new ProgramError(`bad regex '${pattern}': Missing ']'`)
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
