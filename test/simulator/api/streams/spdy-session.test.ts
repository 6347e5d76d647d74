import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { constants, createInflate, deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { headerDictionary } from '../../../../src/simulator/api/streams/spdy/header-dictionary.ts'
import {
  type SpdySession,
  type SpdyStream,
  type StreamReceiver,
  serveSpdy,
} from '../../../../src/simulator/api/streams/spdy/spdy-session.ts'
import { runs } from '../../support/random-requests.ts'
import { control, data, headerPacker, SpdyClient, words } from '../../support/spdy-client.ts'

interface Opened {
  readonly stream: SpdyStream
  readonly seen: string[]
}

let server: Server
let port: number
let opened: Opened[]
let closed: number
let sessions: SpdySession[]
let hold: Promise<void> | undefined
const clients: SpdyClient[] = []

beforeEach(async () => {
  opened = []
  closed = 0
  sessions = []
  hold = undefined
  server = createServer({ allowHalfOpen: true }, (socket) => {
    sessions.push(
      serveSpdy(socket, {
        accepts: (headers) => headers.get('refuse') === undefined,
        open(stream): StreamReceiver {
          const seen: string[] = []
          opened.push({ stream, seen })
          return {
            data(chunk) {
              seen.push(Buffer.from(chunk).toString('latin1'))
              if (stream.headers.get('echo') !== undefined) stream.write(chunk)
              return hold
            },
            end: () => void seen.push('<end>'),
            gone: () => void seen.push('<gone>'),
          }
        },
        onClose: () => {
          closed += 1
        },
        heldPingMs: 5,
      }),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  port = typeof address === 'object' && address !== null ? address.port : 0
})
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.end()))
  server.close()
  await once(server, 'close')
})

const socketToServer = async (): Promise<Socket> => {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  return socket
}
const open = async (): Promise<SpdyClient> => {
  const client = new SpdyClient(await socketToServer())
  clients.push(client)
  return client
}
const until = async (holds: () => boolean) => {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve))
}

