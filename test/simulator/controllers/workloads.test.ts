import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  DEPLOYMENTS,
  openTestCluster,
  PODS,
  podOf,
  SERVICES,
  type TestCluster,
} from '../support/cluster.ts'

let cluster: TestCluster
beforeEach(() => {
  cluster = openTestCluster()
})
afterEach(() => cluster.close())

const MERGE = { 'content-type': 'application/merge-patch+json' }
const NAMESPACES = '/api/v1/namespaces'
const SLICES = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices'
const SETS = '/apis/apps/v1/namespaces/default/replicasets'

const deployment = (replicas: number, image = 'nginx') => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'd' } },
    template: { metadata: { labels: { app: 'd' } }, spec: { containers: [{ name: 'a', image }] } },
  },
})
const available = (count: number) =>
  cluster.until(
    DEPLOYMENTS,
    ({ object }) =>
      object.status.observedGeneration >= object.metadata.generation &&
      (object.status.availableReplicas ?? 0) === count &&
      (object.status.replicas ?? 0) === count &&
      (object.status.updatedReplicas ?? 0) === count,
  )

type Item = {
  metadata: { name: string; deletionTimestamp?: string; ownerReferences?: { kind: string }[] }
  spec: { replicas: number; containers: { image: string }[] }
}
const list = async (url: string): Promise<Item[]> => (await cluster.send('GET', url)).body.items

describe('a deployment', () => {
  it('makes a replica set and its pods', async () => {
    await cluster.send('POST', DEPLOYMENTS, deployment(2))
    const { object } = await available(2)
    expect(object.status.conditions).toEqual([
      expect.objectContaining({
        type: 'Available',
        status: 'True',
        message: 'Deployment has minimum availability.',
      }),
      expect.objectContaining({
        type: 'Progressing',
        status: 'True',
        reason: 'NewReplicaSetAvailable',
      }),
    ])
    expect(object.metadata.annotations['deployment.kubernetes.io/revision']).toBe('1')
    const pods = await list(`${PODS}?labelSelector=app%3Dd`)
    expect(pods.map((pod) => pod.metadata.ownerReferences?.[0]?.kind)).toEqual([
      'ReplicaSet',
      'ReplicaSet',
    ])
  })

  it('replaces a pod that is deleted, and lets one go that loses its label', async () => {
    await cluster.send('POST', DEPLOYMENTS, deployment(1))
    await available(1)
    const [first] = await list(`${PODS}?labelSelector=app%3Dd`)
    await cluster.send(
      'PATCH',
      `${PODS}/${first?.metadata.name}`,
      { metadata: { labels: { app: 'other' } } },
      MERGE,
    )
    const { object } = await cluster.until(
      PODS,
      ({ object: pod }) =>
        pod.metadata.labels.app === 'd' && pod.metadata.name !== first?.metadata.name,
    )
    expect(object.metadata.ownerReferences).toHaveLength(1)
    const released = await cluster.send('GET', `${PODS}/${first?.metadata.name}`)
    expect(released.body.metadata.ownerReferences).toBeUndefined()
  })

  it('rolls over to a new template and keeps the old replica set empty', async () => {
    await cluster.send('POST', DEPLOYMENTS, deployment(3))
    await available(3)
    await cluster.send('PATCH', `${DEPLOYMENTS}/d`, deployment(3, 'nginx:2'), MERGE)
    await cluster.until(PODS, ({ object }) => object.spec.containers[0].image === 'nginx:2')
    const { object } = await available(3)
    expect(object.metadata.annotations['deployment.kubernetes.io/revision']).toBe('2')
    const sets = await list(SETS)
    expect(sets.map((set) => set.spec.replicas).sort()).toEqual([0, 3])
    const images = (await list(`${PODS}?labelSelector=app%3Dd`)).filter(
      (pod) => pod.metadata.deletionTimestamp === undefined,
    )
    expect(images.map((pod) => pod.spec.containers[0]?.image)).toEqual([
      'nginx:2',
      'nginx:2',
      'nginx:2',
    ])
  })

  it('recreates where the strategy says so', async () => {
    const recreate = (image: string) => {
      const base = deployment(2, image)
      return { ...base, spec: { ...base.spec, strategy: { type: 'Recreate' } } }
    }
    await cluster.send('POST', DEPLOYMENTS, recreate('nginx'))
    await available(2)
    await cluster.send('PATCH', `${DEPLOYMENTS}/d`, recreate('nginx:2'), MERGE)
    await cluster.until(
      PODS,
      ({ object }) =>
        object.spec.containers[0].image === 'nginx:2' && object.status.phase === 'Running',
    )
    await available(2)
  })

  it('scales down', async () => {
    await cluster.send('POST', DEPLOYMENTS, deployment(3))
    await available(3)
    await cluster.send('PATCH', `${DEPLOYMENTS}/d/scale`, { spec: { replicas: 1 } }, MERGE)
    await available(1)
  })

  it('takes what it owns with it, unless that is orphaned', async () => {
    await cluster.send('POST', DEPLOYMENTS, deployment(1))
    await available(1)
    await cluster.send('DELETE', `${DEPLOYMENTS}/d`, { propagationPolicy: 'Orphan' })
    await cluster.until(SETS, ({ object }) => object.metadata.ownerReferences === undefined)
    expect((await cluster.send('GET', `${DEPLOYMENTS}/d`)).status).toBe(404)
    const [set] = await list(SETS)
    await cluster.send('DELETE', `${SETS}/${set?.metadata.name}`, {
      propagationPolicy: 'Background',
    })
    await until(async () => (await list(`${PODS}?labelSelector=app%3Dd`)).length === 0)
  })

  it('waits for what it owns in foreground deletion', async () => {
    await cluster.send('POST', DEPLOYMENTS, deployment(1))
    await available(1)
    const { body } = await cluster.send('DELETE', `${DEPLOYMENTS}/d`, {
      propagationPolicy: 'Foreground',
    })
    expect(body.metadata.finalizers).toEqual(['foregroundDeletion'])
    await until(async () => (await cluster.send('GET', `${DEPLOYMENTS}/d`)).status === 404)
    expect(await list(SETS)).toEqual([])
  })
})

