import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventsOf, MERGE } from '../support/changes.ts'
import { openTestCluster, PODS, type TestCluster } from '../support/cluster.ts'

let cluster: TestCluster
beforeEach(() => {
  cluster = openTestCluster()
})
afterEach(() => cluster.close())

const NODE = '/api/v1/nodes/netpol-lab-control-plane'

function pod(name: string, spec: Record<string, unknown> = {}, resources: object = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: name.split('-')[0] } },
    spec: {
      containers: [{ name: 'main', image: 'alpine', command: ['sleep'], resources }],
      terminationGracePeriodSeconds: 1,
      ...spec,
    },
  }
}

const create = async (object: object) => {
  const { status, body } = await cluster.send('POST', PODS, object)
  if (status !== 201) throw new Error(body.message)
}

const running = (name: string) =>
  cluster.until(
    PODS,
    ({ object }) => object.metadata.name === name && object.status.phase === 'Running',
  )

/** Why the scheduler lets a pod wait. */
async function waiting(name: string): Promise<string> {
  const { object } = await cluster.until(
    PODS,
    (event) =>
      event.object.metadata.name === name &&
      event.object.status.conditions?.[0]?.reason === 'Unschedulable',
  )
  return object.status.conditions[0].message
}

const NO_VICTIMS =
  'preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.'

describe('the resources of the node', () => {
  it('are what requests add up to, and a pod waits for its share', async () => {
    await create(pod('big', {}, { requests: { cpu: '1500m' } }))
    await running('big')
    await create(pod('more', {}, { requests: { cpu: '1', memory: '8Gi' } }))
    expect(await waiting('more')).toBe(
      `0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory. ${NO_VICTIMS}`,
    )
    await create(pod('next', {}, { requests: { cpu: '1' } }))
    expect(await waiting('next')).toBe(`0/1 nodes are available: 1 Insufficient cpu. ${NO_VICTIMS}`)
    expect(await eventsOf(cluster, 'Pod', 'next')).toContain(
      `Warning FailedScheduling 0/1 nodes are available: 1 Insufficient cpu. ${NO_VICTIMS}`,
    )
    await cluster.send('DELETE', `${PODS}/big`)
    await running('next')
  })

  it('are free again when a pod has ended', async () => {
    await create({
      ...pod('short', {}, {}),
      spec: {
        restartPolicy: 'Never',
        containers: [
          {
            name: 'main',
            image: 'alpine',
            command: ['exit', '0'],
            resources: { requests: { cpu: '1500m' } },
          },
        ],
      },
    })
    await cluster.until(PODS, ({ object }) => object.status.phase === 'Succeeded')
    await create(pod('next', {}, { requests: { cpu: '1500m' } }))
    await running('next')
  })

  it('include the number of pods', async () => {
    await cluster.send('PATCH', `${NODE}/status`, { status: { allocatable: { pods: '2' } } }, MERGE)
    await create(pod('third'))
    expect(await waiting('third')).toBe(`0/1 nodes are available: 1 Too many pods. ${NO_VICTIMS}`)
  })

  it('are given to what is worth more', async () => {
    await cluster.send('POST', '/apis/scheduling.k8s.io/v1/priorityclasses', {
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name: 'high' },
      value: 1000,
    })
    await create(pod('small', {}, { requests: { cpu: '100m' } }))
    await create(pod('large', {}, { requests: { cpu: '1500m' } }))
    await running('small')
    await running('large')
    const urgent = pod('urgent', { priorityClassName: 'high' }, { requests: { cpu: '1500m' } })
    await create(urgent)
    await running('urgent')
    expect((await cluster.send('GET', `${PODS}/large`)).status).toBe(404)
    expect((await cluster.send('GET', `${PODS}/small`)).status).toBe(200)
    expect(await eventsOf(cluster, 'Pod', 'large')).toContainEqual(
      expect.stringMatching(
        /^Normal Preempted Preempted by pod [0-9a-f-]{36} on node netpol-lab-control-plane$/,
      ),
    )
    const patient = { priorityClassName: 'high', preemptionPolicy: 'Never' }
    await cluster.send('DELETE', '/apis/scheduling.k8s.io/v1/priorityclasses/high')
    await cluster.send('POST', '/apis/scheduling.k8s.io/v1/priorityclasses', {
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name: 'high' },
      value: 2000,
      preemptionPolicy: 'Never',
    })
    await create(pod('patient', patient, { requests: { cpu: '1500m' } }))
    expect(await waiting('patient')).toBe(
      '0/1 nodes are available: 1 Insufficient cpu. preemption: not eligible due to preemptionPolicy=Never.',
    )
  })

  it('include its ports', async () => {
    const spec = {
      containers: [
        { name: 'main', image: 'nginx', ports: [{ containerPort: 80, hostPort: 8080 }] },
      ],
    }
    await create(pod('first', spec))
    await running('first')
    await create(pod('second', spec))
    expect(await waiting('second')).toBe(
      `0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports. ${NO_VICTIMS}`,
    )
  })
})

