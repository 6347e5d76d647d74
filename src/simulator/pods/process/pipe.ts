import type { Waiter } from '../../../platform/processor.ts'
import { FileError } from '../files/file-node.ts'
import { OpenFile } from './open-file.ts'

/** Bytes that a pipe holds before its writer waits (Linux: 64 KiB). */
const CAPACITY = 65_536

/** Thrown to a writer whose reader is gone; the process then ends as by SIGPIPE. */
export class BrokenPipe extends Error {
  override readonly name = 'BrokenPipe'
}

/** The two ends of a pipe. */
export function createPipe(): { readonly reader: OpenFile; readonly writer: OpenFile } {
  const state = new PipeState()
  return { reader: new PipeReader(state), writer: new PipeWriter(state) }
}

class PipeState {
  readonly chunks: Uint8Array[] = []
  size = 0
  readerClosed = false
  writerClosed = false
  private waiting: (() => void)[] = []

  changed(): void {
    const waiting = this.waiting
    this.waiting = []
    for (const wake of waiting) wake()
  }

  wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason)
        return
      }
      const onAbort = () => {
        this.waiting = this.waiting.filter((other) => other !== wake)
        reject(signal.reason)
      }
      const wake = () => {
        signal.removeEventListener('abort', onAbort)
        resolve()
      }
      this.waiting.push(wake)
      signal.addEventListener('abort', onAbort, { once: true })
    })
  }
}

class PipeReader extends OpenFile {
  private readonly state: PipeState
  constructor(state: PipeState) {
    super()
    this.state = state
  }
  protected override async readMore(
    max: number,
    signal: AbortSignal,
  ): Promise<Uint8Array | undefined> {
    for (;;) {
      const chunk = this.state.chunks.shift()
      if (chunk !== undefined) {
        const taken = chunk.subarray(0, max)
        if (taken.length < chunk.length) this.state.chunks.unshift(chunk.subarray(taken.length))
        this.state.size -= taken.length
        this.state.changed()
        return taken
      }
      if (this.state.writerClosed) return undefined
      await this.state.wait(signal)
    }
  }
  override async write(): Promise<void> {
    throw new FileError('EBADF', '')
  }
  protected override onClose(): void {
    this.state.readerClosed = true
    this.state.changed()
  }
}

class PipeWriter extends OpenFile {
  private readonly state: PipeState
  constructor(state: PipeState) {
    super()
    this.state = state
  }
  protected override async readMore(): Promise<Uint8Array | undefined> {
    throw new FileError('EBADF', '')
  }
  override async write(data: Uint8Array, waiter: Waiter): Promise<void> {
    for (;;) {
      if (this.state.readerClosed) throw new BrokenPipe()
      if (this.state.size < CAPACITY) break
      await this.state.wait(waiter.abort)
    }
    if (data.length === 0) return
    this.state.chunks.push(data.slice())
    this.state.size += data.length
    this.state.changed()
  }
  protected override onClose(): void {
    this.state.writerClosed = true
    this.state.changed()
  }
}
