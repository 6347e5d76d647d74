import type { ConsolePlace } from '../ports.ts'
import type { ConsoleState, Session } from './console-state.ts'
import { type LabCommand, startLabCommand } from './lab-command.ts'
import { createPodTerminal, type PodTerminal } from './pod-terminal.ts'
import { afterEcho, renderedOutput, withoutPrompt } from './rendered-output.ts'

/** Commands of a pod whose end was told. */
const told = new WeakSet<object>()

/**
 * Runs a line of the lab's command line in the terminal. A program in a pod that gets the terminal and shows a prompt becomes a
 * session: the lab command counts as finished then, and lives on behind it.
 */
export function runLabLine(state: ConsoleState, line: string): void {
  const { emulator, clock } = state
  let session: Session | undefined
  let pod: PodTerminal | undefined
  /** What counts as printed by the lab command: all of a program that never shows a prompt, too. */
  const printed: (string | Uint8Array)[] = []
  /** What it printed after its session. */
  let tail: Uint8Array[] | undefined

  const onPrompt = () => {
    if (pod === undefined) return
    if (session !== undefined) return void onPodPrompt(state, pod)
    session = { opener: command, pod, ended: false }
    state.sessions.push(session)
    state.foreground = undefined
    state.place = 'pod'
    state.emit({ kind: 'session-opened', session: pod.remote })
    const end = { prompt: pod.lastPrompt ?? '' }
    void tellFinished(state, 'lab', command, printed, end).then(state.announce)
  }

  const command = startLabCommand({
    line,
    shell: state.shell,
    clock,
    size: () => state.size,
    onOutput: (chunk, remote) => {
      if (remote && pod !== undefined) {
        if (session === undefined) printed.push(chunk)
        return pod.receive(chunk)
      }
      printed.push(chunk)
      tail?.push(chunk)
      if (session !== undefined && state.foreground?.command !== command) state.later.push(chunk)
      else emulator.write(chunk)
    },
    onRemote: (remote) => {
      if (remote?.tty) {
        const invitation = printed.map(textOf).join('')
        const { stdin } = command
        pod = createPodTerminal({ remote, emulator, clock, stdin, invitation, onPrompt })
        if (state.foreground?.command === command) state.foreground.opening = pod
      } else if (remote === undefined && pod !== undefined) {
        pod.close()
        tail = []
        if (session !== undefined) return giveBack(state, session)
        if (state.foreground?.command === command) state.foreground.opening = undefined
        pod = undefined
      }
    },
  })
  state.foreground = { command, opening: undefined }
  state.announce()
  state.emit({ kind: 'command-started', place: 'lab', line })
  void command.ended.then(async (exitCode) => {
    pod?.close()
    if (session !== undefined) {
      if (!session.ended) giveBack(state, session)
      return endSession(state, session, tail ?? [])
    }
    await tellFinished(state, 'lab', command, printed, { exitCode })
    if (state.foreground?.command === command) state.foreground = undefined
    await state.openLabPrompt()
    state.announce()
  })
}

/** The program of a session is over: its terminal goes back to the lab, whose command is still cleaning up. */
function giveBack(state: ConsoleState, session: Session): void {
  const inFront = state.place === 'pod' && state.current() === session
  session.ended = true
  if (!inFront) return
  state.emulator.softReset()
  state.place = 'lab'
  state.foreground = { command: session.opener, opening: undefined }
  state.announce()
}

/** The command that opened a session is over, too. */
async function endSession(
  state: ConsoleState,
  session: Session,
  tail: readonly Uint8Array[],
): Promise<void> {
  const { pod, opener } = session
  if (pod.command !== undefined && !told.has(pod.command)) {
    // What the lab command says at the end stands behind `exit` in a transcript, so it belongs to it.
    const chunks = afterEcho([...pod.command.chunks, ...tail])
    await tellFinished(state, 'pod', pod.command, chunks, {})
  }
  state.sessions.splice(state.sessions.indexOf(session), 1)
  if (state.foreground?.command === opener) state.foreground = undefined
  await state.openLabPrompt()
  state.emit({ kind: 'session-closed', session: pod.remote })
  const below = state.current()
  if (below !== undefined) state.emit({ kind: 'session-opened', session: below.pod.remote })
  state.announce()
}

async function onPodPrompt(state: ConsoleState, pod: PodTerminal): Promise<void> {
  const { command } = pod
  if (command !== undefined && !told.has(command)) {
    told.add(command)
    const end = { prompt: pod.lastPrompt ?? '' }
    await tellFinished(state, 'pod', command, afterEcho(command.chunks), end)
  }
  state.announce()
}

async function tellFinished(
  state: ConsoleState,
  place: ConsolePlace,
  command: Pick<LabCommand, 'line' | 'startedAt'>,
  chunks: readonly (string | Uint8Array)[],
  end: { readonly exitCode?: number; readonly prompt?: string },
): Promise<void> {
  const durationMs = state.clock.now() - command.startedAt
  const output = withoutPrompt(await renderedOutput(chunks, state.size), end.prompt)
  const { line } = command
  const { exitCode } = end
  state.emit({ kind: 'command-finished', place, line, output, exitCode, durationMs })
}

function textOf(chunk: string | Uint8Array): string {
  return typeof chunk === 'string' ? chunk : new TextDecoder().decode(chunk)
}
