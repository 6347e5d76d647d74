import type { Clock } from '../../base/clock.ts'

/** A key as a person names it. `text` is what it would type; `raw` the bytes as they came, for a program in a terminal. */
export interface KeyPress {
  readonly kind: 'key'
  /** `a`, `7`, `?`, `space`, `enter`, `escape`, `tab`, `shift-tab`, `up`, `page-down`, `ctrl-c`, `alt-b`, `other`. */
  readonly name: string
  readonly text: string
  readonly raw: string
}

export interface Paste {
  readonly kind: 'paste'
  readonly text: string
}

export type InputEvent = KeyPress | Paste

const PASTE_START = '\x1b[200~'
const PASTE_END = '\x1b[201~'

const SEQUENCES: Readonly<Record<string, string>> = {
  '[A': 'up',
  '[B': 'down',
  '[C': 'right',
  '[D': 'left',
  '[H': 'home',
  '[F': 'end',
  '[Z': 'shift-tab',
  '[1~': 'home',
  '[3~': 'delete',
  '[4~': 'end',
  '[5~': 'page-up',
  '[6~': 'page-down',
  '[7~': 'home',
  '[8~': 'end',
  OA: 'up',
  OB: 'down',
  OC: 'right',
  OD: 'left',
  OH: 'home',
  OF: 'end',
  OM: 'enter',
}

const CONTROLS: Readonly<Record<string, string>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\x7f': 'backspace',
  '\b': 'backspace',
  ' ': 'space',
}

export interface KeyDecoder {
  /** Takes text as the terminal sent it, in pieces of any size. */
  feed(chunk: string): void
  /** Gives out what is kept back and stops the timer. */
  close(): void
}

/**
 * Turns what a terminal sends into keys and pastes.
 *
 * An ESC byte that nothing follows within `escapeMs` is the Esc key. A paste comes as one event, in bracketed paste or, where
 * the terminal has none, when one read holds text and at least two line ends.
 *
 * @param options.escapeMs milliseconds; 50 on a local terminal, 100 over SSH. @default 50
 */
export function createKeyDecoder(options: {
  readonly clock: Clock
  readonly onEvent: (event: InputEvent) => void
  readonly escapeMs?: number | undefined
}): KeyDecoder {
  const { clock, onEvent } = options
  const escapeMs = options.escapeMs ?? 50
  let rest = ''
  let pasted: string | undefined
  let cancel: (() => void) | undefined

  const emit = (name: string, raw: string, text = '') => onEvent({ kind: 'key', name, raw, text })
  const flush = () => {
    cancel = undefined
    const kept = rest
    rest = ''
    if (kept === '') return
    emit('escape', '\x1b')
    if (kept.length > 1) drain(kept.slice(1))
  }
  const wait = (kept: string) => {
    rest = kept
    cancel = clock.after(escapeMs, flush)
  }
  const drain = (input: string) => {
    let at = 0
    while (at < input.length) {
      if (pasted !== undefined) {
        at = takePaste(input, at)
        continue
      }
      const char = input[at] ?? ''
      if (char === '\x1b') {
        const taken = takeEscape(input, at)
        if (taken === undefined) {
          wait(input.slice(at))
          return
        }
        at += taken
        continue
      }
      at += takeChar(input, at)
    }
  }
  const takePaste = (input: string, at: number): number => {
    const text = (pasted ?? '') + input.slice(at)
    const end = text.indexOf(PASTE_END)
    if (end === -1) {
      pasted = text
      return input.length
    }
    pasted = undefined
    onEvent({ kind: 'paste', text: text.slice(0, end) })
    return input.length - (text.length - end - PASTE_END.length)
  }
  const takeEscape = (input: string, at: number): number | undefined => {
    const tail = input.slice(at + 1)
    if (tail === '') return undefined
    if (tail.startsWith('\x1b')) {
      emit('escape', '\x1b')
      return 1
    }
    const sequence = /^(?:\[[0-9;<=>?]*[ -/]*[@-~]|O[0-9;]*[@-~])/.exec(tail)?.[0]
    if (sequence === undefined) {
      if (/^(?:\[[0-9;<=>?]*[ -/]*|O[0-9;]*)$/.test(tail)) return undefined
      const next = [...tail][0] ?? ''
      emit(next >= ' ' && next !== '[' ? `alt-${next}` : 'other', `\x1b${next}`)
      return 1 + next.length
    }
    if (`\x1b${sequence}` === PASTE_START) {
      pasted = ''
      return 1 + sequence.length
    }
    emit(SEQUENCES[sequence] ?? 'other', `\x1b${sequence}`)
    return 1 + sequence.length
  }
  const takeChar = (input: string, at: number): number => {
    const char = String.fromCodePoint(input.codePointAt(at) ?? 0)
    const control = CONTROLS[char]
    if (control !== undefined) emit(control, char, char === ' ' ? ' ' : '')
    else if (char < ' ') emit(`ctrl-${String.fromCharCode(char.charCodeAt(0) + 96)}`, char)
    else emit(char, char, char)
    return char.length
  }

  return {
    feed: (chunk) => {
      cancel?.()
      cancel = undefined
      const input = rest + chunk
      rest = ''
      if (pasted === undefined && isUnmarkedPaste(input)) onEvent({ kind: 'paste', text: input })
      else drain(input)
    },
    close: () => {
      cancel?.()
      cancel = undefined
      rest = ''
      pasted = undefined
    },
  }
}

/** Nobody types two line ends and text within one read of the terminal. */
function isUnmarkedPaste(input: string): boolean {
  if (input.includes('\x1b')) return false
  const lineEnds = input.match(/\r\n|\r|\n/g)?.length ?? 0
  return lineEnds >= 2 && /[^\r\n]{2}/.test(input)
}
