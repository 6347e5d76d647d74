import type { ConsolePlace } from '../ports.ts'
import type { ConsoleState, Session } from './console-state.ts'
import { runLabLine } from './run-lab-line.ts'

/** `LabConsole.beforeRun` as it is set now. */
export type BeforeRun = (line: string, place: ConsolePlace) => Promise<'run' | 'hold'>

/** Carries out Enter at the lab's prompt, up to the question whether the line may run. */
export async function submitAtLab(
  state: ConsoleState,
  line: string,
  beforeRun: BeforeRun,
): Promise<void> {
  const { prompt } = state
  if (tellSpecial(state, line, 'lab')) return prompt.set('')
  ask(state, line, 'lab', beforeRun, () => {
    if (prompt.text !== line) prompt.set(line)
    prompt.take()
    runLabLine(state, line)
  })
}

/** The same at the prompt of a pod's shell. */
export async function submitInPod(
  state: ConsoleState,
  session: Session,
  beforeRun: BeforeRun,
): Promise<void> {
  const line = await session.pod.readLine()
  if (state.current() !== session || state.place !== 'pod') return
  if (tellSpecial(state, line, 'pod')) return session.pod.clearLine()
  ask(state, line, 'pod', beforeRun, () => {
    if (session.ended) return
    session.pod.enter(line)
    state.announce()
    state.emit({ kind: 'command-started', place: 'pod', line })
  })
}

/** An empty line, and `:next` and the like at whatever prompt, are words to the lab and run nothing. */
function tellSpecial(state: ConsoleState, line: string, place: ConsolePlace): boolean {
  const text = line.trim()
  if (text === '') state.emit({ kind: 'empty-line-entered', place })
  else if (/^:[^\s:]/.test(text)) state.emit({ kind: 'word-typed', word: text.slice(1) })
  else return false
  return true
}

function ask(
  state: ConsoleState,
  line: string,
  place: ConsolePlace,
  beforeRun: BeforeRun,
  go: () => void,
): void {
  state.asking = (async () => {
    try {
      const verdict = await beforeRun(line, place)
      if (verdict === 'run' && !state.closing) go()
    } finally {
      state.asking = undefined
      state.onPrompt()
    }
  })()
}
