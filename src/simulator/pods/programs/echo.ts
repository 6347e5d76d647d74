import type { Program } from '../process/program.ts'

/** BusyBox echo: -n, -e, -E; anything else is text. */
export const echo: Program = async ({ argv, stdout }) => {
  let newline = true
  let escapes = false
  let first = 1
  for (; first < argv.length; first++) {
    const argument = argv[first] ?? ''
    if (!/^-[neE]+$/.test(argument)) break
    for (const letter of argument.slice(1)) {
      if (letter === 'n') newline = false
      else escapes = letter === 'e'
    }
  }
  const text = argv.slice(first).join(' ')
  if (!escapes) {
    await stdout.write(`${text}${newline ? '\n' : ''}`)
    return 0
  }
  const { out, stopped } = interpretEscapes(text, { octalNeedsZero: true })
  await stdout.write(stopped || !newline ? out : `${out}\n`)
  return 0
}

/** Backslash escapes of echo -e and of printf's `%b`; `stopped`: `\c` ended the output. */
export function interpretEscapes(
  text: string,
  options: { readonly octalNeedsZero: boolean },
): { readonly out: string; readonly stopped: boolean } {
  const simple: Readonly<Record<string, string>> = {
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
  let out = ''
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? ''
    if (char !== '\\' || at + 1 >= text.length) {
      out += char
      continue
    }
    const rest = text.slice(at + 1)
    if (rest.startsWith('c')) return { out, stopped: true }
    const octal = (options.octalNeedsZero ? /^0[0-7]{0,3}/ : /^[0-7]{1,3}/).exec(rest)?.[0]
    const hex = /^x[0-9a-fA-F]{1,2}/.exec(rest)?.[0]
    const known = simple[rest[0] ?? '']
    if (octal !== undefined) {
      out += String.fromCharCode(Number.parseInt(octal, 8) & 0xff)
      at += octal.length
    } else if (hex !== undefined) {
      out += String.fromCharCode(Number.parseInt(hex.slice(1), 16))
      at += hex.length
    } else if (known !== undefined) {
      out += known
      at++
    } else out += char
  }
  return { out, stopped: false }
}
