import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventsOf, MERGE, untilTrue } from '../support/changes.ts'
import { DEPLOYMENTS, openTestCluster, PODS, podOf, type TestCluster } from '../support/cluster.ts'

const SETS = '/apis/apps/v1/namespaces/default/replicasets'
const BUDGETS = '/apis/policy/v1/namespaces/default/poddisruptionbudgets'

let cluster: TestCluster
beforeEach(() => {
  cluster = openTestCluster()
})
afterEach(() => cluster.close())

const deploymentOf = (replicas: number, more: object = {}, image = 'nginx', template = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'd' } },
    template: {
      metadata: { labels: { app: 'd' } },
      spec: { containers: [{ name: 'a', image }], ...template },
    },
    ...more,
  },
})
type Set = {
  metadata: { name: string; annotations: Record<string, string> }
  spec: { replicas: number; template: { spec: { containers: { image: string }[] } } }
}
const sets = async (): Promise<Set[]> => (await cluster.send('GET', SETS)).body.items
const get = async () => (await cluster.send('GET', `${DEPLOYMENTS}/d`)).body
const complete = (replicas: number) =>
  cluster.until(
    DEPLOYMENTS,
    ({ object }) =>
      object.status.observedGeneration === object.metadata.generation &&
      object.status.conditions?.some(
        (entry: { reason: string }) => entry.reason === 'NewReplicaSetAvailable',
      ) &&
      (object.status.updatedReplicas ?? 0) === replicas &&
      (object.status.availableReplicas ?? 0) === replicas &&
      (object.status.replicas ?? 0) === replicas,
  )
const apply = (body: object) => cluster.send('PATCH', `${DEPLOYMENTS}/d`, body, MERGE)

