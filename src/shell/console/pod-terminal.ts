import type { Clock } from '../../base/clock.ts'
import type { RemoteSession } from '../ports.ts'
import type { ByteQueue } from './byte-queue.ts'
import { charWidth } from './char-width.ts'
import type { Anchor, Emulator } from './emulator.ts'
import type { Key } from './keys.ts'
import { printable } from './line-editor.ts'
import { guessPrompt, opensShell } from './pod-prompt.ts'

/** A line that runs in the pod, as far as its bytes have come. */
export interface PodCommand {
  readonly line: string
  readonly startedAt: number
  readonly chunks: Uint8Array[]
}

/**
 * A program in a pod that has a terminal. Bytes go both ways; the shell's prompt is recognised on the cells, and the
 * line that is typed there is known before Enter sends it.
 */
export interface PodTerminal {
  readonly remote: RemoteSession
  /** The prompt that waits; `undefined` while a program runs. */
  readonly prompt: string | undefined
  /** The prompt seen last. */
  readonly lastPrompt: string | undefined
  readonly command: PodCommand | undefined
  /** Whether nothing is typed at the prompt, as far as keys tell. */
  readonly lineIsEmpty: boolean
  /** Bytes from the pod. Kept back while the lab's prompt has the terminal. */
  receive(chunk: Uint8Array): void
  /** A key of the learner; Enter at the prompt is the caller's: it returns `submit`. */
  press(key: Key): 'sent' | 'submit'
  /** Text at the prompt as if typed, not run. */
  type(text: string): void
  /** Takes away what stands at the prompt. */
  clearLine(): void
  /** The line at the prompt, also where history or completion wrote it. */
  readLine(): Promise<string>
  /** Sends Enter. With a line, output from here on belongs to it. */
  enter(line: string): void
  interrupt(): void
  /** Gives the terminal away, remembering the unfinished line. */
  hide(): Promise<void>
  /** Takes it back: the unfinished line again, then what came meanwhile. */
  show(): void
  /** The prompt will not come back. */
  close(): void
}

/** Output that came while the lab had the terminal; more than this is dropped from its start. */
const HIDDEN_BYTES = 256 * 1024
/** Silence after which a prompt is believed, in milliseconds of the clock. */
const SURE_MS = 30
const MAYBE_MS = 300
/** How long to wait for the echo of a key like Tab or Up before the line is read. */
const ECHO_MS = 400
/** Silence after which Enter is pressed for a shell whose prompt was printed before anybody was attached. */
const NUDGE_MS = 400

