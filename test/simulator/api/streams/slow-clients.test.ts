import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { createFastClock } from '../../../../src/platform/fast-clock.ts'
import type { ClusterAddress } from '../../../../src/simulator/assemble-cluster.ts'
import {
  createSimulatedCluster,
  type SimulatedCluster,
} from '../../../../src/simulator/simulated-cluster.ts'
import { PODS, readAnswer, requestOf } from '../../support/cluster.ts'
import { openSpdy } from '../../support/upgrade.ts'

let cluster: SimulatedCluster
let address: ClusterAddress
beforeAll(async () => {
  cluster = createSimulatedCluster({ clock: createFastClock() })
  address = await cluster.listen()
  const send = async (method: string, url: string, body?: unknown) =>
    (await readAnswer(await cluster.api.handle(requestOf(method, url, body)))).body
  await send('POST', PODS, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'box' },
    spec: {
      containers: [
        {
          name: 'main',
          image: 'busybox',
          command: ['sh', '-c', `nc -lk -p 9 -e head -c ${MUCH} /dev/zero`],
        },
      ],
    },
  })
  while ((await send('GET', `${PODS}/box`)).status?.phase !== 'Running') {
    await new Promise((resolve) => setImmediate(resolve))
  }
})
afterAll(() => cluster.close())

/** More than any buffer on the way takes. */
const MUCH = 40_000_000
const EXEC = `exec?command=head&command=-c&command=${MUCH}&command=/dev/zero&stdout=true`

const overSpdy = async () => {
  const client = await openSpdy(address, `${PODS}/box/${EXEC}`, 'v4.channel.k8s.io')
  await client.open({ streamtype: 'error' })
  const stdout = await client.open({ streamtype: 'stdout' })
  return {
    pause: () => client.connection.pause(),
    resume: () => client.connection.resume(),
    all: async () => {
      await client.until(() => client.finished(stdout))
      const { length } = client.bytes(stdout)
      await client.end()
      return length
    },
  }
}
const overForward = async () => {
  const client = await openSpdy(address, `${PODS}/box/portforward`, 'portforward.k8s.io')
  await client.open({ streamtype: 'error', port: '9', requestid: '1' }, true)
  const stream = await client.open({ streamtype: 'data', port: '9', requestid: '1' })
  return {
    pause: () => client.connection.pause(),
    resume: () => client.connection.resume(),
    all: async () => {
      await client.until(() => client.finished(stream))
      const { length } = client.bytes(stream)
      await client.end()
      return length
    },
  }
}
const overWebSocket = async () => {
  const url = `${address.server.replace('https', 'wss')}${PODS}/box/${EXEC}`
  const socket = new WebSocket(url, 'v5.channel.k8s.io', {
    ca: address.certificateAuthority,
    headers: { authorization: `Bearer ${address.token}` },
  })
  let size = 0
  socket.on('message', (data: Buffer) => {
    if (data[0] === 1) size += data.length - 1
  })
  await once(socket, 'open')
  return {
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    all: async () => {
      await once(socket, 'close')
      return size
    },
  }
}

describe('a client that reads late', () => {
  it.each([
    ['exec over SPDY', overSpdy],
    ['exec over a WebSocket', overWebSocket],
    ['a forwarded port', overForward],
  ])('gets everything from %s: who writes waits', { timeout: 60_000 }, async (_name, begin) => {
    const late = await begin()
    late.pause()
    // Another one that reads at once, as a measure of the time that writing everything takes.
    const prompt = await begin()
    expect(await prompt.all()).toBe(MUCH)
    const all = late.all()
    late.resume()
    expect(await all).toBe(MUCH)
  })
})
