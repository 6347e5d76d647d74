import type { Process, ProcessGroup } from '../process/process.ts'
import { SIGNALS, type SignalName } from '../process/signals.ts'

export interface Job {
  readonly number: number
  /** The last one's exit code is the job's. */
  readonly processes: readonly Process[]
  readonly group: ProcessGroup
  readonly text: string
  status: number | undefined
  /** Whether its end, or its being stopped, was told. */
  told: boolean
}

/** How a job stands. */
export type JobState =
  | { readonly kind: 'running' }
  | { readonly kind: 'stopped'; readonly by: SignalName }
  | { readonly kind: 'done'; readonly status: number; readonly by: SignalName | undefined }

/** What runs in the background of a shell, or is stopped. */
export class Jobs {
  private readonly jobs: Job[] = []
  /** The order of `%+` and `%-`: the job that was put in the background or stopped last comes first. */
  private recent: Job[] = []
  /** Exit codes of ended background processes, for a later `wait PID`. */
  private readonly ended = new Map<number, number>()

  add(processes: readonly Process[], text: string): Job {
    const last = processes.at(-1)
    if (last === undefined) throw new Error('a job without a process')
    const number = Math.max(0, ...this.jobs.map((job) => job.number)) + 1
    const job: Job = { number, processes, group: last.group, text, status: undefined, told: false }
    this.jobs.push(job)
    this.recent.unshift(job)
    void last.exited.then((status) => {
      job.status = status
      job.told = false
      this.ended.set(last.pid, status)
    })
    return job
  }

  /** In the order that ash lists them: the current one first. */
  all(): readonly Job[] {
    return this.recent
  }

  /** In the order of their numbers. */
  inOrder(): readonly Job[] {
    return this.jobs
  }

  /** `+` for the current job, `-` for the one before it. */
  mark(job: Job): '+' | '-' | ' ' {
    const at = this.recent.indexOf(job)
    return at === 0 ? '+' : at === 1 ? '-' : ' '
  }

  /** Makes a job the current one. */
  touch(job: Job): void {
    this.recent = [job, ...this.recent.filter((other) => other !== job)]
  }

  /** `%1`, `%%`, `%+`, `%-`, `%name`, `%?text`, or a process number. */
  find(spec: string): Job | undefined {
    if (spec === '%%' || spec === '%+' || spec === '%') return this.recent[0]
    if (spec === '%-') return this.recent[1]
    if (/^%\d+$/.test(spec)) return this.jobs.find((job) => job.number === Number(spec.slice(1)))
    if (spec.startsWith('%?')) return this.recent.find((job) => job.text.includes(spec.slice(2)))
    if (spec.startsWith('%')) return this.recent.find((job) => job.text.startsWith(spec.slice(1)))
    return this.jobs.find((job) => job.processes.some(({ pid }) => pid === Number(spec)))
  }

  statusOf(pid: number): number | undefined {
    return this.ended.get(pid)
  }

  remove(job: Job): void {
    const at = this.jobs.indexOf(job)
    if (at !== -1) this.jobs.splice(at, 1)
    this.recent = this.recent.filter((other) => other !== job)
  }
}

/** How a job stands now. */
export function stateOf(job: Job): JobState {
  if (job.status !== undefined)
    return { kind: 'done', status: job.status, by: job.processes.at(-1)?.endedBy }
  const stopped = job.processes.find((process) => process.stopped)?.stoppedBy
  return stopped === undefined ? { kind: 'running' } : { kind: 'stopped', by: stopped }
}

/** What ash says about a signal that ended or stopped a process (strsignal of the C library). */
export function signalText(name: SignalName): string {
  return SIGNAL_TEXTS[SIGNALS[name]] ?? `Signal ${SIGNALS[name]}`
}

const SIGNAL_TEXTS: Readonly<Record<number, string>> = {
  1: 'Hangup',
  2: 'Interrupt',
  3: 'Quit',
  4: 'Illegal instruction',
  5: 'Trace/breakpoint trap',
  6: 'Aborted',
  7: 'Bus error',
  8: 'Arithmetic exception',
  9: 'Killed',
  10: 'User defined signal 1',
  11: 'Segmentation fault',
  12: 'User defined signal 2',
  13: 'Broken pipe',
  14: 'Alarm clock',
  15: 'Terminated',
  16: 'Stack fault',
  19: 'Stopped (signal)',
  20: 'Stopped',
  21: 'Stopped (tty input)',
  22: 'Stopped (tty output)',
  24: 'CPU time limit exceeded',
  25: 'File size limit exceeded',
  26: 'Virtual timer expired',
  27: 'Profiling timer expired',
  29: 'I/O possible',
  30: 'Power failure',
  31: 'Bad system call',
}
