import type { Process, ProcessGroup } from '../process/process.ts'

export interface Job {
  readonly number: number
  /** The last process of the pipeline: its exit code is the job's. */
  readonly process: Process
  readonly group: ProcessGroup
  readonly text: string
  status: number | undefined
}

/** What runs in the background of a shell. */
export class Jobs {
  private readonly jobs: Job[] = []
  /** Exit codes of ended background processes, for a later `wait PID`. */
  private readonly ended = new Map<number, number>()

  add(process: Process, text: string): Job {
    const number = (this.jobs.at(-1)?.number ?? 0) + 1
    const job: Job = { number, process, group: process.group, text, status: undefined }
    this.jobs.push(job)
    void process.exited.then((status) => {
      job.status = status
      this.ended.set(process.pid, status)
    })
    return job
  }

  all(): readonly Job[] {
    return this.jobs
  }

  /** `%1`, `%%`, `%+`, `%name`, or a process number. */
  find(spec: string): Job | undefined {
    if (spec === '%%' || spec === '%+' || spec === '%') return this.jobs.at(-1)
    if (/^%\d+$/.test(spec)) return this.jobs.find((job) => job.number === Number(spec.slice(1)))
    if (spec.startsWith('%')) return this.jobs.findLast((job) => job.text.startsWith(spec.slice(1)))
    return this.jobs.find((job) => job.process.pid === Number(spec))
  }

  statusOf(pid: number): number | undefined {
    return this.ended.get(pid)
  }

  /** Takes out the jobs that have ended. */
  takeEnded(): Job[] {
    const done = this.jobs.filter((job) => job.status !== undefined)
    for (const job of done) this.jobs.splice(this.jobs.indexOf(job), 1)
    return done
  }
}
