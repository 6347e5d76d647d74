import type { FdTable } from '../../process/fd-table.ts'
import { kill } from '../../programs/kill.ts'
import { BuiltinError } from '../control-flow.ts'
import { runForeground } from '../foreground.ts'
import { type Job, signalText, stateOf } from '../jobs.ts'
import type { Shell } from '../shell.ts'
import type { Builtin } from './builtin-table.ts'

/** One line of `jobs`, as ash prints it. Only an interactive shell knows what was typed. */
export function jobLine(shell: Shell, job: Job, options: { readonly pids?: boolean } = {}): string {
  const state = stateOf(job)
  const text =
    state.kind === 'running'
      ? 'Running'
      : state.kind === 'stopped'
        ? signalText(state.by)
        : state.by !== undefined
          ? signalText(state.by)
          : state.status === 0
            ? 'Done'
            : `Done(${state.status})`
  const pid = options.pids ? `${job.processes[0]?.pid} ` : ''
  const command = shell.interactive ? job.text : ''
  return `[${job.number}]${shell.jobs.mark(job)}  ${pid}${text.padEnd(27)}${command}\n`
}

/** The job that an argument names. Throws `BuiltinError`. */
function jobOf(shell: Shell, spec: string | undefined): Job {
  const job = shell.jobs.find(spec ?? '%%')
  if (job !== undefined) return job
  throw new BuiltinError(spec === undefined ? 'No current job' : `${spec}: no such job`)
}

async function jobs(shell: Shell, argv: readonly string[], io: FdTable): Promise<number> {
  const args = argv.slice(1)
  const options: string[] = []
  while (args[0]?.startsWith('-')) options.push(args.shift() ?? '')
  const chosen = args.length === 0 ? shell.jobs.all() : args.map((spec) => jobOf(shell, spec))
  for (const job of [...chosen]) {
    if (options.includes('-p')) await shell.print(io, 1, `${job.processes[0]?.pid}\n`)
    else await shell.print(io, 1, jobLine(shell, job, { pids: options.includes('-l') }))
    if (job.status !== undefined) shell.jobs.remove(job)
  }
  return 0
}

async function wait(shell: Shell, argv: readonly string[], io: FdTable): Promise<number> {
  const specs = argv.slice(1).filter((arg, index) => !(index === 0 && arg === '--'))
  if (specs.length === 0) {
    for (const job of [...shell.jobs.inOrder()]) {
      for (const process of job.processes) {
        if (!process.running || process.stopped) continue
        const status = await shell.waitFor(process, { untilTrap: true })
        if (process.running) return status
      }
    }
    return 0
  }
  let status = 0
  for (const spec of specs) {
    if (spec.startsWith('%')) jobOf(shell, spec)
    else if (!/^\d+$/.test(spec)) throw new BuiltinError(`Illegal number: ${spec}`)
    const job = shell.jobs.find(spec)
    const ended = shell.jobs.statusOf(Number(spec))
    if (job === undefined) {
      status = ended ?? 127
      continue
    }
    for (const process of job.processes)
      status = await shell.waitFor(process, { untilTrap: true, untilStopped: true })
    if (job.processes.some((process) => process.running)) continue
    shell.jobs.remove(job)
    const by = job.processes.at(-1)?.endedBy
    if (by !== undefined && by !== 'SIGINT' && by !== 'SIGPIPE')
      await shell.print(io, 2, `${signalText(by)}\n`)
  }
  return status
}

async function foreground(shell: Shell, argv: readonly string[], io: FdTable): Promise<number> {
  const job = jobOf(shell, argv[1])
  await shell.print(io, 1, `${job.text}\n`)
  const terminal = io.get(0)?.terminal
  if (terminal !== undefined) terminal.foreground = job.group
  job.told = false
  job.group.signal('SIGCONT')
  return runForeground(shell, job.processes, io, { group: job.group, text: job.text, job })
}

async function background(shell: Shell, argv: readonly string[], io: FdTable): Promise<number> {
  for (const spec of argv.length > 1 ? argv.slice(1) : [undefined]) {
    const job = jobOf(shell, spec)
    job.group.signal('SIGCONT')
    job.told = false
    await shell.print(io, 1, `[${job.number}] ${job.text}\n`)
  }
  return 0
}

async function killBuiltin(shell: Shell, argv: readonly string[], io: FdTable): Promise<number> {
  const translated: string[] = []
  for (const [index, argument] of argv.entries()) {
    if (index === 0 || !argument.startsWith('%')) {
      translated.push(argument)
      continue
    }
    const job = jobOf(shell, argument)
    if (shell.interactive)
      translated.push(...(job.processes[0] === undefined ? [] : [`-${job.processes[0].pid}`]))
    else translated.push(...job.processes.map(({ pid }) => String(pid)))
  }
  // A group is a negative number, which is no option behind `--`.
  const at = translated.findIndex(
    (text, index) => index > 0 && /^-\d+$/.test(text) && argv[index]?.startsWith('%'),
  )
  if (at !== -1) translated.splice(at, 0, '--')
  return kill(shell.context(translated, io))
}

/** Builtins about background jobs. */
export const jobBuiltins: Readonly<Record<string, Builtin>> = {
  jobs,
  wait,
  fg: foreground,
  bg: background,
  kill: killBuiltin,
}
