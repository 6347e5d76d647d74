import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect as connectTcp, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { connect, type TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundleProgram } from '../../platform/support/bundle-program.ts'
import { control, data, headerPacker, words } from '../support/spdy-client.ts'

/** A cluster in a process of its own, so that its memory and handles are those of a server alone. */
const SERVER = `
  import { createInterface } from 'node:readline'
  import { createRealClock } from './src/platform/real-clock.ts'
  import { createSimulatedCluster } from './src/simulator/simulated-cluster.ts'
  const defects = []
  const cluster = createSimulatedCluster({ clock: createRealClock(), onDefect: (error) => defects.push(String(error)) })
  const { server, token, certificateAuthority } = await cluster.listen()
  const say = (value) => process.stdout.write(JSON.stringify(value) + '\\n')
  say({ server, token, certificateAuthority })
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  for await (const _line of createInterface(process.stdin)) {
    for (let round = 0; round < 5; round++) {
      globalThis.gc()
      await turn()
    }
    const resources = {}
    for (const name of process.getActiveResourcesInfo()) resources[name] = (resources[name] ?? 0) + 1
    say({ heap: process.memoryUsage().heapUsed, resources, defects })
  }`

interface Measure {
  readonly heap: number
  readonly resources: Readonly<Record<string, number>>
  readonly defects: readonly string[]
}

let folder: string
let child: ChildProcess
let lines: AsyncIterator<string>
let address: {
  readonly server: string
  readonly token: string
  readonly certificateAuthority: string
}
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netpol-lab-many-'))
  const program = await bundleProgram(folder, 'server', SERVER)
  const started = spawn(process.execPath, ['--expose-gc', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child = started
  lines = createInterface(started.stdout)[Symbol.asyncIterator]()
  address = JSON.parse((await lines.next()).value)
  await json('POST', PODS, pod('box', 'busybox', ['sh', '-c', SLOW_SERVER]))
  await json('POST', PODS, pod('web', 'nginx'))
  for (const name of ['box', 'web']) {
    await until(async () => (await json('GET', `${PODS}/${name}`)).status?.phase === 'Running')
  }
})
afterAll(async () => {
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
  await rm(folder, { recursive: true })
})

/** The server after it has heard that every client is gone. */
async function measure(): Promise<Measure> {
  for (;;) {
    child.stdin?.write('measure\n')
    const found: Measure = JSON.parse((await lines.next()).value)
    if (found.resources.TCPSocketWrap === undefined) return found
  }
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds()));
}

const PODS = '/api/v1/namespaces/default/pods'
const MAPS = '/api/v1/namespaces/default/configmaps'
const pod = (name: string, image: string, command?: readonly string[]) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: { containers: [{ name: 'main', image, ...(command === undefined ? {} : { command }) }] },
})
/** Begins an HTTP answer on port 13 and goes on until the other side goes. */
const SLOW_SERVER = `echo "printf 'HTTP/1.1 200 OK\\r\\n\\r\\nbegun'; cat > /dev/null" > /slow
nc -lk -p 13 -e sh /slow &
sleep 1d`
const map = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } })

interface Stream {
  readonly socket: TLSSocket
  /** What the TLS goes over. */
  readonly raw: Socket
  readonly text: () => string
  /** Waits until what has come holds. */
  readonly has: (wanted: string) => Promise<void>
}

/** Sends a request on a connection of its own and keeps what comes. */
async function open(method: string, path: string, ...more: readonly string[]): Promise<Stream> {
  const { host, port } = new URL(address.server)
  const raw = connectTcp(Number(port), '127.0.0.1')
  const socket = connect({
    socket: raw,
    ca: address.certificateAuthority,
    servername: 'localhost',
  })
  let text = ''
  const waiting = new Set<() => void>()
  const wake = () => {
    for (const each of waiting) each()
  }
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1')
    wake()
  })
  socket.on('error', () => {})
  socket.on('close', wake)
  socket.write(
    [
      `${method} ${path} HTTP/1.1`,
      `Host: ${host}`,
      `Authorization: Bearer ${address.token}`,
      ...more,
    ].join('\r\n') + (more.includes('') ? '' : '\r\n\r\n'),
  )
  const stream: Stream = {
    socket,
    raw,
    text: () => text,
    has: (wanted) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!text.includes(wanted) && !socket.destroyed) return
          waiting.delete(look)
          if (text.includes(wanted)) resolve()
          else reject(new Error(`closed without ${wanted}: ${text.slice(0, 300)}`))
        }
        waiting.add(look)
        look()
      }),
  }
  return stream
}

