import type { Clock } from '../../base/clock.ts'

/** Lines are dropped beyond so many, the oldest first: a day of requests must not fill the memory, as the kubelet's rotation sees to it. */
const MOST_LINES = 20_000
/** How many go at once then. */
const DROPPED_LINES = 5_000

/**
 * What the first process of a container printed, line by line with its time, as `kubectl logs` shows it. There may be a log for each of
 * thousands of containers: text and times stand in two plain lists, and a line that another container printed too is shared with it.
 */
export class ContainerLog {
  private texts: string[] = []
  /** Milliseconds since 1970, of each line's first sign. */
  private times: number[] = []
  /** How many lines went before those that are kept. */
  private dropped = 0
  /** Bytes of a sign that has not arrived whole yet. */
  private rest: Uint8Array | undefined
  private ended = false
  private waiting: (() => void)[] | undefined
  private readonly clock: Clock
  private readonly lines: SharedLines

  constructor(clock: Clock, lines: SharedLines) {
    this.clock = clock
    this.lines = lines
  }

  append(data: Uint8Array): void {
    const bytes = this.rest === undefined ? data : Buffer.concat([this.rest, data])
    const whole = bytes.length - unfinishedBytes(bytes)
    this.rest = whole === bytes.length ? undefined : bytes.slice(whole)
    const text = DECODER.decode(bytes.subarray(0, whole))
    for (let from = 0; from < text.length; ) {
      const at = text.indexOf('\n', from)
      const to = at === -1 ? text.length : at + 1
      this.add(text.slice(from, to))
      from = to
    }
    if (this.texts.length > MOST_LINES) {
      this.texts = this.texts.slice(DROPPED_LINES)
      this.times = this.times.slice(DROPPED_LINES)
      this.dropped += DROPPED_LINES
    }
    this.wake()
  }

  end(): void {
    if (this.rest !== undefined) this.add(DECODER.decode(this.rest))
    this.rest = undefined
    this.ended = true
    this.wake()
  }

  /** The last 80 lines, as far as they are in the last 2,048 bytes: what a container that failed without a word is known by. */
  tail(): string {
    const text = this.texts.slice(-80).join('')
    return Buffer.from(text).subarray(-2048).toString()
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
    /** Of the next line, counted from the first that was ever printed. */
    let number =
      this.dropped +
      (options.tailLines === undefined ? 0 : Math.max(0, this.texts.length - options.tailLines))
    let sent = 0
    for (;;) {
      if (number < this.dropped) {
        number = this.dropped
        sent = 0
      }
      const text = this.texts[number - this.dropped]
      const atMs = this.times[number - this.dropped] ?? 0
      if (text === undefined || (sent === text.length && !text.endsWith('\n'))) {
        if (!options.follow || this.ended || options.signal?.aborted) return
        await this.changed(options.signal)
        continue
      }
      if (atMs >= since && text.length > sent) {
        const stamp =
          options.timestamps && sent === 0
            ? `${new Date(atMs).toISOString().replace('Z', '000000Z')} `
            : ''
        const more = stamp + text.slice(sent)
        sent = text.length
        yield more
      }
      if (text.endsWith('\n')) {
        number++
        sent = 0
      } else sent = text.length
    }
  }

  /** Adds a line, or to the last one where that has not ended. */
  private add(part: string): void {
    const last = this.texts.length - 1
    const open = this.texts[last]
    if (open !== undefined && !open.endsWith('\n')) {
      this.texts[last] = this.lines.share(open + part)
    } else {
      this.texts.push(this.lines.share(part))
      this.times.push(this.clock.now())
    }
  }

  private changed(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      this.waiting ??= []
      this.waiting.push(resolve)
      signal?.addEventListener('abort', () => resolve(), { once: true })
    })
  }

  private wake(): void {
    const waiting = this.waiting
    this.waiting = undefined
    for (const resolve of waiting ?? []) resolve()
  }
}

/** The lines that the containers of a node printed last, each once: replicas start with the same words. */
export class SharedLines {
  private readonly known = new Map<string, string>()

  get size(): number {
    return this.known.size
  }

  share(line: string): string {
    if (line.length > LONGEST_SHARED) return line
    const known = this.known.get(line)
    if (known !== undefined) return known
    // A copy: a part of a longer text would keep all of that text.
    const own = Buffer.from(line).toString()
    this.known.set(own, own)
    if (this.known.size > MOST_SHARED) {
      for (const oldest of this.known.keys()) {
        this.known.delete(oldest)
        break
      }
    }
    return own
  }
}

const LONGEST_SHARED = 256
const MOST_SHARED = 512
const DECODER = new TextDecoder('utf-8', { ignoreBOM: true })

/** How many bytes at the end begin a sign of UTF-8 that is not whole; 0 to 3. */
function unfinishedBytes(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0
    if ((byte & 0b1100_0000) === 0b1000_0000) continue
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
    return needed > back ? back : 0
  }
  return 0
}
