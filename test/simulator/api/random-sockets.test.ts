import { Agent, request } from 'node:https'
import { connect as connectTcp } from 'node:net'
import { connect as connectTls } from 'node:tls'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { parse } from 'yaml'
import { createFastClock } from '../../../src/platform/fast-clock.ts'
import type { ClusterAddress } from '../../../src/simulator/assemble-cluster.ts'
import { openTestCluster, PODS, podOf, type TestCluster } from '../support/cluster.ts'
import {
  bodyBytes,
  headers,
  isNoDefect,
  method,
  path,
  query,
  runs,
  servedPath,
} from '../support/random-requests.ts'
import { control, data, headerPacker, words } from '../support/spdy-client.ts'

let cluster: TestCluster
let address: ClusterAddress
let port: number
const agent = new Agent({ keepAlive: true, maxSockets: 4 })
/** A cluster for the tests of one group; what random requests do to it stays there. */
async function openCluster(): Promise<void> {
  cluster = openTestCluster({ clock: createFastClock() })
  address = await cluster.listen()
  port = Number(new URL(address.server).port)
  await cluster.send('POST', PODS, podOf('web', 'sleep'))
  await cluster.until(
    PODS,
    ({ object }) => object.metadata.name === 'web' && object.status.phase === 'Running',
  )
}
/** Fails where the simulator met a defect. */
async function closeCluster(): Promise<void> {
  agent.destroy()
  await cluster.close()
}

interface Reply {
  readonly status: number
  readonly text: string
}

/** A request over HTTP as Node's client writes it; of an answer that goes on the first bytes. */
function fetchRandom(verb: string, url: string, sent: Record<string, string>, body: Uint8Array) {
  const bodyless = ['GET', 'HEAD', 'OPTIONS', 'TRACE'].includes(verb)
  return new Promise<Reply | undefined>((resolve, reject) => {
    const asked = request(
      {
        host: '127.0.0.1',
        servername: 'localhost',
        port,
        agent,
        method: verb,
        path: url,
        ca: address.certificateAuthority,
        headers: {
          ...sent,
          authorization: `Bearer ${address.token}`,
          // Of a DELETE Node would write the body without a word about its length.
          ...(bodyless ? {} : { 'content-length': body.byteLength }),
        },
      },
      (response) => {
        const { statusCode: status = 0 } = response
        let text = ''
        response.on('data', (chunk) => {
          text += String(chunk)
        })
        response.on('end', () => resolve({ status, text }))
        response.on('error', () => resolve(undefined))
        if (response.headers['content-length'] === undefined && verb !== 'HEAD') {
          response.destroy()
          resolve(undefined)
        }
      },
    )
    asked.on('error', (error) => {
      // What the parser of the client refuses to read is the server's fault; a closed connection is an answer.
      if ('code' in error && error.code === 'ECONNRESET') resolve(undefined)
      else reject(error)
    })
    // Node's client waits for a switch of protocols forever.
    asked.on('upgrade', (_response, socket) => {
      socket.destroy()
      resolve(undefined)
    })
    asked.end(bodyless ? undefined : body)
  })
}

function looksRight(reply: Reply | undefined, what: string): void {
  if (reply === undefined) return
  expect(isNoDefect(reply.status, what), `${reply.status} to ${what}`).toBe(true)
  if (reply.status >= 400 && reply.text !== '') {
    // For those who take YAML the refusal is YAML.
    const status = reply.text.startsWith('{') ? JSON.parse(reply.text) : parse(reply.text)
    expect(status, what).toMatchObject({ kind: 'Status', code: reply.status })
  }
}

/** Writes bytes and reads what comes until the server closes, or says nothing more to a request that was whole. */
function exchange(bytes: readonly Uint8Array[], tls: boolean): Promise<string> {
  return new Promise((resolve) => {
    const socket = tls
      ? connectTls({
          host: '127.0.0.1',
          port,
          ca: address.certificateAuthority,
          servername: 'localhost',
        })
      : connectTcp(port, '127.0.0.1')
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
    })
    socket.on('error', () => {})
    socket.once('close', () => resolve(text))
    for (const part of bytes) socket.write(part)
    socket.end()
  })
}

