import { ByteReader } from '../http/byte-reader.ts'
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
    async http({ address, port, path, headers }, signal) {
      const target = path.startsWith('/') ? path : `/${path}`
      const url = `http://${address}:${port}${target}`
      const failed = (why: string) => `Get ${JSON.stringify(url)}: ${why}`
      const late = failed(
        'context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
      )
      const connection = await dial(network(), address, port, signal)
      if (typeof connection === 'string') return signal.aborted ? late : failed(connection)
      const stop = () => connection.close()
      signal.addEventListener('abort', stop, { once: true })
      try {
        connection.send(new TextEncoder().encode(requestText(target, address, port, headers)))
        const reader = new ByteReader(connection.incoming)
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
  }
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
