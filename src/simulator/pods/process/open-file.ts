import type { Waiter } from '../../../platform/processor.ts'
import { FileError, type Inode } from '../files/file-node.ts'
import type { TerminalDevice } from '../terminal/terminal-device.ts'

/**
 * An open file description, shared by everyone who inherited it. It closes when its last holder releases it.
 * What was read too far can be put back, so that `read` takes one line and leaves the rest to the next program.
 */
export abstract class OpenFile {
  private holders = 1
  private putBack: Uint8Array[] | undefined

  /** The terminal behind it, where it is one. */
  get terminal(): TerminalDevice | undefined {
    return undefined
  }

  /** The file behind it, where it is one that the container can write. */
  get inode(): Inode | undefined {
    return undefined
  }

  /** Up to `max` bytes; `undefined` at the end. Waits; rejects with `signal.reason` when the signal aborts. */
  async read(max: number, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const held = this.putBack?.shift()
    if (held === undefined) return this.readMore(max, signal)
    if (held.length > max) this.putBack?.unshift(held.subarray(max))
    return held.subarray(0, max)
  }

  unread(data: Uint8Array): void {
    if (data.length === 0) return
    this.putBack ??= []
    this.putBack.unshift(data)
  }

  /** Waits where there is no room; rejects when the waiter is aborted. */
  abstract write(data: Uint8Array, waiter: Waiter): Promise<void>

  retain(): this {
    this.holders++
    return this
  }

  release(): void {
    this.holders--
    if (this.holders === 0) this.onClose()
  }

  protected abstract readMore(max: number, signal: AbortSignal): Promise<Uint8Array | undefined>
  protected onClose(): void {}
}

/** `/dev/null`: nothing to read, and writing is fine. */
export class NullFile extends OpenFile {
  protected override async readMore(_max?: number): Promise<Uint8Array | undefined> {
    return undefined
  }
  override async write(): Promise<void> {}
}

/** `/dev/zero`. */
export class ZeroFile extends OpenFile {
  protected override async readMore(max: number): Promise<Uint8Array | undefined> {
    return new Uint8Array(Math.min(max, 4096))
  }
  override async write(): Promise<void> {}
}

/** `/dev/full`: zeros to read, and no room to write. */
export class FullFile extends ZeroFile {
  override async write(): Promise<void> {
    throw new FileError('ENOSPC', '')
  }
}

/** `/dev/urandom`. */
export class RandomFile extends NullFile {
  protected override async readMore(max?: number): Promise<Uint8Array | undefined> {
    return crypto.getRandomValues(new Uint8Array(Math.min(max ?? 4096, 4096)))
  }
}

/** Bytes that are there already: a here-document, a file opened for reading. */
export class BytesFile extends OpenFile {
  private at = 0
  private readonly data: Uint8Array
  constructor(data: Uint8Array) {
    super()
    this.data = data
  }
  protected override async readMore(max: number): Promise<Uint8Array | undefined> {
    if (this.at >= this.data.length) return undefined
    const chunk = this.data.subarray(this.at, this.at + max)
    this.at += chunk.length
    return chunk
  }
  override async write(): Promise<void> {
    throw new FileError('EBADF', '')
  }
}

/** Everything written goes to a function; who writes waits for a promise that it returns. */
export class SinkFile extends OpenFile {
  private readonly sink: (data: Uint8Array) => unknown
  private readonly closed: (() => void) | undefined
  constructor(sink: (data: Uint8Array) => unknown, closed?: () => void) {
    super()
    this.sink = sink
    this.closed = closed
  }
  protected override async readMore(): Promise<Uint8Array | undefined> {
    throw new FileError('EBADF', '')
  }
  override async write(data: Uint8Array, waiter: Waiter): Promise<void> {
    const wait = this.sink(data)
    if (wait instanceof Promise) await untilAborted(wait, waiter.abort)
  }
  protected override onClose(): void {
    this.closed?.()
  }
}

/** Reads what an outside caller sends (the stdin of `exec -i`). */
export class StreamFile extends OpenFile {
  private readonly iterator: AsyncIterator<Uint8Array>
  private pending: Promise<IteratorResult<Uint8Array>> | undefined
  constructor(stream: AsyncIterable<Uint8Array>) {
    super()
    this.iterator = stream[Symbol.asyncIterator]()
  }
  protected override async readMore(
    max: number,
    signal: AbortSignal,
  ): Promise<Uint8Array | undefined> {
    // A reader that was killed leaves its question open; the next reader gets the answer.
    this.pending ??= this.iterator.next()
    const next = await untilAborted(this.pending, signal)
    this.pending = undefined
    if (next.done) return undefined
    if (next.value.length > max) this.unread(next.value.subarray(max))
    return next.value.subarray(0, max)
  }
  override async write(): Promise<void> {
    throw new FileError('EBADF', '')
  }
  protected override onClose(): void {
    this.iterator.return?.().catch(() => {})
  }
}

/** Settles with `promise`, or rejects with `signal.reason` when the signal aborts first. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      promise.catch(() => {})
      reject(signal.reason)
      return
    }
    const onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