// biome-ignore lint/suspicious/noExplicitAny: what a server answers is looked at field by field
async function json(method: string, path: string, body?: object): Promise<any> {
  const text = body === undefined ? '' : JSON.stringify(body)
  const { socket, text: got } = await open(
    method,
    path,
    'Connection: close',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(text)}`,
    '',
    text,
  )
  await once(socket, 'close')
  return JSON.parse(got().slice(got().indexOf('\r\n\r\n')))
}

const UPGRADE = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Protocol: v5.channel.k8s.io',
]
const exec = (...command: readonly string[]) =>
  open(
    'GET',
    `${PODS}/box/exec?${command.map((word) => `command=${encodeURIComponent(word)}&`).join('')}stdin=true&stdout=true`,
    ...UPGRADE,
  )

/** A frame of a client with a mask of zeros. */
function frame(channel: number, text: string): Buffer {
  return message(Buffer.from([channel, ...Buffer.from(text)]))
}
function message(bytes: Uint8Array): Buffer {
  const head = Buffer.from([0x82, 0x80 | 126, 0, 0, 0, 0, 0, 0])
  head.writeUInt16BE(bytes.byteLength, 2)
  return Buffer.concat([head, bytes])
}

const spdy = (path: string, protocol: string) =>
  open(
    'POST',
    `${PODS}/${path}`,
    'Connection: Upgrade',
    'Upgrade: SPDY/3.1',
    `X-Stream-Protocol-Version: ${protocol}`,
  )
/** Opens streams with numbers from 1 on, one for each set of headers. */
async function opening(headers: readonly Record<string, string>[]): Promise<Buffer> {
  const pack = headerPacker()
  const frames: Buffer[] = []
  for (const [index, each] of headers.entries()) {
    const head = Buffer.concat([words(index * 2 + 1, 0), Buffer.alloc(2)])
    frames.push(control(1, 0, Buffer.concat([head, await pack(each)])))
  }
  return Buffer.concat(frames)
}
const forwarding = async () =>
  Buffer.concat([
    await opening([
      { streamtype: 'error', port: '80', requestid: '0' },
      { streamtype: 'data', port: '80', requestid: '0' },
      { streamtype: 'error', port: '80', requestid: '1' },
    ]),
    data(3, 'GET / HTTP/1.1\r\nHost: web\r\n\r\n'),
  ])

/** Every kind of stream, each in the middle of something. */
const STREAMS: readonly (readonly [string, () => Promise<Stream>])[] = [
  [
    'a watch',
    async () => {
      const stream = await open('GET', `${MAPS}?watch=true&allowWatchBookmarks=true`)
      await stream.has('kube-root-ca.crt')
      return stream
    },
  ],
  [
    'a followed log',
    async () => {
      const stream = await open('GET', `${PODS}/web/log?follow=true`)
      await stream.has('200 OK')
      return stream
    },
  ],
  [
    'an exec that waits for input',
    async () => {
      const stream = await exec('cat')
      await stream.has('101 ')
      stream.socket.write(frame(0, 'echoed\n'))
      await stream.has('echoed')
      return stream
    },
  ],
  [
    'an exec that sleeps',
    async () => {
      const stream = await exec('sh', '-c', 'echo begun; sleep 100000')
      await stream.has('begun')
      return stream
    },
  ],
  [
    'an exec over SPDY',
    async () => {
      const stream = await spdy('box/exec?command=cat&stdin=true&stdout=true', 'v4.channel.k8s.io')
      await stream.has('101 ')
      stream.socket.write(
        await opening([{ streamtype: 'error' }, { streamtype: 'stdin' }, { streamtype: 'stdout' }]),
      )
      stream.socket.write(data(3, 'echoed\n'))
      await stream.has('echoed')
      return stream
    },
  ],
  [
    'a forwarded port',
    async () => {
      const stream = await spdy('web/portforward', 'portforward.k8s.io')
      await stream.has('101 ')
      stream.socket.write(await forwarding())
      await stream.has('Welcome to nginx!')
      return stream
    },
  ],
  [
    'a forwarded port in a WebSocket',
    async () => {
      const stream = await open(
        'GET',
        `${PODS}/web/portforward`,
        ...UPGRADE.slice(0, -1),
        'Sec-WebSocket-Protocol: SPDY/3.1+portforward.k8s.io',
      )
      await stream.has('101 ')
      stream.socket.write(message(await forwarding()))
      await stream.has('Welcome to nginx!')
      return stream
    },
  ],
  [
    'a forwarded port over channels',
    async () => {
      const stream = await open(
        'GET',
        `${PODS}/web/portforward?ports=80`,
        ...UPGRADE.slice(0, -1),
        'Sec-WebSocket-Protocol: v4.channel.k8s.io',
      )
      await stream.has('101 ')
      stream.socket.write(frame(0, 'GET / HTTP/1.1\r\nHost: web\r\n\r\n'))
      await stream.has('Welcome to nginx!')
      return stream
    },
  ],
  [
    'a proxied answer',
    async () => {
      const stream = await open('GET', `${PODS}/box:13/proxy/`)
      await stream.has('begun')
      return stream
    },
  ],
  [
    'an attach',
    async () => {
      const stream = await open('GET', `${PODS}/web/attach?stdout=true`, ...UPGRADE)
      await stream.has('101 ')
      return stream
    },
  ],
]

const GOINGS: readonly (readonly [string, (stream: Stream) => void])[] = [
  ['resets the connection', ({ raw }) => raw.resetAndDestroy()],
  ['ends its half of it', ({ socket }) => socket.end()],
  ['closes it', ({ socket }) => socket.destroy()],
]

describe('a client that vanishes in the middle', { timeout: 120_000 }, () => {
  const processes = async () => {
    const stream = await exec('ps')
    await stream.has('"status":"Success"')
    stream.socket.destroy()
    return (stream.text().match(/\b(cat|sleep|sh)\b/g) ?? []).length
  }

  it('leaves no handle, no process and no memory behind', async () => {
    const round = async () => {
      for (const [, leave] of GOINGS) {
        const streams = await Promise.all(STREAMS.map(([, begin]) => begin()))
        for (const stream of streams) leave(stream)
        await Promise.all(
          streams.map(({ socket }) => (socket.destroyed ? undefined : once(socket, 'close'))),
        )
      }
    }
    for (let warm = 0; warm < 8; warm++) await round()
    const running = await processes()
    const before = await measure()
    for (let turn = 0; turn < 24; turn++) await round()
    await until(async () => (await processes()) === running)
    const after = await measure()
    expect(after.resources).toEqual(before.resources)
    expect(after.defects).toEqual([])
    // The smallest of all these streams that stayed would weigh more than this each.
    const streams = 24 * GOINGS.length * STREAMS.length
    expect((after.heap - before.heap) / streams).toBeLessThan(2048)
  })
})

describe('many clients at once', { timeout: 120_000 }, () => {
  it('500 watches hear of a change, and 200 execs of what they are told', async () => {
    const before = await measure()
    const watches = await Promise.all(
      Array.from({ length: 500 }, () => open('GET', `${MAPS}?watch=true`)),
    )
    await Promise.all(watches.map((stream) => stream.has('kube-root-ca.crt')))
    const execs = await Promise.all(Array.from({ length: 200 }, () => exec('cat')))
    await Promise.all(execs.map((stream) => stream.has('101 ')))
    await json('POST', MAPS, map('news'))
    for (const [index, { socket }] of execs.entries()) socket.write(frame(0, `told ${index}\n`))
    await Promise.all([
      ...watches.map((stream) => stream.has('"name":"news"')),
      ...execs.map((stream, index) => stream.has(`told ${index}\n`)),
    ])
    for (const { socket } of [...watches, ...execs]) socket.destroy()
    const after = await measure()
    expect(after.resources).toEqual(before.resources)
    expect(after.defects).toEqual([])
    expect((after.heap - before.heap) / 700).toBeLessThan(4096)
  })
})
