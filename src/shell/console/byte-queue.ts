/** Bytes on their way to a program: written on one side, read on the other. */
export interface ByteQueue extends AsyncIterable<Uint8Array> {
  /** Whether a reader ever asked. */
  readonly wanted: boolean
  push(data: string | Uint8Array): void
  /** The reader sees the end after what was pushed. Can run twice. */
  end(): void
}

/** An empty queue for one reader. */
export function createByteQueue(): ByteQueue {
  const encoder = new TextEncoder()
  const chunks: Uint8Array[] = []
  let ended = false
  let wanted = false
  let wake: (() => void) | undefined
  const notify = () => {
    wake?.()
    wake = undefined
  }
  return {
    get wanted() {
      return wanted
    },
    push(data) {
      if (ended) return
      chunks.push(typeof data === 'string' ? encoder.encode(data) : data)
      notify()
    },
    end() {
      ended = true
      notify()
    },
    async *[Symbol.asyncIterator]() {
      wanted = true
      for (;;) {
        const chunk = chunks.shift()
        if (chunk !== undefined) yield chunk
        else if (ended) return
        else
          await new Promise<void>((resolve) => {
            wake = resolve
          })
      }
    },
  }
}
