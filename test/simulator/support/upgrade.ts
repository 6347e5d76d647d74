import { type RequestOptions, request } from 'node:https'
import type { Duplex } from 'node:stream'
import type { ClusterAddress } from '../../../src/simulator/assemble-cluster.ts'
import { SpdyClient } from './spdy-client.ts'

/** What an upgrade was answered with instead. */
export interface Refusal {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

/** Asks for an upgrade to SPDY/3.1 as client-go does: POST, a header line for each protocol. */
export async function askForSpdy(
  address: ClusterAddress,
  path: string,
  protocols: readonly string[],
): Promise<{ readonly protocol: string; readonly client: SpdyClient } | Refusal> {
  const { hostname, port } = new URL(address.server)
  const options: RequestOptions = {
    host: hostname,
    servername: 'localhost',
    port,
    method: 'POST',
    path,
    ca: address.certificateAuthority,
    agent: false,
    headers: {
      authorization: `Bearer ${address.token}`,
      connection: 'Upgrade',
      upgrade: 'SPDY/3.1',
      ...(protocols.length === 0 ? {} : { 'x-stream-protocol-version': [...protocols] }),
    },
  }
  return new Promise((resolve, reject) => {
    const asked = request(options, (response) => {
      let body = ''
      response.on('data', (chunk) => {
        body += String(chunk)
      })
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      )
    })
    asked.on('error', reject)
    asked.on('upgrade', (response, socket: Duplex, head: Buffer) => {
      if (head.length > 0) socket.unshift(head)
      const protocol = String(response.headers['x-stream-protocol-version'])
      resolve({ protocol, client: new SpdyClient(socket) })
    })
    asked.end()
  })
}

/** An upgrade that has to be granted. */
export async function openSpdy(
  address: ClusterAddress,
  path: string,
  protocol: string,
): Promise<SpdyClient> {
  const answer = await askForSpdy(address, path, [protocol])
  if ('status' in answer) throw new Error(`${answer.status}: ${answer.body}`)
  return answer.client
}
