import { Writable } from 'node:stream'
import { CoreV1Api, Exec, NetworkingV1Api, type V1Status } from '@kubernetes/client-node'
import { afterEach, describe, expect, it } from 'vitest'
import { createFastClock } from '../../src/platform/fast-clock.ts'
import { createRealClock } from '../../src/platform/real-clock.ts'
import {
  createSimulatedCluster,
  decodeSavedCluster,
  type SimulatedCluster,
  type SimulatedClusterOptions,
} from '../../src/simulator/simulated-cluster.ts'
import { kubeConfigOf, readAnswer, requestOf } from './support/cluster.ts'

const open: SimulatedCluster[] = []
const defects: unknown[] = []
afterEach(async () => {
  for (const cluster of open.splice(0)) await cluster.close()
  expect(defects.splice(0)).toEqual([])
})

function createCluster(options: Partial<SimulatedClusterOptions> = {}): SimulatedCluster {
  const cluster = createSimulatedCluster({
    clock: createFastClock(),
    onDefect: (error) => defects.push(error),
    ...options,
  })
  open.push(cluster)
  return cluster
}

async function send(cluster: SimulatedCluster, method: string, url: string, body?: unknown) {
  return (await readAnswer(await cluster.api.handle(requestOf(method, url, body)))).body
}

const PODS = '/api/v1/namespaces/default/pods'

async function podsRunning(cluster: SimulatedCluster, url: string, count: number) {
  while (true) {
    const changed = new Promise<void>((resolve) => {
      const stop = cluster.onChange(() => {
        stop()
        resolve()
      })
    })
    const { items } = await send(cluster, 'GET', url)
    const running = items.filter(
      (pod: { status: { phase: string } }) => pod.status.phase === 'Running',
    )
    if (running.length >= count) return running
    await changed
  }
}

async function runIn(cluster: SimulatedCluster, pod: string, command: string) {
  const chunks: Buffer[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(Buffer.from(chunk))
      done()
    },
  })
  const config = kubeConfigOf(await cluster.listen())
  const status = await new Promise<V1Status>((resolve, reject) => {
    new Exec(config)
      .exec('default', pod, pod, ['sh', '-c', command], stream, stream, null, false, resolve)
      .catch(reject)
  })
  return { output: Buffer.concat(chunks).toString(), status: status.status }
}

const pod = (name: string, image: string, labels: Record<string, string> = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels },
  spec: {
    containers: [{ name, image, ...(image === 'alpine' ? { command: ['sleep', '3600'] } : {}) }],
  },
})

describe('a new simulated cluster', () => {
  it('has its node, namespaces, API service and two DNS pods behind kube-dns', async () => {
    const cluster = createCluster()
    const dns = await podsRunning(
      cluster,
      '/api/v1/namespaces/kube-system/pods?labelSelector=k8s-app%3Dkube-dns',
      2,
    )
    expect(dns).toHaveLength(2)
    expect(dns[0].metadata.name).toMatch(/^coredns-[a-z0-9]+-[a-z0-9]{5}$/)
    expect(dns[0].spec.containers[0]).toMatchObject({
      image: 'registry.k8s.io/coredns/coredns:v1.11.3',
      ports: [
        { name: 'dns', containerPort: 53, protocol: 'UDP' },
        { name: 'dns-tcp', containerPort: 53, protocol: 'TCP' },
        { name: 'metrics', containerPort: 9153, protocol: 'TCP' },
      ],
    })
    const service = await send(cluster, 'GET', '/api/v1/namespaces/kube-system/services/kube-dns')
    expect(service).toMatchObject({
      spec: { clusterIP: '10.96.0.10', selector: { 'k8s-app': 'kube-dns' } },
    })
    const api = await send(cluster, 'GET', '/api/v1/namespaces/default/services/kubernetes')
    expect(api.spec.clusterIP).toBe('10.96.0.1')
    const node = await send(cluster, 'GET', '/api/v1/nodes/netpol-lab-control-plane')
    expect(node.status.addresses[0]).toEqual({ type: 'InternalIP', address: '172.18.0.2' })
  })

  it('runs pods that reach a service by name until a policy forbids it', async () => {
    const cluster = createCluster()
    const config = kubeConfigOf(await cluster.listen())
    const core = config.makeApiClient(CoreV1Api)
    const namespace = 'default'
    await core.createNamespacedPod({ namespace, body: pod('web', 'nginx', { app: 'web' }) })
    await core.createNamespacedPod({ namespace, body: pod('foo', 'alpine', { app: 'foo' }) })
    await core.createNamespacedService({
      namespace,
      body: {
        metadata: { name: 'web' },
        spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
      },
    })
    await podsRunning(cluster, PODS, 2)
    await podsRunning(cluster, '/api/v1/namespaces/kube-system/pods', 2)
    const allowed = await runIn(cluster, 'foo', 'wget -qO- --timeout=2 http://web')
    expect(allowed.output).toContain('Welcome to nginx')
    await config.makeApiClient(NetworkingV1Api).createNamespacedNetworkPolicy({
      namespace,
      body: {
        metadata: { name: 'deny' },
        spec: { podSelector: { matchLabels: { app: 'foo' } }, policyTypes: ['Egress'] },
      },
    })
    const denied = await runIn(cluster, 'foo', 'wget -qO- --timeout=2 http://web')
    expect(denied).toEqual({ output: "wget: bad address 'web'\n", status: 'Failure' })
  })
})