describe('a SPDY/3.1 session', () => {
  it('knows the dictionary of SPDY/3 by its checksum', () => {
    expect(deflateSync('', { dictionary: headerDictionary() }).readUInt32BE(2)).toBe(0xe3c6_a7c2)
  })

  it('replies to streams, reads the headers of each and gives their data in order', async () => {
    const client = await open()
    const first = await client.open({ streamtype: 'error', port: '80', requestid: '0' })
    const second = await client.open({ streamtype: 'data', port: '80', requestid: '0', echo: '' })
    await client.until(() => client.has(2, first) && client.has(2, second))
    expect(opened.map(({ stream }) => Object.fromEntries(stream.headers))).toEqual([
      { streamtype: 'error', port: '80', requestid: '0' },
      { streamtype: 'data', port: '80', requestid: '0', echo: '' },
    ])
    client.send(second, 'one ')
    client.send(second, 'two', true)
    await client.until(() => client.text(second) === 'one two')
    await until(() => opened[1]?.seen.at(-1) === '<end>')
    expect(opened[1]?.seen.join('')).toBe('one two<end>')
  })

  it('writes replies that a zlib stream over all of them reads as blocks without headers', async () => {
    const client = await open()
    for (let count = 0; count < 3; count += 1) await client.open({})
    await client.until(() => client.has(2, 5))
    const inflate = createInflate({
      dictionary: headerDictionary(),
      finishFlush: constants.Z_SYNC_FLUSH,
    })
    for (const frame of client.frames) inflate.write(frame.body.subarray(4))
    inflate.end()
    const parts: Buffer[] = []
    for await (const part of inflate) parts.push(part)
    expect(Buffer.concat(parts)).toEqual(Buffer.alloc(12))
  })

  it('takes frames cut anywhere', async () => {
    const pack = headerPacker()
    const block = await pack({ name: 'a value that is there twice, a value that is there twice' })
    const again = await pack({
      name: 'a value that is there twice, a value that is there twice',
      echo: '',
    })
    const syn = (id: number, packed: Buffer) =>
      control(1, 0, Buffer.concat([words(id, 0), Buffer.alloc(2), packed]))
    const all = Buffer.concat([
      syn(1, block),
      syn(3, again),
      data(3, 'x'.repeat(300)),
      data(3, 'y', true),
    ])
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: all.length }), { maxLength: 6 }), async (cuts) => {
        opened = []
        const client = new SpdyClient(await socketToServer())
        const places = [0, ...cuts.sort((a, b) => a - b), all.length]
        for (const [index, from] of places.entries()) {
          const part = all.subarray(from, places[index + 1])
          if (part.length > 0)
            await new Promise((resolve) => client.connection.write(part, resolve))
        }
        await client.until(() => client.bytes(3).length === 301)
        expect(opened[1]?.stream.headers.get('name')).toContain('twice, a value')
        await client.end()
      }),
      { numRuns: runs(20) },
    )
  })

  it('refuses a stream with a reset and keeps the others', async () => {
    const client = await open()
    const refused = await client.open({ refuse: '' })
    const good = await client.open({ echo: '' })
    await client.until(() => client.has(3, refused) && client.has(2, good))
    client.send(good, 'still here')
    await client.until(() => client.text(good) === 'still here')
    expect(opened).toHaveLength(1)
  })

  it('answers pings of the client, ignores settings, windows and types that it does not know', async () => {
    const client = await open()
    client.connection.write(control(4, 0, words(1, 7, 65_536)))
    client.connection.write(control(9, 0, words(1, 1000)))
    client.connection.write(control(99, 0, words(1)))
    client.ping(2)
    client.ping(7)
    await client.until(() => client.has(6, 7))
    expect(client.frames).toHaveLength(1)
  })

  it('half-closes, and forgets a stream that both have closed', async () => {
    const client = await open()
    const id = await client.open({}, true)
    await until(() => opened[0]?.seen.join() === '<end>')
    opened[0]?.stream.write(Buffer.from('the answer'))
    opened[0]?.stream.end()
    opened[0]?.stream.write(Buffer.from('too late'))
    await client.until(() => client.finished(id))
    expect(client.text(id)).toBe('the answer')
    await client.end()
    await until(() => closed === 1)
    expect(opened[0]?.seen).toEqual(['<end>'])
  })

  it('tells each open stream once that the client is gone', async () => {
    const client = await open()
    await client.open({})
    const reset = await client.open({})
    await until(() => opened.length === 2)
    client.reset(reset)
    await until(() => opened[1]?.seen.length === 1)
    await client.end()
    await until(() => closed === 1)
    expect(opened.map(({ seen }) => seen)).toEqual([['<gone>'], ['<gone>']])
  })

  it('sends everything before it goes away', async () => {
    const client = await open()
    const id = await client.open({})
    await until(() => opened.length === 1)
    const much = Buffer.alloc(3_000_000, 'z')
    opened[0]?.stream.write(much)
    opened[0]?.stream.end()
    sessions[0]?.close()
    await until(() => client.ended)
    expect(client.bytes(id).equals(much)).toBe(true)
    expect(client.frames.at(-1)).toMatchObject({ type: 7, stream: 1 })
  })

  it('reads no more from a client while a receiver is busy', async () => {
    let free = () => {}
    hold = new Promise((resolve) => {
      free = resolve
    })
    const client = await open()
    const id = await client.open({})
    const piece = Buffer.alloc(1_000_000)
    for (let count = 0; count < 20; count += 1) client.send(id, piece)
    await until(() => (opened[0]?.seen.length ?? 0) === 1)
    const before = opened[0]?.seen.join('').length ?? 0
    client.ping(1)
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    expect(opened[0]?.seen.join('').length).toBe(before)
    expect(client.has(6, 1)).toBe(false)
    hold = undefined
    free()
    await client.until(() => client.has(6, 1))
    expect(opened[0]?.seen.join('').length).toBe(20_000_000)
  })

  it('notices that a client is gone which it holds back', async () => {
    hold = new Promise(() => {})
    const client = await open()
    client.send(await client.open({}), 'held')
    client.send(1, Buffer.alloc(1_000_000))
    await until(() => opened[0]?.seen.length === 1)
    await client.end()
    await until(() => closed === 1)
    expect(opened[0]?.seen.at(-1)).toBe('<gone>')
  })

  it('cuts off a client that does not read', async () => {
    const socket = await socketToServer()
    const client = new SpdyClient(socket)
    clients.push(client)
    await client.open({})
    await until(() => opened.length === 1)
    socket.pause()
    for (let count = 0; count < 40; count += 1) opened[0]?.stream.write(Buffer.alloc(1_000_000))
    await until(() => closed === 1)
    expect(opened[0]?.seen).toEqual(['<gone>'])
  })

  it('allows a thousand streams and refuses the next', async () => {
    const client = await open()
    for (let count = 0; count < 1001; count += 1) await client.open({})
    await client.until(() => client.has(3, 2001))
    expect(opened).toHaveLength(1000)
    expect(client.has(3, 1999)).toBe(false)
  })

  it.each([
    ['another version', () => control(1, 0, Buffer.alloc(20), 2)],
    ['a control frame that is too long', () => control(1, 0, Buffer.alloc(20_000))],
    ['stream 0', () => control(3, 0, words(0, 1))],
    ['data of stream 0', () => data(0, 'x')],
    [
      'a block that is not packed',
      () => control(1, 0, Buffer.concat([words(1, 0), Buffer.alloc(2), words(0)])),
    ],
    [
      'a block packed without the dictionary',
      () => control(1, 0, Buffer.concat([words(1, 0), Buffer.alloc(2), deflateSync(words(0))])),
    ],
    ['a frame without a body', () => control(1, 0, Buffer.alloc(0))],
  ])('ends with GOAWAY after %s', async (_name, bytes) => {
    const client = await open()
    client.connection.write(bytes())
    await until(() => client.ended)
    expect(client.frames).toMatchObject([{ type: 7 }])
    expect(client.frames[0]?.body.readUInt32BE(4)).toBe(1)
    await until(() => closed === 1)
  })

  it('ends with GOAWAY after headers that unpack to too much', async () => {
    const client = await open()
    await client.open({ large: 'x'.repeat(100_000) })
    await until(() => client.ended)
    expect(client.frames).toMatchObject([{ type: 7 }])
  })

  it('resets a stream whose number goes back or is even', async () => {
    const client = await open()
    const pack = headerPacker()
    const syn = async (id: number) =>
      control(1, 0, Buffer.concat([words(id, 0), Buffer.alloc(2), await pack({})]))
    client.connection.write(await syn(5))
    client.connection.write(await syn(3))
    client.connection.write(await syn(8))
    await client.until(() => client.has(3, 3) && client.has(3, 8))
    expect(opened).toHaveLength(1)
  })

  it('survives whatever comes, and closes', async () => {
    const pack = headerPacker()
    const block = await pack({ echo: '' })
    const frame = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc
        .tuple(fc.nat({ max: 12 }), fc.nat({ max: 3 }), fc.uint8Array({ maxLength: 40 }))
        .map(([type, flags, body]) => control(type, flags, body)),
      fc
        .tuple(fc.nat({ max: 9 }), fc.boolean())
        .map(([id, fin]) =>
          control(1, fin ? 1 : 0, Buffer.concat([words(id, 0), Buffer.alloc(2), block])),
        ),
      fc
        .tuple(fc.nat({ max: 9 }), fc.uint8Array({ maxLength: 20 }), fc.boolean())
        .map(([id, bytes, fin]) => data(id, bytes, fin)),
      fc.constantFrom(
        control(7, 0, words(0, 0)),
        control(3, 0, words(1, 1)),
        control(6, 0, words(1)),
      ),
    )
    let count = 0
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { maxLength: 8 }), async (frames) => {
        const client = new SpdyClient(await socketToServer())
        for (const bytes of frames) client.connection.write(bytes)
        client.connection.end()
        await until(() => client.ended)
        await client.end()
        count += 1
        await until(() => closed === count)
      }),
      { numRuns: runs(150) },
    )
    for (const { seen } of opened) {
      expect(seen.filter((entry) => entry === '<gone>').length).toBeLessThan(2)
    }
  })
})
