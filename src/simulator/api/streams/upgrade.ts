import type { IncomingHttpHeaders } from 'node:http'
import type { Duplex } from 'node:stream'
import { createWebSocketStream, type WebSocket } from 'ws'
import type { PortForward } from '../http/port-forward.ts'
import type { RemoteCommand } from '../http/remote-command.ts'
import { type ApiResponse, statusResponse, text } from '../request.ts'
import { errors } from '../status.ts'
import { CHANNEL_PROTOCOLS, chooseProtocol } from './channel-protocol.ts'
import { serveCommandChannels } from './serve-command-channels.ts'
import { COMMAND_PROTOCOLS, serveCommandStreams } from './serve-command-streams.ts'
import { servePortChannels } from './serve-port-channels.ts'
import { PORT_FORWARD_PROTOCOL, servePortForward } from './serve-port-forward.ts'

/** What keeps a client from holding what it does not use. */
export interface StreamLimits {
  /** Until the streams that belong together are open, in milliseconds of real time, as clients have it. */
  readonly streamsMs: number
}

/** How an accepted stream goes on: over a WebSocket or over SPDY, in the protocol that both know. */
export type Upgrade =
  | { readonly kind: 'websocket'; readonly protocol: string; serve(socket: WebSocket): void }
  | { readonly kind: 'spdy'; readonly protocol: string; serve(connection: Duplex): void }

/** SPDY inside of a WebSocket, as kubectl 1.31 and newer forward ports (k8s.io/apimachinery pkg/util/portforward). */
const TUNNEL_PROTOCOL = `SPDY/3.1+${PORT_FORWARD_PROTOCOL}`
const PORT_CHANNELS_PROTOCOL = 'v4.channel.k8s.io'

/** The protocol to go on with, or why there is none. */
export function chooseUpgrade(
  found: RemoteCommand | PortForward,
  headers: IncomingHttpHeaders,
  limits: StreamLimits,
): Upgrade | ApiResponse {
  return headers.upgrade?.toLowerCase() === 'websocket'
    ? webSocketUpgrade(found, listOf(headers['sec-websocket-protocol']), limits)
    : spdyUpgrade(found, listOf(headers['x-stream-protocol-version']), limits)
}

function webSocketUpgrade(
  found: RemoteCommand | PortForward,
  offered: readonly string[],
  limits: StreamLimits,
): Upgrade | ApiResponse {
  const none = (known: readonly string[]) =>
    statusResponse(
      errors.badRequest(
        `unable to upgrade: none of the offered protocols is supported, this server speaks ${known.join(' and ')}`,
      ).status,
    )
  if (found.kind === 'remote-command') {
    const protocol = chooseProtocol(offered)
    if (protocol === undefined) return none(CHANNEL_PROTOCOLS)
    return { kind: 'websocket', protocol, serve: (socket) => serveCommandChannels(socket, found) }
  }
  if (offered.includes(TUNNEL_PROTOCOL)) {
    return {
      kind: 'websocket',
      protocol: TUNNEL_PROTOCOL,
      serve: (socket) => servePortForward(createWebSocketStream(socket), found, limits),
    }
  }
  if (!offered.includes(PORT_CHANNELS_PROTOCOL))
    return none([TUNNEL_PROTOCOL, PORT_CHANNELS_PROTOCOL])
  if (found.ports.length === 0) {
    return statusResponse(errors.badRequest('query parameter "ports" is required').status)
  }
  return {
    kind: 'websocket',
    protocol: PORT_CHANNELS_PROTOCOL,
    serve: (socket) => servePortChannels(socket, found),
  }
}

/** Models k8s.io/apimachinery pkg/util/httpstream Handshake, whose refusals are plain text. */
function spdyUpgrade(
  found: RemoteCommand | PortForward,
  offered: readonly string[],
  limits: StreamLimits,
): Upgrade | ApiResponse {
  const known = found.kind === 'remote-command' ? COMMAND_PROTOCOLS : [PORT_FORWARD_PROTOCOL]
  if (offered.length === 0) {
    return text(400, 'unable to upgrade: X-Stream-Protocol-Version is required')
  }
  const protocol = offered.find((name) => known.some((own) => own === name))
  if (protocol === undefined) {
    const why = `unable to upgrade: unable to negotiate protocol: client supports [${offered.join(' ')}], server accepts [${known.join(' ')}]`
    const refused = text(403, why)
    return {
      ...refused,
      headers: { ...refused.headers, 'x-accepted-stream-protocol-versions': [...known] },
    }
  }
  if (found.kind === 'port-forward') {
    return {
      kind: 'spdy',
      protocol,
      serve: (connection) => servePortForward(connection, found, limits),
    }
  }
  const refusal = found.refusal()
  if (refusal !== undefined) return text(500, refusal)
  return {
    kind: 'spdy',
    protocol,
    serve: (connection) => serveCommandStreams(connection, found, { protocol, ...limits }),
  }
}

function listOf(header: string | readonly string[] | undefined): readonly string[] {
  const lines = typeof header === 'string' ? [header] : (header ?? [])
  return lines
    .flatMap((line) => line.split(','))
    .map((name) => name.trim())
    .filter((name) => name !== '')
}
