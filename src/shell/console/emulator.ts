import xterm from '@xterm/headless'
import type { TerminalSize } from '../../kube/client.ts'
import type { ConsoleScreen } from '../ports.ts'
import { measureWithCharWidth } from './char-width.ts'
import { createConsoleScreen } from './console-screen.ts'

/** Whoever wrote bytes that ask the terminal something; receives the answer. */
export interface Asker {
  answer(data: string): void
}

/** A place in the scrollback that moves with its line. */
export interface Anchor {
  /** Line now, or -1 when it was dropped. */
  readonly line: number
  dispose(): void
}

/** The emulated terminal. Bytes are parsed a moment after they were written; `flush` waits for that. */
export interface Emulator {
  readonly screen: ConsoleScreen
  /** Whether the program wants cursor keys in application mode (DECCKM), and pastes in brackets (2004). */
  readonly modes: { readonly applicationCursorKeys: boolean; readonly bracketedPaste: boolean }
  write(data: string | Uint8Array, asker?: Asker): void
  /** Resolves when everything written so far is on the cells. */
  flush(): Promise<void>
  resize(size: TerminalSize): Promise<void>
  /** The cursor's line from its first row on, up to the cursor; `undefined` where text stands behind the cursor. */
  textBeforeCursor(): string | undefined
  /** The cursor's whole line, wrapped rows joined, and the place of the cursor in it. */
  cursorLine(): { readonly text: string; readonly caret: number }
  /** Marks the first row of the cursor's line. */
  anchor(): Anchor
  /** The line that begins at `row`, wrapped rows joined. */
  lineAt(row: number): string
  /** Undoes modes that a program left behind: alternate screen, hidden cursor, colours, margins. */
  softReset(): void
}

/** A terminal of `size` that keeps `scrollback` lines. */
export function createEmulator(size: TerminalSize, scrollback: number): Emulator {
  const terminal = new xterm.Terminal({
    allowProposedApi: true,
    cols: size.columns,
    rows: size.rows,
    scrollback,
    logLevel: 'off',
  })
  measureWithCharWidth(terminal)
  let cursorVisible = true
  const onCursorMode = (params: (number | number[])[], visible: boolean) => {
    if (params.includes(25)) cursorVisible = visible
    return false
  }
  terminal.parser.registerCsiHandler({ prefix: '?', final: 'h' }, (p) => onCursorMode(p, true))
  terminal.parser.registerCsiHandler({ prefix: '?', final: 'l' }, (p) => onCursorMode(p, false))

  const listeners = new Set<() => void>()
  const askers: (Asker | undefined)[] = []
  terminal.onData((data) => askers[0]?.answer(data))

  const buffer = () => terminal.buffer.active
  const firstRow = (row: number) => {
    let first = row
    while (first > 0 && buffer().getLine(first)?.isWrapped) first--
    return first
  }
  const rowText = (row: number, columns?: number) =>
    buffer().getLine(row)?.translateToString(false, 0, columns) ?? ''
  const joined = (first: number) => {
    let text = rowText(first)
    for (let row = first + 1; buffer().getLine(row)?.isWrapped; row++) text += rowText(row)
    return text.trimEnd()
  }
  const cursorRow = () => buffer().baseY + buffer().cursorY
  const upToCursor = () => {
    let text = ''
    for (let row = firstRow(cursorRow()); row < cursorRow(); row++) text += rowText(row)
    return text + rowText(cursorRow(), buffer().cursorX)
  }
  let pending = 0
  const flush = async () => {
    if (pending > 0) await new Promise<void>((resolve) => terminal.write('', resolve))
  }

  return {
    screen: createConsoleScreen(terminal, {
      cursorVisible: () => cursorVisible,
      subscribe: (listener) => {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    }),
    get modes() {
      const { applicationCursorKeysMode, bracketedPasteMode } = terminal.modes
      return {
        applicationCursorKeys: applicationCursorKeysMode,
        bracketedPaste: bracketedPasteMode,
      }
    },
    write(data, asker) {
      askers.push(asker)
      pending++
      terminal.write(data, () => {
        askers.shift()
        pending--
        for (const listener of listeners) listener()
      })
    },
    flush,
    async resize(next) {
      await flush()
      terminal.resize(Math.max(2, next.columns), Math.max(1, next.rows))
      for (const listener of listeners) listener()
    },
    textBeforeCursor() {
      const before = upToCursor()
      return joined(firstRow(cursorRow())).length > before.length ? undefined : before
    },
    cursorLine() {
      const caret = upToCursor()
      const text = joined(firstRow(cursorRow()))
      return { text: text.length < caret.length ? caret : text, caret: caret.length }
    },
    anchor() {
      const marker = terminal.registerMarker(firstRow(cursorRow()) - cursorRow())
      return {
        get line() {
          return marker?.line ?? -1
        },
        dispose: () => marker?.dispose(),
      }
    },
    lineAt: (row) => (row < 0 ? '' : joined(row)),
    softReset() {
      // Not ?1049: leaving that moves the cursor even where it was never entered.
      this.write('\x1b[?47l\x1b[!p\x1b[?25h\x1b[?2004l\x1b[?1l\x1b[m')
    },
  }
}
