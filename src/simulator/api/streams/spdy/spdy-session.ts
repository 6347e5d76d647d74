import type { Duplex } from 'node:stream'
import {
  dataFrame,
  type Frame,
  FrameReader,
  GO_AWAY,
  goAwayFrame,
  pingFrame,
  RESET,
  replyFrame,
  resetFrame,
} from './frames.ts'
import { EmptyHeaderBlocks, HeaderBlockReader } from './header-block.ts'
import { SpdyError } from './spdy-error.ts'

/** A stream that the client opened, as the server writes to it. */
export interface SpdyStream {
  readonly id: number
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>
  /** The promise, where there is one, is settled when the client has read enough for more. */
  write(data: Uint8Array): Promise<void> | undefined
  /** Nothing more will be written. */
  end(): void
  /** Ends both directions at once. */
  reset(): void
}

/** What becomes of that which a client sends on one of its streams. */
export interface StreamReceiver {
  /** A promise holds the whole session back until it is settled, as SPDY without windows does it. */
  data(chunk: Uint8Array): void | Promise<void>
  /** The client sends no more. */
  end(): void
  /** The client has reset the stream, or is gone: nobody reads what is written. */
  gone(): void
}

export interface SpdySessionOptions {
  /** Whether a stream with these headers may be opened; the client hears of a refusal as a reset. */
  accepts(headers: ReadonlyMap<string, string>): boolean
  open(stream: SpdyStream): StreamReceiver
  /** The session is over, every stream is gone. Called once. */
  onClose(): void
  /**
   * How often a client that is held back is asked whether it is there: what it sends is not read meanwhile, its going neither.
   *
   * @default 5000, as often as kubectl asks
   */
  readonly heldPingMs?: number
}

export interface SpdySession {
  /** Sends what is written, then GOAWAY, and ends the connection. */
  close(): void
}

/** Streams of one session at once; a forwarded connection is two. */
const STREAMS_LIMIT = 1000
/** From so many unsent bytes on, writers should wait. */
const UNSENT_ENOUGH = 256 * 1024
/** A client that does not read is cut off at so many. */
const UNSENT_LIMIT = 16 * 1024 * 1024
/** As much as Go copies at once. */
const DATA_LENGTH = 32 * 1024
/** How long a client may take to close after everything was sent. */
const LINGER_MS = 5000

const HELD_PING_MS = 5000
/** Pings of a server have even numbers. */
const OWN_PING = 2

interface OpenStream {
  readonly receiver: StreamReceiver
  receiving: boolean
  sending: boolean
}

/**
 * The server's end of SPDY/3.1 as github.com/moby/spdystream speaks it, which every Kubernetes client and server uses: without
 * windows, without priorities, streams opened by the client alone. What is malformed ends the session and nothing else.
 */
