import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventsOf } from '../support/changes.ts'
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

const QUOTAS = '/api/v1/namespaces/default/resourcequotas'
const RANGES = '/api/v1/namespaces/default/limitranges'

/** A quota that has been counted. */
async function quota(name: string, hard: Record<string, string>, spec: object = {}) {
  await cluster.send('POST', QUOTAS, {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name },
    spec: { hard, ...spec },
  })
  await cluster.until(
    QUOTAS,
    ({ object }) => object.metadata.name === name && object.status.used !== undefined,
  )
}

const usedOf = async (name: string) =>
  (await cluster.send('GET', `${QUOTAS}/${name}`)).body.status.used

const untilUsed = (name: string, resource: string, amount: string) =>
  cluster.until(
    QUOTAS,
    ({ object }) => object.metadata.name === name && object.status.used[resource] === amount,
  )

function podWith(name: string, resources: object): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { containers: [{ name: 'main', image: 'alpine', command: ['sleep'], resources }] },
  }
}

async function refusal(method: string, url: string, body: unknown): Promise<string> {
  const answer = await cluster.send(method, url, body)
  expect([answer.status, answer.body.reason]).toEqual([403, 'Forbidden'])
  return answer.body.message
}

describe('a quota', () => {
  it('counts what is there, and what comes and goes', async () => {
    await cluster.send('POST', PODS, podOf('first', 'sleep'))
    await quota('q', { pods: '2', 'count/configmaps': '10' })
    expect(await usedOf('q')).toEqual({ pods: '1', 'count/configmaps': '0' })
    await cluster.send('POST', PODS, podOf('second', 'sleep'))
    expect((await usedOf('q')).pods).toBe('2')
    await cluster.send('DELETE', `${PODS}/first?gracePeriodSeconds=0`)
    await untilUsed('q', 'pods', '1')
  })

  it('refuses one more than it allows', async () => {
    await quota('q', { pods: '1' })
    expect((await cluster.send('POST', PODS, podOf('first', 'sleep'))).status).toBe(201)
    expect(await refusal('POST', PODS, podOf('second', 'sleep'))).toBe(
      'pods "second" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1',
    )
    expect((await cluster.send('POST', `${PODS}?dryRun=All`, podOf('second'))).status).toBe(403)
  })

  it('a pod that has ended makes room', async () => {
    await quota('q', { pods: '1' })
    await cluster.send('POST', PODS, {
      ...podOf('short'),
      spec: {
        restartPolicy: 'Never',
        containers: [{ name: 'main', image: 'alpine', command: ['exit', '0'] }],
      },
    })
    await untilUsed('q', 'pods', '0')
    expect((await cluster.send('POST', PODS, podOf('next', 'sleep'))).status).toBe(201)
  })

  it('adds up requests and limits, and wants every container to name them', async () => {
    await quota('compute', { 'requests.cpu': '1', 'requests.memory': '1Gi', 'limits.cpu': '2' })
    expect(await refusal('POST', PODS, podOf('silent', 'sleep'))).toBe(
      'pods "silent" is forbidden: failed quota: compute: must specify limits.cpu for: main; requests.cpu for: main; requests.memory for: main',
    )
    const half = { requests: { cpu: '500m', memory: '600Mi' }, limits: { cpu: '1' } }
    expect((await cluster.send('POST', PODS, podWith('a', half))).status).toBe(201)
    expect(await usedOf('compute')).toEqual({
      'requests.cpu': '500m',
      'requests.memory': '600Mi',
      'limits.cpu': '1',
    })
    const more = { requests: { cpu: '600m', memory: '600Mi' }, limits: { cpu: '1' } }
    expect(await refusal('POST', PODS, podWith('b', more))).toBe(
      'pods "b" is forbidden: exceeded quota: compute, requested: requests.cpu=600m,requests.memory=600Mi, used: requests.cpu=500m,requests.memory=600Mi, limited: requests.cpu=1,requests.memory=1Gi',
    )
  })

  it('counts objects of every kind by their names', async () => {
    await quota('q', { 'count/deployments.apps': '0', configmaps: '1', secrets: '5' })
    expect(
      await refusal('POST', DEPLOYMENTS, {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'web' },
        spec: {
          selector: { matchLabels: { app: 'web' } },
          template: {
            metadata: { labels: { app: 'web' } },
            spec: { containers: [{ name: 'main', image: 'nginx' }] },
          },
        },
      }),
    ).toBe(
      'deployments.apps "web" is forbidden: exceeded quota: q, requested: count/deployments.apps=1, used: count/deployments.apps=0, limited: count/deployments.apps=0',
    )
  })

  it('counts the node ports of services, when they change too', async () => {
    await quota('q', { services: '3', 'services.nodeports': '1', 'services.loadbalancers': '0' })
    const service = (name: string, type: string) => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name },
      spec: { type, selector: { app: 'web' }, ports: [{ port: 80 }] },
    })
    expect((await cluster.send('POST', SERVICES, service('a', 'NodePort'))).status).toBe(201)
    expect((await cluster.send('POST', SERVICES, service('b', 'ClusterIP'))).status).toBe(201)
    const patched = await cluster.send(
      'PATCH',
      `${SERVICES}/b`,
      { spec: { type: 'NodePort' } },
      { 'content-type': 'application/merge-patch+json' },
    )
    expect(patched.body.message).toBe(
      'services "b" is forbidden: exceeded quota: q, requested: services.nodeports=1, used: services.nodeports=1, limited: services.nodeports=1',
    )
  })

  it('looks only at the pods in its scopes', async () => {
    await quota('best', { pods: '0' }, { scopes: ['BestEffort'] })
    const asking = { requests: { cpu: '1m' } }
    expect((await cluster.send('POST', PODS, podWith('asks', asking))).status).toBe(201)
    expect(await refusal('POST', PODS, podOf('silent', 'sleep'))).toContain('exceeded quota: best')
  })

  it('shows a deployment that cannot grow why', async () => {
    await quota('q', { pods: '1' })
    await cluster.send('POST', DEPLOYMENTS, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: {
        replicas: 2,
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: { containers: [{ name: 'main', image: 'nginx' }] },
        },
      },
    })
    const { object } = await cluster.until(DEPLOYMENTS, (event) =>
      event.object.status.conditions?.some(
        (condition: { type: string }) => condition.type === 'ReplicaFailure',
      ),
    )
    expect(object.status.conditions).toContainEqual(
      expect.objectContaining({
        type: 'ReplicaFailure',
        status: 'True',
        reason: 'FailedCreate',
        message: expect.stringMatching(
          /^pods "web-\w+-\w{5}" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1$/,
        ),
      }),
    )
    const sets = await cluster.send('GET', '/apis/apps/v1/namespaces/default/replicasets')
    const events = await eventsOf(cluster, 'ReplicaSet', sets.body.items[0].metadata.name)
    expect(events).toContainEqual(
      expect.stringMatching(
        /^Warning FailedCreate Error creating: pods "web-\w+-\w{5}" is forbidden: exceeded quota: q,/,
      ),
    )
  })
})

