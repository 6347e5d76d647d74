import { once } from 'node:events'
import { request } from 'node:https'
import { connect as connectTcp, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { connect as connectSecure, type TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { createCertificate } from '../../../src/simulator/api/certificate.ts'
import type { ListenLimits } from '../../../src/simulator/api/listen.ts'
import type { ClusterAddress } from '../../../src/simulator/assemble-cluster.ts'
import { openTestCluster, PODS, podOf, type TestCluster } from '../support/cluster.ts'

let cluster: TestCluster
let address: ClusterAddress
beforeAll(async () => {
  cluster = openTestCluster()
  address = await cluster.listen()
  await cluster.send('POST', PODS, podOf('web', 'sleep'))
  await cluster.until(
    PODS,
    ({ object }) => object.metadata.name === 'web' && object.status.phase === 'Running',
  )
})
afterAll(() => cluster.close())

interface Reply {
  readonly status: number
  readonly text: string
}

function fetchWith(options: {
  path?: string
  headers?: Record<string, string>
  method?: string
  body?: string
}) {
  const url = new URL(address.server)
  return new Promise<Reply>((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        // Apart from the Host header, which a test may forge.
        servername: 'localhost',
        port: url.port,
        path: options.path ?? '/api/v1/namespaces',
        method: options.method ?? 'GET',
        ca: address.certificateAuthority,
        headers: options.headers ?? {},
      },
      (response) => {
        let text = ''
        response.on('data', (chunk) => {
          text += String(chunk)
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
        response.on('error', reject)
      },
    )
    sent.on('error', reject)
    sent.end(options.body)
  })
}

function connectTls(to: ClusterAddress): TLSSocket {
  return connectSecure({
    host: '127.0.0.1',
    port: Number(new URL(to.server).port),
    ca: to.certificateAuthority,
    servername: 'localhost',
  })
}

/** What a connection still brings until it is closed, however that happens. */
function textFrom(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    socket.on('data', (chunk) => {
      text += String(chunk)
    })
    socket.on('error', () => {})
    socket.once('close', () => resolve(text))
  })
}

const bearer = () => ({ authorization: `Bearer ${address.token}` })

describe('the listener', () => {
  it('answers over TLS to the holder of the token', async () => {
    const { status, text } = await fetchWith({ headers: bearer() })
    expect(status).toBe(200)
    expect(JSON.parse(text).kind).toBe('NamespaceList')
  })

  it.each([
    ['no token', {}],
    ['a wrong token', { authorization: 'Bearer nothing' }],
    ['another scheme', { authorization: 'Basic Zm9v' }],
  ])('answers 401 with a Status to %s', async (_case, headers) => {
    const { status, text } = await fetchWith({ headers })
    expect(status).toBe(401)
    expect(JSON.parse(text)).toMatchObject({
      kind: 'Status',
      reason: 'Unauthorized',
      message: 'Unauthorized',
    })
  })

  it('refuses a Host that is not of this computer', async () => {
    const { status, text } = await fetchWith({ headers: { ...bearer(), host: 'evil.example:443' } })
    expect(status).toBe(400)
    expect(JSON.parse(text).kind).toBe('Status')
    const { port } = new URL(address.server)
    expect((await fetchWith({ headers: { ...bearer(), host: `localhost:${port}` } })).status).toBe(
      200,
    )
  })

  it('refuses a body beyond 3 MiB', async () => {
    const { status, text } = await fetchWith({
      method: 'POST',
      path: '/api/v1/namespaces',
      headers: { ...bearer(), 'content-type': 'application/json' },
      body: `"${'x'.repeat(3 * 1024 * 1024)}"`,
    })
    expect(status).toBe(413)
    expect(JSON.parse(text).reason).toBe('RequestEntityTooLarge')
  })

  it('answers 404 with a Status to a path that nothing is served at', async () => {
    for (const path of ['/nothing', '/api/v2/x', '/apis/none.example/v1', '/netpol-lab/stop']) {
      const { status, text } = await fetchWith({ headers: bearer(), path })
      expect(status, path).toBe(404)
      expect(JSON.parse(text)).toMatchObject({ kind: 'Status', code: 404, reason: 'NotFound' })
    }
  })

  it('listens on the loopback interface alone', async () => {
    const { port } = new URL(address.server)
    const others = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .filter(({ internal, family }) => !internal && family === 'IPv4')
    for (const { address: host } of [...others, { address: '127.0.0.2' }]) {
      const socket = connectTcp(Number(port), host)
      const [error] = await once(socket, 'error')
      expect(error).toMatchObject({ code: 'ECONNREFUSED' })
    }
  })

  it('speaks nothing but TLS', async () => {
    const { port } = new URL(address.server)
    const socket = connectTcp(Number(port), '127.0.0.1')
    socket.write('GET /version HTTP/1.1\r\nHost: localhost\r\n\r\n')
    expect(await textFrom(socket)).not.toContain('HTTP/1.1')
  })

  it('refuses headers beyond 64 KiB', async () => {
    const { status, text } = await fetchWith({
      headers: { ...bearer(), 'x-long': 'x'.repeat(70_000) },
    })
    expect(status).toBe(431)
    expect(JSON.parse(text)).toMatchObject({ kind: 'Status', code: 431 })
  })

  it('says what it thinks of bytes that are no HTTP', async () => {
    const socket = connectTls(address)
    socket.write('\0\0 nonsense \r\n\r\n')
    const text = await textFrom(socket)
    expect(text).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
    expect(JSON.parse(text.slice(text.indexOf('\r\n\r\n')))).toMatchObject({
      kind: 'Status',
      code: 400,
    })
  })

  it('does not mix an answer with what it thinks of the bytes after its request', async () => {
    const socket = connectTls(address)
    const host = new URL(address.server).host
    socket.write(
      `GET /api/v1/namespaces?watch=true HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${address.token}\r\n\r\n`,
    )
    await once(socket, 'data')
    socket.write('\0\0 nonsense \r\n\r\n')
    expect(await textFrom(socket)).not.toContain('HTTP/1.1 400')
  })

  it('keeps a certificate that it is given', async () => {
    const certificate = await createCertificate()
    const other = openTestCluster({ certificate, token: 'kept' })
    const opened = await other.listen()
    expect(opened.certificateAuthority).toBe(certificate.cert)
    expect(opened.token).toBe('kept')
    await opened.close()
    await opened.close()
    await other.close()
  })
})