describe('pods beside each other', () => {
  const term = (app: string) => ({
    labelSelector: { matchLabels: { app } },
    topologyKey: 'kubernetes.io/hostname',
  })
  const rule = (kind: string, app: string) => ({
    affinity: { [kind]: { requiredDuringSchedulingIgnoredDuringExecution: [term(app)] } },
  })

  it('a second one that wants to be apart waits until the first one is gone', async () => {
    await create(pod('web-1', rule('podAntiAffinity', 'web')))
    await running('web-1')
    await create(pod('web-2', rule('podAntiAffinity', 'web')))
    expect(await waiting('web-2')).toBe(
      `0/1 nodes are available: 1 node(s) didn't match pod anti-affinity rules. ${NO_VICTIMS}`,
    )
    await create(pod('web-3'))
    expect(await waiting('web-3')).toBe(
      `0/1 nodes are available: 1 node(s) didn't satisfy existing pods anti-affinity rules. ${NO_VICTIMS}`,
    )
    await cluster.send('DELETE', `${PODS}/web-1`)
    await running('web-2')
  })

  it('one that wants company waits for it, and the first of a group does not', async () => {
    await create(pod('client', rule('podAffinity', 'cache')))
    expect(await waiting('client')).toBe(
      "0/1 nodes are available: 1 node(s) didn't match pod affinity rules. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.",
    )
    await create(pod('cache', rule('podAffinity', 'cache')))
    await running('cache')
    await running('client')
  })

  it('are spread over the parts that there are', async () => {
    const spread = (extra: object) => ({
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: 'kubernetes.io/hostname',
          whenUnsatisfiable: 'DoNotSchedule',
          labelSelector: { matchLabels: { app: 'web' } },
          ...extra,
        },
      ],
    })
    await create(pod('web-1', spread({})))
    await create(pod('web-2', spread({})))
    await running('web-1')
    await running('web-2')
    await create(pod('web-3', spread({ minDomains: 2 })))
    expect(await waiting('web-3')).toBe(
      `0/1 nodes are available: 1 node(s) didn't match pod topology spread constraints. ${NO_VICTIMS}`,
    )
    await create(pod('web-4', spread({ topologyKey: 'zone' })))
    expect(await waiting('web-4')).toContain(
      "1 node(s) didn't match pod topology spread constraints (missing required label)",
    )
  })
})

describe('a taint NoExecute', () => {
  const taint = (taints: object[]) => cluster.send('PATCH', NODE, { spec: { taints } }, MERGE)
  const FULL = { key: 'full', value: 'yes', effect: 'NoExecute' }

  it('removes the pods that do not tolerate it, some later', async () => {
    const tolerating = (seconds?: number) => ({
      tolerations: [
        {
          key: 'full',
          operator: 'Exists',
          effect: 'NoExecute',
          ...(seconds === undefined ? {} : { tolerationSeconds: seconds }),
        },
      ],
    })
    await create(pod('gone'))
    await create(pod('later', tolerating(60)))
    await create(pod('stays', tolerating()))
    for (const name of ['gone', 'later', 'stays']) await running(name)
    const deleted = (name: string) =>
      cluster.until(PODS, ({ type, object }) => type === 'DELETED' && object.metadata.name === name)
    const [gone, later] = [deleted('gone'), deleted('later')]
    await taint([FULL])
    const { object } = await gone
    expect(object.status.conditions).toContainEqual(
      expect.objectContaining({ type: 'DisruptionTarget', reason: 'DeletionByTaintManager' }),
    )
    await later
    expect(await eventsOf(cluster, 'Pod', 'gone')).toContain(
      'Normal TaintManagerEviction Marking for deletion Pod default/gone',
    )
    expect((await cluster.send('GET', `${PODS}/stays`)).body.status.phase).toBe('Running')
  })
})

describe('a pod that is not for this scheduler', () => {
  it('waits where it names another one, or has gates', async () => {
    await create(pod('other', { schedulerName: 'mine' }))
    await create(pod('gated', { schedulingGates: [{ name: 'example.com/ready' }] }))
    await create(pod('plain'))
    await running('plain')
    const status = async (name: string) =>
      (await cluster.send('GET', `${PODS}/${name}`)).body.status
    expect((await status('other')).conditions).toBeUndefined()
    expect((await status('gated')).conditions).toEqual([
      expect.objectContaining({
        type: 'PodScheduled',
        status: 'False',
        reason: 'SchedulingGated',
        message: 'Scheduling is blocked due to non-empty scheduling gates',
      }),
    ])
    const open = { spec: { schedulingGates: null } }
    expect((await cluster.send('PATCH', `${PODS}/gated`, open, MERGE)).status).toBe(200)
    await running('gated')
  })
})
