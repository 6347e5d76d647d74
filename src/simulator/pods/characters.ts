/** Text where some character takes two places of a string. */
const WIDE = /[\ud800-\udbff]/

/** How many characters a text has, without a list of them where none is needed: the text may be long. */
export function characterCount(text: string): number {
  return WIDE.test(text) ? [...text].length : text.length
}

/** The characters from one place up to another, which may be before the beginning or behind the end. */
export function characterSlice(text: string, start: number, end: number): string {
  const [from, to] = [Math.max(0, start), Math.max(0, end)]
  return WIDE.test(text) ? [...text].slice(from, to).join('') : text.slice(from, to)
}

/** What a letter behind a backslash means to `$'…'`, to echo -e and to printf's `%b`. */
export const ESCAPES: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  e: '\u001b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
}
