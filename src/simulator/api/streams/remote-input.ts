/** What a client has typed and the process has not read yet may grow to this before the client is held back. */
const WAITING_LIMIT = 1024 * 1024

/** The standard input of a remote process: filled by the client, read as it fills. */
export class RemoteInput implements AsyncIterable<Uint8Array> {
  private readonly waiting: Uint8Array[] = []
  private size = 0
  private ended = false
  private wake: (() => void) | undefined
  private freed: (() => void) | undefined
  private room: Promise<void> | undefined

  /** The promise, where there is one, is settled when the process has read enough for more, or is gone. */
  push(chunk: Uint8Array): Promise<void> | undefined {
    if (this.ended || chunk.byteLength === 0) return undefined
    this.size += chunk.byteLength
    this.waiting.push(chunk)
    this.wake?.()
    if (this.size <= WAITING_LIMIT) return undefined
    this.room ??= new Promise((resolve) => {
      this.freed = resolve
    })
    return this.room
  }

  /** Nothing more will come; what came is still read. */
  end(): void {
    this.ended = true
    this.wake?.()
    this.free()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = this.waiting.shift()
      if (chunk !== undefined) {
        this.size -= chunk.byteLength
        if (this.size <= WAITING_LIMIT / 2) this.free()
        yield chunk
        continue
      }
      if (this.ended) return
      await new Promise<void>((resolve) => {
        this.wake = resolve
      })
      this.wake = undefined
    }
  }

  private free(): void {
    this.freed?.()
    this.freed = undefined
    this.room = undefined
  }
}
