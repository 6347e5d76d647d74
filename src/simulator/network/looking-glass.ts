import type { Clock } from '../../base/clock.ts'
import { ByteReader } from '../http/byte-reader.ts'
import type { HttpRequest, HttpResponse } from '../http/serve-http.ts'
import type { PodNetwork } from '../ports.ts'
import type { OutsideHost } from './outside-world.ts'

const DIAL_TIMEOUT_MS = 5000

interface Glass {
  readonly clock: Clock
  readonly world: readonly OutsideHost[]
  readonly network: PodNetwork
}

/**
 * A machine outside the cluster that tries a connection for whoever asks, with the endpoints of agnhost's netexec: `/clientip`, `/hostname` and
 * `/dial?host=&port=&protocol=http|udp&request=`. So node ports and load balancers can be seen from outside.
 */
export async function answerLookingGlass(
  request: HttpRequest,
  glass: Glass,
): Promise<HttpResponse> {
  const [path = '/'] = request.target.split('?')
  const query = new URLSearchParams(request.target.slice(path.length + 1))
  switch (path) {
    case '/clientip':
      return plain(`${request.remoteAddress}:${request.remotePort}`)
    case '/hostname':
      return plain(glass.network.hostname)
    case '/dial': {
      const port = Number(query.get('port') ?? '80')
      const host = query.get('host') ?? ''
      const address =
        glass.world.find(({ names }) => names.includes(host))?.address ??
        (/^\d{1,3}(\.\d{1,3}){3}$/.test(host) ? host : undefined)
      if (address === undefined || !(port > 0 && port < 65_536)) {
        return plain(`host and/or port param are invalid. lookup ${host}: no such host\n`, 400)
      }
      const result = await dial(glass, { address, port }, query)
      return plain(
        JSON.stringify(
          'error' in result ? { errors: [result.error] } : { responses: [result.body] },
        ),
      )
    }
    default:
      return plain(
        'I look at a cluster from outside: /dial?host=ADDRESS&port=PORT&protocol=http|udp&request=PATH, /clientip, /hostname\n',
        path === '/' ? 200 : 404,
      )
  }
}

function plain(body: string, status = 200): HttpResponse {
  return {
    status,
    quietConnection: true,
    headers: [['Content-Type', 'text/plain; charset=utf-8']],
    body,
  }
}

async function dial(
  { clock, network }: Glass,
  to: { readonly address: string; readonly port: number },
  query: URLSearchParams,
): Promise<{ readonly body: string } | { readonly error: string }> {
  const udp = query.get('protocol') === 'udp'
  const request = query.get('request') ?? ''
  const where = `${to.address}:${to.port}`
  const patience = new AbortController()
  const cancel = clock.after(DIAL_TIMEOUT_MS, () => patience.abort())
  try {
    const outcome = await network.connect(
      { ...to, protocol: udp ? 'UDP' : 'TCP' },
      { signal: patience.signal },
    )
    if (outcome.kind !== 'connected') {
      return { error: `dial ${udp ? 'udp' : 'tcp'} ${where}: connect: connection refused` }
    }
    const { connection } = outcome
    patience.signal.addEventListener('abort', () => connection.close(), { once: true })
    const text = udp
      ? request
      : `GET /${request.replace(/^\//, '')} HTTP/1.1\r\nHost: ${where}\r\nUser-Agent: looking-glass\r\nConnection: close\r\n\r\n`
    connection.send(new TextEncoder().encode(text))
    const reader = new ByteReader(connection.incoming)
    try {
      if (udp) {
        const chunk = await reader.read()
        if (chunk !== undefined) return { body: new TextDecoder().decode(chunk) }
      } else {
        const body = await readBody(reader)
        if (body !== undefined) return { body }
      }
      return {
        error: patience.signal.aborted ? `read ${where}: i/o timeout` : `read ${where}: EOF`,
      }
    } finally {
      connection.close()
    }
  } catch (error) {
    if (!patience.signal.aborted) throw error
    return { error: `dial ${udp ? 'udp' : 'tcp'} ${where}: i/o timeout` }
  } finally {
    cancel()
  }
}

/** What follows the head of an HTTP answer. */
async function readBody(reader: ByteReader): Promise<string | undefined> {
  for (;;) {
    const line = await reader.readLine()
    if (line === undefined) return undefined
    if (line === '') break
  }
  const parts: Uint8Array[] = []
  for (;;) {
    const chunk = await reader.read()
    if (chunk === undefined) return Buffer.concat(parts).toString()
    parts.push(chunk)
  }
}
