import type { ByteReader } from './byte-reader.ts'

/**
 * HTTP/2 (RFC 9113) as far as one gRPC call needs it: frames, and headers as literals without indexing and without Huffman codes, which
 * HPACK (RFC 7541) allows any encoder to keep to.
 */
export const PREFACE = new TextEncoder().encode('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

export const FRAME = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, goAway: 7 } as const
/** Flags of a frame: the last of its stream (of settings and pings: an answer), and all of its headers. */
export const END_STREAM = 1
export const ACK = 1
export const END_HEADERS = 4
/** The code of an error that is none: REFUSED_STREAM and its kin are not needed. */
export const PROTOCOL_ERROR = 1

export interface Frame {
  readonly type: number
  readonly flags: number
  readonly stream: number
  readonly payload: Uint8Array
}

/** The largest payload of a frame unless the peer has allowed more. */
const MOST_PAYLOAD = 16_384

export function frameBytes(
  type: number,
  flags: number,
  stream: number,
  payload: Uint8Array = new Uint8Array(0),
): Uint8Array {
  const frame = new Uint8Array(9 + payload.length)
  const view = new DataView(frame.buffer)
  view.setUint8(0, payload.length >> 16)
  view.setUint16(1, payload.length & 0xffff)
  view.setUint8(3, type)
  view.setUint8(4, flags)
  view.setUint32(5, stream)
  frame.set(payload, 9)
  return frame
}

/** The next frame; `undefined` at the end, or where what comes can be none. */
export async function readFrame(reader: ByteReader): Promise<Frame | undefined> {
  const head = await reader.readExactly(9)
  if (head === undefined) return undefined
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  const length = (view.getUint8(0) << 16) | view.getUint16(1)
  if (length > MOST_PAYLOAD) return undefined
  const payload = length === 0 ? new Uint8Array(0) : await reader.readExactly(length)
  if (payload === undefined) return undefined
  return {
    type: view.getUint8(3),
    flags: view.getUint8(4),
    stream: view.getUint32(5) & 0x7fff_ffff,
    payload,
  }
}

/** Integers of HPACK with a prefix of seven bits, the eighth being zero: the length of a string that is no Huffman code. */
function lengthBytes(length: number): number[] {
  if (length < 127) return [length]
  const bytes = [127]
  let rest = length - 127
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
  return [...bytes, rest]
}

export function headerBytes(headers: readonly (readonly [string, string])[]): Uint8Array {
  const bytes: number[] = []
  const text = (value: string) => {
    const encoded = new TextEncoder().encode(value)
    bytes.push(...lengthBytes(encoded.length), ...encoded)
  }
  for (const [name, value] of headers) {
    bytes.push(0)
    text(name)
    text(value)
  }
  return Uint8Array.from(bytes)
}

/** The headers of a block; `undefined` where it is encoded in another way than `headerBytes` does it. */
export function readHeaders(block: Uint8Array): ReadonlyMap<string, string> | undefined {
  const headers = new Map<string, string>()
  let at = 0
  const text = (): string | undefined => {
    let length = block[at++] ?? 128
    if (length >= 128) return undefined
    if (length === 127) {
      for (let shift = 0; ; shift += 7) {
        const byte = block[at++]
        if (byte === undefined || shift > 14) return undefined
        length += (byte & 127) << shift
        if (byte < 128) break
      }
    }
    if (at + length > block.length) return undefined
    at += length
    return new TextDecoder().decode(block.subarray(at - length, at))
  }
  while (at < block.length) {
    if (block[at++] !== 0) return undefined
    const [name, value] = [text(), text()]
    if (name === undefined || value === undefined) return undefined
    headers.set(name, value)
  }
  return headers
}
