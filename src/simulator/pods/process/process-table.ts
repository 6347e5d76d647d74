import { FileError } from '../files/file-node.ts'
import type { FdTable } from './fd-table.ts'
import { Process, ProcessGroup } from './process.ts'

/** Processes that a container may have at once, as the pid limit of a kubelet has it; then `fork` fails. */
const MOST_PROCESSES = 512

/** All processes of a container. The first has pid 1; when it ends, so does every other. */
export class ProcessTable {
  private readonly processes = new Map<number, Process>()
  private nextPid = 1
  private readonly now: () => number

  constructor(now: () => number) {
    this.now = now
  }

  create(options: {
    readonly parent: Process | undefined
    readonly command: readonly string[]
    readonly fds: FdTable
    /** @default the parent's group */
    readonly group?: ProcessGroup | undefined
  }): Process {
    if (this.processes.size >= MOST_PROCESSES) {
      options.fds.closeAll()
      throw new FileError('EAGAIN', '')
    }
    const process = new Process({
      pid: this.nextPid++,
      parentPid: options.parent?.pid ?? 0,
      command: options.command,
      fds: options.fds,
      group: options.group ?? options.parent?.group ?? new ProcessGroup(),
      startedMs: this.now(),
      ...(options.parent === undefined ? {} : { ignored: options.parent.ignoredSignals }),
      onExit: (ended) => {
        this.processes.delete(ended.pid)
        if (ended.pid === 1) this.killAll()
      },
    })
    this.processes.set(process.pid, process)
    return process
  }

  get(pid: number): Process | undefined {
    return this.processes.get(pid)
  }

  all(): readonly Process[] {
    return [...this.processes.values()]
  }

  killAll(): void {
    for (const process of this.all()) process.kill(137)
  }
}