/** Answers of a connection one after the other; whatever is no HTTP fails. */
function answersIn(text: string): readonly Reply[] {
  const found: Reply[] = []
  let rest = text
  while (rest !== '') {
    const head = /^HTTP\/1\.1 (\d{3}) [^\r\n]*\r\n((?:[^\r\n]+\r\n)*)\r\n/.exec(rest)
    expect(head, `no HTTP: ${JSON.stringify(rest.slice(0, 80))}`).not.toBeNull()
    const after = rest.slice(head?.[0].length)
    const length = /content-length: (\d+)/i.exec(head?.[2] ?? '')?.[1]
    // A stream, or an interim answer.
    if (length === undefined && Number(head?.[1]) >= 200) return found
    found.push({ status: Number(head?.[1]), text: after.slice(0, Number(length ?? 0)) })
    rest = after.slice(Number(length ?? 0))
  }
  return found
}

const token = fc.string({ maxLength: 10 }).map((text) => text.replace(/[^ -~]/g, ''))

describe('whatever comes over a socket', { timeout: 120_000 }, () => {
  beforeAll(openCluster)
  afterAll(closeCluster)

  it('random requests are answered with a Status or what they ask for', async () => {
    await fc.assert(
      fc.asyncProperty(
        method.filter((verb) => verb !== 'nonsense'),
        fc.oneof(servedPath, path.map(encodeURI)),
        query,
        headers,
        bodyBytes,
        async (verb, where, parameters, sent, body) => {
          const url = `${where}?${new URLSearchParams(parameters)}`
          looksRight(await fetchRandom(verb, url, sent, body), `${verb} ${url}`)
        },
      ),
      { numRuns: runs(150) },
    )
  })

  it('requests written by hand are, too: lengths that lie, chunks, lines that break', async () => {
    const line = fc.oneof(
      fc.constantFrom(
        'Content-Length: 5',
        'Content-Length: -1',
        'Content-Length: 99999999999999999999',
        'Transfer-Encoding: chunked',
        'Transfer-Encoding: gzip, chunked',
        'Connection: close',
        'Connection: upgrade',
        'Upgrade: websocket',
        'Upgrade: h2c',
        'Upgrade: SPDY/3.1',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Version: 99',
        'Sec-WebSocket-Protocol: v5.channel.k8s.io',
        'Sec-WebSocket-Protocol: SPDY/3.1+portforward.k8s.io',
        'Sec-WebSocket-Protocol: ,,,',
        'X-Stream-Protocol-Version: portforward.k8s.io',
        'X-Stream-Protocol-Version: v4.channel.k8s.io, v1',
        'X-Stream-Protocol-Version: ,,,',
        'Expect: 100-continue',
        'Expect: nothing',
        'Content-Type: application/json',
        'Content-Type: application/yaml',
        ' folded',
        'no colon',
        ': no name',
      ),
      token.map((text) => `X-Any: ${text}`),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(method, token),
        fc.oneof(
          servedPath,
          path.map(encodeURI),
          token,
          fc.constant(`${PODS}/web/exec?command=cat&stdin=1`),
          fc.constant(`${PODS}/web/portforward?ports=80`),
        ),
        fc.constantFrom('HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', 'HTTP/9', ''),
        fc.array(line, { maxLength: 6 }),
        fc.constantFrom(true, true, true, false),
        fc.oneof(
          bodyBytes,
          fc.constant(Buffer.from('5\r\n{"a":\r\n0\r\n\r\n')),
          fc.constant(Buffer.from('ffffffffff\r\n')),
        ),
        async (verb, where, version, lines, authorized, body) => {
          const head = [
            `${verb} ${where} ${version}`,
            `Host: 127.0.0.1:${port}`,
            ...(authorized ? [`Authorization: Bearer ${address.token}`] : []),
            ...lines,
            '',
            '',
          ].join('\r\n')
          const text = await exchange([Buffer.from(head), body], true)
          // A switch of protocols ends the HTTP; an answer to HEAD tells a length and has none.
          if (text.startsWith('HTTP/1.1 101 ') || verb === 'HEAD') return
          for (const reply of answersIn(text)) looksRight(reply, head)
        },
      ),
      { numRuns: runs(60) },
    )
  })

  it('bytes that are nothing at all hurt nobody, inside of TLS and outside', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 3 }),
        fc.boolean(),
        async (bytes, tls) => {
          const text = await exchange(bytes, tls)
          if (tls) for (const reply of answersIn(text)) looksRight(reply, 'bytes')
        },
      ),
      { numRuns: runs(40) },
    )
  })

  it('leaves the server as it was', async () => {
    const reply = await fetchRandom('GET', '/version', {}, new Uint8Array())
    expect(reply?.status).toBe(200)
  })
})

