import { StreamFile } from './process/open-file.ts'

/** Sends output to everyone who is attached. */
export class Broadcast {
  /** Nobody, for most containers all their life. */
  private listeners: Set<(data: Uint8Array) => void> | undefined

  add(listener: (data: Uint8Array) => void): () => void {
    this.listeners ??= new Set()
    this.listeners.add(listener)
    return () => this.listeners?.delete(listener)
  }

  send(data: Uint8Array): void {
    for (const listener of this.listeners ?? []) listener(data)
  }
}

/** The standard input of a container without a terminal: filled by attached clients, one after the other. */
export class ContainerInput {
  private readonly chunks: Uint8Array[] = []
  private ended = false
  private wake: (() => void) | undefined
  readonly file = new StreamFile(this.stream())

  push(chunk: Uint8Array): void {
    this.chunks.push(chunk)
    this.wake?.()
  }

  end(): void {
    this.ended = true
    this.wake?.()
  }

  private async *stream(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = this.chunks.shift()
      if (chunk !== undefined) yield chunk
      else if (this.ended) return
      else {
        await new Promise<void>((resolve) => {
          this.wake = resolve
        })
      }
    }
  }
}