describe('a client that takes its time', () => {
  const hurried = async (limits: Partial<ListenLimits>) => {
    const other = openTestCluster({ certificate: address.certificate })
    return { opened: await other.listen({ limits: { checkMs: 20, ...limits } }), other }
  }

  it('is answered 408 where its headers do not come', async () => {
    const { opened, other } = await hurried({ headersMs: 60 })
    const socket = connectTls(opened)
    socket.write('GET /version HTTP/1.1\r\nHost: localhost\r\nX-Slow: ')
    const text = await textFrom(socket)
    expect(text).toMatch(/^HTTP\/1\.1 408 /)
    expect(text).toContain('"kind":"Status"')
    await other.close()
  })

  it('is cut off where its body does not come', async () => {
    const { opened, other } = await hurried({ headersMs: 60, requestMs: 80 })
    const socket = connectTls(opened)
    const { host } = new URL(opened.server)
    socket.write(
      `POST /api/v1/namespaces HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${opened.token}\r\nContent-Length: 100\r\n\r\n{`,
    )
    expect(await textFrom(socket)).not.toContain('HTTP/1.1 2')
    await other.close()
  })

  it('is cut off where it does not finish the handshake', async () => {
    const { opened, other } = await hurried({ handshakeMs: 60 })
    const socket = connectTcp(Number(new URL(opened.server).port), '127.0.0.1')
    expect(await textFrom(socket)).toBe('')
    await other.close()
  })

  it('is cut off where it sends no request at all', async () => {
    const { opened, other } = await hurried({ headersMs: 60 })
    const socket = connectTls(opened)
    await textFrom(socket)
    await other.close()
  })

  it('may take as long as it wants to read a watch', async () => {
    const { opened, other } = await hurried({ headersMs: 60, requestMs: 60, idleMs: 60 })
    const socket = connectTls(opened)
    const { host } = new URL(opened.server)
    socket.write(
      `GET /api/v1/namespaces?watch=true HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${opened.token}\r\n\r\n`,
    )
    await once(socket, 'data')
    let ended = false
    socket.once('close', () => {
      ended = true
    })
    // The same limits cut another client off twice meanwhile.
    for (let turn = 0; turn < 2; turn++) await textFrom(connectTls(opened))
    expect(ended).toBe(false)
    socket.destroy()
    await other.close()
  })

  it('is not let in beyond the number of connections', async () => {
    const { opened, other } = await hurried({ connections: 3 })
    const port = Number(new URL(opened.server).port)
    const held = Array.from({ length: 3 }, () => connectTls(opened))
    await Promise.all(held.map((socket) => once(socket, 'secureConnect')))
    expect(await textFrom(connectTcp(port, '127.0.0.1'))).toBe('')
    held[0]?.destroy()
    await once(held[0] ?? held[1] ?? connectTls(opened), 'close')
    for (;;) {
      const again = connectTls(opened)
      const came = await Promise.race([
        once(again, 'secureConnect').then(() => true),
        textFrom(again).then(() => false),
      ])
      if (came) break
    }
    for (const socket of held) socket.destroy()
    await other.close()
  })
})

interface Session {
  readonly frames: Buffer[]
  readonly closed: Promise<number>
  readonly socket: WebSocket
}

