import type { Key, KeyName } from './keys.ts'

/** What a key asks of the one who owns the editor. */
export type EditorAnswer =
  | 'changed'
  | 'submit'
  | 'complete'
  | 'interrupt'
  | 'clear-screen'
  | 'nothing'

/** One line being typed, with history. Pure of any terminal: keys in, text and caret out. */
export interface LineEditor {
  readonly text: string
  readonly caret: number
  /** `(reverse-i-search)'…': ` while Ctrl-R looks for a line. */
  readonly searchPrompt: string | undefined
  press(key: Key): EditorAnswer
  /** Inserts printable text at the caret. */
  insert(text: string): void
  /** Replaces what stands from `start` to the caret. */
  replace(start: number, text: string): void
  set(text: string): void
  /** Takes the line, remembers it, and starts an empty one. */
  take(): string
}

interface Search {
  readonly query: string
  /** Index in the history of the line found. */
  readonly found: number | undefined
  readonly draft: string
}

/** Made at its first use: that takes 10 ms. */
const segmenter = (() => {
  let made: Intl.Segmenter | undefined
  return () => {
    made ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' })
    return made
  }
})()

/** An empty line. */
export function createLineEditor(): LineEditor {
  const history: string[] = []
  let text = ''
  let caret = 0
  let killed = ''
  /** Place in the history; its length means the line being typed. */
  let at = 0
  let draft = ''
  let search: Search | undefined

  const set = (next: string, place = next.length) => {
    text = next
    caret = Math.max(0, Math.min(place, next.length))
  }
  const insert = (added: string) => {
    const clean = printable(added)
    set(text.slice(0, caret) + clean + text.slice(caret), caret + clean.length)
  }
  const cut = (from: number, to: number) => {
    if (to > from) killed = text.slice(from, to)
    set(text.slice(0, from) + text.slice(to), from)
  }
  const recall = (to: number) => {
    if (to < 0 || to > history.length || to === at) return
    if (at === history.length) draft = text
    at = to
    set(at === history.length ? draft : (history[at] ?? ''))
  }
  const look = (query: string, from: number) => {
    let found: number | undefined
    for (let i = Math.min(from, history.length - 1); i >= 0; i--) {
      if (query !== '' && history[i]?.includes(query)) {
        found = i
        break
      }
    }
    const kept = found ?? search?.found
    search = { query, found: kept, draft: search?.draft ?? text }
    if (kept !== undefined) set(history[kept] ?? '')
  }

  const searching = (key: Key, current: Search): EditorAnswer | undefined => {
    if (key.kind === 'text') look(current.query + key.text, current.found ?? history.length - 1)
    else if (key.kind !== 'named') return 'nothing'
    else if (key.name === 'ctrl-r') look(current.query, (current.found ?? history.length) - 1)
    else if (key.name === 'backspace') look(dropLast(current.query), history.length - 1)
    else if (key.name === 'ctrl-g' || key.name === 'ctrl-c' || key.name === 'escape') {
      search = undefined
      set(current.draft)
    } else {
      // Any other key takes the line that was found and then does what it does.
      search = undefined
      at = history.length
      return undefined
    }
    return 'changed'
  }

  const named: Record<KeyName, () => EditorAnswer> = {
    enter: () => 'submit',
    tab: () => 'complete',
    'ctrl-c': () => 'interrupt',
    'ctrl-l': () => 'clear-screen',
    escape: () => 'nothing',
    'ctrl-g': () => 'nothing',
    left: () => moved(before(text, caret)),
    'ctrl-b': () => moved(before(text, caret)),
    right: () => moved(after(text, caret)),
    'ctrl-f': () => moved(after(text, caret)),
    home: () => moved(0),
    'ctrl-a': () => moved(0),
    end: () => moved(text.length),
    'ctrl-e': () => moved(text.length),
    'word-left': () => moved(wordStart(text, caret, /[\p{L}\p{N}]/u)),
    'word-right': () => moved(wordEnd(text, caret)),
    backspace: () =>
      edited(() =>
        set(text.slice(0, before(text, caret)) + text.slice(caret), before(text, caret)),
      ),
    delete: () => edited(() => set(text.slice(0, caret) + text.slice(after(text, caret)), caret)),
    'ctrl-d': () => named.delete(),
    'ctrl-k': () => edited(() => cut(caret, text.length)),
    'ctrl-u': () => edited(() => cut(0, caret)),
    'ctrl-w': () => edited(() => cut(wordStart(text, caret, /\S/u), caret)),
    up: () => edited(() => recall(at - 1)),
    'ctrl-p': () => named.up(),
    down: () => edited(() => recall(at + 1)),
    'ctrl-n': () => named.down(),
    'ctrl-r': () => edited(() => look('', history.length - 1)),
  }
  const moved = (place: number): EditorAnswer => {
    caret = place
    return 'changed'
  }
  const edited = (change: () => void): EditorAnswer => {
    change()
    return 'changed'
  }

  return {
    get text() {
      return text
    },
    get caret() {
      return caret
    },
    get searchPrompt() {
      return search === undefined ? undefined : `(reverse-i-search)\`${search.query}': `
    },
    press(key) {
      const answer = search === undefined ? undefined : searching(key, search)
      if (answer !== undefined) return answer
      if (key.kind === 'named') return named[key.name]()
      if (key.bytes === '\x19') return edited(() => insert(killed))
      if (key.kind === 'other') return 'nothing'
      insert(key.text)
      return 'changed'
    },
    insert,
    replace(start, added) {
      const clean = printable(added)
      set(text.slice(0, start) + clean + text.slice(caret), start + clean.length)
    },
    set(next) {
      search = undefined
      at = history.length
      set(printable(next))
    },
    take() {
      const line = text
      if (line.trim() !== '' && history.at(-1) !== line) history.push(line)
      search = undefined
      at = history.length
      draft = ''
      set('')
      return line
    },
  }
}

/** A tab becomes a space; other controls and invisible format characters are left out. */
export function printable(text: string): string {
  return text.replace(/\t/g, ' ').replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '')
}

function dropLast(text: string): string {
  return text.slice(0, before(text, text.length))
}

function before(text: string, caret: number): number {
  return (
    segmenter()
      .segment(text.slice(0, caret))
      .containing(caret - 1)?.index ?? 0
  )
}

function after(text: string, caret: number): number {
  const [first] = segmenter().segment(text.slice(caret))
  return caret + (first?.segment.length ?? 0)
}

function wordStart(text: string, caret: number, inWord: RegExp): number {
  let start = caret
  while (start > 0 && !inWord.test(text.charAt(start - 1))) start--
  while (start > 0 && inWord.test(text.charAt(start - 1))) start--
  return start
}

function wordEnd(text: string, caret: number): number {
  const match = /^[^\p{L}\p{N}]*[\p{L}\p{N}]*/u.exec(text.slice(caret))
  return caret + (match?.[0].length ?? 0)
}
