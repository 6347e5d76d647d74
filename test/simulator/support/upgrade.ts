import { type RequestOptions, request } from 'node:https'
import { Duplex } from 'node:stream'
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

/** The protocol of kubectl 1.31 and newer; its name is not one that the WebSocket library would offer. */
const TUNNEL = 'SPDY/3.1+portforward.k8s.io'

/** SPDY inside of a WebSocket: each message is a piece of one stream of bytes. */
export async function openTunnel(address: ClusterAddress, path: string): Promise<SpdyClient> {
  const { hostname, port } = new URL(address.server)
  const socket = await new Promise<Duplex>((resolve, reject) => {
    const asked = request({
      host: hostname,
      servername: 'localhost',
      port,
      path,
      ca: address.certificateAuthority,
      agent: false,
      headers: {
        authorization: `Bearer ${address.token}`,
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
        'sec-websocket-protocol': `v4.channel.k8s.io, ${TUNNEL}`,
      },
    })
    asked.on('error', reject)
    asked.on('response', (response) => reject(new Error(`${response.statusCode}`)))
    asked.on('upgrade', (response, upgraded: Duplex) => {
      if (response.headers['sec-websocket-protocol'] === TUNNEL) resolve(upgraded)
      else reject(new Error(`protocol ${response.headers['sec-websocket-protocol']}`))
    })
    asked.end()
  })
  return new SpdyClient(tunnelThrough(socket))
}

function tunnelThrough(socket: Duplex): Duplex {
  let held = Buffer.alloc(0)
  const tunnel = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      // A binary message, masked with zeros.
      const head = Buffer.from([0x82, 0x80 | 127, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
      head.writeUInt32BE(chunk.length, 6)
      socket.write(Buffer.concat([head, chunk]), () => done())
    },
    destroy(error, done) {
      socket.destroy()
      done(error)
    },
  })
  socket.on('data', (chunk: Buffer) => {
    held = Buffer.concat([held, chunk])
    for (;;) {
      const [first = 0, short = 0] = held
      const wide = short === 126 ? 2 : short === 127 ? 8 : 0
      if (held.length < 2 + wide) return
      const length =
        wide === 0 ? short : Number(held.readUIntBE(wide === 8 ? 4 : 2, wide === 8 ? 6 : 2))
      if (held.length < 2 + wide + length) return
      if ((first & 15) === 8) tunnel.push(null)
      else tunnel.push(Buffer.from(held.subarray(2 + wide, 2 + wide + length)))
      held = held.subarray(2 + wide + length)
    }
  })
  socket.on('close', () => tunnel.destroy())
  socket.on('error', () => tunnel.destroy())
  return tunnel
}