describe('a limit range', () => {
  const range = (limits: object[]) =>
    cluster.send('POST', RANGES, {
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata: { name: 'limits' },
      spec: { limits },
    })

  it('gives containers what they do not name, and says so', async () => {
    await range([
      {
        type: 'Container',
        default: { cpu: '500m' },
        defaultRequest: { cpu: '250m', memory: '64Mi' },
      },
    ])
    const { body } = await cluster.send('POST', PODS, podOf('plain', 'sleep'))
    expect(body.spec.containers[0].resources).toEqual({
      limits: { cpu: '500m' },
      requests: { cpu: '250m', memory: '64Mi' },
    })
    expect(body.metadata.annotations).toEqual({
      'kubernetes.io/limit-ranger':
        'LimitRanger plugin set: cpu, memory request for container main; cpu limit for container main',
    })
    expect(body.status.qosClass).toBe('Burstable')
  })

  it('has its own defaults from the least and the most', async () => {
    const { body } = await range([
      { type: 'Container', max: { cpu: '800m' }, min: { cpu: '100m' } },
    ])
    expect(body.spec.limits[0]).toMatchObject({
      default: { cpu: '800m' },
      defaultRequest: { cpu: '800m' },
    })
  })

  it('refuses what is too much, too little and too far apart', async () => {
    await range([
      {
        type: 'Container',
        max: { memory: '1Gi' },
        min: { memory: '100Mi' },
        maxLimitRequestRatio: { memory: '2' },
      },
      { type: 'Pod', max: { memory: '1536Mi' } },
    ])
    const memory = (request: string, limit: string) => ({
      requests: { memory: request },
      limits: { memory: limit },
    })
    expect(await refusal('POST', PODS, podWith('big', memory('1Gi', '1200Mi')))).toBe(
      'pods "big" is forbidden: maximum memory usage per Container is 1Gi, but limit is 1200Mi',
    )
    expect(await refusal('POST', PODS, podWith('small', memory('50Mi', '100Mi')))).toBe(
      'pods "small" is forbidden: minimum memory usage per Container is 100Mi, but request is 50Mi',
    )
    expect(await refusal('POST', PODS, podWith('far', memory('200Mi', '800Mi')))).toBe(
      'pods "far" is forbidden: memory max limit to request ratio per Container is 2, but provided ratio is 4.000000',
    )
    const two = ['a', 'b'].map((name) => ({
      name,
      image: 'alpine',
      resources: memory('900Mi', '900Mi'),
    }))
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'two' },
      spec: { containers: two },
    }
    expect(await refusal('POST', PODS, pod)).toBe(
      'pods "two" is forbidden: maximum memory usage per Pod is 1536Mi, but limit is 1800Mi',
    )
  })

  it('bounds the storage of claims', async () => {
    await range([
      { type: 'PersistentVolumeClaim', min: { storage: '1Gi' }, max: { storage: '2Gi' } },
    ])
    const claim = (name: string, storage: string) => ({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
    })
    const url = '/api/v1/namespaces/default/persistentvolumeclaims'
    expect(await refusal('POST', url, claim('small', '500Mi'))).toBe(
      'persistentvolumeclaims "small" is forbidden: minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 500Mi',
    )
    expect(await refusal('POST', url, claim('big', '3Gi'))).toBe(
      'persistentvolumeclaims "big" is forbidden: maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 3Gi',
    )
  })

  it('is itself held to an order', async () => {
    const { body } = await range([{ type: 'Container', min: { cpu: '2' }, max: { cpu: '1' } }])
    expect(body.message).toContain(
      'spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1',
    )
  })
})