describe('the rollout of a deployment', () => {
  it('never has more or fewer pods than surge and unavailability allow', async () => {
    const limits = { strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } }
    await cluster.send('POST', DEPLOYMENTS, deploymentOf(3, limits))
    await complete(3)
    const seen: { total: number; available: number }[] = []
    const watching = cluster.until(DEPLOYMENTS, ({ object }) => {
      const { replicas = 0, availableReplicas = 0, updatedReplicas = 0 } = object.status
      seen.push({ total: replicas, available: availableReplicas })
      return updatedReplicas === 3 && replicas === 3 && object.status.observedGeneration > 1
    })
    await apply(deploymentOf(3, limits, 'nginx:2'))
    await watching
    expect(Math.max(...seen.map((entry) => entry.total))).toBeLessThanOrEqual(4)
    expect(Math.min(...seen.map((entry) => entry.available))).toBeGreaterThanOrEqual(3)
    const name = (image: string) =>
      sets().then(
        (list) =>
          list.find((set) => set.spec.template.spec.containers[0]?.image === image)?.metadata.name,
      )
    const [old, next] = [await name('nginx'), await name('nginx:2')]
    expect(await eventsOf(cluster, 'Deployment', 'd')).toEqual([
      `Normal ScalingReplicaSet Scaled up replica set ${old} from 0 to 3`,
      `Normal ScalingReplicaSet Scaled up replica set ${next} from 0 to 1`,
      `Normal ScalingReplicaSet Scaled down replica set ${old} from 3 to 2`,
      `Normal ScalingReplicaSet Scaled up replica set ${next} from 1 to 2`,
      `Normal ScalingReplicaSet Scaled down replica set ${old} from 2 to 1`,
      `Normal ScalingReplicaSet Scaled up replica set ${next} from 2 to 3`,
      `Normal ScalingReplicaSet Scaled down replica set ${old} from 1 to 0`,
    ])
  })

  it('keeps the old pods while the new ones cannot start, and says so at its deadline', async () => {
    const limits = { progressDeadlineSeconds: 30 }
    await cluster.send('POST', DEPLOYMENTS, deploymentOf(4, limits))
    await complete(4)
    await apply(deploymentOf(4, limits, 'missing:1'))
    const { object } = await cluster.until(DEPLOYMENTS, ({ object: found }) =>
      found.status.conditions.some(
        (entry: { reason: string }) => entry.reason === 'ProgressDeadlineExceeded',
      ),
    )
    const progress = object.status.conditions.find(
      (entry: { type: string }) => entry.type === 'Progressing',
    )
    expect(progress).toMatchObject({
      status: 'False',
      message: expect.stringMatching(/^ReplicaSet "d-[a-z0-9]+" has timed out progressing\.$/),
    })
    // A quarter may be unavailable, a quarter may be too many.
    expect(object.status).toMatchObject({ availableReplicas: 3, updatedReplicas: 2, replicas: 5 })
  })

  it('goes back to an earlier template by numbering its replica set again', async () => {
    const cause = (image: string) => ({
      ...deploymentOf(1, {}, image),
      metadata: { name: 'd', annotations: { 'kubernetes.io/change-cause': `to ${image}` } },
    })
    await cluster.send('POST', DEPLOYMENTS, cause('nginx'))
    await complete(1)
    await apply(cause('nginx:2'))
    await cluster.until(
      SETS,
      ({ object }) => object.metadata.annotations['deployment.kubernetes.io/revision'] === '2',
    )
    await complete(1)
    await apply(cause('nginx'))
    await cluster.until(
      SETS,
      ({ object }) => object.metadata.annotations['deployment.kubernetes.io/revision'] === '3',
    )
    await complete(1)
    const list = await sets()
    expect(list).toHaveLength(2)
    const back = list.find((set) => set.spec.replicas === 1)
    expect(back?.metadata.annotations).toMatchObject({
      'deployment.kubernetes.io/revision': '3',
      'deployment.kubernetes.io/revision-history': '1',
      'kubernetes.io/change-cause': 'to nginx',
    })
    expect((await get()).metadata.annotations['deployment.kubernetes.io/revision']).toBe('3')
  })

  it('waits while it is paused, and scales all the same', async () => {
    await cluster.send('POST', DEPLOYMENTS, deploymentOf(1))
    await complete(1)
    await apply({ spec: { paused: true } })
    await apply(deploymentOf(1, { paused: true }, 'nginx:2'))
    const paused = await cluster.until(DEPLOYMENTS, ({ object }) =>
      object.status.conditions.some(
        (entry: { reason: string }) => entry.reason === 'DeploymentPaused',
      ),
    )
    expect(paused.object.status.conditions.at(-1)).toMatchObject({
      type: 'Progressing',
      status: 'Unknown',
      message: 'Deployment is paused',
    })
    await apply({ spec: { replicas: 2 } })
    await cluster.until(DEPLOYMENTS, ({ object }) => object.status.availableReplicas === 2)
    expect(await sets()).toHaveLength(1)
    await apply({ spec: { paused: null } })
    await cluster.until(
      SETS,
      ({ object }) => object.spec.template.spec.containers[0].image === 'nginx:2',
    )
    await complete(2)
  })

  it('forgets the oldest revisions beyond its limit', async () => {
    for (const image of ['nginx', 'nginx:2', 'nginx:3']) {
      const body = deploymentOf(1, { revisionHistoryLimit: 1 }, image)
      if (image === 'nginx') await cluster.send('POST', DEPLOYMENTS, body)
      else await apply(body)
      await cluster.until(
        SETS,
        ({ object }) =>
          object.spec.template.spec.containers[0].image === image &&
          object.status.availableReplicas === 1,
      )
      await complete(1)
    }
    await untilTrue(cluster, async () => (await sets()).length === 2)
    expect((await sets()).map((set) => set.spec.template.spec.containers[0]?.image).sort()).toEqual(
      ['nginx:2', 'nginx:3'],
    )
  })

  it('counts a pod as available only after its minimum of seconds', async () => {
    await cluster.send('POST', DEPLOYMENTS, deploymentOf(1, { minReadySeconds: 20 }))
    const { object: ready } = await cluster.until(
      DEPLOYMENTS,
      ({ object }) => object.status.readyReplicas === 1,
    )
    expect(ready.status.availableReplicas).toBeUndefined()
    await complete(1)
  })

  it('says why the API refuses its pods, and goes on when it does no more', async () => {
    const body = deploymentOf(1, {}, 'nginx', { serviceAccountName: 'robot' })
    await cluster.send('POST', DEPLOYMENTS, body)
    const { object } = await cluster.until(DEPLOYMENTS, ({ object: found }) =>
      found.status.conditions?.some((entry: { type: string }) => entry.type === 'ReplicaFailure'),
    )
    const message = expect.stringMatching(
      /^pods "d-[a-z0-9]+-" is forbidden: error looking up service account default\/robot: serviceaccount "robot" not found$/,
    )
    expect(object.status.conditions.at(-1)).toMatchObject({
      type: 'ReplicaFailure',
      status: 'True',
      reason: 'FailedCreate',
      message,
    })
    const [set] = await sets()
    const [event] = await eventsOf(cluster, 'ReplicaSet', set?.metadata.name ?? '')
    expect(event).toMatch(/^Warning FailedCreate Error creating: pods "d-/)
    await cluster.send('POST', '/api/v1/namespaces/default/serviceaccounts', {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'robot' },
    })
    const { object: done } = await complete(1)
    expect(done.status.conditions.map((entry: { type: string }) => entry.type)).toEqual([
      'Available',
      'Progressing',
    ])
  })
})

describe('a disruption budget', () => {
  const evict = (name: string) =>
    cluster.send('POST', `${PODS}/${name}/eviction`, {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name },
    })

  it('lets pods be evicted while enough are left, and then no more', async () => {
    await cluster.send('POST', BUDGETS, {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'two' },
      spec: { minAvailable: 2, selector: { matchLabels: { tier: 'x' } } },
    })
    for (const name of ['a', 'b', 'c']) {
      const pod = podOf(name, 'sleep')
      await cluster.send('POST', PODS, { ...pod, metadata: { name, labels: { tier: 'x' } } })
    }
    const { object } = await cluster.until(
      BUDGETS,
      ({ object: budget }) => budget.status.currentHealthy === 3,
    )
    expect(object.status).toMatchObject({
      desiredHealthy: 2,
      disruptionsAllowed: 1,
      expectedPods: 3,
      conditions: [{ type: 'DisruptionAllowed', status: 'True', reason: 'SufficientPods' }],
    })
    expect((await evict('a')).status).toBe(201)
    const refused = await evict('b')
    expect(refused.status).toBe(429)
    expect(refused.body).toMatchObject({
      reason: 'TooManyRequests',
      message: "Cannot evict pod as it would violate the pod's disruption budget.",
      details: {
        causes: [
          {
            reason: 'DisruptionBudget',
            message: expect.stringMatching(
              /^The disruption budget two needs 2 healthy pods and has [23] currently$/,
            ),
          },
        ],
      },
    })
  })
})
