import type { Clock } from '../../base/clock.ts'
import { LabError } from '../../base/errors.ts'
import type { TerminalSize } from '../../kube/client.ts'
import type { ConsoleEvent, ConsolePlace, LabConsole, LabShell, RemoteSession } from '../ports.ts'
import { createEmulator } from './emulator.ts'
import { type Key, parseKeys } from './keys.ts'
import { createCookedInput, type LabCommand, startLabCommand } from './lab-command.ts'
import { createLabPrompt, LAB_PROMPT } from './lab-prompt.ts'
import { createPodTerminal, type PodTerminal } from './pod-terminal.ts'
import { afterEcho, renderedOutput, withoutPrompt } from './rendered-output.ts'

export interface LabConsoleOptions {
  readonly shell: LabShell
  readonly clock: Clock
  readonly size: TerminalSize
  /** Lines kept above the screen. @default 5000 */
  readonly scrollback?: number
}

/** A shell in a pod that is open, and the lab command that opened it. */
interface Session {
  readonly opener: LabCommand
  readonly pod: PodTerminal
  ended: boolean
}

/** The terminal of a run, with the lab's prompt waiting. */
export function createLabConsole(options: LabConsoleOptions): LabConsole {
  const { shell, clock } = options
  const emulator = createEmulator(options.size, options.scrollback ?? 5000)
  const prompt = createLabPrompt({ emulator, shell })
  const listeners = new Set<(event: ConsoleEvent) => void>()
  /** The lab command that has the terminal, and the program in a pod that it may have handed it to without a prompt yet. */
  let foreground: { readonly command: LabCommand; opening: PodTerminal | undefined } | undefined
  const sessions: Session[] = []
  let place: ConsolePlace = 'lab'
  /** The line that waits for `beforeRun`. */
  let asking: Promise<void> | undefined
  let completing = false
  let keys: Key[] = []
  let announced = ''
  let size = options.size
  let closed: Promise<void> | undefined
  /** Whoever waits for the next prompt. */
  const waiting = new Set<() => void>()
  /** What a session's command had to say while something else had the terminal. */
  const later: Uint8Array[] = []
  const finishedCommands = new WeakSet<object>()

  /** The session that is open; below it may stand older ones. */
  const current = () => sessions.filter((session) => !session.ended).at(-1)
  const emit = (event: ConsoleEvent) => {
    for (const listener of [...listeners]) listener(event)
  }
  const waits = (): string | undefined => {
    if (place === 'pod') return current()?.pod.prompt
    return foreground === undefined ? LAB_PROMPT : undefined
  }
  const announce = () => {
    const now = waits()
    const key = `${place} ${now}`
    if (key !== announced) {
      announced = key
      emit({ kind: 'prompt-changed', place, prompt: now })
    }
    if (now === undefined) return
    for (const resolve of waiting) resolve()
    waiting.clear()
    void pump()
  }
  const promptBack = () =>
    new Promise<void>((resolve) => {
      waiting.add(resolve)
    })

  // Short painting work is done one after the other; nothing in it waits for a command or a person.
  let turn: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = turn.then(work)
    turn = done.catch(() => undefined)
    return done
  }

  const openLabPrompt = () =>
    inTurn(async () => {
      if (closed !== undefined || place !== 'lab' || foreground !== undefined) return
      if (later.length > 0) prompt.lift()
      for (const chunk of later.splice(0)) emulator.write(chunk)
      await prompt.open()
    })

  const finish = async (
    place: ConsolePlace,
    command: { readonly line: string; readonly startedAt: number },
    chunks: readonly (string | Uint8Array)[],
    more: { readonly exitCode?: number; readonly prompt?: string },
  ) => {
    const durationMs = clock.now() - command.startedAt
    const output = withoutPrompt(await renderedOutput(chunks, size), more.prompt)
    const { line } = command
    emit({ kind: 'command-finished', place, line, output, exitCode: more.exitCode, durationMs })
  }

  const execute = (line: string) => {
    let session: Session | undefined
    let pod: PodTerminal | undefined
    /** Bytes of a program that had the terminal and never showed a prompt: the output of the lab command itself. */
    const direct: (string | Uint8Array)[] = []
    let tail: Uint8Array[] | undefined

    const onPrompt = () => {
      if (pod === undefined) return
      if (session !== undefined) return void podPromptBack(pod)
      session = { opener: command, pod, ended: false }
      sessions.push(session)
      foreground = undefined
      place = 'pod'
      emit({ kind: 'session-opened', session: pod.remote })
      void finish('lab', command, direct, { prompt: pod.lastPrompt ?? '' }).then(announce)
    }
    const command: LabCommand = startLabCommand({
      line,
      shell,
      clock,
      size: () => size,
      onOutput: (chunk, remote) => {
        if (remote && pod !== undefined) {
          if (session === undefined) direct.push(chunk)
          return pod.receive(chunk)
        }
        direct.push(chunk)
        tail?.push(chunk)
        if (session !== undefined && foreground?.command !== command) later.push(chunk)
        else emulator.write(chunk)
      },
      onRemote: (remote) => {
        if (remote?.tty) {
          pod = createPodTerminal({
            remote,
            emulator,
            clock,
            stdin: command.stdin,
            invitation: direct.map(textOf).join(''),
            onPrompt,
          })
          if (foreground?.command === command) foreground.opening = pod
        } else if (remote === undefined && pod !== undefined) {
          pod.close()
          tail = []
          if (session !== undefined) leave(session)
          else if (foreground?.command === command) foreground.opening = undefined
          pod = session === undefined ? undefined : pod
        }
      },
    })
    foreground = { command, opening: undefined }
    announce()
    emit({ kind: 'command-started', place: 'lab', line })
    void command.ended.then(async (exitCode) => {
      pod?.close()
      if (session === undefined) {
        await finish('lab', command, direct, { exitCode })
        if (foreground?.command === command) foreground = undefined
        await openLabPrompt()
        return announce()
      }
      if (!session.ended) leave(session)
      await ended(session, tail ?? [])
    })
  }

  /** The program of a session is over: its terminal goes back to the lab, whose command is still cleaning up. */
  const leave = (session: Session) => {
    const inFront = place === 'pod' && current() === session
    session.ended = true
    if (!inFront) return
    emulator.softReset()
    place = 'lab'
    foreground = { command: session.opener, opening: undefined }
    announce()
  }

  const ended = async (session: Session, tail: readonly Uint8Array[]) => {
    const { pod, opener } = session
    if (pod.command !== undefined && !finishedCommands.has(pod.command)) {
      // What the lab command says at the end stands behind `exit` in a transcript, so it belongs to it.
      await finish('pod', pod.command, afterEcho([...pod.command.chunks, ...tail]), {})
    }
    sessions.splice(sessions.indexOf(session), 1)
    if (foreground?.command === opener) foreground = undefined
    await openLabPrompt()
    emit({ kind: 'session-closed', session: pod.remote })
    const below = current()
    if (below !== undefined) emit({ kind: 'session-opened', session: below.pod.remote })
    announce()
  }

  const podPromptBack = async (pod: PodTerminal) => {
    const { command } = pod
    if (command !== undefined && !finishedCommands.has(command)) {
      finishedCommands.add(command)
      await finish('pod', command, afterEcho(command.chunks), { prompt: pod.lastPrompt ?? '' })
    }
    announce()
  }

  /** Carries out Enter at the lab's prompt, up to the question whether the line may run. */
  const submitLab = async (line: string): Promise<void> => {
    if (line.trim() === '') {
      prompt.set('')
      emit({ kind: 'empty-line-entered', place: 'lab' })
      return
    }
    if (isWord(line)) {
      prompt.set('')
      emit({ kind: 'word-typed', word: wordOf(line) })
      return
    }
    ask(line, 'lab', () => {
      if (prompt.text !== line) prompt.set(line)
      prompt.take()
      execute(line)
    })
  }

  /** The same at the prompt of a pod's shell. */
  const submitPod = async (session: Session): Promise<void> => {
    const line = await session.pod.readLine()
    if (current() !== session || place !== 'pod') return
    if (line.trim() === '') {
      session.pod.clearLine()
      emit({ kind: 'empty-line-entered', place: 'pod' })
      return
    }
    if (isWord(line)) {
      session.pod.clearLine()
      emit({ kind: 'word-typed', word: wordOf(line) })
      return
    }
    ask(line, 'pod', () => {
      if (session.ended) return
      session.pod.enter(line)
      announce()
      emit({ kind: 'command-started', place: 'pod', line })
    })
  }

  const ask = (line: string, where: ConsolePlace, go: () => void) => {
    asking = (async () => {
      try {
        const verdict = await labConsole.beforeRun(line, where)
        if (verdict === 'run' && closed === undefined) go()
      } finally {
        asking = undefined
        void pump()
      }
    })()
  }

  let pumping = false
  /** Carries out typed keys, until one of them starts something that has to end first. */
  const pump = async (): Promise<void> => {
    if (pumping) return
    pumping = true
    try {
      while (keys.length > 0 && asking === undefined && !completing && closed === undefined) {
        await turn
        const key = keys.shift()
        if (key === undefined) break
        if (place === 'pod') {
          const session = current()
          if (session?.pod.press(key) === 'submit') await submitPod(session)
        } else if (foreground !== undefined) {
          if (!feed(foreground, key)) {
            keys.unshift(key)
            break
          }
        } else await pressAtLab(key)
      }
    } finally {
      pumping = false
    }
  }

  /** A key while a lab command runs: to the pod's program, to its input, or kept for the next prompt. */
  const feed = (running: NonNullable<typeof foreground>, key: Key): boolean => {
    if (running.opening !== undefined) {
      running.opening.press(key)
      return true
    }
    if (!running.command.stdin.wanted) return false
    cookedInput(running.command).press(key)
    return true
  }
  const cooked = new WeakMap<LabCommand, ReturnType<typeof createCookedInput>>()
  const cookedInput = (command: LabCommand) => {
    const known = cooked.get(command)
    if (known !== undefined) return known
    const made = createCookedInput(command.stdin, (text) => emulator.write(text))
    cooked.set(command, made)
    return made
  }

  const pressAtLab = async (key: Key) => {
    if (key.kind === 'named' && key.name === 'tab') {
      completing = true
      void prompt
        .complete()
        .catch(() => {
          // A cluster that does not answer has no words to offer; the next command says what is wrong.
        })
        .then(() => {
          completing = false
          void pump()
        })
      return
    }
    switch (prompt.press(key)) {
      case 'submit':
        return submitLab(prompt.text)
      case 'interrupt':
        return interruptLab()
      default:
    }
  }

  const interruptLab = () => {
    if (prompt.text === '') {
      emit({ kind: 'nothing-to-interrupt' })
      return
    }
    prompt.drop()
    void openLabPrompt()
  }

  const interrupt = () => {
    keys = []
    if (place === 'pod') {
      const session = current()
      if (session === undefined) return
      const idle = session.pod.prompt !== undefined
      const empty = session.pod.lineIsEmpty
      session.pod.interrupt()
      if (idle && empty) emit({ kind: 'nothing-to-interrupt' })
    } else if (foreground?.opening !== undefined) foreground.opening.interrupt()
    else if (foreground !== undefined) {
      emulator.write('^C\r\n')
      foreground.command.abort()
    } else if (asking === undefined) interruptLab()
  }

  const isBusy = () => waits() === undefined

  const switchTo = (to: ConsolePlace) => {
    const session = current()
    if (to === place || session === undefined || session.ended || isBusy()) return
    place = to
    void inTurn(async () => {
      if (to === 'lab') {
        await session.pod.hide()
        await prompt.open()
      } else {
        prompt.lift()
        session.pod.show()
      }
    })
    announce()
  }

  /** Waits until a line can be typed at `place`; false where there is none. */
  const reach = async (to: ConsolePlace): Promise<boolean> => {
    while (asking !== undefined || (isBusy() && closed === undefined)) {
      await (asking ?? promptBack())
    }
    switchTo(to)
    await turn
    return place === to && closed === undefined
  }

  const putAtLab = (line: string) =>
    inTurn(async () => {
      await prompt.open()
      prompt.set(line)
    })

  const openSize = (next: TerminalSize) =>
    inTurn(async () => {
      const atLab = place === 'lab' && foreground === undefined
      if (atLab) prompt.lift()
      await emulator.resize(next)
      if (atLab) await prompt.open()
    })

  const labConsole: LabConsole = {
    get place() {
      return place
    },
    get session(): RemoteSession | undefined {
      return sessions.filter((session) => !session.ended).at(-1)?.pod.remote
    },
    get busy() {
      return isBusy()
    },
    screen: emulator.screen,
    async run(line, to) {
      if (!(await reach(to))) {
        if (closed !== undefined) return
        throw new LabError('ERR_INTERNAL', `There is no pod shell to run "${line}" in.`, {
          next: ['Open one with kubectl run -it or kubectl exec -it first.'],
        })
      }
      const session = current()
      if (to === 'lab') {
        await putAtLab(line)
        await submitLab(line)
      } else if (session !== undefined) {
        session.pod.clearLine()
        session.pod.type(line)
        await submitPod(session)
      }
      await asking
      while (isBusy() && closed === undefined) await promptBack()
      await emulator.flush()
    },
    prefill(line, to) {
      if (isBusy() || asking !== undefined) return
      switchTo(to)
      if (place !== to) return
      if (to === 'lab') void putAtLab(line)
      else
        void inTurn(async () => {
          current()?.pod.clearLine()
          current()?.pod.type(line)
        })
    },
    switchTo,
    input(data) {
      for (const key of parseKeys(data)) {
        const stops = key.kind === 'named' && key.name === 'ctrl-c'
        // Ctrl-C does not wait behind what was typed before it, except at a prompt, where it is one key among others.
        if (stops && (isBusy() || place === 'pod')) interrupt()
        else keys.push(key)
      }
      void pump()
    },
    paste(text) {
      const [first = ''] = text.split(/\r\n|\r|\n/)
      if (place === 'pod') return current()?.pod.type(first)
      if (foreground?.opening !== undefined) return foreground.opening.type(first)
      if (foreground === undefined) void inTurn(async () => prompt.insert(first))
      else this.input(first)
    },
    interrupt,
    resize(next) {
      size = next
      void openSize(next)
      for (const command of running()) command.resize(next)
    },
    beforeRun: async () => 'run',
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close() {
      closed ??= (async () => {
        const commands = running()
        for (const session of sessions) session.pod.close()
        for (const command of commands) command.abort()
        await Promise.all(commands.map((command) => command.ended))
        for (const resolve of waiting) resolve()
        waiting.clear()
        await turn
      })()
      return closed
    },
  }
  const running = (): LabCommand[] => [
    ...sessions.map((session) => session.opener),
    ...(foreground === undefined ? [] : [foreground.command]),
  ]
  void openLabPrompt().then(announce)
  return labConsole
}

/** `:next` and the like: words of the lab, at whatever prompt. */
function isWord(line: string): boolean {
  return /^\s*:[^\s:]/.test(line)
}

function wordOf(line: string): string {
  return line.trim().slice(1)
}

function textOf(chunk: string | Uint8Array): string {
  return typeof chunk === 'string' ? chunk : new TextDecoder().decode(chunk)
}
