/** A token of the label selector syntax. `error`: special signs that mean nothing. */
export interface Token {
  readonly kind:
    | 'end'
    | 'error'
    | 'identifier'
    | 'in'
    | 'notin'
    | ')'
    | '('
    | ','
    | '!'
    | '=='
    | '='
    | '>'
    | '<'
    | '!='
  readonly text: string
}

const SPECIAL = new Set(['=', '!', '(', ')', ',', '>', '<'])
const BLANK = new Set([' ', '\t', '\r', '\n'])

/** Cuts a label selector into tokens as the `Lexer` of apimachinery labels/selector.go does; ends with `end`. */
export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < text.length) {
    const character = text.charAt(at)
    if (BLANK.has(character)) {
      at++
    } else if (SPECIAL.has(character)) {
      const token = special(text, at)
      tokens.push(token.token)
      at = token.end
    } else {
      let end = at
      while (end < text.length && !SPECIAL.has(text.charAt(end)) && !BLANK.has(text.charAt(end)))
        end++
      const word = text.slice(at, end)
      tokens.push({ kind: word === 'in' || word === 'notin' ? word : 'identifier', text: word })
      at = end
    }
  }
  tokens.push({ kind: 'end', text: '' })
  return tokens
}

/** The longest run of special signs that is an operator: `a!=b`, but `a=(` is `=` and `(`. */
function special(text: string, start: number): { readonly token: Token; readonly end: number } {
  let buffer = ''
  let found: Token | undefined
  let at = start
  while (at < text.length && SPECIAL.has(text.charAt(at))) {
    buffer += text.charAt(at)
    const token = operator(buffer)
    if (token !== undefined) found = token
    else if (found !== undefined) return { token: found, end: at }
    at++
  }
  const token = found ?? { kind: 'error', text: `error expected: keyword found '${buffer}'` }
  return { token, end: at }
}

function operator(text: string): Token | undefined {
  switch (text) {
    case ')':
    case '(':
    case ',':
    case '!':
    case '==':
    case '=':
    case '>':
    case '<':
    case '!=':
      return { kind: text, text }
    default:
      return undefined
  }
}