/** Asks again after every change until the answer is yes. */
async function until(test: () => Promise<boolean>): Promise<void> {
  while (!(await test())) {
    await new Promise<void>((resolve) => {
      const stop = cluster.onChange(() => {
        stop()
        resolve()
      })
      // The change may have come between the question and here.
      setImmediate(resolve)
    })
  }
}

describe('a service', () => {
  const service = (spec: Record<string, unknown>) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web' },
    spec,
  })

  it('has an endpoint slice and endpoints of its ready pods', async () => {
    await cluster.send(
      'POST',
      SERVICES,
      service({ selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] }),
    )
    await cluster.send('POST', PODS, podOf('web', 'sleep'))
    const { object } = await cluster.until(
      SLICES,
      ({ object: slice }) =>
        slice.metadata.labels['kubernetes.io/service-name'] === 'web' &&
        slice.endpoints[0]?.conditions.ready === true,
    )
    expect(object).toMatchObject({
      addressType: 'IPv4',
      ports: [{ name: '', port: 8080, protocol: 'TCP' }],
      endpoints: [
        {
          conditions: { ready: true, serving: true, terminating: false },
          targetRef: { kind: 'Pod', name: 'web' },
        },
      ],
    })
    expect(object.metadata.name).toMatch(/^web-[a-z0-9]{5}$/)
    await cluster.until(
      '/api/v1/namespaces/default/endpoints',
      ({ object: endpoints }) =>
        endpoints.metadata.name === 'web' && endpoints.subsets?.[0].addresses !== undefined,
    )
    await cluster.send('DELETE', `${SERVICES}/web`)
    await until(async () =>
      (await list(SLICES)).every((slice) => slice.metadata.name === 'kubernetes'),
    )
  })

  it('lists its endpoints by the letters of their addresses, whichever came first', async () => {
    await cluster.send(
      'POST',
      SERVICES,
      service({ selector: { app: 'web' }, ports: [{ port: 80 }] }),
    )
    const addressesOf = async () => {
      const { body } = await cluster.send('GET', '/api/v1/namespaces/default/endpoints/web')
      const [subset] = body.subsets ?? []
      return (subset?.addresses ?? []).map((address: { ip: string }) => address.ip)
    }
    for (let number = 1; number <= 9; number++) {
      const pod = podOf(`web-${number}`, 'sleep')
      await cluster.send('POST', PODS, {
        ...pod,
        metadata: { ...pod.metadata, labels: { app: 'web' } },
      })
      await until(async () => (await addressesOf()).length === number)
    }
    const addresses = await addressesOf()
    expect(addresses).toEqual([...addresses].sort())
    expect(addresses[0]).toMatch(/\.1\d$/)
  })

  it('resolves named target ports for each pod', async () => {
    await cluster.send(
      'POST',
      SERVICES,
      service({ selector: { tier: 'x' }, ports: [{ port: 80, targetPort: 'http' }] }),
    )
    for (const [name, port] of [
      ['a', 8080],
      ['b', 9090],
    ] as const) {
      const pod = podOf(name)
      await cluster.send('POST', PODS, {
        ...pod,
        metadata: { name, labels: { tier: 'x' } },
        spec: {
          containers: [
            { name: 'm', image: 'nginx', ports: [{ name: 'http', containerPort: port }] },
          ],
        },
      })
    }
    await until(async () => {
      const slices = (
        await cluster.send('GET', `${SLICES}?labelSelector=kubernetes.io%2Fservice-name%3Dweb`)
      ).body.items
      const ports = slices.flatMap((slice: { ports: { port: number }[] }) =>
        slice.ports.map((port) => port.port),
      )
      return ports.sort().join() === '8080,9090'
    })
  })
})

