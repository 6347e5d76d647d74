import type { Clock } from '../../base/clock.ts'
import type { TerminalSize } from '../../kube/client.ts'
import type { ConsoleEvent, ConsolePlace, LabShell } from '../ports.ts'
import { createEmulator, type Emulator } from './emulator.ts'
import type { LabCommand } from './lab-command.ts'
import { createLabPrompt, LAB_PROMPT, type LabPrompt } from './lab-prompt.ts'
import type { PodTerminal } from './pod-terminal.ts'

/** A shell in a pod that is open, and the lab command that opened it. */
export interface Session {
  readonly opener: LabCommand
  readonly pod: PodTerminal
  ended: boolean
}

/** The lab command that has the terminal, and the program in a pod that it may have handed it to without a prompt yet. */
export interface Foreground {
  readonly command: LabCommand
  opening: PodTerminal | undefined
}

/** Who has the terminal, and what all parts of the console share. */
export interface ConsoleState {
  readonly shell: LabShell
  readonly clock: Clock
  readonly emulator: Emulator
  readonly prompt: LabPrompt
  readonly sessions: Session[]
  /** What a session's command had to say while something else had the terminal. */
  readonly later: Uint8Array[]
  place: ConsolePlace
  foreground: Foreground | undefined
  /** A line waits for `beforeRun`. */
  asking: Promise<void> | undefined
  size: TerminalSize
  closing: boolean
  /** Called when a prompt waits again. */
  onPrompt: () => void
  /** The session that is open; below it may stand older ones. */
  current(): Session | undefined
  /** The prompt that waits; `undefined` while something runs. */
  waits(): string | undefined
  emit(event: ConsoleEvent): void
  subscribe(listener: (event: ConsoleEvent) => void): () => void
  /** Tells a changed prompt, and wakes whoever waits for one. */
  announce(): void
  /** Resolves when a prompt waits, or the console is closed. */
  promptBack(): Promise<void>
  /** Wakes whoever waits for a prompt that does not come any more. */
  releaseAll(): void
  /** Short painting work is done one after the other; nothing in it waits for a command or a person. */
  inTurn<T>(work: () => Promise<T>): Promise<T>
  /** Resolves when the painting work so far is done. */
  settled(): Promise<void>
  /** Paints the lab's prompt, below what had to wait, where it is the lab's turn. */
  openLabPrompt(): Promise<void>
}

export function createConsoleState(options: {
  readonly shell: LabShell
  readonly clock: Clock
  readonly size: TerminalSize
  readonly scrollback: number
}): ConsoleState {
  const { shell, clock, size } = options
  const emulator = createEmulator(size, options.scrollback)
  const prompt = createLabPrompt({ emulator, shell })
  const listeners = new Set<(event: ConsoleEvent) => void>()
  const waiting = new Set<() => void>()
  let announced = ''
  let turn: Promise<unknown> = Promise.resolve()

  const state: ConsoleState = {
    shell,
    clock,
    emulator,
    prompt,
    sessions: [],
    later: [],
    place: 'lab',
    foreground: undefined,
    asking: undefined,
    size,
    closing: false,
    onPrompt: () => {},
    current: () => state.sessions.filter((session) => !session.ended).at(-1),
    waits: () => {
      if (state.place === 'pod') return state.current()?.pod.prompt
      return state.foreground === undefined ? LAB_PROMPT : undefined
    },
    emit: (event) => {
      for (const listener of [...listeners]) listener(event)
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    announce: () => {
      const { place } = state
      const now = state.waits()
      const key = `${place} ${now}`
      if (key !== announced) {
        announced = key
        state.emit({ kind: 'prompt-changed', place, prompt: now })
      }
      if (now === undefined) return
      state.releaseAll()
      state.onPrompt()
    },
    promptBack: () =>
      new Promise((resolve) => {
        waiting.add(resolve)
      }),
    releaseAll: () => {
      for (const resolve of waiting) resolve()
      waiting.clear()
    },
    inTurn: (work) => {
      const done = turn.then(work)
      // Whoever asked for the work learns of a failure; the next one in line only needs it to be over.
      turn = done.catch(() => undefined)
      return done
    },
    settled: async () => {
      await turn
    },
    openLabPrompt: () =>
      state.inTurn(async () => {
        if (state.closing || state.place !== 'lab' || state.foreground !== undefined) return
        if (state.later.length > 0) prompt.lift()
        for (const chunk of state.later.splice(0)) emulator.write(chunk)
        await prompt.open()
      }),
  }
  return state
}
