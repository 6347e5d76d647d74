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

const AGNHOST = 'registry.k8s.io/e2e-test-images/agnhost:2.53'
const health = (...args: string[]) => ({ image: AGNHOST, args: ['grpc-health-checking', ...args] })

/** The first thing that a probe of a pod complained of. */
async function complaintOf(name: string): Promise<string> {
  while (true) {
    const found = (await eventsOf(name)).find((event) => event.includes('Unhealthy'))
    if (found !== undefined) return found.replaceAll(/10\.244\.0\.\d+/g, 'POD')
    await new Promise((resolve) => setImmediate(resolve))
  }
}

describe('a gRPC probe', () => {
  it('passes where the service says that it serves', async () => {
    await send('POST', PODS, pod('rpc', { ...health(), readinessProbe: { grpc: { port: 5000 } } }))
    await send(
      'POST',
      PODS,
      pod('named', {
        ...health('--service', 'shop', '--port', '5001'),
        readinessProbe: { grpc: { port: 5001, service: 'shop' } },
      }),
    )
    await untilStatus('rpc', (status) => status.ready)
    await untilStatus('named', (status) => status.ready)
    expect((await eventsOf('rpc')).join()).not.toContain('Unhealthy')
  })

  it('fails where the service says something else, or nobody speaks the protocol', async () => {
    const grpc = (port: number, service?: string) => ({
      readinessProbe: { grpc: { port, service } },
    })
    const pods: Record<string, object> = {
      sick: { ...health('--delay-unhealthy-sec', '0'), ...grpc(5000) },
      other: { ...health('--service', 'shop'), ...grpc(5000, 'none') },
      web: grpc(80),
      closed: grpc(81),
      silent: { ...shell('nc -lk -p 9000 > /dev/null'), ...grpc(9000) },
      slow: { readinessProbe: { grpc: { port: 80 }, timeoutSeconds: 3 } },
    }
    const heard: string[] = []
    for (const [name, container] of Object.entries(pods)) {
      await send('POST', PODS, pod(name, container))
      heard.push(await complaintOf(name))
    }
    const unhealthy = 'Warning Unhealthy Readiness probe failed:'
    const late = (port: number, seconds = 1) =>
      `${unhealthy} timeout: failed to connect service "POD:${port}" within ${seconds}s: context deadline exceeded`
    expect(heard).toEqual([
      `${unhealthy} service unhealthy (responded with "NOT_SERVING")`,
      `${unhealthy} error: health rpc probe failed: rpc error: code = NotFound desc = unknown service`,
      late(80),
      late(81),
      late(9000),
      late(80, 3),
    ])
  })

  it('sees that a service no longer serves, and has its container started again', async () => {
    await send('POST', PODS, pod('rpc', { ...health(), livenessProbe: { grpc: { port: 5000 } } }))
    await untilStatus('rpc', (status) => status.ready)
    const { status } = await send('GET', `${PODS}/rpc`)
    await send('POST', PODS, {
      ...pod('caller', {
        image: 'curlimages/curl',
        command: ['curl', '-s', `${status.podIP}:8080/make-not-serving`],
      }),
    })
    const after = await untilStatus('rpc', (entry) => entry.restartCount === 1)
    expect(after.lastState.terminated?.exitCode).toBeDefined()
  })
})

describe('an HTTPS probe', () => {
  it('passes at a server with TLS, and fails in Go’s words at one without', async () => {
    const https = (port: number) => ({
      readinessProbe: { httpGet: { port, path: '/healthz', scheme: 'HTTPS' } },
    })
    const tls = [
      'netexec',
      '--tls-cert-file',
      '/c',
      '--tls-private-key-file',
      '/k',
      '--http-port',
      '8443',
    ]
    await send('POST', PODS, pod('tls', { image: AGNHOST, args: tls, ...https(8443) }))
    await untilStatus('tls', (status) => status.ready)
    await send('POST', PODS, pod('web', https(80)))
    expect(await complaintOf('web')).toBe(
      'Warning Unhealthy Readiness probe failed: Get "https://POD:80/healthz": http: server gave HTTP response to HTTPS client',
    )
    await send('POST', PODS, pod('redis', { image: 'redis', ...https(6379) }))
    expect(await complaintOf('redis')).toMatch(
      /Get "https:\/\/POD:6379\/healthz": (tls: first record does not look like a TLS handshake|EOF|context deadline exceeded \(Client.Timeout exceeded while awaiting headers\))$/,
    )
    await send('POST', PODS, pod('closed', https(81)))
    expect(await complaintOf('closed')).toBe(
      'Warning Unhealthy Readiness probe failed: Get "https://POD:81/healthz": dial tcp POD:81: connect: connection refused',
    )
    await send(
      'POST',
      PODS,
      pod('plain', { image: AGNHOST, args: tls, readinessProbe: { httpGet: { port: 8443 } } }),
    )
    expect(await complaintOf('plain')).toBe(
      'Warning Unhealthy Readiness probe failed: HTTP probe failed with statuscode: 400',
    )
  })
})