describe('a namespace', () => {
  it('has a service account and, when the server listens, its certificate', async () => {
    await cluster.send('POST', NAMESPACES, {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'team' },
    })
    await cluster.until(
      `${NAMESPACES}/team/serviceaccounts`,
      ({ object }) => object.metadata.name === 'default',
    )
    const { certificateAuthority } = await cluster.listen()
    const { object } = await cluster.until(
      `${NAMESPACES}/team/configmaps`,
      ({ object: map }) => map.metadata.name === 'kube-root-ca.crt',
    )
    expect(object.data['ca.crt']).toBe(certificateAuthority)
  })

  it('is emptied before it goes, and takes nothing new meanwhile', async () => {
    await cluster.send('POST', NAMESPACES, {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'team' },
    })
    const pods = `${NAMESPACES}/team/pods`
    const maps = `${NAMESPACES}/team/configmaps`
    const metadata = { name: 'held', finalizers: ['lab.example/hold'] }
    await cluster.send('POST', maps, { apiVersion: 'v1', kind: 'ConfigMap', metadata })
    await cluster.send('POST', pods, podOf('web', 'sleep'))
    await cluster.until(pods, ({ object }) => object.status.phase === 'Running')
    const gone = cluster.until(
      NAMESPACES,
      ({ type, object }) => type === 'DELETED' && object.metadata.name === 'team',
    )
    const { body } = await cluster.send('DELETE', `${NAMESPACES}/team`)
    expect(body.status.phase).toBe('Terminating')
    const refused = await cluster.send('POST', pods, podOf('late'))
    expect(refused.status).toBe(403)
    expect(refused.body).toMatchObject({
      message:
        'pods "late" is forbidden: unable to create new content in namespace team because it is being terminated',
      details: { causes: [{ reason: 'NamespaceTerminating' }] },
    })
    await cluster.send('PATCH', `${maps}/held`, { metadata: { finalizers: null } }, MERGE)
    await gone
    expect((await cluster.send('GET', pods)).body.items).toEqual([])
  })
})