describe('whatever comes over a WebSocket', { timeout: 120_000 }, () => {
  beforeAll(openCluster)
  afterAll(closeCluster)

  it('hurts nobody, frames whole or malformed', async () => {
    const frame = fc.oneof(
      // Bytes that are no frame, or one with a wrong length, opcode or mask.
      fc.uint8Array({ maxLength: 30 }),
      fc
        .tuple(
          fc.nat({ max: 255 }),
          fc.nat({ max: 127 }),
          fc.boolean(),
          fc.uint8Array({ maxLength: 20 }),
        )
        .map(([first, length, masked, data]) =>
          Buffer.from([
            first,
            length | (masked ? 128 : 0),
            ...(masked ? [0, 0, 0, 0] : []),
            ...data,
          ]),
        ),
    )
    const upgrade = [
      `GET ${PODS}/web/exec?command=cat&stdin=true&stdout=true HTTP/1.1`,
      `Host: 127.0.0.1:${port}`,
      `Authorization: Bearer ${address.token}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Protocol: v5.channel.k8s.io',
      '',
      '',
    ].join('\r\n')
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { maxLength: 5 }), async (frames) => {
        const text = await exchange([Buffer.from(upgrade), ...frames], true)
        expect(text).toMatch(/^HTTP\/1\.1 101 /)
      }),
      { numRuns: runs(40) },
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.tuple(
            fc.constantFrom(0, 1, 2, 3, 4, 255),
            fc.oneof(
              fc.uint8Array({ maxLength: 20 }),
              fc.json().map((text) => Buffer.from(text)),
            ),
            fc.boolean(),
          ),
          { maxLength: 6 },
        ),
        async (messages) => {
          const socket = new WebSocket(
            `wss://127.0.0.1:${port}${PODS}/web/exec?command=cat&stdin=true&stdout=true`,
            'v5.channel.k8s.io',
            {
              ca: address.certificateAuthority,
              headers: { authorization: `Bearer ${address.token}` },
            },
          )
          await new Promise((resolve, reject) => {
            socket.once('open', resolve)
            socket.once('error', reject)
          })
          let last = ''
          socket.on('message', (data) => {
            last = String(data)
          })
          const closed = new Promise((resolve) => socket.once('close', resolve))
          for (const [channel, data, binary] of messages) {
            const bytes = Buffer.from([channel, ...data])
            if (binary) socket.send(bytes)
            else socket.send(bytes.toString('latin1'))
          }
          socket.send(Buffer.from([255, 0]))
          await closed
          expect(JSON.parse(last.slice(1))).toMatchObject({ status: 'Success' })
        },
      ),
      { numRuns: runs(30) },
    )
  })
})

