/** A terminal's output as far as the screen uses it. */
export interface TerminalOutput {
  readonly columns?: number | undefined
  readonly rows?: number | undefined
  write(text: string): unknown
  on(event: 'resize', listener: () => void): unknown
  off(event: 'resize', listener: () => void): unknown
}

/** A terminal's input as far as the screen uses it. */
export interface TerminalInput {
  setRawMode?: ((raw: boolean) => unknown) | undefined
  on(event: 'data', listener: (chunk: Uint8Array | string) => void): unknown
  on(event: 'end' | 'close', listener: () => void): unknown
  off(event: 'data', listener: (chunk: Uint8Array | string) => void): unknown
  off(event: 'end' | 'close', listener: () => void): unknown
  resume(): unknown
  pause(): unknown
}

/** Alternate screen, raw mode, bracketed paste, wheel and cursor: opened here, closed here, nowhere else. */
export interface TerminalModes {
  open(): void
  /** The terminal as it was before `open`. Can run twice. */
  close(): void
  /** Whether the wheel sends arrow keys: off where arrows walk a shell's history. */
  setWheel(arrows: 'arrows' | 'nothing'): void
}

// ?1007 is alternate scroll: its old value is saved (s) and restored (r) where a terminal can; where it cannot, it is left on,
// which is what most such terminals start with.
const OPEN = '\x1b[?1049h\x1b[H\x1b[?2004h\x1b[?1007s\x1b[?25l'
const CLOSE = '\x1b[?2026l\x1b[m\x1b[?1007h\x1b[?1007r\x1b[?2004l\x1b[?25h\x1b[?1049l'

export function createTerminalModes(
  input: TerminalInput,
  output: Pick<TerminalOutput, 'write'>,
): TerminalModes {
  let opened = false
  let wheel: 'arrows' | 'nothing' | undefined
  return {
    open: () => {
      if (opened) return
      opened = true
      wheel = undefined
      input.setRawMode?.(true)
      output.write(OPEN)
    },
    close: () => {
      if (!opened) return
      opened = false
      output.write(CLOSE)
      input.setRawMode?.(false)
    },
    setWheel: (next) => {
      if (!opened || next === wheel) return
      wheel = next
      output.write(next === 'arrows' ? '\x1b[?1007h' : '\x1b[?1007l')
    },
  }
}
