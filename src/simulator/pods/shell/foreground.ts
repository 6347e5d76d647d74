import type { FdTable } from '../process/fd-table.ts'
import type { Process, ProcessGroup } from '../process/process.ts'
import { SIGNALS } from '../process/signals.ts'
import { jobLine } from './builtins/jobs.ts'
import { Interrupted } from './control-flow.ts'
import { type Job, signalText } from './jobs.ts'
import type { Shell } from './shell.ts'

/** Waits for a pipeline that has the terminal meanwhile; gives the status of its last process. A stopped one becomes a job. */
export async function runForeground(
  shell: Shell,
  processes: readonly Process[],
  io: FdTable,
  options: {
    readonly group: ProcessGroup | undefined
    readonly text: string
    /** The job that it is already. */
    readonly job?: Job | undefined
  },
): Promise<number> {
  const terminal = io.get(0)?.terminal ?? io.get(2)?.terminal
  const before = terminal?.foreground
  if (terminal !== undefined && options.group !== undefined) terminal.foreground = options.group
  const statuses: number[] = []
  try {
    for (const process of processes)
      statuses.push(await shell.waitFor(process, { untilStopped: options.group !== undefined }))
  } finally {
    if (terminal !== undefined && options.group !== undefined)
      terminal.foreground = shell.interactive ? shell.process.group : before
  }
  const last = processes.at(-1)
  const status = shell.options.pipefail
    ? (statuses.findLast((code) => code !== 0) ?? 0)
    : (statuses.at(-1) ?? 0)
  if (options.group !== undefined && processes.some((process) => process.stopped)) {
    const job = options.job ?? shell.jobs.add(processes, options.text)
    shell.jobs.touch(job)
    job.told = true
    const by = processes.find((process) => process.stopped)?.stoppedBy ?? 'SIGTSTP'
    await shell.print(io, 2, jobLine(shell, job))
    return 128 + SIGNALS[by]
  }
  if (options.job !== undefined) shell.jobs.remove(options.job)
  if (shell.interactive && processes.some((process) => process.endedBy === 'SIGINT')) {
    // The child had the terminal alone; the shell takes the signal as its own.
    throw new Interrupted()
  }
  const by = last?.endedBy
  if (by !== undefined && by !== 'SIGINT' && by !== 'SIGPIPE' && !shell.isSubshell)
    await shell.print(io, 2, `${signalText(by)}\n`)
  return status
}
