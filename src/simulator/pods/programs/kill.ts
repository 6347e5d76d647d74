import type { ProgramContext } from '../process/program.ts'
import { parseSignal, SIGNALS, type SignalName } from '../process/signals.ts'
import { busyboxProgram, ProgramError } from './busybox-program.ts'

/** kill: a signal to processes of the container. As a builtin of the shell it speaks as the shell. */
export const kill = busyboxProgram(async (given, args) => {
  const context = { ...given, argv: [shellName(given.argv[0]), ...given.argv.slice(1)] }
  return killAs(context, args).catch(async (error: unknown) => {
    if (!(error instanceof ProgramError)) throw error
    await context.stderr.write(`${context.argv[0]}: ${error.message}\n`)
    return error.exitCode ?? 1
  })
})

async function killAs(context: ProgramContext, args: readonly string[]): Promise<number> {
  let rest = [...args]
  let signal: SignalName | 'none' = 'SIGTERM'
  if (rest[0] === '-l') {
    if (rest.length === 1) {
      const lines = Object.entries(SIGNALS).map(
        ([name, number]) => `${String(number).padStart(2)}) ${name.slice(3)}`,
      )
      await context.stdout.write(`${lines.join('\n')}\n`)
      return 0
    }
    for (const text of rest.slice(1)) {
      const name = parseSignal(/^\d+$/.test(text) ? String(Number(text) & 127) : text)
      if (name === undefined) throw new ProgramError(`unknown signal '${text}'`)
      await context.stdout.write(/^\d+$/.test(text) ? `${name.slice(3)}\n` : `${SIGNALS[name]}\n`)
    }
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
    if (!/^-?\d+$/.test(text)) {
      await context.stderr.write(`${context.argv[0]}: invalid number '${text}'\n`)
      status = 1
      continue
    }
    const target = context.container.processes.get(Math.abs(Number(text)))
    if (target === undefined) {
      await context.stderr.write(`${context.argv[0]}: can't kill pid ${text}: No such process\n`)
      status = 1
    } else if (signal !== 'none') {
      if (text.startsWith('-')) target.group.signal(signal)
      else target.signal(signal)
    }
  }
  // The signal may have been for this very process.
  context.signal.throwIfAborted()
  return status
}

function shellName(name: string | undefined): string {
  return name === 'kill' ? 'sh' : (name ?? 'kill')
}
