import type { ConsoleState, Foreground } from './console-state.ts'
import { type Key, parseKeys } from './keys.ts'
import { createCookedInput, type LabCommand } from './lab-command.ts'
import { type BeforeRun, submitAtLab, submitInPod } from './submit-line.ts'

/** The learner's keys on their way to whoever has the terminal. */
export interface TypedKeys {
  input(data: string): void
  /** Ctrl-C. */
  interrupt(): void
  /** Goes on with keys that had to wait. */
  pump(): Promise<void>
}

export function createTypedKeys(state: ConsoleState, beforeRun: BeforeRun): TypedKeys {
  const { emulator, prompt } = state
  let keys: Key[] = []
  let completing = false
  let pumping = false

  const pump = async (): Promise<void> => {
    if (pumping) return
    pumping = true
    try {
      // A line that runs or waits for an answer keeps what was typed behind it.
      while (keys.length > 0 && state.asking === undefined && !completing && !state.closing) {
        await state.settled()
        const key = keys.shift()
        if (key === undefined) break
        if (await press(key)) continue
        keys.unshift(key)
        break
      }
    } finally {
      pumping = false
    }
  }

  /** False where the key has to wait for the next prompt. */
  const press = async (key: Key): Promise<boolean> => {
    if (state.place === 'pod') {
      const session = state.current()
      if (session?.pod.press(key) === 'submit') await submitInPod(state, session, beforeRun)
    } else if (state.foreground !== undefined) return feed(state.foreground, key)
    else await pressAtLab(key)
    return true
  }

  /** A key while a lab command runs: to the program in a pod that it opened, or to its input where it reads any. */
  const feed = (running: Foreground, key: Key): boolean => {
    if (running.opening !== undefined) running.opening.press(key)
    else if (running.command.stdin.wanted) cookedInput(running.command).press(key)
    else return false
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

  const pressAtLab = async (key: Key): Promise<void> => {
    if (key.kind === 'named' && key.name === 'tab') return complete()
    const answer = prompt.press(key)
    if (answer === 'submit') await submitAtLab(state, prompt.text, beforeRun)
    else if (answer === 'interrupt') interruptLab()
  }

  const complete = () => {
    completing = true
    void prompt
      .complete()
      .catch(() => {
        // A cluster that does not answer has no words to offer; the next command says what is wrong.
      })
      .then(() => {
        completing = false
        return pump()
      })
  }

  const interruptLab = () => {
    if (prompt.text === '') return state.emit({ kind: 'nothing-to-interrupt' })
    prompt.drop()
    void state.openLabPrompt()
  }

  const interruptPod = () => {
    const pod = state.current()?.pod
    if (pod === undefined) return
    const idle = pod.prompt !== undefined && pod.lineIsEmpty
    pod.interrupt()
    if (idle) state.emit({ kind: 'nothing-to-interrupt' })
  }

  const interrupt = () => {
    keys = []
    if (state.place === 'pod') interruptPod()
    else if (state.foreground?.opening !== undefined) state.foreground.opening.interrupt()
    else if (state.foreground !== undefined) {
      emulator.write('^C\r\n')
      state.foreground.command.abort()
    } else if (state.asking === undefined) interruptLab()
  }

  return {
    pump,
    interrupt,
    input(data) {
      for (const key of parseKeys(data)) {
        const stops = key.kind === 'named' && key.name === 'ctrl-c'
        // Ctrl-C does not wait behind what was typed before it, except at the lab's prompt, where it is one key among others.
        if (stops && (state.waits() === undefined || state.place === 'pod')) interrupt()
        else keys.push(key)
      }
      void pump()
    },
  }
}
