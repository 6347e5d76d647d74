import { once } from 'node:events'
import { PassThrough, Writable } from 'node:stream'
import { PortForward } from '@kubernetes/client-node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { createFastClock } from '../../../../src/platform/fast-clock.ts'
import type { ClusterAddress } from '../../../../src/simulator/assemble-cluster.ts'
import {
  createSimulatedCluster,
  type SimulatedCluster,
} from '../../../../src/simulator/simulated-cluster.ts'
import { kubeConfigOf, PODS, POLICIES, readAnswer, requestOf } from '../../support/cluster.ts'
import type { SpdyClient } from '../../support/spdy-client.ts'
import { askForSpdy, openSpdy, openTunnel } from '../../support/upgrade.ts'

let cluster: SimulatedCluster
let address: ClusterAddress
const defects: unknown[] = []
const send = async (method: string, url: string, body?: unknown) =>
  readAnswer(await cluster.api.handle(requestOf(method, url, body)))
const podOf = (name: string, image: string, command?: readonly string[]) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: { containers: [{ name: 'main', image, ...(command === undefined ? {} : { command }) }] },
})
const until = async (holds: () => Promise<boolean>) => {
  while (!(await holds())) await new Promise((resolve) => setImmediate(resolve))
}
const running = (name: string) =>
  until(async () => (await send('GET', `${PODS}/${name}`)).body.status?.phase === 'Running')
const run = (name: string, image: string, command?: readonly string[]) =>
  send('POST', PODS, podOf(name, image, command)).then(() => running(name))

beforeAll(async () => {
  cluster = createSimulatedCluster({
    clock: createFastClock(),
    onDefect: (error) => defects.push(error),
  })
  address = await cluster.listen()
  await run('web', 'nginx')
  await run('echo', 'busybox', ['nc', '-lk', '-p', '7', '-e', 'cat'])
  await run('deaf', 'busybox', ['sh', '-c', 'nc -lk -p 9 -e sleep 1000000'])
})
afterAll(async () => {
  await cluster.close()
  expect(defects).toEqual([])
})

/** Thinks for a hundred of the cluster's seconds, then answers. */
const SLOW = 'read line; sleep 100; echo "answer to $line"'
const open = (name: string) =>
  openSpdy(address, `${PODS}/${name}/portforward`, 'portforward.k8s.io')
let requests = 0
/** A forwarded connection as client-go makes it. */
async function connect(client: SpdyClient, port: number) {
  requests += 1
  const headers = { port: String(port), requestid: String(requests) }
  const error = await client.open({ ...headers, streamtype: 'error' }, true)
  const data = await client.open({ ...headers, streamtype: 'data' })
  return { error, data }
}
const GET = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'

