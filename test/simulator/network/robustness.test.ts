import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Pod } from '../../../src/kube/objects.ts'
import { createFastClock } from '../../../src/platform/fast-clock.ts'
import { answerFromCluster } from '../../../src/simulator/dns/cluster-zone.ts'
import { decodeDnsMessage } from '../../../src/simulator/dns/decode.ts'
import { encodeDnsMessage } from '../../../src/simulator/dns/encode.ts'
import { DNS_TYPES, DnsFormatError, dnsQuery } from '../../../src/simulator/dns/message.ts'
import {
  answerDnsQuery,
  createTcpDeframer,
  frameForTcp,
} from '../../../src/simulator/dns/name-server.ts'
import { serveHttp } from '../../../src/simulator/http/serve-http.ts'
import { createNetwork } from '../../../src/simulator/network/network.ts'
import type { AttachedPodNetwork, Connection } from '../../../src/simulator/ports.ts'
import { RECORDED_VIEW } from '../pods/recorded-view.ts'
import { addDns, createWorld } from '../pods/world.ts'

const RUNS = process.env.CI === undefined ? 300 : 10_000
const types = Object.keys(DNS_TYPES).flatMap((name) => (name in DNS_TYPES ? [name] : []))

const resolve = (question: Parameters<typeof answerFromCluster>[1]) =>
  answerFromCluster(RECORDED_VIEW, question) ?? {
    rcode: 'NXDOMAIN' as const,
    authoritative: false,
    answers: [],
  }

describe('a name server', () => {
  test('answers any bytes with a message, or not at all', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.boolean(), async (bytes, overTcp) => {
        const reply = await answerDnsQuery(bytes, { overTcp, resolve })
        if (reply === undefined) return
        expect(decodeDnsMessage(reply).response).toBe(true)
        expect(reply.subarray(0, 2)).toEqual(bytes.subarray(0, 2))
      }),
      { numRuns: RUNS },
    )
  })

  test('answers a query that was damaged on the way with a message, or not at all', async () => {
    const whole = encodeDnsMessage({
      ...dnsQuery(7, '_redis._tcp.db.other.svc.cluster.local', 'SRV'),
      udpSize: 1232,
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.nat(whole.length),
        async (changes, length) => {
          const bytes = whole.slice(0, length)
          for (const [at, value] of changes) if (at < length) bytes[at] = value
          const reply = await answerDnsQuery(bytes, { overTcp: false, resolve })
          if (reply !== undefined) expect(() => decodeDnsMessage(reply)).not.toThrow()
        },
      ),
      { numRuns: RUNS },
    )
  })

  test('answers any name and type of the cluster, within the size that was asked for', async () => {
    const label = fc.constantFrom(
      'web',
      'db',
      'big',
      'default',
      'other',
      'svc',
      'pod',
      'cluster',
      'local',
      '_http',
      '_tcp',
      '10-244-0-8',
      'alias',
      '',
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(label, { maxLength: 8 }),
        fc.constantFrom(...types),
        fc.option(fc.integer({ min: 0, max: 5000 }), { nil: undefined }),
        async (labels, type, udpSize) => {
          const name = [...labels.filter((text) => text !== ''), 'cluster', 'local'].join('.')
          const known = Object.entries(DNS_TYPES).find(([key]) => key === type)?.[1] ?? 1
          const query = encodeDnsMessage({
            ...dnsQuery(1, name, known),
            ...(udpSize === undefined ? {} : { udpSize }),
          })
          const reply = await answerDnsQuery(query, { overTcp: false, resolve })
          if (reply === undefined) throw new Error('no answer')
          const message = decodeDnsMessage(reply)
          expect(message.questions[0]?.name).toBe(name)
          expect(reply.length).toBeLessThanOrEqual(Math.max(512, udpSize ?? 0))
          const tcp = await answerDnsQuery(query, { overTcp: true, resolve })
          if (tcp === undefined) throw new Error('no answer')
          expect(decodeDnsMessage(tcp).truncated).toBe(false)
        },
      ),
      { numRuns: RUNS },
    )
  })

  test('takes messages from TCP however they are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 5 }),
        fc.array(fc.integer({ min: 1, max: 20 })),
        (messages, cuts) => {
          const stream = Buffer.concat(messages.map((message) => frameForTcp(message)))
          const take = createTcpDeframer()
          const taken: Uint8Array[] = []
          let at = 0
          for (const cut of [...cuts, stream.length]) {
            taken.push(...take(stream.subarray(at, at + cut)))
            at += cut
          }
          expect(taken.map((bytes) => [...bytes])).toEqual(messages.map((bytes) => [...bytes]))
        },
      ),
      { numRuns: RUNS },
    )
  })

  test('is not read past its end', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
        try {
          decodeDnsMessage(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(DnsFormatError)
        }
      }),
      { numRuns: RUNS },
    )
  })
})

function fakeConnection(chunks: readonly Uint8Array[]): {
  connection: Connection
  sent: Uint8Array[]
} {
  const sent: Uint8Array[] = []
  async function* incoming(): AsyncGenerator<Uint8Array> {
    yield* chunks
  }
  return {
    sent,
    connection: {
      localAddress: '10.244.0.5',
      localPort: 80,
      remoteAddress: '10.244.0.7',
      remotePort: 40_000,
      send: (data) => sent.push(data),
      end() {},
      close() {},
      drained: () => undefined,
      incoming: incoming(),
    },
  }
}

