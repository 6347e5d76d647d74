import type { FdTable } from '../process/fd-table.ts'
import type { Process, ProcessGroup } from '../process/process.ts'
import { Interrupted } from './control-flow.ts'
import type { Shell } from './shell.ts'

/** What ash prints when a signal other than SIGINT and SIGPIPE ended a command. */
export const SIGNAL_TEXTS: Readonly<Record<number, string>> = {
  1: 'Hangup',
  3: 'Quit',
  9: 'Killed',
  10: 'User defined signal 1',
  12: 'User defined signal 2',
  14: 'Alarm clock',
  15: 'Terminated',
}

/** Waits for a pipeline that has the terminal meanwhile; gives the status of its last process. */
export async function runForeground(
  shell: Shell,
  processes: readonly Process[],
  io: FdTable,
  options: { readonly group: ProcessGroup | undefined; readonly text: string },
): Promise<number> {
  const terminal = io.get(0)?.terminal ?? io.get(2)?.terminal
  const before = terminal?.foreground
  if (terminal !== undefined && options.group !== undefined) terminal.foreground = options.group
  const statuses: number[] = []
  try {
    for (const process of processes) statuses.push(await shell.waitFor(process))
  } finally {
    if (terminal !== undefined && options.group !== undefined) terminal.foreground = before
  }
  const last = processes.at(-1)
  const status = shell.options.pipefail
    ? (statuses.findLast((code) => code !== 0) ?? 0)
    : (statuses.at(-1) ?? 0)
  if (shell.interactive && processes.some((process) => process.endedBy === 'SIGINT')) {
    // The child had the terminal alone; the shell takes the signal as its own.
    throw new Interrupted()
  }
  if (last?.endedBy !== undefined && !shell.isSubshell) {
    const text = SIGNAL_TEXTS[status - 128]
    if (text !== undefined) await shell.print(io, 2, `${text}\n`)
  }
  return status
}
