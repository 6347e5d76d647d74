import type { LabShell, RemoteSession, ShellStreams } from '../../../../src/shell/ports.ts'

/** Runs one line typed at the fake pod's prompt; the next prompt comes when it is over. */
export type PodProgram = (
  line: string,
  out: (text: string) => void,
  interrupted: () => Promise<void>,
) => Promise<void> | void

export interface FakeShellOptions {
  readonly commands?: Readonly<
    Record<string, (line: string, streams: ShellStreams) => Promise<number> | number>
  >
  readonly pod?: PodProgram
  readonly words?: readonly string[]
  /** What the pod's shell prints at once when somebody is attached. @default its prompt */
  readonly greeting?: string
}

/**
 * A lab shell with commands of the test's own, and `open NAME`, which opens the shell of a pod: a terminal with echo,
 * Ctrl-U, Ctrl-C, history by the Up key and a prompt `/ # `.
 */
export function createFakeShell(options: FakeShellOptions = {}): LabShell & {
  readonly ran: string[]
  readonly podLines: string[]
  /** Ends the open session from outside, as deleting its pod does. */
  endSession: () => void
} {
  const ran: string[] = []
  const podLines: string[] = []
  const shell = {
    ran,
    podLines,
    endSession: () => {},
    async run(line: string, streams: ShellStreams) {
      ran.push(line)
      const [name = '', ...rest] = line.trim().split(/\s+/)
      if (name === 'open') {
        await openPod(line, rest[0] ?? 'test', streams, options, podLines, (end) => {
          shell.endSession = end
        })
        return streams.signal.aborted ? 130 : 0
      }
      const command = options.commands?.[name]
      if (command === undefined) {
        streams.stderr(`${name}: command not found\n`)
        return 127
      }
      return command(line, streams)
    },
    async complete(line: string, caret: number) {
      const start = line.slice(0, caret).lastIndexOf(' ') + 1
      const part = line.slice(start, caret)
      return { start, words: (options.words ?? []).filter((word) => word.startsWith(part)) }
    },
  }
  return shell
}

async function openPod(
  line: string,
  pod: string,
  streams: ShellStreams,
  options: FakeShellOptions,
  podLines: string[],
  onEnd: (end: () => void) => void,
): Promise<void> {
  streams.stderr("If you don't see a command prompt, try pressing enter.\n")
  const remote: RemoteSession = { namespace: 'default', pod, openedBy: line, tty: true }
  streams.onRemote?.(remote)
  const decoder = new TextDecoder()
  const out = (text: string) => streams.stdout(new TextEncoder().encode(text))
  out(options.greeting ?? '/ # ')
  let typed = ''
  let running: Promise<void> | undefined
  let interrupt: (() => void) | undefined
  const ended = await new Promise<boolean>((resolve) => {
    streams.signal.addEventListener('abort', () => resolve(false), { once: true })
    onEnd(() => resolve(true))
    const read = async () => {
      for await (const chunk of streams.stdin ?? []) {
        for (const char of decoder.decode(chunk).replace(/\x1b\[A/g, '\u2191')) {
          if (char === '\x03') {
            out('^C')
            if (running === undefined) out('\r\n/ # ')
            interrupt?.()
            typed = ''
          } else if (running !== undefined) continue
          else if (char === '\x15' || char === '\x05') {
            if (char === '\x15') out('\b \b'.repeat(typed.length))
            if (char === '\x15') typed = ''
          } else if (char === '\u2191') {
            typed = podLines.at(-1) ?? ''
            out(typed)
          } else if (char === '\r') {
            out('\r\n')
            const command = typed
            typed = ''
            if (command === 'exit') return resolve(true)
            if (command !== '') podLines.push(command)
            const stopped = new Promise<void>((stop) => {
              interrupt = stop
            })
            running = Promise.resolve(
              command === '' ? undefined : options.pod?.(command, out, () => stopped),
            ).then(() => {
              running = undefined
              out('/ # ')
            })
          } else {
            typed += char
            out(char)
          }
        }
      }
      resolve(true)
    }
    void read()
  })
  streams.onRemote?.(undefined)
  if (ended) streams.stdout(`pod "${pod}" deleted\n`)
}