/** Opens on a session whose program was handed the terminal just now. */
export function createPodTerminal(options: {
  readonly remote: RemoteSession
  readonly emulator: Emulator
  readonly clock: Clock
  readonly stdin: ByteQueue
  /** What kubectl printed before: it says whether a prompt may have been missed. */
  readonly invitation: string
  readonly onPrompt: () => void
}): PodTerminal {
  const { remote, emulator, clock, stdin } = options
  let prompt: string | undefined
  let lastPrompt: string | undefined
  let command: PodCommand | undefined
  /** A line end came since the last Enter: before that, a prompt on the screen is the old one. */
  let lineEnded = true
  /** What was typed at the prompt; `undefined` where the shell itself may have changed the line. */
  let typed: string | undefined = ''
  let anchor: { readonly row: Anchor; readonly skip: number } | undefined
  let generation = 0
  let unsureSince = 0
  /** Keys went to the pod before its prompt was believed: some of them may stand behind it. */
  let typedAhead = false
  let hidden: Uint8Array[] | undefined
  let unfinished: { readonly text: string; readonly caret: number } | undefined
  let closed = false
  let nudged = false
  let cancelCheck: (() => void) | undefined

  const send = (data: string) => stdin.push(data)

  // A fast clock runs ahead of the sockets; a few turns of the event loop, each with its I/O, let them catch up.
  const turns = async (count: number) => {
    for (let turn = 0; turn < count; turn++) {
      await new Promise<void>((resolve) => {
        setTimeout(resolve, 0)
      })
      await emulator.flush()
    }
  }

  const believe = (found: string) => {
    anchor?.row.dispose()
    anchor = { row: emulator.anchor(), skip: emulator.cursorLine().caret }
    lastPrompt = found
    if (prompt === found) return
    prompt = found
    typed = typedAhead ? undefined : ''
    if (typedAhead) unsureSince = generation - 1
    typedAhead = false
    options.onPrompt()
  }

  const look = async () => {
    const seen = ++generation
    cancelCheck?.()
    await emulator.flush()
    if (seen !== generation || closed || hidden !== undefined || !lineEnded) return
    const guess = guessPrompt(emulator.textBeforeCursor(), lastPrompt)
    if (guess === undefined) return
    // After a nudge the missed prompt may still be on its way, with the one that was asked for behind it.
    const sure = guess.sure && !(nudged && lastPrompt === undefined)
    cancelCheck = clock.after(sure ? SURE_MS : MAYBE_MS, () => {
      void turns(sure ? 1 : 20).then(() => {
        if (seen === generation && !closed && hidden === undefined) believe(guess.prompt)
      })
    })
  }

  const answer = (data: string) => {
    // BusyBox ash asks for the cursor's place (ESC [6n) and understands this answer; every other one would be typed into the shell.
    if (/^\x1b\[\d+;\d+R$/.test(data)) send(data)
  }
  const show = (chunk: Uint8Array) => emulator.write(chunk, { answer })

  const note = (key: Key) => {
    if (prompt === undefined) return
    if (key.kind === 'text') typed = typed === undefined ? undefined : typed + key.text
    else if (key.kind === 'named' && (key.name === 'ctrl-u' || key.name === 'ctrl-c')) typed = ''
    else if (key.kind === 'named' && key.name === 'backspace' && typed !== undefined)
      typed = [...typed].slice(0, -1).join('')
    else {
      typed = undefined
      unsureSince = generation
    }
  }

  const quiet = async () => {
    for (let waited = 0; waited < ECHO_MS; waited += SURE_MS) {
      const before = generation
      await clock.sleep(SURE_MS)
      await turns(2)
      if (before === generation && generation > unsureSince) return
    }
  }

  const nudge = () => {
    if (closed || lastPrompt !== undefined || generation > 0) return
    void turns(40).then(() => {
      if (closed || lastPrompt !== undefined || generation > 0) return
      nudged = true
      send('\r')
    })
  }
  if (/press(ing)? enter/.test(options.invitation) && opensShell(remote.openedBy))
    clock.after(NUDGE_MS, nudge)

  return {
    remote,
    get prompt() {
      return prompt
    },
    get lastPrompt() {
      return lastPrompt
    },
    get command() {
      return command
    },
    get lineIsEmpty() {
      return typed === ''
    },
    receive(chunk) {
      if (chunk.length === 0) return
      if (!lineEnded && chunk.includes(0x0a)) lineEnded = true
      command?.chunks.push(chunk)
      if (hidden !== undefined) {
        hidden.push(chunk)
        while (hidden.reduce((sum, kept) => sum + kept.length, 0) > HIDDEN_BYTES) hidden.shift()
        return
      }
      show(chunk)
      void look()
    },
    press(key) {
      if (prompt !== undefined && key.kind === 'named' && key.name === 'enter') return 'submit'
      if (prompt === undefined) typedAhead = true
      note(key)
      const arrow = /^\x1b\[([A-DHF])$/.exec(key.bytes)
      send(arrow !== null && emulator.modes.applicationCursorKeys ? `\x1bO${arrow[1]}` : key.bytes)
      return 'sent'
    },
    type(text) {
      const clean = printable(text)
      if (clean === '') return
      if (prompt === undefined) typedAhead = true
      else if (typed !== undefined) typed += clean
      send(emulator.modes.bracketedPaste ? `\x1b[200~${clean}\x1b[201~` : clean)
    },
    clearLine() {
      if (typed === '') return
      send(typed === undefined ? '\x05\x15' : '\x15')
      typed = ''
    },
    async readLine() {
      if (typed !== undefined) return typed
      await quiet()
      if (anchor === undefined) return ''
      return emulator.lineAt(anchor.row.line).slice(anchor.skip)
    },
    enter(line) {
      if (line !== undefined) {
        command = { line, startedAt: clock.now(), chunks: [] }
        prompt = undefined
        lineEnded = false
        generation++
      }
      typed = ''
      send('\r')
    },
    interrupt() {
      typed = ''
      send('\x03')
    },
    async hide() {
      await emulator.flush()
      unfinished = emulator.cursorLine()
      hidden ??= []
    },
    show() {
      const waiting = hidden ?? []
      hidden = undefined
      const line = unfinished
      unfinished = undefined
      if (line !== undefined) {
        emulator.write(line.text + '\b'.repeat(columns(line.text.slice(line.caret))))
        void emulator.flush().then(() => {
          if (anchor === undefined || hidden !== undefined) return
          anchor.row.dispose()
          anchor = { row: emulator.anchor(), skip: anchor.skip }
        })
      }
      for (const chunk of waiting) show(chunk)
      void look()
    },
    close() {
      closed = true
      cancelCheck?.()
      stdin.end()
    },
  }
}

function columns(text: string): number {
  let sum = 0
  for (const char of text) sum += charWidth(char.codePointAt(0) ?? 0)
  return sum
}
