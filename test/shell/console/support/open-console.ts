import stringWidth from 'string-width'
import { createFastClock } from '../../../../src/platform/fast-clock.ts'
import { createLabConsole } from '../../../../src/shell/console/lab-console.ts'
import type { ConsoleEvent, LabConsole } from '../../../../src/shell/ports.ts'
import { createFakeShell, type FakeShellOptions } from './fake-shell.ts'

/** A console over a fake shell, with what a test asks of it. */
export interface OpenedConsole {
  readonly console: LabConsole
  readonly shell: ReturnType<typeof createFakeShell>
  readonly events: ConsoleEvent[]
  /** The screen and scrollback as text, the cursor shown as `█`, blank lines at the end left out. */
  shown(): string
  /** Resolves when the cells or events make `condition` true. */
  until(condition: () => boolean): Promise<void>
  kinds(): string[]
}

export function openConsole(
  options: FakeShellOptions & { readonly columns?: number; readonly rows?: number } = {},
): OpenedConsole {
  const shell = createFakeShell(options)
  const console = createLabConsole({
    shell,
    clock: createFastClock(),
    size: { columns: options.columns ?? 40, rows: options.rows ?? 10 },
  })
  const events: ConsoleEvent[] = []
  const waiting = new Set<() => void>()
  const look = () => {
    for (const check of waiting) check()
  }
  console.subscribe((event) => {
    events.push(event)
    look()
  })
  console.screen.subscribe(look)
  const shown = () => {
    const { cursor, lineCount } = console.screen
    return Array.from({ length: lineCount }, (_, index) => {
      const text = console.screen.text(index)
      if (index !== cursor.line) return text
      let at = 0
      for (let columns = 0; columns < cursor.column; at++)
        columns += stringWidth(text.charAt(at) || ' ')
      return `${text.padEnd(at).slice(0, at)}█${text.slice(at)}`
    }).join('\n')
  }
  return {
    console,
    shell,
    events,
    shown,
    kinds: () => events.map((event) => event.kind),
    until: (condition) =>
      new Promise((resolve) => {
        const check = () => {
          if (!condition()) return
          waiting.delete(check)
          resolve()
        }
        waiting.add(check)
        check()
      }),
  }
}
