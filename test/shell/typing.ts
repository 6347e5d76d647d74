/** Bytes that come as someone types. */
export function createTyping(): {
  readonly bytes: AsyncIterable<Uint8Array>
  type(text: string): void
} {
  const waiting: string[] = []
  let wake: () => void = () => undefined
  async function* bytes(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const next = waiting.shift()
      if (next !== undefined) yield new TextEncoder().encode(next)
      else {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    }
  }
  return {
    bytes: bytes(),
    type(text) {
      waiting.push(text)
      wake()
    },
  }
}