export function serveSpdy(connection: Duplex, options: SpdySessionOptions): SpdySession {
  const frames = new FrameReader()
  const headerBlocks = new HeaderBlockReader()
  const emptyBlocks = new EmptyHeaderBlocks()
  const streams = new Map<number, OpenStream>()
  let lastStream = 0
  let closing = false

  const send = (bytes: Uint8Array) => {
    if (!connection.writable) return
    connection.write(bytes)
    if (connection.writableLength > UNSENT_LIMIT) connection.destroy()
  }
  let draining: Promise<void> | undefined
  /** One promise for all streams, however many write. */
  const drained = (): Promise<void> | undefined => {
    if (connection.writableLength < UNSENT_ENOUGH || !connection.writable) return undefined
    draining ??= new Promise((resolve) => {
      const done = () => {
        connection.off('drain', done)
        connection.off('close', done)
        draining = undefined
        resolve()
      }
      connection.once('drain', done)
      connection.once('close', done)
    })
    return draining
  }
  const close = (why: number) => {
    if (closing) return
    closing = true
    send(goAwayFrame(lastStream, why))
    connection.end()
    const linger = () => {
      const late = setTimeout(() => connection.destroy(), LINGER_MS)
      connection.once('close', () => clearTimeout(late))
    }
    if (connection.writableFinished) linger()
    else connection.once('finish', linger)
  }
  const forgetWhenDone = (id: number, stream: OpenStream) => {
    if (!stream.receiving && !stream.sending) streams.delete(id)
  }

  const openStream = (id: number, headers: ReadonlyMap<string, string>): OpenStream => {
    const stream: SpdyStream = {
      id,
      headers,
      write(data) {
        for (let at = 0; at < data.length && open.sending; at += DATA_LENGTH) {
          send(dataFrame(id, data.subarray(at, at + DATA_LENGTH), { fin: false }))
        }
        return drained()
      },
      end() {
        if (!open.sending) return
        open.sending = false
        send(dataFrame(id, new Uint8Array(0), { fin: true }))
        forgetWhenDone(id, open)
      },
      reset() {
        if (!open.sending && !open.receiving) return
        open.sending = false
        open.receiving = false
        streams.delete(id)
        send(resetFrame(id, RESET.cancel))
      },
    }
    send(replyFrame(id, emptyBlocks.next()))
    let receiver: StreamReceiver = NOBODY
    const open: OpenStream = {
      get receiver() {
        return receiver
      },
      receiving: true,
      sending: true,
    }
    streams.set(id, open)
    receiver = options.open(stream)
    return open
  }

  const take = (frame: Frame): void | Promise<void> => {
    switch (frame.kind) {
      case 'syn-stream': {
        const headers = headerBlocks.read(frame.block)
        const { stream: id } = frame
        if (closing) return
        if (id % 2 === 0 || id <= lastStream) return send(resetFrame(id, RESET.protocolError))
        lastStream = id
        if (streams.size >= STREAMS_LIMIT) return send(resetFrame(id, RESET.refusedStream))
        if (!options.accepts(headers)) return send(resetFrame(id, RESET.cancel))
        const open = openStream(id, headers)
        if (frame.fin) endOf(id, open)
        return
      }
      case 'headers':
        headerBlocks.read(frame.block)
        return endOfFrame(frame)
      case 'data': {
        const open = streams.get(frame.stream)
        if (open === undefined || !open.receiving || frame.data.length === 0)
          return endOfFrame(frame)
        const wait = open.receiver.data(frame.data)
        if (wait === undefined) return endOfFrame(frame)
        return wait.then(() => endOfFrame(frame))
      }
      case 'reset': {
        const open = streams.get(frame.stream)
        if (open === undefined) return
        open.receiving = false
        open.sending = false
        streams.delete(frame.stream)
        return open.receiver.gone()
      }
      case 'ping':
        // Those of the other parity are answers to pings of the server.
        return frame.id % 2 === 1 ? send(pingFrame(frame.id)) : undefined
      case 'go-away':
        return
    }
  }
  const endOfFrame = ({ stream, fin }: { readonly stream: number; readonly fin: boolean }) => {
    const open = streams.get(stream)
    if (fin && open !== undefined) endOf(stream, open)
  }
  const endOf = (id: number, open: OpenStream) => {
    if (!open.receiving) return
    open.receiving = false
    open.receiver.end()
    forgetWhenDone(id, open)
  }

  const gone = new Promise<void>((resolve) => connection.once('close', resolve))
  const run = async () => {
    // Leaving the loop must not take the connection along: GOAWAY is still to be sent.
    for await (const chunk of connection.iterator({ destroyOnReturn: false })) {
      for (const frame of frames.push(chunk)) {
        const wait = take(frame)
        if (wait === undefined) continue
        const beat = setInterval(
          () => send(pingFrame(OWN_PING)),
          options.heldPingMs ?? HELD_PING_MS,
        )
        await Promise.race([wait, gone])
        clearInterval(beat)
      }
    }
  }
  connection.on('error', () => connection.destroy())
  void run()
    .catch((error: unknown) => {
      if (error instanceof SpdyError) close(GO_AWAY.protocolError)
      else connection.destroy()
    })
    .finally(() => {
      closing = true
      for (const open of [...streams.values()]) {
        open.receiving = false
        open.sending = false
        open.receiver.gone()
      }
      streams.clear()
      if (!connection.writableEnded) connection.end()
      connection.resume()
      options.onClose()
    })
  return { close: () => close(GO_AWAY.ok) }
}

const NOBODY: StreamReceiver = { data() {}, end() {}, gone() {} }
