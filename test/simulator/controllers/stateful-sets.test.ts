import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventsOf, MERGE, untilTrue } from '../support/changes.ts'
import { openTestCluster, PODS, type TestCluster } from '../support/cluster.ts'

const SETS = '/apis/apps/v1/namespaces/default/statefulsets'
const REVISIONS = '/apis/apps/v1/namespaces/default/controllerrevisions'
const CLAIMS = '/api/v1/namespaces/default/persistentvolumeclaims'

let cluster: TestCluster
beforeEach(() => {
  cluster = openTestCluster()
})
afterEach(() => cluster.close())

const setOf = (replicas: number, more: object = {}, image = 'nginx') => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'db' },
  spec: {
    replicas,
    serviceName: 'db',
    selector: { matchLabels: { app: 'db' } },
    template: { metadata: { labels: { app: 'db' } }, spec: { containers: [{ name: 'a', image }] } },
    ...more,
  },
})
type Pod = {
  metadata: { name: string; labels: Record<string, string>; deletionTimestamp?: string }
  spec: { containers: { image: string }[] }
  status: { phase: string }
}
const pods = async (): Promise<Pod[]> => (await cluster.send('GET', PODS)).body.items
const names = async () => (await pods()).map((pod) => pod.metadata.name)
const settled = (count: number) =>
  cluster.until(
    SETS,
    ({ object }) =>
      object.status.observedGeneration === object.metadata.generation &&
      (object.status.readyReplicas ?? 0) === count &&
      object.status.replicas === count &&
      object.status.currentRevision === object.status.updateRevision &&
      (object.status.updatedReplicas ?? 0) === count,
  )

