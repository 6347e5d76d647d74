import type { Mark } from '../../runner/snapshot.ts'
import { textWidth } from '../text/line.ts'

/** Every character beyond plain text that the lab draws, by what it is for. */
export interface Symbols {
  readonly marks: Readonly<Record<Mark, string>>
  readonly marked: string
  readonly dot: string
  readonly light: string
  readonly heavy: string
  readonly vertical: string
  readonly down: string
  readonly up: string
  readonly right: string
  readonly left: string
}

const UNICODE: Symbols = {
  marks: {
    good: '✓',
    bad: '✗',
    refused: '!',
    careful: '?',
    active: '~',
    waiting: '·',
    untried: '-',
    differs: '*',
  },
  marked: '>',
  dot: '·',
  light: '─',
  heavy: '━',
  vertical: '│',
  down: '┬',
  up: '┴',
  right: '├',
  left: '┤',
}

const ASCII: Symbols = {
  marks: {
    good: '+',
    bad: 'x',
    refused: '!',
    careful: '?',
    active: '~',
    waiting: '.',
    untried: '-',
    differs: '*',
  },
  marked: '>',
  dot: '-',
  light: '-',
  heavy: '=',
  vertical: '|',
  down: '+',
  up: '+',
  right: '+',
  left: '+',
}

export function symbolsFor(options: { readonly ascii: boolean }): Symbols {
  return options.ascii ? ASCII : UNICODE
}

const PLAIN: Readonly<Record<string, string>> = {
  '✓': '+',
  '✗': 'x',
  '·': '-',
  '•': '*',
  '─': '-',
  '━': '=',
  '│': '|',
  '┃': '|',
  '‘': "'",
  '’': "'",
  '“': '"',
  '”': '"',
  '–': '-',
  '—': '-',
  '‐': '-',
  '‑': '-',
  '…': '.',
  '→': '>',
  '←': '<',
  '×': 'x',
  '≥': '>',
  '≤': '<',
  '█': '#',
  '\u00a0': ' ',
}

/** Text for a terminal without UTF-8, as many columns wide as before; a `?` for what has no likeness. */
export function toAscii(text: string): string {
  return /^[\x00-\x7e]*$/.test(text)
    ? text
    : text.replace(/[^\x00-\x7e]/gu, (char) => PLAIN[char] ?? boxToAscii(char))
}

function boxToAscii(char: string): string {
  const code = char.codePointAt(0) ?? 0
  if (code >= 0x2500 && code <= 0x257f) return '+'
  const base = char.normalize('NFD').charAt(0)
  return base >= ' ' && base <= '~' ? base : '?'.repeat(textWidth(char))
}
