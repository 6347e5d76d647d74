import { AwkSyntaxError } from './syntax.ts'

export interface Token {
  readonly kind: 'number' | 'string' | 'regex' | 'name' | 'function' | 'symbol' | 'newline' | 'end'
  readonly text: string
  readonly line: number
  readonly spaceBefore: boolean
}

const SYMBOL =
  /^(?:\*\*=|\*\*|\+\+|--|\+=|-=|\*=|\/=|%=|\^=|==|<=|>=|!=|!~|&&|\|\||>>|[-+*/%^<>=!~&|?:,;(){}[\]$])/
export const WORDS = new Set([
  'BEGIN',
  'END',
  'function',
  'func',
  'if',
  'else',
  'while',
  'for',
  'do',
  'break',
  'continue',
  'next',
  'nextfile',
  'exit',
  'return',
  'delete',
  'in',
  'getline',
  'print',
  'printf',
])
/** Functions of the language. */
export const BUILT_IN: ReadonlySet<string> = new Set([
  'length',
  'substr',
  'index',
  'split',
  'sub',
  'gsub',
  'match',
  'sprintf',
  'sin',
  'cos',
  'atan2',
  'exp',
  'log',
  'sqrt',
  'int',
  'rand',
  'srand',
  'tolower',
  'toupper',
  'system',
  'close',
  'fflush',
  'systime',
  'strftime',
  'and',
  'or',
  'xor',
  'lshift',
  'rshift',
  'compl',
])

/** Reads the text of a program. Throws `AwkSyntaxError`. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  let line = 1
  const regexMayCome = () => {
    const last = tokens.at(-1)
    if (last === undefined) return true
    if (last.kind === 'name') return WORDS.has(last.text) && last.text !== 'getline'
    if (last.kind === 'symbol') return ![')', ']', '$', '++', '--'].includes(last.text)
    return last.kind === 'newline'
  }
  while (at < text.length) {
    const start = at
    const blank = /^(?:[ \t\r]|\\\r?\n|#[^\n]*)+/.exec(text.slice(at))?.[0] ?? ''
    line += blank.split('\n').length - 1
    at += blank.length
    if (at >= text.length) break
    const spaceBefore = at > start
    const rest = text.slice(at)
    const add = (kind: Token['kind'], value: string, length: number) => {
      tokens.push({ kind, text: value, line, spaceBefore })
      at += length
    }
    const number = /^(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)/.exec(rest)?.[0]
    const name = /^[A-Za-z_]\w*/.exec(rest)?.[0]
    if (rest[0] === '\n') {
      add('newline', '\n', 1)
      line++
    } else if (number !== undefined) add('number', number, number.length)
    else if (name !== undefined) {
      const call = rest[name.length] === '(' && !WORDS.has(name)
      add(call ? 'function' : 'name', name, name.length)
    } else if (rest[0] === '"') {
      const match = /^"((?:\\[\s\S]|[^"\\\n])*)"/.exec(rest)
      if (match === null) throw new AwkSyntaxError('Unexpected end of string', line)
      add('string', withEscapes(match[1] ?? ''), match[0].length)
    } else if (rest[0] === '/' && regexMayCome()) {
      const match = /^\/((?:\\[\s\S]|\[\^?\]?[^\]\n]*\]|[^/\\[\n])*)\//.exec(rest)
      if (match === null) throw new AwkSyntaxError('Unexpected end of string', line)
      add('regex', (match[1] ?? '').replaceAll('\\/', '/'), match[0].length)
    } else {
      const symbol = SYMBOL.exec(rest)?.[0]
      if (symbol === undefined) throw new AwkSyntaxError('Unexpected token', line)
      add('symbol', symbol, symbol.length)
    }
  }
  tokens.push({ kind: 'newline', text: '\n', line, spaceBefore: false })
  tokens.push({ kind: 'end', text: '', line, spaceBefore: false })
  return tokens
}

/** Escapes of a string constant. */
export function withEscapes(text: string): string {
  const simple: Readonly<Record<string, string>> = {
    n: '\n',
    t: '\t',
    r: '\r',
    '\\': '\\',
    '"': '"',
    '/': '/',
    a: '\u0007',
    b: '\b',
    f: '\f',
    v: '\v',
  }
  return text.replace(/\\([0-7]{1,3}|x[0-9a-fA-F]{1,2}|[\s\S])/g, (whole, code: string) => {
    if (/^[0-7]/.test(code)) return String.fromCharCode(Number.parseInt(code, 8))
    if (/^x./.test(code)) return String.fromCharCode(Number.parseInt(code.slice(1), 16))
    return simple[code] ?? whole
  })
}
