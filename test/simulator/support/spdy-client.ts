import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { constants, createDeflate, type Deflate } from 'node:zlib'
import { headerDictionary } from '../../../src/simulator/api/streams/spdy/header-dictionary.ts'

/** Frames by the numbers of the specification, written apart from those of the server. */
export function control(type: number, flags: number, body: Uint8Array, version = 3): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt16BE(0x8000 + version, 0)
  head.writeUInt16BE(type, 2)
  head.writeUInt8(flags, 4)
  head.writeUIntBE(body.length, 5, 3)
  return Buffer.concat([head, body])
}
export function data(stream: number, text: string | Uint8Array, fin = false): Buffer {
  const body = Buffer.from(text)
  const head = Buffer.alloc(8)
  head.writeUInt32BE(stream, 0)
  head.writeUInt8(fin ? 1 : 0, 4)
  head.writeUIntBE(body.length, 5, 3)
  return Buffer.concat([head, body])
}
export function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length)
  values.forEach((value, index) => {
    bytes.writeUInt32BE(value >>> 0, index * 4)
  })
  return bytes
}

/** Packs headers as Go does: one zlib stream for all blocks, flushed after each. */
export function headerPacker(dictionary: Buffer = headerDictionary()) {
  const deflate: Deflate = createDeflate({ level: 9, dictionary })
  let packed: Buffer[] = []
  deflate.on('data', (chunk) => packed.push(chunk))
  return async (headers: Readonly<Record<string, string>>): Promise<Buffer> => {
    const parts = Object.entries(headers).flatMap(([name, value]) => [
      words(Buffer.byteLength(name)),
      Buffer.from(name),
      words(Buffer.byteLength(value)),
      Buffer.from(value),
    ])
    deflate.write(Buffer.concat([words(parts.length / 4), ...parts]))
    await new Promise<void>((resolve) => deflate.flush(constants.Z_SYNC_FLUSH, resolve))
    const block = Buffer.concat(packed)
    packed = []
    return block
  }
}

/** A frame of the server, as far as tests look at it. */
export interface ServerFrame {
  /** 0 for data. */
  readonly type: number
  readonly flags: number
  /** Of control frames the first word of the body. */
  readonly stream: number
  readonly body: Buffer
}

/** A client of SPDY/3 for tests; keeps every frame of the server. */
export class SpdyClient {
  readonly frames: ServerFrame[] = []
  private held = Buffer.alloc(0)
  private readonly pack = headerPacker()
  private nextStream = 1
  private readonly waiting = new Set<() => void>()
  readonly connection: Duplex
  ended = false

  constructor(connection: Duplex) {
    this.connection = connection
    connection.on('data', (chunk: Buffer) => {
      this.held = Buffer.concat([this.held, chunk])
      this.read()
      this.wake()
    })
    const end = () => {
      this.ended = true
      this.wake()
    }
    connection.on('end', end)
    connection.on('close', end)
    connection.on('error', () => {})
  }

  /** Opens a stream and does not wait for the reply. */
  async open(headers: Readonly<Record<string, string>>, fin = false): Promise<number> {
    const id = this.nextStream
    this.nextStream += 2
    const block = await this.pack(headers)
    const head = Buffer.concat([words(id, 0), Buffer.alloc(2)])
    this.connection.write(control(1, fin ? 1 : 0, Buffer.concat([head, block])))
    return id
  }
  send(stream: number, text: string | Uint8Array, fin = false): void {
    this.connection.write(data(stream, text, fin))
  }
  reset(stream: number): void {
    this.connection.write(control(3, 0, words(stream, 5)))
  }
  ping(id: number): void {
    this.connection.write(control(6, 0, words(id)))
  }

  bytes(stream: number): Buffer {
    return Buffer.concat(
      this.frames
        .filter((frame) => frame.type === 0 && frame.stream === stream)
        .map(({ body }) => body),
    )
  }
  text(stream: number): string {
    return this.bytes(stream).toString()
  }
  /** Whether the server has ended its half. */
  finished(stream: number): boolean {
    return this.frames.some(
      (frame) => frame.type === 0 && frame.stream === stream && (frame.flags & 1) === 1,
    )
  }
  has(type: number, stream: number): boolean {
    return this.frames.some((frame) => frame.type === type && frame.stream === stream)
  }

  /** Waits until something holds; fails when the connection ends before. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      if (this.ended) {
        const last = this.frames.slice(-5).map(({ type, stream }) => `type ${type} of ${stream}`)
        throw new Error(`the server closed after ${last.join(', ')}`)
      }
      await new Promise<void>((resolve) => this.waiting.add(resolve))
    }
  }
  async end(): Promise<void> {
    if (!this.connection.destroyed) {
      const closed = once(this.connection, 'close')
      this.connection.destroy()
      await closed
    }
  }

  private wake(): void {
    const waiting = [...this.waiting]
    this.waiting.clear()
    for (const each of waiting) each()
  }
  private read(): void {
    for (;;) {
      if (this.held.length < 8) return
      const first = this.held.readUInt32BE(0)
      const flags = this.held.readUInt8(4)
      const length = this.held.readUIntBE(5, 3)
      if (this.held.length < 8 + length) return
      const body = Buffer.from(this.held.subarray(8, 8 + length))
      this.held = this.held.subarray(8 + length)
      const isControl = first >= 0x80000000
      this.frames.push({
        type: isControl ? first & 0xffff : 0,
        flags,
        stream: isControl ? body.readUInt32BE(0) : first,
        body,
      })
    }
  }
}
