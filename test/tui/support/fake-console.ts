import type { TerminalSize } from '../../../src/kube/client.ts'
import type { ConsoleEvent, ConsolePlace, LabConsole } from '../../../src/shell/ports.ts'

/** A terminal of plain lines that writes down what it was told. Typed text appears on its last line. */
export interface FakeConsole extends LabConsole {
  readonly typed: readonly string[]
  readonly ran: readonly { readonly line: string; readonly place: ConsolePlace }[]
  readonly pasted: readonly string[]
  readonly interrupts: number
  readonly sizes: readonly TerminalSize[]
  print(...lines: string[]): void
  setPrompt(prompt: string): void
  setBusy(busy: boolean, reads?: boolean): void
  setFullScreen(fullScreen: boolean): void
  emit(event: ConsoleEvent): void
}

export function createFakeConsole(): FakeConsole {
  const lines: string[] = ['lab$ ']
  const typed: string[] = []
  const ran: { line: string; place: ConsolePlace }[] = []
  const pasted: string[] = []
  const sizes: TerminalSize[] = []
  const listeners = new Set<(event: ConsoleEvent) => void>()
  const screenListeners = new Set<() => void>()
  let size: TerminalSize = { columns: 80, rows: 18 }
  let busy = false
  let reads = true
  let fullScreen = false
  let interrupts = 0
  const changed = () => {
    for (const listener of screenListeners) listener()
  }
  const last = () => lines[lines.length - 1] ?? ''
  return {
    place: 'lab',
    session: undefined,
    get busy() {
      return busy
    },
    get reads() {
      return reads
    },
    screen: {
      get size() {
        return size
      },
      get lineCount() {
        return lines.length
      },
      line: (index) => [
        {
          text: lines[index] ?? '',
          bold: false,
          underline: false,
          inverse: false,
          color: undefined,
        },
      ],
      text: (index) => (lines[index] ?? '').trimEnd(),
      get cursor() {
        return { line: lines.length - 1, column: last().length, visible: true }
      },
      get fullScreen() {
        return fullScreen
      },
      subscribe: (listener) => {
        screenListeners.add(listener)
        return () => screenListeners.delete(listener)
      },
    },
    run: async (line, place) => {
      ran.push({ line, place })
    },
    prefill: () => {},
    switchTo: () => {},
    input: (data) => {
      typed.push(data)
      lines[lines.length - 1] = last() + data.replace(/[\x00-\x1f]/g, '')
      changed()
    },
    paste: (text) => {
      pasted.push(text)
    },
    interrupt: () => {
      interrupts++
    },
    resize: (next) => {
      size = next
      sizes.push(next)
    },
    beforeRun: async () => 'run',
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: async () => {},
    typed,
    ran,
    pasted,
    sizes,
    get interrupts() {
      return interrupts
    },
    print: (...more) => {
      lines.splice(lines.length - 1, 1, ...more, 'lab$ ')
      changed()
    },
    setPrompt: (prompt) => {
      lines[lines.length - 1] = prompt
      changed()
    },
    setBusy: (next, nextReads = true) => {
      busy = next
      reads = nextReads
    },
    setFullScreen: (next) => {
      fullScreen = next
    },
    emit: (event) => {
      for (const listener of listeners) listener(event)
    },
  }
}
