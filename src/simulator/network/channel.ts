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
  private readonly clock: Clock
  private readonly delayMs: number

  constructor(clock: Clock, delayMs: number) {
    this.clock = clock
    this.delayMs = delayMs
  }

  send(data: Uint8Array): void {
    if (data.length > 0) this.put(data.slice())
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
    this.wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = this.arrived.shift()
      if (chunk !== undefined) yield chunk
      else if (this.ended) return
      else {
        await new Promise<void>((resolve) => {
          this.wake = resolve
        })
        this.wake = undefined
      }
    }
  }

  private put(item: Uint8Array | 'end'): void {
    if (this.closed || this.onTheWay.at(-1) === 'end') return
    this.onTheWay.push(item)
    // Each arrival takes the oldest item, so that timers that fire out of turn cannot reorder the stream.
    this.clock.after(this.delayMs, () => this.arrive())
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
