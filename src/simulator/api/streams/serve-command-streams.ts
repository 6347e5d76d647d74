import type { Duplex } from 'node:stream'
import type { Status } from '../../../kube/objects.ts'
import type { RemoteCommand } from '../http/remote-command.ts'
import { exitStatus, readResize } from './channel-protocol.ts'
import { RemoteInput } from './remote-input.ts'
import { type RunningCommand, runCommand } from './run-command.ts'
import {
  type SpdySession,
  type SpdyStream,
  type StreamReceiver,
  serveSpdy,
} from './spdy/spdy-session.ts'

/** What `exec` and `attach` speak over SPDY. Models k8s.io/kubelet pkg/cri/streaming/remotecommand/httpstream.go. */
export const COMMAND_PROTOCOLS = [
  'v4.channel.k8s.io',
  'v3.channel.k8s.io',
  'v2.channel.k8s.io',
  'channel.k8s.io',
] as const

/** A size of a terminal is far shorter. */
const RESIZE_LIMIT = 1024

type StreamType = 'error' | 'stdin' | 'stdout' | 'stderr' | 'resize'

/** Joins a SPDY session to a process: one stream for each of its own, one for sizes, and one for how it ended. */
export function serveCommandStreams(
  connection: Duplex,
  command: RemoteCommand,
  { protocol, streamsMs }: { readonly protocol: string; readonly streamsMs: number },
): void {
  const resizes = command.tty && !['v2.channel.k8s.io', 'channel.k8s.io'].includes(protocol)
  const wanted: StreamType[] = [
    'error',
    ...(command.stdin ? (['stdin'] as const) : []),
    ...(command.stdout ? (['stdout'] as const) : []),
    ...(command.stderr && !command.tty ? (['stderr'] as const) : []),
    ...(resizes ? (['resize'] as const) : []),
  ]
  const streams = new Map<StreamType, SpdyStream>()
  const input = new RemoteInput()
  let running: RunningCommand | undefined
  let session: SpdySession | undefined
  const late = setTimeout(() => session?.close(), streamsMs)

  const begin = () => {
    clearTimeout(late)
    running = runCommand(command, {
      input,
      stdout: (chunk) => streams.get('stdout')?.write(chunk),
      stderr: (chunk) => streams.get('stderr')?.write(chunk),
      finish(ending) {
        const status = ending.kind === 'failed' ? ending.error.status : exitStatus(ending.code)
        const text = protocol === 'v4.channel.k8s.io' ? JSON.stringify(status) : textOf(status)
        void streams.get('error')?.write(Buffer.from(text))
        for (const stream of streams.values()) stream.end()
        session?.close()
      },
    })
  }

  session = serveSpdy(connection, {
    accepts: () => true,
    open(stream) {
      const type = wanted.find((name) => name === stream.headers.get('streamtype'))
      if (type === undefined || streams.has(type)) return NOBODY
      streams.set(type, stream)
      if (streams.size === wanted.length) begin()
      if (type === 'stdin') {
        return {
          data: (chunk) => input.push(chunk),
          end: () => input.end(),
          gone: () => input.end(),
        }
      }
      return type === 'resize' ? resizeReceiver((size) => running?.resize(size)) : NOBODY
    },
    onClose() {
      clearTimeout(late)
      running?.hangUp()
    },
  })
}

const NOBODY: StreamReceiver = { data() {}, end() {}, gone() {} }

/** Sizes come as JSON, one after the other, in pieces of any length. */
function resizeReceiver(resize: RunningCommand['resize']): StreamReceiver {
  let held = ''
  return {
    data(chunk) {
      held += Buffer.from(chunk).toString('latin1')
      for (let end = held.indexOf('}'); end !== -1; end = held.indexOf('}')) {
        const size = readResize(Buffer.from(held.slice(0, end + 1)))
        held = held.slice(end + 1)
        if (size !== undefined) resize({ columns: size.columns, rows: size.rows })
      }
      if (held.length > RESIZE_LIMIT) held = ''
    },
    end() {},
    gone() {},
  }
}

/** Before version 4 an error is its sentence, and success is nothing. */
function textOf(status: Pick<Status, 'status' | 'message'>): string {
  return status.status === 'Success' ? '' : (status.message ?? '')
}