describe('a port forward over SPDY', () => {
  it('reaches what listens in the pod, on several connections at once', async () => {
    const client = await open('web')
    const connections = await Promise.all([connect(client, 80), connect(client, 80)])
    for (const { data } of connections) client.send(data, GET)
    for (const { data, error } of connections) {
      await client.until(() => client.text(data).includes('Welcome to nginx!'))
      expect(client.text(error)).toBe('')
    }
    await client.end()
  })

  it('ends the connection of the pod with that of the client, and the other way round', async () => {
    const client = await open('echo')
    const { data, error } = await connect(client, 7)
    client.send(data, 'hello', true)
    await client.until(() => client.finished(data) && client.finished(error))
    expect(client.text(data)).toBe('hello')
    const closing = await connect(client, 7)
    client.reset(closing.data)
    await client.until(() => client.finished(closing.error))

    const web = await open('web')
    const request = await connect(web, 80)
    web.send(request.data, GET.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'))
    await web.until(() => web.finished(request.data))
    await Promise.all([client.end(), web.end()])
  })

  it('gives the pod time to answer a client that has said everything', async () => {
    await run('slow', 'busybox', ['nc', '-lk', '-p', '7', '-e', 'sh', '-c', SLOW])
    const client = await open('slow')
    const { data } = await connect(client, 7)
    client.send(data, 'question\n', true)
    await client.until(() => client.finished(data))
    expect(client.text(data)).toBe('answer to question\n')
    await client.end()
  })

  it('tells the client of no end while it may still send: clients take that for the end of both', async () => {
    const sink = 'nc -l -p 7 < /dev/null | wc -c; sleep 1000000'
    await run('sink', 'busybox', ['sh', '-c', sink])
    const client = await open('sink')
    const { data } = await connect(client, 7)
    client.send(data, 'at once ')
    // The pod has nothing to say, and has said so long before these have come back.
    for (let id = 1; id < 20; id += 2) {
      client.ping(id)
      await client.until(() => client.has(6, id))
    }
    expect(client.finished(data)).toBe(false)
    client.send(data, 'and later', true)
    await client.until(() => client.finished(data))
    const { body } = await cluster.api.handle(requestOf('GET', `${PODS}/sink/log?follow=true`))
    if (typeof body === 'string') throw new Error(body)
    for await (const text of body) {
      expect(text).toBe('17\n')
      break
    }
    await client.end()
  })

  it('says why a port cannot be reached as kubelet and containerd do', async () => {
    const client = await open('web')
    const { data, error } = await connect(client, 81)
    await client.until(() => client.finished(data) && client.finished(error))
    const sandbox = '[0-9a-f]{64}'
    expect(client.text(error)).toMatch(
      new RegExp(
        `^error forwarding port 81 to pod (${sandbox}), uid : failed to execute portforward in network namespace "/var/run/netns/cni-[0-9a-f-]{36}": failed to connect to localhost:81 inside namespace "\\1", IPv4: dial tcp4 127\\.0\\.0\\.1:81: connect: connection refused IPv6 dial tcp6 \\[::1\\]:81: connect: connection refused $`,
      ),
    )
    const good = await connect(client, 80)
    client.send(good.data, GET)
    await client.until(() => client.text(good.data).includes('200 OK'))
    await client.end()
  })

  it('comes from inside the pod: no policy is asked', async () => {
    const deny = await send('POST', POLICIES, {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'deny' },
      spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
    })
    expect(deny.status).toBe(201)
    const client = await open('web')
    const { data } = await connect(client, 80)
    client.send(data, GET)
    await client.until(() => client.text(data).includes('200 OK'))
    await client.end()
    await send('DELETE', `${POLICIES}/deny`)
  })

  it('ends with its pod, and says so to the next connection', async () => {
    await run('short', 'nginx')
    const client = await open('short')
    const { data } = await connect(client, 80)
    client.send(data, GET)
    await client.until(() => client.text(data).includes('200 OK'))
    await send('DELETE', `${PODS}/short`)
    await client.until(() => client.finished(data))
    await until(async () => (await send('GET', `${PODS}/short`)).status === 404)
    const { error } = await connect(client, 80)
    await client.until(() => client.finished(error))
    expect(client.text(error)).toMatch(
      /^error forwarding port 80 to pod ([0-9a-f]{64}), uid : network namespace for sandbox "\1" is closed$/,
    )
    await client.end()
  })

  it.each(['SPDY', 'a tunnel'])(
    'holds a client back whose pod does not read, over %s',
    async (way) => {
      const client =
        way === 'SPDY' ? await open('deaf') : await openTunnel(address, `${PODS}/deaf/portforward`)
      const { data } = await connect(client, 9)
      for (let count = 0; count < 20; count += 1) client.send(data, Buffer.alloc(1_000_000))
      client.ping(1)
      // As much through a pod that reads, as a measure of the time that this would take.
      const other = await open('echo')
      const { data: echoed } = await connect(other, 7)
      for (let count = 0; count < 8; count += 1) other.send(echoed, Buffer.alloc(1_000_000))
      other.ping(1)
      await other.until(() => other.has(6, 1) && other.bytes(echoed).length === 8_000_000)
      expect(client.has(6, 1)).toBe(false)
      await Promise.all([client.end(), other.end()])
    },
  )

  it('takes streams in any order and with data that comes early', async () => {
    const client = await open('echo')
    const data = await client.open({ port: '7', requestid: 'late', streamtype: 'data' })
    client.send(data, 'early', true)
    await client.open({ port: '7', requestid: 'late', streamtype: 'error' })
    await client.until(() => client.finished(data))
    expect(client.text(data)).toBe('early')
    // Clients before Kubernetes 1.2 number nothing: the error stream comes right before the other.
    const error = await client.open({ port: '7', streamtype: 'error' })
    const old = await client.open({ port: '7', streamtype: 'data' })
    client.send(old, 'old', true)
    await client.until(() => client.finished(old) && client.finished(error))
    expect(client.text(old)).toBe('old')
    await client.end()
  })

  it('refuses streams that name no port, no type, or one that is there', async () => {
    const client = await open('web')
    for (const headers of [
      { streamtype: 'data', requestid: 'a' },
      { streamtype: 'data', requestid: 'a', port: '0' },
      { streamtype: 'data', requestid: 'a', port: '65536' },
      { streamtype: 'data', requestid: 'a', port: '-1' },
      { streamtype: 'stdin', requestid: 'a', port: '80' },
      { requestid: 'a', port: '80' },
    ]) {
      const id = await client.open(headers)
      await client.until(() => client.has(3, id))
    }
    const error = await client.open({ streamtype: 'error', requestid: 'b', port: '80' })
    const again = await client.open({ streamtype: 'error', requestid: 'b', port: '80' })
    await client.until(() => client.has(3, again))
    expect(client.text(error)).toBe(
      'error processing stream for request b: error stream already assigned',
    )
    await client.end()
  })

  it('waits only so long for the second stream of a connection', async () => {
    const impatient = await cluster.listen({ limits: { streamsMs: 20 } })
    const client = await openSpdy(impatient, `${PODS}/web/portforward`, 'portforward.k8s.io')
    const error = await client.open({ streamtype: 'error', requestid: 'c', port: '80' })
    await client.until(() => client.finished(error))
    expect(client.text(error)).toBe('(request=c) timed out waiting for streams')
    const data = await client.open({ streamtype: 'data', requestid: 'd', port: '80' })
    await client.until(() => client.has(3, data))
    await client.end()
    await impatient.close()
  })

  it('is refused without a pod, a node or the protocol', async () => {
    const path = (name: string) => `${PODS}/${name}/portforward`
    expect(await askForSpdy(address, path('nope'), ['portforward.k8s.io'])).toMatchObject({
      status: 404,
      body: expect.stringContaining('pods \\"nope\\" not found'),
    })
    expect(await askForSpdy(address, path('web'), ['v4.channel.k8s.io'])).toMatchObject({
      status: 403,
      body: 'unable to upgrade: unable to negotiate protocol: client supports [v4.channel.k8s.io], server accepts [portforward.k8s.io]',
    })
    await send('POST', PODS, {
      ...podOf('waiting', 'nginx'),
      spec: { ...podOf('waiting', 'nginx').spec, nodeSelector: { no: 'where' } },
    })
    expect(await askForSpdy(address, path('waiting'), ['portforward.k8s.io'])).toMatchObject({
      status: 400,
      body: expect.stringContaining('pod waiting does not have a host assigned'),
    })
    const { status, body } = await send('POST', path('web'))
    expect([status, body.message]).toEqual([400, 'Upgrade request required'])
  })
})

