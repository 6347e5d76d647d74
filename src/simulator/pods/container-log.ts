import type { Clock } from '../../base/clock.ts'

interface LogLine {
  readonly atMs: number
  text: string
}

/** What the first process of a container printed, line by line with its time, as `kubectl logs` shows it. */
export class ContainerLog {
  private readonly lines: LogLine[] = []
  private readonly decoder = new TextDecoder()
  private ended = false
  private waiting: (() => void)[] = []
  private readonly clock: Clock

  constructor(clock: Clock) {
    this.clock = clock
  }

  append(data: Uint8Array): void {
    let text = this.decoder.decode(data, { stream: true })
    while (text !== '') {
      const last = this.lines.at(-1)
      const at = text.indexOf('\n')
      const part = at === -1 ? text : text.slice(0, at + 1)
      if (last !== undefined && !last.text.endsWith('\n')) last.text += part
      else this.lines.push({ atMs: this.clock.now(), text: part })
      text = text.slice(part.length)
    }
    // A day of requests must not fill the memory: the kubelet rotates logs too.
    if (this.lines.length > 20_000) this.lines.splice(0, 5_000)
    this.wake()
  }

  end(): void {
    this.ended = true
    this.wake()
  }

  async *read(options: {
    readonly follow: boolean
    readonly tailLines?: number
    readonly timestamps?: boolean
    readonly sinceSeconds?: number
    readonly signal?: AbortSignal
  }): AsyncGenerator<string> {
    const since =
      options.sinceSeconds === undefined ? 0 : this.clock.now() - options.sinceSeconds * 1000
    const start =
      options.tailLines === undefined ? 0 : Math.max(0, this.lines.length - options.tailLines)
    let line = this.lines[start]
    let index = start
    let sent = 0
    for (;;) {
      line = this.lines[index]
      if (line === undefined || (sent === line.text.length && !line.text.endsWith('\n'))) {
        if (!options.follow || this.ended || options.signal?.aborted) return
        await this.changed(options.signal)
        continue
      }
      if (line.atMs >= since && line.text.length > sent) {
        const stamp =
          options.timestamps && sent === 0
            ? `${new Date(line.atMs).toISOString().replace('Z', '000000Z')} `
            : ''
        const text = stamp + line.text.slice(sent)
        sent = line.text.length
        yield text
      }
      if (line.text.endsWith('\n')) {
        index++
        sent = 0
      } else sent = line.text.length
    }
  }

  private changed(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push(resolve)
      signal?.addEventListener('abort', () => resolve(), { once: true })
    })
  }

  private wake(): void {
    const waiting = this.waiting
    this.waiting = []
    for (const resolve of waiting) resolve()
  }
}