describe('whatever comes over SPDY', { timeout: 120_000 }, () => {
  beforeAll(openCluster)
  afterAll(closeCluster)

  /** A session up to where frames begin. */
  const upgradeTo = (path: string, protocol: string) =>
    Buffer.from(
      [
        `POST ${PODS}/web/${path} HTTP/1.1`,
        `Host: 127.0.0.1:${port}`,
        `Authorization: Bearer ${address.token}`,
        'Connection: Upgrade',
        'Upgrade: SPDY/3.1',
        `X-Stream-Protocol-Version: ${protocol}`,
        '',
        '',
      ].join('\r\n'),
    )
  const SESSIONS = [
    ['exec?command=cat&stdin=true&stdout=true', 'v4.channel.k8s.io'],
    ['exec?command=size&stdin=true&stdout=true&tty=true', 'v3.channel.k8s.io'],
    ['attach?stdout=true', 'channel.k8s.io'],
    ['portforward', 'portforward.k8s.io'],
  ] as const
  const headerName = fc.constantFrom('streamtype', 'port', 'requestid', 'x', '')
  const headerValue = fc.oneof(
    fc.constantFrom('error', 'data', 'stdin', 'stdout', 'resize', '80', '0', '99999', ''),
    fc.string({ maxLength: 8 }),
  )
  const frame = fc.oneof(
    fc.record({
      kind: fc.constant('open' as const),
      id: fc.nat({ max: 12 }),
      headers: fc.dictionary(headerName, headerValue, { maxKeys: 4 }),
      fin: fc.boolean(),
    }),
    fc.record({
      kind: fc.constant('data' as const),
      id: fc.nat({ max: 12 }),
      bytes: fc.oneof(
        fc.uint8Array({ maxLength: 30 }),
        fc.json().map((text) => Buffer.from(text)),
        fc.constant(Buffer.from('{"Width":1,"Height":1}')),
      ),
      fin: fc.boolean(),
    }),
    fc.record({
      kind: fc.constant('control' as const),
      type: fc.nat({ max: 12 }),
      flags: fc.nat({ max: 255 }),
      body: fc.uint8Array({ maxLength: 30 }),
    }),
    fc.record({
      kind: fc.constant('bytes' as const),
      bytes: fc.uint8Array({ maxLength: 30 }),
    }),
  )

  it('hurts nobody, frames whole or malformed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...SESSIONS),
        fc.array(frame, { maxLength: 8 }),
        async ([path, protocol], frames) => {
          const pack = headerPacker()
          const parts: Uint8Array[] = [upgradeTo(path, protocol)]
          for (const one of frames) {
            if (one.kind === 'bytes') parts.push(one.bytes)
            else if (one.kind === 'data') parts.push(data(one.id, one.bytes, one.fin))
            else if (one.kind === 'control') parts.push(control(one.type, one.flags, one.body))
            else {
              const head = Buffer.concat([words(one.id, 0), Buffer.alloc(2)])
              const block = await pack(one.headers)
              parts.push(control(1, one.fin ? 1 : 0, Buffer.concat([head, block])))
            }
          }
          const text = await exchange(parts, true)
          expect(text).toMatch(/^HTTP\/1\.1 101 /)
        },
      ),
      { numRuns: runs(60) },
    )
  })

  it('hurts nobody inside of a WebSocket, in messages of any size', async () => {
    const upgrade = [
      `GET ${PODS}/web/portforward HTTP/1.1`,
      `Host: 127.0.0.1:${port}`,
      `Authorization: Bearer ${address.token}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Protocol: SPDY/3.1+portforward.k8s.io',
      '',
      '',
    ].join('\r\n')
    const pack = headerPacker()
    const block = await pack({ streamtype: 'error', port: '80', requestid: '1' })
    const good = control(1, 0, Buffer.concat([words(1, 0), Buffer.alloc(2), block]))
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 60 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
        fc.constantFrom(0x82, 0x82, 0x81, 0x02),
        async (rest, lengths, opcode) => {
          const all = Buffer.concat([good, rest])
          const messages: Buffer[] = []
          for (let at = 0, turn = 0; at < all.length; turn += 1) {
            const part = all.subarray(at, at + (lengths[turn % lengths.length] ?? 1))
            at += part.length
            messages.push(
              Buffer.concat([Buffer.from([opcode, 0x80 | part.length, 0, 0, 0, 0]), part]),
            )
          }
          const text = await exchange([Buffer.from(upgrade), ...messages], true)
          expect(text).toMatch(/^HTTP\/1\.1 101 /)
        },
      ),
      { numRuns: runs(30) },
    )
  })

  it('leaves the server as it was', async () => {
    const reply = await fetchRandom('GET', '/version', {}, new Uint8Array())
    expect(reply?.status).toBe(200)
  })
})
