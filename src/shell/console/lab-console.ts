import type { Clock } from '../../base/clock.ts'
import { LabError } from '../../base/errors.ts'
import type { TerminalSize } from '../../kube/client.ts'
import type { ConsolePlace, LabConsole, LabShell } from '../ports.ts'
import { createConsoleState } from './console-state.ts'
import { submitAtLab, submitInPod } from './submit-line.ts'
import { createTypedKeys } from './typed-keys.ts'

export interface LabConsoleOptions {
  readonly shell: LabShell
  readonly clock: Clock
  readonly size: TerminalSize
  /** Lines kept above the screen. @default 5000 */
  readonly scrollback?: number
}

/** The terminal of a run, with the lab's prompt waiting. */
export function createLabConsole(options: LabConsoleOptions): LabConsole {
  const state = createConsoleState({ ...options, scrollback: options.scrollback ?? 5000 })
  const { emulator, prompt } = state
  const beforeRun = (line: string, place: ConsolePlace) => labConsole.beforeRun(line, place)
  const typed = createTypedKeys(state, beforeRun)
  state.onPrompt = () => void typed.pump()
  let closed: Promise<void> | undefined

  const isBusy = () => state.waits() === undefined
  const running = () => [
    ...state.sessions.map((session) => session.opener),
    ...(state.foreground === undefined ? [] : [state.foreground.command]),
  ]

  const switchTo = (to: ConsolePlace) => {
    const session = state.current()
    if (to === state.place || session === undefined || isBusy()) return
    state.place = to
    void state.inTurn(async () => {
      if (to === 'lab') {
        await session.pod.hide()
        await prompt.open()
      } else {
        prompt.lift()
        session.pod.show()
      }
    })
    state.announce()
  }

  /** Waits until a line can be typed at `to`; false where there is no such place. */
  const reach = async (to: ConsolePlace): Promise<boolean> => {
    while (state.asking !== undefined || (isBusy() && !state.closing)) {
      await (state.asking ?? state.promptBack())
    }
    switchTo(to)
    await state.settled()
    return state.place === to && !state.closing
  }

  /** Writes a line at the prompt of the place that has the terminal. */
  const put = (line: string) =>
    state.inTurn(async () => {
      const pod = state.place === 'pod' ? state.current()?.pod : undefined
      if (pod === undefined) {
        await prompt.open()
        prompt.set(line)
      } else {
        pod.clearLine()
        pod.type(line)
      }
    })

  const labConsole: LabConsole = {
    get place() {
      return state.place
    },
    get session() {
      return state.current()?.pod.remote
    },
    get busy() {
      return isBusy()
    },
    get reads() {
      const { foreground } = state
      if (state.place === 'pod' || foreground === undefined) return true
      return foreground.opening !== undefined || foreground.command.stdin.wanted
    },
    screen: emulator.screen,
    async run(line, to) {
      if (!(await reach(to))) {
        if (state.closing) return
        throw new LabError('ERR_INTERNAL', `There is no pod shell to run "${line}" in.`, {
          next: ['Open one with kubectl run -it or kubectl exec -it first.'],
        })
      }
      const session = state.current()
      await put(line)
      if (to === 'lab') await submitAtLab(state, line, beforeRun)
      else if (session !== undefined) await submitInPod(state, session, beforeRun)
      await state.asking
      while (isBusy() && !state.closing) await state.promptBack()
      await emulator.flush()
    },
    prefill(line, to) {
      if (isBusy() || state.asking !== undefined) return
      switchTo(to)
      if (state.place === to) void put(line)
    },
    switchTo,
    input: typed.input,
    paste(text) {
      const [first = ''] = text.split(/\r\n|\r|\n/)
      const { foreground } = state
      if (state.place === 'pod') state.current()?.pod.type(first)
      else if (foreground?.opening !== undefined) foreground.opening.type(first)
      else if (foreground !== undefined) typed.input(first)
      else void state.inTurn(async () => prompt.insert(first))
    },
    interrupt: typed.interrupt,
    resize(size) {
      state.size = size
      for (const command of running()) command.resize(size)
      void state.inTurn(async () => {
        const atLab = state.place === 'lab' && state.foreground === undefined
        if (atLab) prompt.lift()
        await emulator.resize(size)
        if (atLab) await prompt.open()
      })
    },
    beforeRun: async () => 'run',
    subscribe: state.subscribe,
    close() {
      state.closing = true
      closed ??= (async () => {
        const commands = running()
        for (const session of state.sessions) session.pod.close()
        for (const command of commands) command.abort()
        await Promise.all(commands.map((command) => command.ended))
        state.releaseAll()
        await state.settled()
      })()
      return closed
    },
  }
  void state.openLabPrompt().then(state.announce)
  return labConsole
}
