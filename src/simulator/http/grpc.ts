import type { Connection } from '../ports.ts'
import { ByteReader } from './byte-reader.ts'
import {
  ACK,
  END_HEADERS,
  END_STREAM,
  FRAME,
  type Frame,
  frameBytes,
  headerBytes,
  PREFACE,
  PROTOCOL_ERROR,
  readFrame,
  readHeaders,
} from './http2.ts'

/** How a call ended that was answered. `code` is a number of google.golang.org/grpc/codes, 0 where it went well. */
export interface GrpcAnswer {
  readonly code: number
  readonly message: string
  readonly reply?: Uint8Array
}

/** Codes of gRPC that are used here. */
export const GRPC = {
  ok: 0,
  unknown: 2,
  notFound: 5,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
} as const

/** A connection on which calls can be made: the server has greeted. */
export interface GrpcChannel {
  call(path: string, message: Uint8Array): Promise<GrpcAnswer>
}

/** The client's side of the greeting; `undefined` where the server answers something that is no HTTP/2, or hangs up. */
export async function openGrpc(
  connection: Connection,
  options: { readonly authority: string; readonly userAgent: string },
): Promise<GrpcChannel | undefined> {
  connection.send(joined(PREFACE, frameBytes(FRAME.settings, 0, 0)))
  const reader = new ByteReader(connection.incoming)
  const first = await readFrame(reader)
  if (first?.type !== FRAME.settings || first.stream !== 0) return undefined
  connection.send(frameBytes(FRAME.settings, ACK, 0))
  let stream = -1
  return {
    async call(path, message) {
      stream += 2
      const headers = headerBytes([
        [':method', 'POST'],
        [':scheme', 'http'],
        [':path', path],
        [':authority', options.authority],
        ['content-type', 'application/grpc'],
        ['user-agent', options.userAgent],
        ['te', 'trailers'],
      ])
      connection.send(frameBytes(FRAME.headers, END_HEADERS, stream, headers))
      connection.send(frameBytes(FRAME.data, END_STREAM, stream, wrapped(message)))
      return readAnswer(reader, connection, stream)
    },
  }
}

async function readAnswer(
  reader: ByteReader,
  connection: Connection,
  stream: number,
): Promise<GrpcAnswer> {
  let body: Uint8Array = new Uint8Array(0)
  for (;;) {
    const frame = await readFrame(reader)
    if (frame === undefined) {
      return { code: GRPC.unavailable, message: 'error reading from server: EOF' }
    }
    if (answersBySelf(frame, connection) || frame.stream !== stream) continue
    if (frame.type === FRAME.reset)
      return { code: GRPC.internal, message: 'stream terminated by RST_STREAM' }
    if (frame.type === FRAME.data) body = joined(body, frame.payload)
    if (frame.type !== FRAME.headers || (frame.flags & END_STREAM) === 0) continue
    const trailers = readHeaders(frame.payload)
    const code = Number(trailers?.get('grpc-status') ?? GRPC.unknown)
    const reply = unwrapped(body)
    return {
      code,
      message: decodeURIComponent(trailers?.get('grpc-message') ?? ''),
      ...(reply === undefined ? {} : { reply }),
    }
  }
}

/** Serves calls on a connection until the client ends it. What does not begin as HTTP/2 is hung up on, as grpc-go does. */
export async function serveGrpc(
  connection: Connection,
  answer: (path: string, message: Uint8Array) => GrpcAnswer | Promise<GrpcAnswer>,
): Promise<void> {
  const reader = new ByteReader(connection.incoming)
  connection.send(frameBytes(FRAME.settings, 0, 0))
  const preface = await reader.readExactly(PREFACE.length)
  if (preface === undefined || !preface.every((byte, index) => byte === PREFACE[index])) return
  const open = new Map<number, { readonly path: string; body: Uint8Array }>()
  for (;;) {
    const frame = await readFrame(reader)
    if (frame === undefined || frame.type === FRAME.goAway) return
    if (answersBySelf(frame, connection)) continue
    const { stream, payload } = frame
    if (frame.type === FRAME.headers) {
      const path = readHeaders(payload)?.get(':path')
      if (path === undefined) {
        connection.send(
          frameBytes(FRAME.goAway, 0, 0, Uint8Array.of(0, 0, 0, 0, 0, 0, 0, PROTOCOL_ERROR)),
        )
        return
      }
      open.set(stream, { path, body: new Uint8Array(0) })
    }
    const call = open.get(stream)
    if (call === undefined) continue
    if (frame.type === FRAME.data) call.body = joined(call.body, payload)
    if (frame.type === FRAME.reset) open.delete(stream)
    else if ((frame.flags & END_STREAM) !== 0) {
      open.delete(stream)
      connection.send(
        answerBytes(stream, await answer(call.path, unwrapped(call.body) ?? new Uint8Array(0))),
      )
    }
  }
}

function answerBytes(stream: number, { code, message, reply }: GrpcAnswer): Uint8Array {
  const head = [
    [':status', '200'],
    ['content-type', 'application/grpc'],
  ] as const
  const tail = [
    ['grpc-status', String(code)],
    ['grpc-message', encodeURIComponent(message)],
  ] as const
  if (reply === undefined) {
    return frameBytes(
      FRAME.headers,
      END_HEADERS | END_STREAM,
      stream,
      headerBytes([...head, ...tail]),
    )
  }
  return [
    frameBytes(FRAME.headers, END_HEADERS, stream, headerBytes(head)),
    frameBytes(FRAME.data, 0, stream, wrapped(reply)),
    frameBytes(FRAME.headers, END_HEADERS | END_STREAM, stream, headerBytes(tail)),
  ].reduce(joined)
}

/** Settings and pings, which are answered whatever is going on. */
function answersBySelf({ type, flags, payload }: Frame, connection: Connection): boolean {
  if (type !== FRAME.settings && type !== FRAME.ping) return false
  if ((flags & ACK) === 0) {
    connection.send(frameBytes(type, ACK, 0, type === FRAME.ping ? payload : undefined))
  }
  return true
}

/** A message with its head: not compressed, and its length. */
function wrapped(message: Uint8Array): Uint8Array {
  const head = new Uint8Array(5)
  new DataView(head.buffer).setUint32(1, message.length)
  return joined(head, message)
}

function unwrapped(body: Uint8Array): Uint8Array | undefined {
  return body.length < 5 ? undefined : body.subarray(5)
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const out = new Uint8Array(first.length + second.length)
  out.set(first)
  out.set(second, first.length)
  return out
}
