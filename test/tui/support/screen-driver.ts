import type { AppSnapshot } from '../../../src/runner/snapshot.ts'
import { type FullScreenOptions, runFullScreen } from '../../../src/tui/full-screen.tsx'
import { createFakeConsole } from './fake-console.ts'
import { createFakeModel } from './fake-model.ts'
import { createManualClock } from './manual-clock.ts'
import { createTestTerminal } from './test-terminal.ts'

/** A full screen over a fake model in a real terminal emulator, with time in the test's hands. */
export function openScreen(
  snapshot: AppSnapshot,
  options: {
    readonly columns?: number
    readonly rows?: number
    readonly color?: boolean
    readonly ascii?: boolean
    readonly noConsole?: boolean
  } & Partial<
    Pick<FullScreenOptions, 'openEditor' | 'writeCopy' | 'suspendProcess' | 'onHangup'>
  > = {},
) {
  const {
    columns = 80,
    rows = 24,
    color = true,
    ascii = false,
    noConsole = false,
    ...ports
  } = options
  const clock = createManualClock()
  const terminal = createTestTerminal(columns, rows)
  const lab = createFakeConsole()
  const model = createFakeModel(snapshot, noConsole ? undefined : lab)
  const screen = runFullScreen({
    model,
    input: terminal.input,
    output: terminal.output,
    env: { color, ascii },
    clock,
    ...ports,
  })
  /** Lets React and the painter finish: turns of the event loop, and a frame's time on the clock. */
  const settle = async () => {
    for (let turn = 0; turn < 8; turn++) {
      await new Promise<void>((resolve) => setImmediate(resolve))
      clock.advance(40)
    }
  }
  return {
    clock,
    terminal,
    lab,
    model,
    screen,
    settle,
    /** The rows on the screen. */
    rows: async () => {
      await settle()
      return terminal.rows()
    },
    text: async () => {
      await settle()
      return (await terminal.rows()).join('\n')
    },
    /** Presses keys one after the other, each with its own time. */
    press: async (...keys: string[]) => {
      for (const key of keys) {
        terminal.input.type(key)
        clock.advance(700)
        await settle()
      }
    },
  }
}

export const KEY = {
  enter: '\r',
  escape: '\x1b',
  up: '\x1b[A',
  down: '\x1b[B',
  pageUp: '\x1b[5~',
  pageDown: '\x1b[6~',
  home: '\x1b[H',
  end: '\x1b[F',
  tab: '\t',
  shiftTab: '\x1b[Z',
  ctrlC: '\x03',
  ctrlL: '\x0c',
  ctrlZ: '\x1a',
} as const
