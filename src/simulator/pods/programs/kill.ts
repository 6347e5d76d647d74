import { parseSignal, SIGNALS, type SignalName } from '../process/signals.ts'
import { busyboxProgram, ProgramError } from './busybox-program.ts'

const USAGE = `kill [-l] [-SIG] PID...

Send a signal (default: TERM) to given PIDs

	-l	List all signal names and numbers`

/** kill: a signal to processes of the container. */
export const kill = busyboxProgram(USAGE, async (context, args) => {
  let rest = [...args]
  let signal: SignalName | 'none' = 'SIGTERM'
  if (rest[0] === '-l') {
    const lines = Object.entries(SIGNALS).map(
      ([name, number]) => `${String(number).padStart(2)}) ${name.slice(3)}`,
    )
    await context.stdout.write(`${lines.join('\n')}\n`)
    return 0
  }
  const [first] = rest
  if (first !== undefined && /^-./.test(first) && first !== '--') {
    const text = first === '-s' ? (rest[1] ?? '') : first.slice(1)
    const parsed = text === '0' ? 'none' : parseSignal(text)
    if (parsed === undefined) throw new ProgramError(`bad signal name '${text}'`)
    signal = parsed
    rest = rest.slice(first === '-s' ? 2 : 1)
  }
  if (rest[0] === '--') rest = rest.slice(1)
  if (rest.length === 0) throw new ProgramError('you need to specify whom to kill')
  let status = 0
  for (const text of rest) {
    if (!/^-?\d+$/.test(text)) throw new ProgramError(`invalid number '${text}'`)
    const target = context.container.processes.get(Math.abs(Number(text)))
    if (target === undefined) {
      await context.stderr.write(
        `${shellName(context.argv[0])}: can't kill pid ${text}: No such process\n`,
      )
      status = 1
    } else if (signal !== 'none') {
      if (text.startsWith('-')) target.group.signal(signal)
      else target.signal(signal)
    }
  }
  // The signal may have been for this very process.
  context.signal.throwIfAborted()
  return status
})

function shellName(name: string | undefined): string {
  return name === 'kill' ? 'sh' : (name ?? 'kill')
}
