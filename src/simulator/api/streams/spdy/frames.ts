import { SpdyError } from './spdy-error.ts'

/** Frames of SPDY/3, which SPDY/3.1 shares but for its session window (SPDY protocol, draft 3, section 2.2). */
const TYPE = {
  synStream: 1,
  synReply: 2,
  rstStream: 3,
  ping: 6,
  goAway: 7,
  headers: 8,
} as const
const VERSION = 3
const FLAG_FIN = 1
const HEADER_LENGTH = 8

/** Why a stream was reset. */
export const RESET = { protocolError: 1, refusedStream: 3, cancel: 5 } as const

/** Why a session ends. */
export const GO_AWAY = { ok: 0, protocolError: 1 } as const

/** A frame as a server has to look at it. Data comes in parts as it arrives, the last one with `fin` where the stream ends. */
export type Frame =
  | {
      readonly kind: 'data'
      readonly stream: number
      readonly data: Uint8Array
      readonly fin: boolean
    }
  | {
      readonly kind: 'syn-stream'
      readonly stream: number
      readonly block: Uint8Array
      readonly fin: boolean
    }
  /** SYN_REPLY or HEADERS: its block has to be unpacked, as the next one is packed with it. */
  | {
      readonly kind: 'headers'
      readonly stream: number
      readonly block: Uint8Array
      readonly fin: boolean
    }
  | { readonly kind: 'reset'; readonly stream: number }
  | { readonly kind: 'ping'; readonly id: number }
  | { readonly kind: 'go-away' }

/** Longer control frames than this nobody needs. */
const CONTROL_LIMIT = 16 * 1024

interface OpenData {
  readonly stream: number
  readonly fin: boolean
  left: number
}

/** Takes bytes as they come and gives frames. Holds at most one control frame. */
export class FrameReader {
  private held: Buffer = Buffer.alloc(0)
  private data: OpenData | undefined;

  /** @throws SpdyError for what is no frame, or too large */
  *push(chunk: Uint8Array): Generator<Frame> {
    this.held = this.held.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.held, chunk])
    for (;;) {
      if (this.data !== undefined) {
        if (this.held.length === 0 && this.data.left > 0) return
        yield this.takeData(this.data)
        continue
      }
      if (this.held.length < HEADER_LENGTH) return
      const first = this.held.readUInt32BE(0)
      const flags = this.held.readUInt8(4)
      const length = this.held.readUIntBE(5, 3)
      if (first < 0x8000_0000) {
        if (first === 0) throw new SpdyError('data of stream 0')
        this.take(HEADER_LENGTH)
        this.data = { stream: first, fin: (flags & FLAG_FIN) !== 0, left: length }
        continue
      }
      const version = (first >>> 16) & 0x7fff
      if (version !== VERSION) throw new SpdyError(`a frame of SPDY version ${version}`)
      if (length > CONTROL_LIMIT) throw new SpdyError(`a control frame of ${length} bytes`)
      if (this.held.length < HEADER_LENGTH + length) return
      const body = this.take(HEADER_LENGTH + length).subarray(HEADER_LENGTH)
      const frame = readControl(first & 0xffff, flags, body)
      if (frame !== undefined) yield frame
    }
  }

  private take(length: number): Buffer {
    const taken = this.held.subarray(0, length)
    this.held = this.held.subarray(length)
    return taken
  }

  private takeData(open: OpenData): Frame {
    const data = this.take(Math.min(open.left, this.held.length))
    open.left -= data.length
    if (open.left > 0) return { kind: 'data', stream: open.stream, data, fin: false }
    this.data = undefined
    return { kind: 'data', stream: open.stream, data, fin: open.fin }
  }
}

/** `undefined` for frames that ask nothing of a server: SETTINGS, WINDOW_UPDATE, and types that are not known. */
function readControl(type: number, flags: number, body: Buffer): Frame | undefined {
  const fin = (flags & FLAG_FIN) !== 0
  switch (type) {
    case TYPE.synStream:
      return { kind: 'syn-stream', stream: idAt(body), block: body.subarray(10), fin }
    case TYPE.synReply:
    case TYPE.headers:
      return { kind: 'headers', stream: idAt(body), block: body.subarray(4), fin }
    case TYPE.rstStream:
      return { kind: 'reset', stream: idAt(body) }
    case TYPE.ping:
      if (body.length < 4) throw new SpdyError('a ping without a number')
      return { kind: 'ping', id: body.readUInt32BE(0) }
    case TYPE.goAway:
      return { kind: 'go-away' }
    default:
      return undefined
  }
}

function idAt(body: Buffer): number {
  if (body.length < 4) throw new SpdyError('a frame without a stream')
  const id = body.readUInt32BE(0) & 0x7fff_ffff
  if (id === 0) throw new SpdyError('a frame of stream 0')
  return id
}

function controlFrame(type: number, flags: number, ...parts: readonly Uint8Array[]): Buffer {
  const header = Buffer.alloc(HEADER_LENGTH)
  header.writeUInt16BE(0x8000 | VERSION, 0)
  header.writeUInt16BE(type, 2)
  header.writeUInt8(flags, 4)
  header.writeUIntBE(
    parts.reduce((sum, part) => sum + part.length, 0),
    5,
    3,
  )
  return Buffer.concat([header, ...parts])
}

function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4)
  return bytes
}

/** SYN_REPLY: the stream was accepted. */
export function replyFrame(stream: number, block: Uint8Array): Buffer {
  return controlFrame(TYPE.synReply, 0, numbers(stream), block)
}

export function resetFrame(stream: number, why: number): Buffer {
  return controlFrame(TYPE.rstStream, 0, numbers(stream, why))
}

export function pingFrame(id: number): Buffer {
  return controlFrame(TYPE.ping, 0, numbers(id))
}

/** @param last the last stream that was accepted */
export function goAwayFrame(last: number, why: number): Buffer {
  return controlFrame(TYPE.goAway, 0, numbers(last, why))
}

/** @param data less than 16 MiB */
export function dataFrame(
  stream: number,
  data: Uint8Array,
  options: { readonly fin: boolean },
): Buffer {
  const header = Buffer.alloc(HEADER_LENGTH)
  header.writeUInt32BE(stream, 0)
  header.writeUInt8(options.fin ? FLAG_FIN : 0, 4)
  header.writeUIntBE(data.length, 5, 3)
  return Buffer.concat([header, data])
}
