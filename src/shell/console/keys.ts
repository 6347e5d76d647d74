/** What one key press means to a line editor, or the bytes of a key that has no meaning there. */
export type Key =
  | { readonly kind: 'text'; readonly text: string; readonly bytes: string }
  | { readonly kind: 'named'; readonly name: KeyName; readonly bytes: string }
  | { readonly kind: 'other'; readonly bytes: string }

export type KeyName =
  | 'enter'
  | 'tab'
  | 'backspace'
  | 'delete'
  | 'left'
  | 'right'
  | 'up'
  | 'down'
  | 'home'
  | 'end'
  | 'word-left'
  | 'word-right'
  | 'escape'
  | `ctrl-${'a' | 'b' | 'c' | 'd' | 'e' | 'f' | 'g' | 'k' | 'l' | 'n' | 'p' | 'r' | 'u' | 'w'}`

/** Bytes of a terminal in raw mode: control characters, then CSI and SS3 sequences (xterm's ctlseqs). */
const NAMES: Readonly<Record<string, KeyName>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\x7f': 'backspace',
  '\b': 'backspace',
  '\x01': 'ctrl-a',
  '\x02': 'ctrl-b',
  '\x03': 'ctrl-c',
  '\x04': 'ctrl-d',
  '\x05': 'ctrl-e',
  '\x06': 'ctrl-f',
  '\x07': 'ctrl-g',
  '\x0b': 'ctrl-k',
  '\x0c': 'ctrl-l',
  '\x0e': 'ctrl-n',
  '\x10': 'ctrl-p',
  '\x12': 'ctrl-r',
  '\x15': 'ctrl-u',
  '\x17': 'ctrl-w',
  '\x1b': 'escape',
  '\x1b[A': 'up',
  '\x1b[B': 'down',
  '\x1b[C': 'right',
  '\x1b[D': 'left',
  '\x1bOA': 'up',
  '\x1bOB': 'down',
  '\x1bOC': 'right',
  '\x1bOD': 'left',
  '\x1b[H': 'home',
  '\x1b[F': 'end',
  '\x1bOH': 'home',
  '\x1bOF': 'end',
  '\x1b[1~': 'home',
  '\x1b[7~': 'home',
  '\x1b[4~': 'end',
  '\x1b[8~': 'end',
  '\x1b[3~': 'delete',
  '\x1b[1;5C': 'word-right',
  '\x1b[1;5D': 'word-left',
  '\x1bf': 'word-right',
  '\x1bb': 'word-left',
}

const KEY =
  /\x1b\[[0-?]*[ -/]*[@-~]|\x1bO[@-~]|\x1b[^\x1b[O]|\x1b|\r\n|[\x00-\x1f\x7f-\x9f]|[^\x00-\x1f\x7f-\x9f]+/gsu

/** Splits what a terminal sent into keys. */
export function parseKeys(data: string): Key[] {
  return (data.match(KEY) ?? []).map((bytes) => {
    const name = bytes === '\r\n' ? 'enter' : NAMES[bytes]
    if (name !== undefined) return { kind: 'named', name, bytes: bytes === '\r\n' ? '\r' : bytes }
    const first = bytes.charCodeAt(0)
    return first < 0x20 || (first >= 0x7f && first < 0xa0)
      ? { kind: 'other', bytes }
      : { kind: 'text', text: bytes, bytes }
  })
}
