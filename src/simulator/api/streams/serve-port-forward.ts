import type { Duplex } from 'node:stream'
import type { PortForward } from '../http/port-forward.ts'
import { forwardConnection } from './forward-connection.ts'
import { type SpdyStream, type StreamReceiver, serveSpdy } from './spdy/spdy-session.ts'

/** The one protocol of port forwards. Models k8s.io/kubelet pkg/cri/streaming/portforward/httpstream.go. */
export const PORT_FORWARD_PROTOCOL = 'portforward.k8s.io'

/** What a client may send on the first stream of a pair before there is a second one. */
const EARLY_LIMIT = 64 * 1024

/** The two streams of one forwarded connection. */
interface Pair {
  error?: SpdyStream
  data?: SpdyStream
  /** Takes what the client sends, from when both are there. */
  receiver?: StreamReceiver
  readonly early: Uint8Array[]
  endedEarly: boolean
  readonly late: NodeJS.Timeout
}

/** Forwards ports over one SPDY session: each connection is a stream for data and one for an error. */
export function servePortForward(
  connection: Duplex,
  forward: PortForward,
  { streamsMs }: { readonly streamsMs: number },
): void {
  const pairs = new Map<string, Pair>()

  const pairOf = (request: string): Pair => {
    const known = pairs.get(request)
    if (known !== undefined) return known
    const pair: Pair = {
      early: [],
      endedEarly: false,
      late: setTimeout(() => {
        pairs.delete(request)
        void pair.error?.write(Buffer.from(`(request=${request}) timed out waiting for streams`))
        pair.error?.end()
        pair.data?.reset()
      }, streamsMs),
    }
    pairs.set(request, pair)
    return pair
  }
  const begin = (request: string, pair: Pair, data: SpdyStream, error: SpdyStream) => {
    clearTimeout(pair.late)
    pairs.delete(request)
    const receiver = forwardConnection(forward, Number(data.headers.get('port')), {
      write: (chunk) => data.write(chunk),
      end: () => data.end(),
      fail: (message) => void error.write(Buffer.from(message)),
      close: () => error.end(),
    })
    pair.receiver = receiver
    for (const chunk of pair.early.splice(0)) void receiver.data(chunk)
    if (pair.endedEarly) receiver.end()
  }

  serveSpdy(connection, {
    accepts(headers) {
      const type = headers.get('streamtype')
      return isPort(headers.get('port')) && (type === 'error' || type === 'data')
    },
    open(stream) {
      const isData = stream.headers.get('streamtype') === 'data'
      const request = requestOf(stream, isData)
      const pair = pairOf(request)
      if ((isData ? pair.data : pair.error) !== undefined) {
        const type = isData ? 'data' : 'error'
        void pair.error?.write(
          Buffer.from(
            `error processing stream for request ${request}: ${type} stream already assigned`,
          ),
        )
        stream.reset()
        return NOBODY
      }
      if (isData) pair.data = stream
      else pair.error = stream
      const { data, error } = pair
      if (data !== undefined && error !== undefined) begin(request, pair, data, error)
      return isData ? dataReceiver(pair, stream) : NOBODY
    },
    onClose() {
      for (const pair of pairs.values()) clearTimeout(pair.late)
      pairs.clear()
    },
  })
}

const NOBODY: StreamReceiver = { data() {}, end() {}, gone() {} }

function dataReceiver(pair: Pair, stream: SpdyStream): StreamReceiver {
  return {
    data(chunk) {
      if (pair.receiver !== undefined) return pair.receiver.data(chunk)
      pair.early.push(chunk)
      if (pair.early.reduce((sum, { length }) => sum + length, 0) > EARLY_LIMIT) stream.reset()
      return undefined
    },
    end() {
      pair.endedEarly = true
      pair.receiver?.end()
    },
    gone: () => pair.receiver?.gone(),
  }
}

/** Which connection a stream belongs to; the oldest clients number none, and the error stream comes right before. */
function requestOf(stream: SpdyStream, isData: boolean): string {
  const given = stream.headers.get('requestid') ?? ''
  return given === '' ? `stream ${isData ? stream.id - 2 : stream.id}` : given
}

function isPort(text: string | undefined): boolean {
  return text !== undefined && /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) < 65_536
}
