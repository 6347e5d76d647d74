import type { Clock } from '../../base/clock.ts'

/**
 * One direction of a connection: chunks that arrive in order, each after the path's delay. One reader.
 */
export class Channel implements AsyncIterable<Uint8Array> {
  private readonly arrived: Uint8Array[] = []
  private readonly onTheWay: (Uint8Array | 'end')[] = []
  private ended = false
  private closed = false
  private wake: (() => void) | undefined
  /** Bytes that are on the way or wait for the reader. */
  private unread = 0
  private waiting: (() => void)[] | undefined
  private readonly clock: Clock
  private readonly delayMs: number

  constructor(clock: Clock, delayMs: number) {
    this.clock = clock
    this.delayMs = delayMs
  }

  send(data: Uint8Array): void {
    if (data.length > 0 && this.put(data.slice())) this.unread += data.length
  }

  /** Nothing more will be sent. */
  end(): void {
    this.put('end')
  }

  /** The reader wants no more: what is on the way is lost. */
  stop(): void {
    this.closed = true
    this.ended = true
    this.arrived.length = 0
    this.read(this.unread)
    this.wake?.()
  }

  /** Nothing where at most `bytes` wait for the reader, else settled when that holds, or when nobody reads any longer. */
  drained(bytes: number): Promise<void> | undefined {
    if (this.closed || this.unread <= bytes) return undefined
    return (async () => {
      while (!this.closed && this.unread > bytes) {
        await new Promise<void>((resolve) => {
          this.waiting ??= []
          this.waiting.push(resolve)
        })
      }
    })()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = this.arrived.shift()
      if (chunk !== undefined) {
        this.read(chunk.length)
        yield chunk
      } else if (this.ended) return
      else {
        await new Promise<void>((resolve) => {
          this.wake = resolve
        })
        this.wake = undefined
      }
    }
  }

  private read(length: number): void {
    this.unread -= length
    const waiting = this.waiting ?? []
    this.waiting = undefined
    for (const each of waiting) each()
  }

  private put(item: Uint8Array | 'end'): boolean {
    if (this.closed || this.onTheWay.at(-1) === 'end') return false
    this.onTheWay.push(item)
    // Each arrival takes the oldest item, so that timers that fire out of turn cannot reorder the stream.
    this.clock.after(this.delayMs, () => this.arrive())
    return true
  }

  private arrive(): void {
    const item = this.onTheWay[0]
    if (item === undefined || this.closed) return
    if (item === 'end') this.ended = true
    else {
      this.onTheWay.shift()
      this.arrived.push(item)
    }
    this.wake?.()
  }
}
