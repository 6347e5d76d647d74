import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFastClock } from '../../src/platform/fast-clock.ts'
import {
  createSimulatedCluster,
  type SimulatedCluster,
} from '../../src/simulator/simulated-cluster.ts'
import { PODS, POLICIES, readAnswer, requestOf } from './support/cluster.ts'

let cluster: SimulatedCluster
const defects: unknown[] = []
beforeEach(() => {
  cluster = createSimulatedCluster({
    clock: createFastClock(),
    onDefect: (error) => defects.push(error),
  })
})
afterEach(async () => {
  await cluster.close()
  expect(defects.splice(0)).toEqual([])
})

const send = async (method: string, url: string, body?: unknown) =>
  (await readAnswer(await cluster.api.handle(requestOf(method, url, body)))).body
type Status = {
  ready: boolean
  started: boolean
  restartCount: number
  lastState: { terminated?: { exitCode: number } }
}
/** Looks at a container after every change until it is as it should be. */
async function untilStatus(name: string, test: (status: Status) => boolean): Promise<Status> {
  while (true) {
    const changed = new Promise<void>((resolve) => {
      const stop = cluster.onChange(() => {
        stop()
        resolve()
      })
    })
    const { status } = await send('GET', `${PODS}/${name}`)
    const found = status?.containerStatuses?.[0]
    if (found !== undefined && test(found)) return found
    await changed
  }
}
const eventsOf = async (name: string): Promise<readonly string[]> => {
  const { items } = await send(
    'GET',
    `/api/v1/namespaces/default/events?fieldSelector=involvedObject.name%3D${name}`,
  )
  return items.map(
    (event: { type: string; reason: string; message: string }) =>
      `${event.type} ${event.reason} ${event.message}`,
  )
}
const pod = (name: string, container: object) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { app: name } },
  spec: { containers: [{ name: 'a', image: 'nginx', ...container }] },
})
const shell = (script: string) => ({ image: 'busybox', command: ['sh', '-c', script] })

describe('a readiness probe', () => {
  it('asks the web server over the network, whatever policies say', async () => {
    await send('POST', POLICIES, {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'deny' },
      spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
    })
    await send('POST', PODS, pod('web', { readinessProbe: { httpGet: { port: 80 } } }))
    await untilStatus('web', (status) => status.ready)
    const log = await send('GET', `${PODS}/web/log`)
    expect(log).toMatch(/"GET \/ HTTP\/1\.1" 200 \d+ "-" "kube-probe\/1\.32"/)
  })

  it('keeps a pod from being ready, and says what it heard', async () => {
    const probes = {
      missing: { httpGet: { port: 80, path: '/nothing' } },
      closed: { httpGet: { port: 81 } },
      tcp: { tcpSocket: { port: 5432 } },
    }
    for (const [name, readinessProbe] of Object.entries(probes)) {
      await send('POST', PODS, pod(name, { readinessProbe }))
    }
    const heard: string[] = []
    for (const name of Object.keys(probes)) {
      const status = await untilStatus(name, (entry) => entry.started)
      expect(status.ready).toBe(false)
      while (!(await eventsOf(name)).some((event) => event.includes('Unhealthy'))) {
        await new Promise((resolve) => setImmediate(resolve))
      }
      const found = (await eventsOf(name)).find((event) => event.includes('Unhealthy')) ?? ''
      heard.push(found.replaceAll(/10\.244\.0\.\d+/g, 'POD'))
    }
    expect(heard).toEqual([
      'Warning Unhealthy Readiness probe failed: HTTP probe failed with statuscode: 404',
      'Warning Unhealthy Readiness probe failed: Get "http://POD:81/": dial tcp POD:81: connect: connection refused',
      'Warning Unhealthy Readiness probe failed: dial tcp POD:5432: connect: connection refused',
    ])
  })
})

describe('a liveness probe', () => {
  it('has a container started again when it failed three times', async () => {
    await send(
      'POST',
      PODS,
      pod('ill', {
        ...shell('touch /tmp/healthy; sleep 30; rm /tmp/healthy; sleep 600'),
        livenessProbe: { exec: { command: ['cat', '/tmp/healthy'] }, periodSeconds: 5 },
      }),
    )
    const status = await untilStatus('ill', (entry) => entry.restartCount === 1 && entry.started)
    expect(status.lastState.terminated?.exitCode).toBeGreaterThan(0)
    const events = await eventsOf('ill')
    expect(events).toContain(
      "Warning Unhealthy Liveness probe failed: cat: can't open '/tmp/healthy': No such file or directory\n",
    )
    expect(events).toContain('Normal Killing Container a failed liveness probe, will be restarted')
  })
})

describe('a startup probe', () => {
  it('holds the others back until it passes', async () => {
    await send(
      'POST',
      PODS,
      pod('slow', {
        ...shell('sleep 25; touch /tmp/up; sleep 600'),
        startupProbe: {
          exec: { command: ['cat', '/tmp/up'] },
          periodSeconds: 10,
          failureThreshold: 6,
        },
        livenessProbe: { exec: { command: ['cat', '/tmp/up'] }, failureThreshold: 1 },
      }),
    )
    const before = await untilStatus('slow', () => true)
    expect(before).toMatchObject({ ready: false, started: false })
    const after = await untilStatus('slow', (entry) => entry.started)
    expect(after).toMatchObject({ ready: true, restartCount: 0 })
  })
})

describe('a probe that is not simulated', () => {
  it('counts as passed, and an event says so', async () => {
    await send('POST', PODS, pod('rpc', { readinessProbe: { grpc: { port: 80 } } }))
    await untilStatus('rpc', (entry) => entry.ready)
    expect(await eventsOf('rpc')).toContain(
      'Warning ProbeNotSimulated gRPC probes are not simulated: this one counts as passed',
    )
  })
})