describe('a port forward over a WebSocket', () => {
  it('is SPDY in a tunnel for kubectl', async () => {
    const client = await openTunnel(address, `${PODS}/web/portforward`)
    const { data } = await connect(client, 80)
    client.send(data, GET)
    await client.until(() => client.text(data).includes('Welcome to nginx!'))
    await client.end()
  })

  it('is a pair of channels for client-node', async () => {
    const forward = new PortForward(kubeConfigOf(address))
    const input = new PassThrough()
    let text = ''
    let failure = ''
    const into = (take: (part: string) => void) =>
      new Writable({
        write(chunk, _encoding, done) {
          take(String(chunk))
          done()
        },
      })
    const output = into((part) => {
      text += part
    })
    const errors = into((part) => {
      failure += part
    })
    const opened = await forward.portForward('default', 'web', [80], output, errors, input)
    input.write(GET)
    await until(async () => text.includes('Welcome to nginx!'))
    if (opened instanceof WebSocket) opened.close()
    const refused = await forward.portForward(
      'default',
      'web',
      [81],
      output,
      errors,
      new PassThrough(),
    )
    if (refused instanceof WebSocket) await once(refused, 'close')
    expect(failure).toMatch(/^error forwarding port 81 to pod .* connection refused $/)
  })

  it('needs a protocol that the server has, and ports', async () => {
    const refusal = async (path: string, protocol: string) => {
      const socket = new WebSocket(`${address.server.replace('https', 'wss')}${path}`, protocol, {
        ca: address.certificateAuthority,
        headers: { authorization: `Bearer ${address.token}` },
      })
      const [, response] = await once(socket, 'unexpected-response')
      let body = ''
      for await (const chunk of response) body += String(chunk)
      return JSON.parse(body).message
    }
    expect(await refusal(`${PODS}/web/portforward`, 'v4.channel.k8s.io')).toBe(
      'query parameter "ports" is required',
    )
    expect(await refusal(`${PODS}/web/portforward?ports=99999`, 'v4.channel.k8s.io')).toBe(
      'unable to parse "99999" as a port',
    )
    expect(await refusal(`${PODS}/web/portforward?ports=80`, 'v9')).toBe(
      'unable to upgrade: none of the offered protocols is supported, this server speaks SPDY/3.1+portforward.k8s.io and v4.channel.k8s.io',
    )
  })
})
