/** Keys by name, as the bytes that a terminal in its normal mode sends. */
const KEYS: Readonly<Record<string, string>> = {
  Enter: '\r',
  Esc: '\x1b',
  Tab: '\t',
  'Shift-Tab': '\x1b[Z',
  Space: ' ',
  Backspace: '\x7f',
  Delete: '\x1b[3~',
  Up: '\x1b[A',
  Down: '\x1b[B',
  Right: '\x1b[C',
  Left: '\x1b[D',
  Home: '\x1b[H',
  End: '\x1b[F',
  PgUp: '\x1b[5~',
  PgDn: '\x1b[6~',
}

/** Bytes of `Enter`, `Ctrl-C`, `Shift-Tab`, or of a single character. */
export function keyBytes(name: string): string {
  const known = KEYS[name]
  if (known !== undefined) return known
  const control = /^Ctrl-([A-Z])$/.exec(name)?.[1]
  if (control !== undefined) return String.fromCharCode(control.charCodeAt(0) - 64)
  if ([...name].length === 1) return name
  throw new Error(`No key is called ${name}.`)
}