async function connect(
  path: string,
  protocol = 'v5.channel.k8s.io',
  headers: Record<string, string> = bearer(),
): Promise<Session> {
  const socket = new WebSocket(`${address.server.replace('https', 'wss')}${path}`, protocol, {
    ca: address.certificateAuthority,
    headers,
  })
  const frames: Buffer[] = []
  socket.on('message', (data) => {
    if (Buffer.isBuffer(data)) frames.push(data)
  })
  const closed = new Promise<number>((resolve) => socket.on('close', resolve))
  await new Promise((resolve, reject) => {
    socket.on('open', resolve)
    socket.on('unexpected-response', (_request, response) => {
      let text = ''
      response.on('data', (chunk) => {
        text += String(chunk)
      })
      response.on('end', () => reject(new Error(`${response.statusCode} ${text}`)))
    })
    socket.on('error', reject)
  })
  return { frames, closed, socket }
}

function outputOf(frames: readonly Buffer[], channel: number): string {
  return Buffer.concat(
    frames.filter((data) => data[0] === channel).map((data) => data.subarray(1)),
  ).toString()
}

const EXEC = `${PODS}/web/exec`

describe('exec over WebSocket', () => {
  it('sends output on channel 1 and success on channel 3', async () => {
    const { frames, closed } = await connect(
      `${EXEC}?command=echo&command=hi&stdout=true&stderr=true`,
    )
    expect(await closed).toBe(1000)
    expect(outputOf(frames, 1)).toBe('hi\n')
    expect(JSON.parse(outputOf(frames, 3))).toEqual({ metadata: {}, status: 'Success' })
  })

  it('tells the exit code of a failure', async () => {
    const { frames, closed } = await connect(
      `${EXEC}?command=fail&command=7&stdout=true&stderr=true`,
      'v4.channel.k8s.io',
    )
    await closed
    expect(outputOf(frames, 2)).toBe('it failed\n')
    expect(JSON.parse(outputOf(frames, 3))).toMatchObject({
      status: 'Failure',
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: '7' }] },
    })
  })

  it('closes stdin with FF 00', async () => {
    const { frames, closed, socket } = await connect(`${EXEC}?command=cat&stdin=true&stdout=true`)
    socket.send(Buffer.from([0, ...Buffer.from('typed')]))
    socket.send(Buffer.from([255, 0]))
    await closed
    expect(outputOf(frames, 1)).toBe('typed')
  })

  it('reads text as it reads bytes: Python clients type in text frames', async () => {
    const { frames, closed, socket } = await connect(`${EXEC}?command=cat&stdin=true&stdout=true`)
    socket.send('\u0000typed')
    socket.send(Buffer.from([255, 0]))
    await closed
    expect(outputOf(frames, 1)).toBe('typed')
  })

  it('hands window sizes on', async () => {
    const { frames, closed, socket } = await connect(
      `${EXEC}?command=size&stdin=true&stdout=true&tty=true`,
    )
    socket.send(Buffer.from([4, ...Buffer.from('{"Width":101,"Height":33}\n')]))
    socket.send(Buffer.from([0, 10]))
    socket.send(Buffer.from([255, 0]))
    await closed
    expect(outputOf(frames, 1)).toBe('101x33\n')
  })

  it('says of a missing program what containerd says', async () => {
    const { frames, closed } = await connect(`${EXEC}?command=bash&stdout=true`)
    await closed
    expect(JSON.parse(outputOf(frames, 3))).toMatchObject({
      status: 'Failure',
      code: 500,
      message: expect.stringContaining('exec: "bash": executable file not found in $PATH'),
    })
  })

  it('attaches to the first process', async () => {
    const { frames, socket, closed } = await connect(
      `${PODS}/web/attach?stdout=true&stdin=false&tty=false`,
    )
    await new Promise<void>((resolve) => {
      if (frames.length > 0) resolve()
      else socket.on('message', () => resolve())
    })
    expect(outputOf(frames, 1)).toBe('attached to main\n')
    socket.close()
    await closed
  })

  it.each([
    ['without a token', `${EXEC}?command=echo&stdout=true`, {}, /^401 /],
    [
      'for a pod that is not there',
      `${PODS}/none/exec?command=echo&stdout=true`,
      undefined,
      /^404 .*pods \\"none\\" not found/,
    ],
    ['without a command', `${EXEC}?stdout=true`, undefined, /^400 /],
    [
      'for another container',
      `${EXEC}?container=x&command=echo&stdout=true`,
      undefined,
      /container x is not valid for pod web/,
    ],
  ])('refuses the upgrade %s', async (_case, path, headers, text) => {
    await expect(connect(path, 'v5.channel.k8s.io', headers)).rejects.toThrow(text)
  })

  it('refuses protocols that it does not speak', async () => {
    await expect(connect(`${EXEC}?command=echo&stdout=true`, 'v9.channel.k8s.io')).rejects.toThrow(
      /^400 .*v5\.channel\.k8s\.io/,
    )
  })

  it('ignores frames that mean nothing', async () => {
    const { closed, socket, frames } = await connect(`${EXEC}?command=cat&stdin=true&stdout=true`)
    for (const bytes of [[], [4], [4, 123], [77, 1], [255], [255, 9]])
      socket.send(Buffer.from(bytes))
    socket.send('text')
    socket.send(Buffer.from([255, 0]))
    expect(await closed).toBe(1000)
    expect(outputOf(frames, 1)).toBe('')
  })
})