describe('an HTTP server', () => {
  test('answers any bytes with HTTP, or not at all', async () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc
        .constantFrom(
          'GET / HTTP/1.1\r\n',
          'Host: a\r\n',
          '\r\n',
          'Content-Length: 5\r\n',
          'Content-Length: -1\r\n',
          'POST /%zz HTTP/1.0\r\n',
          ':\r\n',
          'hello',
        )
        .map((text) => new TextEncoder().encode(text)),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (chunks) => {
        const { connection, sent } = fakeConnection(chunks)
        await serveHttp(connection, () => ({ status: 200, body: 'ok' }))
        const text = Buffer.concat(sent).toString('latin1')
        if (text !== '') expect(text).toMatch(/^HTTP\/1\.1 (200|400) /)
      }),
      { numRuns: RUNS },
    )
  })
})

describe('servers of pods', () => {
  test.each([
    ['nginx', 80],
    ['httpd', 80],
    ['redis', 6379],
    ['registry.k8s.io/e2e-test-images/agnhost:2.53', 8080],
    ['gcr.io/google-samples/hello-app:1.0', 8080],
    ['registry.k8s.io/coredns/coredns:v1.11.3', 53],
  ])('go on after any bytes: %s', async (image, port) => {
    const world = createWorld()
    addDns(world)
    const args = image.includes('agnhost') ? { args: ['netexec'] } : {}
    const server = world.addPod({ name: 'server', ip: '10.244.0.5', image, container: args })
    const client = world.addPod({
      name: 'client',
      ip: '10.244.0.7',
      image: 'alpine',
      container: { command: ['sleep', 'infinity'] },
    })
    let ended = false
    void server.exited.then(() => {
      ended = true
    })
    const reached = async () =>
      (await world.run(client, `nc -z -w 1 10.244.0.5 ${port}`)).code === 0
    while (!(await reached())) await world.clock.sleep(10)
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 40 }), async (bytes) => {
        const octal = [...bytes].map((byte) => `\\0${byte.toString(8).padStart(3, '0')}`).join('')
        await world.run(client, `printf '%b' '${octal}' | timeout 1 nc -w 1 10.244.0.5 ${port}`)
        expect(ended).toBe(false)
      }),
      { numRuns: 15 },
    )
    expect(await reached()).toBe(true)
    await world.close()
  })
})

describe('a network', () => {
  const clock = createFastClock()
  const pods: Pod[] = ['10.244.0.5', '10.244.0.7'].map((ip, at) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `pod-${at}`, namespace: 'default' },
    spec: { containers: [], nodeName: 'node-1' },
    status: { phase: 'Running', podIP: ip, hostIP: '172.18.0.2' },
  }))

  test('keeps nothing of connections that are over, however they ended', async () => {
    const network = createNetwork({ clock, view: { ...RECORDED_VIEW, pods: () => pods } })
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            protocol: fc.constantFrom('TCP' as const, 'UDP' as const, 'SCTP' as const),
            port: fc.constantFrom(80, 81),
            first: fc.constantFrom('client', 'server', 'removal'),
            sends: fc.boolean(),
          }),
          { minLength: 1, maxLength: 6 },
        ),
        async (steps) => {
          for (const { protocol, port, first, sends } of steps) {
            const [server, client] = pods.map((pod) => network.attach(pod))
            if (server === undefined || client === undefined) throw new Error('no pods')
            const accepted: Connection[] = []
            server.listen(80, protocol, (connection) => accepted.push(connection))
            const outcome = await client.connect(
              { address: server.address, port, protocol },
              { signal: new AbortController().signal },
            )
            expect(outcome.kind).toBe(port === 80 ? 'connected' : 'refused')
            if (outcome.kind === 'connected') {
              if (sends) outcome.connection.send(Uint8Array.of(1))
              if (first === 'client') outcome.connection.close()
              else if (first === 'server') for (const one of accepted) one.close()
              else server.detach()
              // A datagram socket that has heard nothing learns of no end.
              await drained(outcome.connection, accepted.length === 0)
              for (const one of accepted) await drained(one, false)
            }
            expect(client.sockets()).toEqual([])
            server.detach()
            client.detach()
            expect(server.sockets()).toEqual([])
            expect(server.listening()).toEqual([])
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  test('lets go of those who gave up waiting', async () => {
    const network = createNetwork({ clock, view: { ...RECORDED_VIEW, pods: () => pods } })
    const [, pod] = pods
    if (pod === undefined) throw new Error('no pod')
    const client: AttachedPodNetwork = network.attach(pod)
    const waits = Array.from({ length: 100 }, async () => {
      const patience = new AbortController()
      clock.after(500, () => patience.abort(new Error('gave up')))
      await client.connect(
        { address: '203.0.113.99', port: 80, protocol: 'TCP' },
        { signal: patience.signal },
      )
    })
    expect(client.sockets()).toHaveLength(100)
    const results = await Promise.allSettled(waits)
    expect(results.every(({ status }) => status === 'rejected')).toBe(true)
    expect(client.sockets()).toEqual([])
    client.detach()
  })
})

/** Reads an end to its end, and closes it as its owner does then. */
async function drained(connection: Connection, silent: boolean): Promise<void> {
  if (!silent) for await (const _chunk of connection.incoming);
  connection.close()
}