describe('a stateful set', () => {
  it('makes its pods in order, each after the one before is ready', async () => {
    const seen: string[] = []
    const watching = cluster.until(PODS, ({ type, object }) => {
      const ready = object.status.conditions?.some(
        (entry: { type: string; status: string }) =>
          entry.type === 'Ready' && entry.status === 'True',
      )
      if (type === 'ADDED') seen.push(`made ${object.metadata.name}`)
      else if (ready === true) seen.push(`ready ${object.metadata.name}`)
      return ready === true && object.metadata.name === 'db-2'
    })
    await cluster.send('POST', SETS, setOf(3))
    await watching
    expect([...new Set(seen)]).toEqual([
      'made db-0',
      'ready db-0',
      'made db-1',
      'ready db-1',
      'made db-2',
      'ready db-2',
    ])
    expect(await eventsOf(cluster, 'StatefulSet', 'db')).toEqual([
      'Normal SuccessfulCreate create Pod db-0 in StatefulSet db successful',
      'Normal SuccessfulCreate create Pod db-1 in StatefulSet db successful',
      'Normal SuccessfulCreate create Pod db-2 in StatefulSet db successful',
    ])
    const { body } = await cluster.send('GET', `${PODS}/db-1`)
    expect(body.metadata.labels).toEqual({
      app: 'db',
      'apps.kubernetes.io/pod-index': '1',
      'controller-revision-hash': expect.stringMatching(/^db-[a-z0-9]+$/),
      'statefulset.kubernetes.io/pod-name': 'db-1',
    })
    expect(body.spec).toMatchObject({ hostname: 'db-1', subdomain: 'db' })
  })

  it('makes them all at once where the policy is Parallel', async () => {
    await cluster.send('POST', SETS, setOf(3, { podManagementPolicy: 'Parallel' }))
    await untilTrue(cluster, async () => (await names()).length > 0)
    expect(await names()).toEqual(['db-0', 'db-1', 'db-2'])
  })

  it('scales down from the end, and a pod that is deleted comes back under its name', async () => {
    await cluster.send('POST', SETS, setOf(3))
    await settled(3)
    const before = (await cluster.send('GET', `${PODS}/db-0`)).body.metadata.uid
    await cluster.send('DELETE', `${PODS}/db-0`)
    await cluster.until(
      PODS,
      ({ object }) => object.metadata.name === 'db-0' && object.metadata.uid !== before,
    )
    await settled(3)
    await cluster.send('PATCH', `${SETS}/db/scale`, { spec: { replicas: 1 } }, MERGE)
    await settled(1)
    expect(await names()).toEqual(['db-0'])
    const events = await eventsOf(cluster, 'StatefulSet', 'db')
    expect(events.slice(-2)).toEqual([
      'Normal SuccessfulDelete delete Pod db-2 in StatefulSet db successful',
      'Normal SuccessfulDelete delete Pod db-1 in StatefulSet db successful',
    ])
  })

  it('rolls out from the end down to the partition, and keeps a revision of each template', async () => {
    const partition = (value: number) => ({
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: value } },
    })
    await cluster.send('POST', SETS, setOf(3, partition(2)))
    await settled(3)
    await cluster.send('PATCH', `${SETS}/db`, setOf(3, partition(2), 'nginx:2'), MERGE)
    await cluster.until(
      SETS,
      ({ object }) => object.status.updatedReplicas === 1 && object.status.readyReplicas === 3,
    )
    const images = async () => (await pods()).map((pod) => pod.spec.containers[0]?.image)
    expect(await images()).toEqual(['nginx', 'nginx', 'nginx:2'])
    await cluster.send('PATCH', `${SETS}/db`, setOf(3, partition(0), 'nginx:2'), MERGE)
    await settled(3)
    expect(await images()).toEqual(['nginx:2', 'nginx:2', 'nginx:2'])
    const revisions = (await cluster.send('GET', REVISIONS)).body.items
    expect(revisions.map((entry: { revision: number }) => entry.revision).sort()).toEqual([1, 2])
    // Back to the first template: its revision is numbered again, none is made.
    await cluster.send('PATCH', `${SETS}/db`, setOf(3, partition(0)), MERGE)
    await settled(3)
    const again = (await cluster.send('GET', REVISIONS)).body.items
    expect(again.map((entry: { revision: number }) => entry.revision).sort()).toEqual([2, 3])
  })

  it('leaves the pods alone where the strategy is OnDelete', async () => {
    const onDelete = { updateStrategy: { type: 'OnDelete' } }
    await cluster.send('POST', SETS, setOf(1, onDelete))
    await settled(1)
    await cluster.send('PATCH', `${SETS}/db`, setOf(1, onDelete, 'nginx:2'), MERGE)
    await cluster.until(
      SETS,
      ({ object }) => object.status.currentRevision !== object.status.updateRevision,
    )
    const old = await cluster.send('GET', `${PODS}/db-0`)
    expect(old.body.spec.containers[0].image).toBe('nginx')
    await cluster.send('DELETE', `${PODS}/db-0`)
    await cluster.until(PODS, ({ object }) => object.spec.containers[0].image === 'nginx:2')
  })

  it('makes the claims of a pod first, and the pod waits for volumes that nobody provides', async () => {
    const claims = {
      volumeClaimTemplates: [
        {
          metadata: { name: 'data' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
        },
      ],
    }
    const { status } = await cluster.send('POST', SETS, setOf(2, claims))
    expect(status).toBe(201)
    await cluster.until(PODS, ({ object }) =>
      object.status.conditions?.some(
        (entry: { message?: string }) =>
          entry.message ===
          '0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
      ),
    )
    expect(await names()).toEqual(['db-0'])
    const claim = (await cluster.send('GET', `${CLAIMS}/data-db-0`)).body
    expect(claim).toMatchObject({
      metadata: { labels: { app: 'db' } },
      status: { phase: 'Pending' },
    })
    expect(await eventsOf(cluster, 'PersistentVolumeClaim', 'data-db-0')).toEqual([
      'Normal FailedBinding no persistent volumes available for this claim and no storage class is set',
    ])
    expect(await eventsOf(cluster, 'StatefulSet', 'db')).toEqual([
      'Normal SuccessfulCreate create Claim data-db-0 Pod db-0 in StatefulSet db success',
      'Normal SuccessfulCreate create Pod db-0 in StatefulSet db successful',
    ])
  })

  it('takes its pods and revisions with it', async () => {
    await cluster.send('POST', SETS, setOf(2))
    await settled(2)
    await cluster.send('DELETE', `${SETS}/db`, { propagationPolicy: 'Background' })
    await untilTrue(cluster, async () => (await names()).length === 0)
    expect((await cluster.send('GET', REVISIONS)).body.items).toEqual([])
  })
})
