import { ESCAPES } from '../characters.ts'
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
  await stdout.write(withBytes(stopped || !newline ? out : `${out}\n`))
  return 0
}

/** Where bytes above 127 that an escape made stand in a text until `withBytes` writes them: a part of Unicode that nobody uses. */
const BYTES_AT = 0xf700

function byteChar(byte: number): string {
  return String.fromCharCode(byte < 128 ? byte : BYTES_AT + byte)
}

/** A text as bytes: UTF-8, but for the single bytes that escapes made. */
export function withBytes(text: string): Uint8Array {
  if (!/[\uf780-\uf7ff]/.test(text)) return new TextEncoder().encode(text)
  return Uint8Array.from(
    [...text].flatMap((char) => {
      const code = char.codePointAt(0) ?? 0
      return code >= BYTES_AT + 128 && code < BYTES_AT + 256
        ? [code - BYTES_AT]
        : [...new TextEncoder().encode(char)]
    }),
  )
}

/** Backslash escapes of echo -e and of printf's `%b`; `stopped`: `\c` ended the output. */
export function interpretEscapes(
  text: string,
  options: { readonly octalNeedsZero: boolean },
): { readonly out: string; readonly stopped: boolean } {
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
    const known = ESCAPES[rest[0] ?? '']
    if (octal !== undefined) {
      out += byteChar(Number.parseInt(octal, 8) & 0xff)
      at += octal.length
    } else if (hex !== undefined) {
      out += byteChar(Number.parseInt(hex.slice(1), 16))
      at += hex.length
    } else if (known !== undefined) {
      out += known
      at++
    } else out += char
  }
  return { out, stopped: false }
}
