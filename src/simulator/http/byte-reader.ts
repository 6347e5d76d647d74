/** Reads a stream of chunks by the line, by count, or whole. One reader a stream. */
export class ByteReader {
  private held: Uint8Array = new Uint8Array(0)
  private readonly iterator: AsyncIterator<Uint8Array>

  constructor(stream: AsyncIterable<Uint8Array>) {
    this.iterator = stream[Symbol.asyncIterator]()
  }

  /** The next bytes, at most `max`; `undefined` at the end. */
  async read(max = Number.POSITIVE_INFINITY): Promise<Uint8Array | undefined> {
    if (this.held.length === 0 && !(await this.fill())) return undefined
    const taken = this.held.subarray(0, max)
    this.held = this.held.subarray(taken.length)
    return taken
  }

  /** So many bytes; `undefined` where the stream ends before. */
  async readExactly(count: number): Promise<Uint8Array | undefined> {
    while (this.held.length < count) if (!(await this.fill())) return undefined
    const taken = this.held.subarray(0, count)
    this.held = this.held.subarray(count)
    return taken
  }

  /** A line without its end (LF or CRLF); `undefined` at the end of the stream. Cuts at `limit` bytes. */
  async readLine(limit = 16_384): Promise<string | undefined> {
    for (;;) {
      const at = this.held.indexOf(10)
      if (at !== -1) {
        const line = decode(this.held.subarray(0, at))
        this.held = this.held.subarray(at + 1)
        return line.endsWith('\r') ? line.slice(0, -1) : line
      }
      if (this.held.length > limit) return undefined
      if (await this.fill()) continue
      if (this.held.length === 0) return undefined
      const rest = decode(this.held)
      this.held = new Uint8Array(0)
      return rest
    }
  }

  /**
   * The first line of a request. What cannot begin one, a byte that is no letter, comes back at once and with all that is there, as a server
   * does not wait for the end of a line that nobody will send.
   */
  async readRequestLine(): Promise<string | undefined> {
    if (this.held.length === 0 && !(await this.fill())) return undefined
    const first = this.held[0] ?? 0
    if (first === 13 || first === 10 || (first >= 65 && first <= 90)) return this.readLine()
    const rest = this.held
    this.held = new Uint8Array(0)
    return Buffer.from(rest).toString('latin1')
  }

  private async fill(): Promise<boolean> {
    const next = await this.iterator.next()
    if (next.done) return false
    const joined = new Uint8Array(this.held.length + next.value.length)
    joined.set(this.held)
    joined.set(next.value, this.held.length)
    this.held = joined
    return true
  }
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}
