import type { KeyPress } from '../input/key-decoder.ts'
import { cleanPaste, promptPaste } from '../input/paste.ts'
import { areaOf } from '../layout/area.ts'
import { terminalWindow } from '../layout/pane-rows.ts'
import { runsHere } from '../screens/terminal-now.ts'
import type { SurfaceCore } from './surface-core.ts'

/** Keys while the terminal has them: bytes go to the program there, but for the way out and scrolling. */
export interface TerminalKeys {
  press(key: KeyPress): void
  paste(text: string): void
}

export function createTerminalKeys(core: SurfaceCore, leave: () => void): TerminalKeys {
  const scroll = (direction: 1 | -1) => {
    const screen = core.model.console?.screen
    if (screen === undefined) return
    const { height } = areaOf('terminal', core.model.snapshot, core.state)
    const last = terminalWindow(screen, height)
    const top = (core.state.terminalTop ?? last) + direction * Math.max(1, height - 1)
    core.set({ terminalTop: top >= last ? undefined : Math.max(0, top) })
  }
  const typing = () => {
    const { terminalTop, visiting } = core.state
    if (terminalTop !== undefined || visiting) core.set({ terminalTop: undefined, visiting: false })
  }

  /** Enter brought the learner here and nothing was typed since: Enter still goes on with the lesson. */
  const goOn = () => {
    const { snapshot } = core.model
    // The run says that something runs still.
    if (snapshot.place === 'lesson' && snapshot.run.console.busy)
      return core.send({ kind: 'enter' })
    if (snapshot.place !== 'lesson' || snapshot.run.readFirst || !runsHere(snapshot.run)) {
      return leave()
    }
    core.send({ kind: 'enter' })
  }

  return {
    press: (key) => {
      const terminal = core.model.console
      if (terminal === undefined || key.name === 'shift-tab') return leave()
      // A program with the whole screen needs Esc and the page keys itself.
      if (!terminal.screen.fullScreen) {
        if (key.name === 'escape') return leave()
        if (key.name === 'page-up') return scroll(-1)
        if (key.name === 'page-down') return scroll(1)
      }
      // While nobody reads, Enter would wait for the next prompt and start something unseen there.
      if (key.name === 'enter' && core.state.visiting && (!terminal.busy || !terminal.reads))
        return goOn()
      typing()
      if (key.name === 'ctrl-c') return terminal.interrupt()
      if (key.name === 'ctrl-l') core.ports.repaint()
      terminal.input(key.raw)
    },
    paste: (text) => {
      const terminal = core.model.console
      if (terminal === undefined) return
      typing()
      // A program that runs reads lines; at a prompt nothing may run by being pasted.
      if (terminal.busy) return terminal.input(cleanPaste(text).replaceAll('\n', '\r'))
      const pasted = promptPaste(text)
      if (pasted.kind === 'line') terminal.paste(pasted.text)
      else core.send({ kind: 'paste', text: pasted.text })
    },
  }
}
