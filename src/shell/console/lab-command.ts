import type { Clock } from '../../base/clock.ts'
import type { TerminalSize } from '../../kube/client.ts'
import type { LabShell, RemoteSession } from '../ports.ts'
import { type ByteQueue, createByteQueue } from './byte-queue.ts'
import type { Key } from './keys.ts'

/** One running line of the lab's command line. */
export interface LabCommand {
  readonly line: string
  readonly startedAt: number
  readonly stdin: ByteQueue
  /** What it printed so far. */
  readonly chunks: (string | Uint8Array)[]
  /** Resolves with the exit code; never rejects. */
  readonly ended: Promise<number>
  /** A program in a pod has the terminal of this command. */
  readonly remote: RemoteSession | undefined
  resize(size: TerminalSize): void
  abort(): void
}

/** Starts `line`. Output comes as a terminal wants it: a line feed of the lab's own text gets its carriage return. */
export function startLabCommand(options: {
  readonly line: string
  readonly shell: LabShell
  readonly clock: Clock
  readonly size: () => TerminalSize
  readonly onOutput: (chunk: Uint8Array, remote: boolean) => void
  /** A program in a pod got the terminal, or gave it back. */
  readonly onRemote: (remote: RemoteSession | undefined) => void
}): LabCommand {
  const { line, shell, clock } = options
  const aborter = new AbortController()
  const stdin = createByteQueue()
  const encoder = new TextEncoder()
  const resizers = new Set<(size: TerminalSize) => void>()
  const chunks: (string | Uint8Array)[] = []
  let remote: RemoteSession | undefined
  let before = 0
  const print = (data: string | Uint8Array) => {
    const bytes = typeof data === 'string' ? encoder.encode(data) : data
    if (remote?.tty) return options.onOutput(bytes, true)
    const cooked = withCarriageReturns(bytes, before)
    before = bytes.at(-1) ?? before
    chunks.push(cooked)
    options.onOutput(cooked, false)
  }
  // Not at once: the caller has to hold the command before the shell calls back.
  const ended = Promise.resolve()
    .then(() =>
      shell.run(line, {
        stdout: print,
        stderr: print,
        stdin,
        terminal: {
          size: options.size,
          onResize: (listener) => {
            resizers.add(listener)
            return () => resizers.delete(listener)
          },
        },
        signal: aborter.signal,
        onRemote: (next) => {
          remote = next
          options.onRemote(next)
        },
      }),
    )
    .catch((error: unknown) => {
      // The port promises not to reject; a defect is still better told than lost.
      remote = undefined
      print(`error: ${error instanceof Error ? error.message : String(error)}\n`)
      return 1
    })
  return {
    line,
    startedAt: clock.now(),
    stdin,
    chunks,
    ended,
    get remote() {
      return remote
    },
    resize: (size) => {
      for (const resizer of resizers) resizer(size)
    },
    abort: () => {
      aborter.abort()
      stdin.end()
    },
  }
}

function withCarriageReturns(bytes: Uint8Array, before: number): Uint8Array {
  if (!bytes.includes(0x0a)) return bytes
  const cooked: number[] = []
  let last = before
  for (const byte of bytes) {
    if (byte === 0x0a && last !== 0x0d) cooked.push(0x0d)
    cooked.push(byte)
    last = byte
  }
  return Uint8Array.from(cooked)
}

/**
 * The line discipline of a terminal for a command that reads its input without one of its own (`kubectl exec -i`):
 * keys are echoed, a line is sent at Enter, Ctrl-D ends the input.
 */
export function createCookedInput(
  stdin: ByteQueue,
  echo: (text: string) => void,
): { press(key: Key): void; readonly pending: string } {
  let pending = ''
  return {
    get pending() {
      return pending
    },
    press(key) {
      if (key.kind === 'text') {
        pending += key.text
        echo(key.text)
      } else if (key.kind !== 'named') return
      else if (key.name === 'enter') {
        echo('\r\n')
        stdin.push(`${pending}\n`)
        pending = ''
      } else if (key.name === 'backspace' && pending !== '') {
        pending = [...pending].slice(0, -1).join('')
        echo('\b \b')
      } else if (key.name === 'ctrl-u' && pending !== '') {
        echo('\b \b'.repeat([...pending].length))
        pending = ''
      } else if (key.name === 'ctrl-d') {
        if (pending === '') stdin.end()
        else stdin.push(pending)
        pending = ''
      }
    },
  }
}
