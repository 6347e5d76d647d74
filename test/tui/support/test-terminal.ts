import { EventEmitter } from 'node:events'
import xterm from '@xterm/headless'
import type { TerminalInput, TerminalOutput } from '../../../src/tui/screen/terminal-modes.ts'

/** A terminal emulator as input and output of a surface. */
export interface TestTerminal {
  readonly input: TerminalInput & {
    readonly raw: boolean
    readonly flowing: boolean
    type(text: string): void
    end(): void
  }
  readonly output: TerminalOutput
  /** Everything that was written, less what `forget` dropped. */
  written(): string
  forget(): void
  /** The rows of the screen, right-trimmed, once everything written is on it. */
  rows(): Promise<readonly string[]>
  /** Where the cursor stands, from 0. */
  cursor(): Promise<{ readonly row: number; readonly column: number }>
  alternate(): Promise<boolean>
  resize(columns: number, rows: number): void
}

export function createTestTerminal(columns: number, rows: number): TestTerminal {
  const emulator = new xterm.Terminal({
    cols: columns,
    rows,
    allowProposedApi: true,
    scrollback: 100,
  })
  const events = new EventEmitter()
  const keys = new EventEmitter()
  let text = ''
  let raw = false
  let flowing = false
  const settled = () => new Promise<void>((resolve) => emulator.write('', resolve))
  return {
    input: {
      setRawMode: (next) => {
        raw = next
      },
      on: (event, listener) => keys.on(event, listener),
      off: (event, listener) => keys.off(event, listener),
      resume: () => {
        flowing = true
      },
      pause: () => {
        flowing = false
      },
      get raw() {
        return raw
      },
      get flowing() {
        return flowing
      },
      type: (data) => keys.emit('data', Buffer.from(data, 'utf8')),
      end: () => keys.emit('end'),
    },
    output: {
      get columns() {
        return emulator.cols
      },
      get rows() {
        return emulator.rows
      },
      write: (data) => {
        text += data
        emulator.write(data)
      },
      on: (_event, listener) => events.on('resize', listener),
      off: (_event, listener) => events.off('resize', listener),
    },
    written: () => text,
    forget: () => {
      text = ''
    },
    rows: async () => {
      await settled()
      const buffer = emulator.buffer.active
      return Array.from({ length: emulator.rows }, (_, row) =>
        (buffer.getLine(buffer.baseY + row)?.translateToString(true) ?? '').trimEnd(),
      )
    },
    cursor: async () => {
      await settled()
      return { row: emulator.buffer.active.cursorY, column: emulator.buffer.active.cursorX }
    },
    alternate: async () => {
      await settled()
      return emulator.buffer.active.type === 'alternate'
    },
    resize: (nextColumns, nextRows) => {
      emulator.resize(nextColumns, nextRows)
      events.emit('resize')
    },
  }
}
