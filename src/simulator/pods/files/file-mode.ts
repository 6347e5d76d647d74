const WHO: Readonly<Record<string, number>> = { u: 0o700, g: 0o070, o: 0o007, a: 0o777 }

/**
 * The permission bits that a mode as chmod takes it (`755`, `u+x,go-w`) makes of others; `undefined` where it is none.
 */
export function changeMode(
  text: string,
  before: number,
  options: { readonly directory: boolean; readonly umask?: number },
): number | undefined {
  if (/^[0-7]{1,4}$/.test(text)) return Number.parseInt(text, 8)
  if (/\d/.test(text)) return undefined
  let mode = before
  for (const clause of text.split(',')) {
    const match = /^([ugoa]*)((?:[-+=][rwxXstugo]*)+)$/.exec(clause)
    if (match === null) return undefined
    const [, who = '', actions = ''] = match
    const everybody = who === ''
    const mask = everybody
      ? 0o777 & ~(options.umask ?? 0)
      : [...who].reduce((bits, letter) => bits | (WHO[letter] ?? 0), 0)
    for (const [, operator, letters = ''] of actions.matchAll(/([-+=])([rwxXstugo]*)/g)) {
      let bits = 0
      for (const letter of letters) {
        if (letter === 'r') bits |= 0o444 & mask
        else if (letter === 'w') bits |= 0o222 & mask
        else if (letter === 'x') bits |= 0o111 & mask
        else if (letter === 'X')
          bits |= options.directory || (mode & 0o111) !== 0 ? 0o111 & mask : 0
        else if (letter === 's')
          bits |=
            (everybody || mask & 0o700 ? 0o4000 : 0) | (everybody || mask & 0o070 ? 0o2000 : 0)
        else if (letter === 't') bits |= 0o1000
        else {
          const shift = letter === 'u' ? 6 : letter === 'g' ? 3 : 0
          bits |= (((mode >> shift) & 7) * 0o111) & mask
        }
      }
      if (operator === '+') mode |= bits
      else if (operator === '-') mode &= ~bits
      else mode = (mode & ~mask) | bits
    }
  }
  return mode
}

/** `drwxr-xr-x`, from the kind of a file and its bits. */
export function modeText(kind: string, mode: number): string {
  const bit = (at: number, letter: string) => ((mode & at) === 0 ? '-' : letter)
  const special = (at: number, x: number, lower: string) =>
    (mode & at) === 0 ? bit(x, 'x') : (mode & x) === 0 ? lower.toUpperCase() : lower
  return [
    kind,
    bit(0o400, 'r'),
    bit(0o200, 'w'),
    special(0o4000, 0o100, 's'),
    bit(0o040, 'r'),
    bit(0o020, 'w'),
    special(0o2000, 0o010, 's'),
    bit(0o004, 'r'),
    bit(0o002, 'w'),
    special(0o1000, 0o001, 't'),
  ].join('')
}
