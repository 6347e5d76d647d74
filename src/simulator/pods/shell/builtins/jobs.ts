import type { FdTable } from '../../process/fd-table.ts'
import { kill } from '../../programs/kill.ts'
import { BuiltinError } from '../control-flow.ts'
import { runForeground, SIGNAL_TEXTS } from '../foreground.ts'
import type { Job } from '../jobs.ts'
import type { Shell } from '../shell.ts'
import type { Builtin } from './builtin-table.ts'

/** One line of `jobs`, as ash prints it. */
export function jobLine(job: Job, isLast: boolean): string {
  const state =
    job.status === undefined
      ? 'Running'
      : job.status === 0
        ? 'Done'
        : job.process.endedBy === undefined
          ? `Done(${job.status})`
          : 'Terminated'
  return `[${job.number}]${isLast ? '+' : ' '}  ${state.padEnd(27)}${job.text}\n`
}

async function jobs(shell: Shell, _argv: readonly string[], io: FdTable): Promise<number> {
  const all = shell.jobs.all()
  for (const job of all) await shell.print(io, 1, jobLine(job, job === all.at(-1)))
  shell.jobs.takeEnded()
  return 0
}

async function wait(shell: Shell, argv: readonly string[], io: FdTable): Promise<number> {
  const specs = argv.slice(1)
  if (specs.length === 0) {
    for (const job of [...shell.jobs.all()]) {
      if (job.status === undefined) {
        const status = await shell.waitFor(job.process, { untilTrap: true })
        if (job.process.running) return status
      }
    }
    shell.jobs.takeEnded()
    return 0
  }
  let status = 0
  for (const spec of specs) {
    const job = shell.jobs.find(spec)
    const ended = shell.jobs.statusOf(Number(spec))
    if (job === undefined) {
      status = ended ?? 127
      continue
    }
    status = await shell.waitFor(job.process, { untilTrap: true })
    const text = job.process.endedBy === undefined ? undefined : SIGNAL_TEXTS[status - 128]
    if (text !== undefined) await shell.print(io, 2, `${text}\n`)
  }
  return status
}

async function foreground(shell: Shell, argv: readonly string[], io: FdTable): Promise<number> {
  const job = shell.jobs.find(argv[1] ?? '%%')
  if (job === undefined || job.status !== undefined) {
    throw new BuiltinError(argv[1] === undefined ? 'No current job' : `No such job: ${argv[1]}`)
  }
  await shell.print(io, 1, `${job.text}\n`)
  return runForeground(shell, [job.process], io, { group: job.group, text: job.text })
}

async function killBuiltin(shell: Shell, argv: readonly string[], io: FdTable): Promise<number> {
  const translated: string[] = []
  for (const [index, argument] of argv.entries()) {
    if (index === 0 || !argument.startsWith('%')) {
      translated.push(argument)
      continue
    }
    const job = shell.jobs.find(argument)
    if (job === undefined) throw new BuiltinError(`No such job: ${argument}`)
    translated.push(String(job.process.pid))
  }
  return kill(shell.context(translated, io))
}

/** Builtins about background jobs. */
export const jobBuiltins: Readonly<Record<string, Builtin>> = {
  jobs,
  wait,
  fg: foreground,
  bg: async () => {
    throw new BuiltinError('stopping jobs (Ctrl-Z) is not simulated', 1)
  },
  kill: killBuiltin,
}
