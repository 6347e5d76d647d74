import { ByteReader } from '../http/byte-reader.ts'
import { GRPC, type GrpcAnswer, openGrpc } from '../http/grpc.ts'
import { HEALTH_CHECK, healthRequest, repliedStatus } from '../http/grpc-health.ts'
import { secure } from '../http/tls.ts'
import type { Connection, NodeProbe, PodNetwork, PodNetworks } from '../ports.ts'
import { type NodeIdentity, nodeNetwork } from './node-network.ts'

const USER_AGENT = 'kube-probe/1.32'
/** The kubelet reads no more of an answer than that. */
const BODY_LIMIT = 10_240

/**
 * Asks pods from their node, as the kubelet's probes do: real connections over the simulated network, which policies never cut, since a
 * node always reaches its own pods. The messages are those of Go's net/http and pkg/probe.
 */
export function createNodeProbe(networks: PodNetworks, node: NodeIdentity): NodeProbe {
  const network = nodeNetwork(networks, node)
  return {
    async tcp({ address, port }, signal) {
      const result = await dial(network(), address, port, signal)
      if (typeof result === 'string') return result
      result.close()
      return undefined
    },
    async http({ address, port, path, headers, secure: tls = false }, signal) {
      const target = path.startsWith('/') ? path : `/${path}`
      const url = `${tls ? 'https' : 'http'}://${address}:${port}${target}`
      const failed = (why: string) => `Get ${JSON.stringify(url)}: ${why}`
      const late = failed(
        'context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
      )
      const connection = await dial(network(), address, port, signal)
      if (typeof connection === 'string') return signal.aborted ? late : failed(connection)
      const stop = () => connection.close()
      signal.addEventListener('abort', stop, { once: true })
      try {
        const channel = tls ? await greet(connection) : connection
        if (signal.aborted) return late
        if (typeof channel === 'string') return failed(channel)
        channel.send(new TextEncoder().encode(requestText(target, address, port, headers)))
        const reader = new ByteReader(channel.incoming)
        const line = await reader.readLine()
        if (signal.aborted) return late
        if (line === undefined) return failed('EOF')
        const status = /^HTTP\/1\.[01] (\d{3})/.exec(line)?.[1]
        if (status === undefined) {
          return failed(
            `net/http: HTTP/1.x transport connection broken: malformed HTTP response ${JSON.stringify(line)}`,
          )
        }
        await drain(reader)
        const code = Number(status)
        return code >= 200 && code < 400 ? undefined : `HTTP probe failed with statuscode: ${code}`
      } finally {
        signal.removeEventListener('abort', stop)
        connection.close()
      }
    },
    async grpc(target, signal) {
      const { address, port, timeoutSeconds } = target
      const authority = `${address}:${port}`
      const late = `timeout: failed to connect service "${authority}" within ${timeoutSeconds}s: context deadline exceeded`
      const connection = await dial(network(), address, port, signal)
      // grpc-go tries again and again until the time is up, whatever went wrong.
      if (typeof connection === 'string') return untilLate(signal, late)
      const stop = () => connection.close()
      signal.addEventListener('abort', stop, { once: true })
      try {
        const channel = await openGrpc(connection, { authority, userAgent: USER_AGENT })
        if (channel === undefined) return await untilLate(signal, late)
        const answer = await channel.call(HEALTH_CHECK, healthRequest(target.service))
        return healthProblem(answer, signal.aborted, timeoutSeconds)
      } finally {
        signal.removeEventListener('abort', stop)
        connection.close()
      }
    },
  }
}

/** What the kubelet says of an answer to its question for a service's health; nothing where it serves. Models pkg/probe/grpc. */
function healthProblem(
  { code, message, reply }: GrpcAnswer,
  late: boolean,
  timeoutSeconds: number,
): string | undefined {
  if (late) return `timeout: health rpc did not complete within ${timeoutSeconds}s`
  if (code === GRPC.unimplemented) {
    return `error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ${message}`
  }
  if (code !== GRPC.ok) {
    const name = CODES[code] ?? `Code(${code})`
    return `error: health rpc probe failed: rpc error: code = ${name} desc = ${message}`
  }
  const status = repliedStatus(reply ?? new Uint8Array(0))
  return status === 'SERVING' ? undefined : `service unhealthy (responded with "${status}")`
}

/** google.golang.org/grpc/codes, by number. */
const CODES = [
  'OK',
  'Canceled',
  'Unknown',
  'InvalidArgument',
  'DeadlineExceeded',
  'NotFound',
  'AlreadyExists',
  'PermissionDenied',
  'ResourceExhausted',
  'FailedPrecondition',
  'Aborted',
  'OutOfRange',
  'Unimplemented',
  'Internal',
  'Unavailable',
  'DataLoss',
  'Unauthenticated',
]

/** The words when the time is up. */
async function untilLate(signal: AbortSignal, words: string): Promise<string> {
  if (!signal.aborted) {
    await new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
  }
  return words
}

/** Speaks TLS on a connection; what Go's client says where the server does not. */
async function greet(connection: Connection): Promise<Connection | string> {
  const greeting = await secure(connection)
  if (greeting.kind === 'secured') return greeting.connection
  if (greeting.kind === 'closed') return 'EOF'
  return new TextDecoder().decode(greeting.start).startsWith('HTTP/')
    ? 'http: server gave HTTP response to HTTPS client'
    : 'tls: first record does not look like a TLS handshake'
}

async function dial(
  network: PodNetwork,
  address: string,
  port: number,
  signal: AbortSignal,
): Promise<Connection | string> {
  const words = `dial tcp ${address}:${port}:`
  try {
    const outcome = await network.connect({ address, port, protocol: 'TCP' }, { signal })
    if (outcome.kind === 'connected') return outcome.connection
    return outcome.kind === 'refused'
      ? `${words} connect: connection refused`
      : `${words} connect: no route to host`
  } catch (error) {
    if (!signal.aborted) throw error
    return `${words} i/o timeout`
  }
}

function requestText(
  target: string,
  address: string,
  port: number,
  headers: readonly (readonly [string, string])[],
): string {
  const own = new Map([
    ['Host', `${address}:${port}`],
    ['User-Agent', USER_AGENT],
    ['Accept', '*/*'],
    ['Connection', 'close'],
  ])
  for (const [name, value] of headers) {
    const known = [...own.keys()].find((key) => key.toLowerCase() === name.toLowerCase())
    own.set(known ?? name, value)
  }
  const lines = [...own].map(([name, value]) => `${name}: ${value}\r\n`)
  return `GET ${target} HTTP/1.1\r\n${lines.join('')}\r\n`
}

async function drain(reader: ByteReader): Promise<void> {
  let left = BODY_LIMIT
  while (left > 0) {
    const chunk = await reader.read(left)
    if (chunk === undefined) return
    left -= chunk.length
  }
}
