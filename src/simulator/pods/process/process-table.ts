import type { Processor } from '../../../platform/processor.ts'
import { FileError } from '../files/file-node.ts'
import type { FdTable } from './fd-table.ts'
import { Process, ProcessGroup } from './process.ts'

/** Processes that a container may have at once, as the pid limit of a kubelet has it; then `fork` fails. */
const MOST_PROCESSES = 512

/** Processes that a node may have at once, of all its containers together. */
const MOST_ON_NODE = 16_384

/** What the containers of a node share: its processor, and the room for processes. */
export class NodeShare {
  processes = 0
  readonly processor: Processor
  constructor(processor: Processor) {
    this.processor = processor
  }
}

/** All processes of a container. The first has pid 1; when it ends, so does every other. */
export class ProcessTable {
  private readonly processes = new Map<number, Process>()
  private nextPid = 1
  private readonly now: () => number

  private readonly share: NodeShare

  constructor(now: () => number, share: NodeShare) {
    this.now = now
    this.share = share
  }

  create(options: {
    readonly parent: Process | undefined
    readonly command: readonly string[]
    readonly fds: FdTable
    /** @default the parent's group */
    readonly group?: ProcessGroup | undefined
  }): Process {
    // A process that was killed makes no more of them, whatever it was in the middle of.
    if (options.parent?.abort.aborted) {
      options.fds.closeAll()
      throw options.parent.abort.reason
    }
    if (this.processes.size >= MOST_PROCESSES || this.share.processes >= MOST_ON_NODE) {
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
      processor: this.share.processor,
      ...(options.parent === undefined ? {} : { ignored: options.parent.ignoredSignals }),
      onExit: (ended) => {
        this.processes.delete(ended.pid)
        this.share.processes--
        if (ended.pid === 1) this.killAll()
      },
    })
    this.share.processes++
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
