import type { Clock } from '../../../base/clock.ts'
import type { Processor } from '../../../platform/processor.ts'
import { FileError } from '../files/file-node.ts'
import type { FdTable } from './fd-table.ts'
import { Process, ProcessGroup, type ProcessKeeper } from './process.ts'

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
export class ProcessTable implements ProcessKeeper {
  /** In order of their pids. */
  private processes: readonly Process[] = []
  private nextPid = 1
  private readonly clock: Pick<Clock, 'now'>
  private readonly share: NodeShare

  constructor(clock: Pick<Clock, 'now'>, share: NodeShare) {
    this.clock = clock
    this.share = share
  }

  create(options: {
    readonly parent: Process | undefined
    readonly command: readonly string[]
    readonly fds: FdTable
    /** @default the parent's group */
    readonly group?: ProcessGroup | undefined
    /** Stands for the container, where several share the table. @default the parent's */
    readonly owner?: object | undefined
  }): Process {
    // A process that was killed makes no more of them, whatever it was in the middle of.
    if (options.parent?.running === false) {
      options.fds.closeAll()
      options.parent.throwIfAborted()
    }
    if (this.processes.length >= MOST_PROCESSES || this.share.processes >= MOST_ON_NODE) {
      options.fds.closeAll()
      throw new FileError('EAGAIN', '')
    }
    const process = new Process({
      pid: this.nextPid++,
      parentPid: options.parent?.pid ?? 0,
      command: options.command,
      fds: options.fds,
      group: options.group ?? options.parent?.group ?? new ProcessGroup(),
      startedMs: this.clock.now(),
      processor: this.share.processor,
      owner: options.owner ?? options.parent?.owner,
      ...(options.parent === undefined ? {} : { ignored: options.parent.ignoredSignals }),
      keeper: this,
    })
    this.share.processes++
    this.processes = this.processes.concat(process)
    return process
  }

  onExit(ended: Process): void {
    this.processes = this.processes.filter((other) => other !== ended)
    this.share.processes--
    if (ended.pid === 1) this.killAll()
  }

  get(pid: number): Process | undefined {
    return this.processes.find((process) => process.pid === pid)
  }

  all(): readonly Process[] {
    return this.processes
  }

  /** Kills every process, or those of one owner. */
  killAll(owner?: object): void {
    for (const process of this.all()) {
      if (owner === undefined || process.owner === owner) process.kill(137)
    }
  }
}