describe('a saved cluster', () => {
  it('opens again with its addresses, uids, versions and changed files', async () => {
    const first = createCluster()
    await send(first, 'POST', PODS, pod('foo', 'alpine'))
    await podsRunning(first, PODS, 1)
    await podsRunning(first, '/api/v1/namespaces/kube-system/pods', 2)
    await runIn(first, 'foo', 'echo kept > /tmp/note')
    const before = await send(first, 'GET', `${PODS}/foo`)
    const saved = first.save()
    await first.close()

    const second = createCluster({ saved: decodeSavedCluster(JSON.parse(JSON.stringify(saved))) })
    expect(await send(second, 'GET', `${PODS}/foo`)).toEqual(before)
    expect((await runIn(second, 'foo', 'cat /tmp/note')).output).toBe('kept\n')
    expect(await send(second, 'GET', `${PODS}/foo`)).toEqual(before)
    await send(second, 'POST', PODS, pod('bar', 'alpine'))
    await podsRunning(second, PODS, 2)
    const bar = await send(second, 'GET', `${PODS}/bar`)
    const addresses = (await send(second, 'GET', '/api/v1/pods')).items.map(
      (item: { status: { podIP: string } }) => item.status.podIP,
    )
    expect(new Set(addresses).size).toBe(4)
    expect(Number(bar.metadata.resourceVersion)).toBeGreaterThan(saved.revision)
  })

  it('publishes the certificate authority that it listens with now, and puts it right where somebody changes it', async () => {
    const map = '/api/v1/namespaces/default/configmaps/kube-root-ca.crt'
    const published = async (cluster: SimulatedCluster, pem: string) => {
      for (;;) {
        if ((await send(cluster, 'GET', map)).data?.['ca.crt'] === pem) return
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
    const first = createCluster()
    const before = (await first.listen()).certificateAuthority
    await published(first, before)
    const second = createCluster({ saved: first.save() })
    const now = (await second.listen()).certificateAuthority
    expect(now).not.toBe(before)
    await published(second, now)
    const found = await send(second, 'GET', map)
    await send(second, 'PUT', map, { ...found, data: {} })
    await published(second, now)
  })

  it('tells watchers from before that their version is gone', async () => {
    const first = createCluster()
    await podsRunning(first, '/api/v1/namespaces/kube-system/pods', 2)
    const second = createCluster({ saved: first.save() })
    const { body } = await readAnswer(
      await second.api.handle(requestOf('GET', '/api/v1/pods?watch=true&resourceVersion=1')),
    )
    expect(body).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } })
  })

  it.each([
    ['a list', []],
    ['no version', { revision: 1, objects: [], files: {} }],
    ['objects without names', { version: 1, revision: 1, objects: [{ kind: 'Pod' }], files: {} }],
    [
      'files that are no text',
      { version: 1, revision: 1, objects: [], files: { a: { b: { c: 1 } } } },
    ],
  ])('that is %s is called damaged', (_case, value) => {
    expect(() => decodeSavedCluster(value)).toThrow(
      expect.objectContaining({ code: 'ERR_PROGRESS_DAMAGED' }),
    )
  })

  it('of a later version is told apart', () => {
    expect(() => decodeSavedCluster({ version: 2 })).toThrow(
      expect.objectContaining({ code: 'ERR_PROGRESS_NEWER' }),
    )
  })
})

describe('closing', () => {
  it('ends everything, twice, also on the real clock', async () => {
    const cluster = createCluster({ clock: createRealClock() })
    const { server } = await cluster.listen()
    await podsRunning(cluster, '/api/v1/namespaces/kube-system/pods', 2)
    await cluster.close()
    await cluster.close()
    await expect(fetch(`${server}/version`)).rejects.toThrow()
  })

  it('gives each pod of a stateful set a name of its own below the headless service', async () => {
    const cluster = createCluster()
    const labels = { app: 'db' }
    await send(cluster, 'POST', '/api/v1/namespaces/default/services', {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'db' },
      spec: { clusterIP: 'None', selector: labels, ports: [{ port: 80 }] },
    })
    await send(cluster, 'POST', '/apis/apps/v1/namespaces/default/statefulsets', {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'db' },
      spec: {
        replicas: 2,
        serviceName: 'db',
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { containers: [{ name: 'db-0', image: 'nginx' }] },
        },
      },
    })
    await send(cluster, 'POST', PODS, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'client' },
      spec: { containers: [{ name: 'client', image: 'busybox', command: ['sleep', '10000'] }] },
    })
    await podsRunning(cluster, '/api/v1/namespaces/kube-system/pods', 2)
    await podsRunning(cluster, PODS, 3)
    const { status } = await send(cluster, 'GET', `${PODS}/db-1`)
    const { output } = await runIn(cluster, 'client', 'nslookup db-1.db.default.svc.cluster.local')
    expect(output).toContain(`Address: ${status.podIP}`)
    const page = await runIn(cluster, 'client', 'wget -qO- http://db-0.db | grep title')
    expect(page.output).toContain('Welcome to nginx!')
  })
})
