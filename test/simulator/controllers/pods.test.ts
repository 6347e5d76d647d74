import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Event, openTestCluster, PODS, podOf, type TestCluster } from '../support/cluster.ts'

let cluster: TestCluster
beforeEach(() => {
  cluster = openTestCluster()
})
afterEach(() => cluster.close())

const reach = (name: string, test: (pod: Event['object'], type: string) => boolean) =>
  cluster.until(PODS, ({ type, object }) => object.metadata.name === name && test(object, type))

const running = (name: string) => reach(name, (pod) => pod.status.phase === 'Running')

const eventsOf = async (name: string): Promise<string[]> => {
  const { body } = await cluster.send(
    'GET',
    `/api/v1/namespaces/default/events?fieldSelector=involvedObject.name%3D${name}`,
  )
  return body.items.map(
    (event: { reason: string; message: string }) => `${event.reason}: ${event.message}`,
  )
}

const withSpec = (name: string, spec: Record<string, unknown>, command: string[] = ['sleep']) => {
  const pod = podOf(name)
  return { ...pod, spec: { containers: [{ name: 'main', image: 'alpine', command }], ...spec } }
}

describe('a pod', () => {
  it('is scheduled, pulled, started and ready, and says so', async () => {
    await cluster.send('POST', PODS, podOf('web', 'sleep'))
    const { object } = await reach('web', (pod) =>
      pod.status.conditions?.some(
        (condition: { type: string; status: string }) =>
          condition.type === 'Ready' && condition.status === 'True',
      ),
    )
    expect(object.spec.nodeName).toBe('netpol-lab-control-plane')
    expect(object.status).toMatchObject({
      phase: 'Running',
      hostIP: '172.18.0.2',
      podIP: expect.stringMatching(/^10\.244\.0\.\d+$/),
      containerStatuses: [
        {
          name: 'main',
          ready: true,
          started: true,
          restartCount: 0,
          image: 'docker.io/library/alpine:latest',
          state: { running: {} },
        },
      ],
    })
    expect(object.status.conditions.map((condition: { type: string }) => condition.type)).toEqual([
      'PodReadyToStartContainers',
      'Initialized',
      'Ready',
      'ContainersReady',
      'PodScheduled',
    ])
    expect(await eventsOf('web')).toEqual([
      'Scheduled: Successfully assigned default/web to netpol-lab-control-plane',
      'Pulling: Pulling image "alpine"',
      expect.stringMatching(
        /^Pulled: Successfully pulled image "alpine" in \d+m?s \(\d+m?s including waiting\)\.$/,
      ),
      'Created: Created container: main',
      'Started: Started container main',
    ])
  })

  it('passes through Pending and ContainerCreating', async () => {
    const seen: string[] = []
    const watched = reach('web', (pod) => {
      seen.push(
        `${pod.status.phase} ${pod.status.containerStatuses?.[0].state.waiting?.reason ?? ''}`,
      )
      return pod.status.phase === 'Running'
    })
    await cluster.send('POST', PODS, podOf('web', 'sleep'))
    await watched
    expect(seen).toContain('Pending ')
    expect(seen).toContain('Pending ContainerCreating')
    expect(seen.at(-1)).toBe('Running ')
  })

  it('gets the next address of the node, and no address twice', async () => {
    for (const name of ['a', 'b', 'c']) await cluster.send('POST', PODS, podOf(name, 'sleep'))
    const addresses = await Promise.all(
      ['a', 'b', 'c'].map(async (name) => (await running(name)).object.status.podIP),
    )
    expect(new Set(addresses).size).toBe(3)
  })

  it.each([
    ['0', 'Succeeded', 'Completed'],
    ['3', 'Failed', 'Error'],
  ])('that ends with %s and is never restarted is %s', async (code, phase, reason) => {
    await cluster.send('POST', PODS, withSpec('job', { restartPolicy: 'Never' }, ['exit', code]))
    const { object } = await reach('job', (pod) => pod.status.phase === phase)
    expect(object.status.containerStatuses[0]).toMatchObject({
      ready: false,
      state: { terminated: { exitCode: Number(code), reason } },
    })
  })

  it('that keeps failing is restarted later and later', async () => {
    await cluster.send('POST', PODS, podOf('crash', 'exit', '1'))
    const { object } = await reach(
      'crash',
      (pod) =>
        pod.status.containerStatuses?.[0].state.waiting?.reason === 'CrashLoopBackOff' &&
        pod.status.containerStatuses[0].restartCount >= 3,
    )
    const status = object.status.containerStatuses[0]
    expect(object.status.phase).toBe('Running')
    expect(status.lastState.terminated).toMatchObject({ exitCode: 1, reason: 'Error' })
    expect(status.state.waiting.message).toMatch(
      /^back-off (40s|1m20s|2m40s|5m0s) restarting failed container=main pod=crash_default\(.*\)$/,
    )
    expect((await eventsOf('crash')).join('\n')).toMatch(
      /BackOff: Back-off restarting failed container main in pod crash_default\(/,
    )
    const log = await cluster.send('GET', `${PODS}/crash/log?previous=true`)
    expect(log.body).toBe('started main\n')
  })

  it('whose image is missing waits for it', async () => {
    const pod = podOf('none')
    await cluster.send('POST', PODS, {
      ...pod,
      spec: { containers: [{ name: 'main', image: 'missing:1' }] },
    })
    await reach(
      'none',
      (seen) => seen.status.containerStatuses?.[0].state.waiting?.reason === 'ErrImagePull',
    )
    const { object } = await reach(
      'none',
      (seen) => seen.status.containerStatuses?.[0].state.waiting?.reason === 'ImagePullBackOff',
    )
    expect(object.status.phase).toBe('Pending')
    expect(await eventsOf('none')).toEqual(
      expect.arrayContaining([
        'Pulling: Pulling image "missing:1"',
        'Failed: Failed to pull image "missing:1": failed to pull and unpack image "docker.io/library/missing:1": not found',
        'Failed: Error: ErrImagePull',
        'BackOff: Back-off pulling image "missing:1"',
        'Failed: Error: ImagePullBackOff',
      ]),
    )
    const log = await cluster.send('GET', `${PODS}/none/log`)
    expect(log.body.message).toBe(
      'container "main" in pod "none" is waiting to start: trying and failing to pull image',
    )
  })

  it('that may not pull its image says so', async () => {
    const container = { name: 'main', image: 'absent:1', imagePullPolicy: 'Never' }
    await cluster.send('POST', PODS, withSpec('never', { containers: [container] }))
    const { object } = await reach(
      'never',
      (pod) => pod.status.containerStatuses?.[0].state.waiting?.reason === 'ErrImageNeverPull',
    )
    expect(object.status.containerStatuses[0].state.waiting.message).toBe(
      'Container image "absent:1" is not present with pull policy of Never',
    )
  })

  it('whose program is missing cannot start', async () => {
    await cluster.send('POST', PODS, podOf('broken', 'missing-program'))
    const { object } = await reach(
      'broken',
      (pod) => pod.status.containerStatuses?.[0].state.waiting?.reason === 'RunContainerError',
    )
    expect(object.status.containerStatuses[0].lastState.terminated).toMatchObject({
      exitCode: 128,
      reason: 'StartError',
    })
  })

  it('runs its init containers first, one after the other', async () => {
    await cluster.send(
      'POST',
      PODS,
      withSpec('main', {
        initContainers: [
          { name: 'one', image: 'alpine', command: ['exit', '0'] },
          { name: 'two', image: 'alpine', command: ['exit', '0'] },
        ],
      }),
    )
    const { object } = await running('main')
    expect(cluster.started.filter((name) => name.startsWith('main/'))).toEqual([
      'main/one',
      'main/two',
      'main/main',
    ])
    expect(object.status.initContainerStatuses).toHaveLength(2)
  })

  it('keeps sidecars running beside its own containers, and stops them last', async () => {
    await cluster.send(
      'POST',
      PODS,
      withSpec('main', {
        restartPolicy: 'Never',
        initContainers: [
          { name: 'proxy', image: 'alpine', command: ['sleep'], restartPolicy: 'Always' },
          { name: 'setup', image: 'alpine', command: ['exit', '0'] },
        ],
        containers: [{ name: 'app', image: 'alpine', command: ['exit', '0'] }],
      }),
    )
    const { object } = await reach('main', (pod) => pod.status.phase === 'Succeeded')
    expect(cluster.started.filter((name) => name.startsWith('main/'))).toEqual([
      'main/proxy',
      'main/setup',
      'main/app',
    ])
    const proxy = object.status.initContainerStatuses[0]
    expect(proxy.state.terminated).toMatchObject({ exitCode: 143 })
    expect(await eventsOf('main')).toContain('Killing: Stopping container proxy')
  })

  it('is not ready before its sidecars are, and counts them', async () => {
    await cluster.send(
      'POST',
      PODS,
      withSpec('main', {
        initContainers: [
          { name: 'proxy', image: 'alpine', command: ['sleep'], restartPolicy: 'Always' },
        ],
        containers: [{ name: 'app', image: 'alpine', command: ['sleep'] }],
      }),
    )
    await reach('main', (pod) =>
      pod.status.conditions?.some(
        (condition: { type: string; status: string }) =>
          condition.type === 'Ready' && condition.status === 'True',
      ),
    )
    const { body } = await cluster.send('GET', `${PODS}/main`, undefined, {
      accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
    })
    expect(body.rows[0].cells.slice(0, 3)).toEqual(['main', '2/2', 'Running'])
  })

  it('is ready when its readiness probe says so', async () => {
    await cluster.send(
      'POST',
      PODS,
      withSpec('probed', {
        containers: [
          {
            name: 'main',
            image: 'alpine',
            command: ['sleep'],
            readinessProbe: { exec: { command: ['echo', 'ok'] }, initialDelaySeconds: 5 },
          },
          {
            name: 'never',
            image: 'alpine',
            command: ['sleep'],
            readinessProbe: { exec: { command: ['fail', '1'] } },
          },
        ],
      }),
    )
    const { object } = await reach(
      'probed',
      (pod) => pod.status.containerStatuses?.[0].ready === true,
    )
    expect(object.status.containerStatuses[1].ready).toBe(false)
    expect(await eventsOf('probed')).toContainEqual(
      expect.stringMatching(/^Unhealthy: Readiness probe failed: /),
    )
  })

  it('is deleted gracefully: marked first, gone when its containers have stopped', async () => {
    await cluster.send('POST', PODS, podOf('web', 'sleep'))
    await running('web')
    const gone = reach('web', (_pod, type) => type === 'DELETED')
    const { body } = await cluster.send('DELETE', `${PODS}/web`, { gracePeriodSeconds: 5 })
    expect(body.metadata.deletionGracePeriodSeconds).toBe(5)
    expect((await gone).object.status.containerStatuses[0].state.terminated.exitCode).toBe(143)
    expect(await eventsOf('web')).toContain('Killing: Stopping container main')
    expect((await cluster.send('GET', `${PODS}/web`)).status).toBe(404)
  })

  it('is gone at once when it is deleted by force', async () => {
    await cluster.send('POST', PODS, podOf('web', 'sleep'))
    await running('web')
    await cluster.send('DELETE', `${PODS}/web`, { gracePeriodSeconds: 0 })
    expect((await cluster.send('GET', `${PODS}/web`)).status).toBe(404)
  })

  it('waits for a node that fits', async () => {
    await cluster.send('POST', PODS, withSpec('picky', { nodeSelector: { disk: 'ssd' } }))
    const { object } = await reach(
      'picky',
      (pod) => pod.status.conditions?.[0]?.reason === 'Unschedulable',
    )
    expect(object.status.conditions[0].message).toMatch(
      /^0\/1 nodes are available: 1 node\(s\) didn't match Pod's node affinity\/selector\./,
    )
    const merge = { 'content-type': 'application/merge-patch+json' }
    await cluster.send(
      'PATCH',
      '/api/v1/nodes/netpol-lab-control-plane',
      { metadata: { labels: { disk: 'ssd' } } },
      merge,
    )
    await running('picky')
  })

  it('cannot be created with a service account that is not there', async () => {
    const { status, body } = await cluster.send(
      'POST',
      PODS,
      withSpec('web', { serviceAccountName: 'ghost' }),
    )
    expect(status).toBe(403)
    expect(body.message).toBe(
      'pods "web" is forbidden: error looking up service account default/ghost: serviceaccount "ghost" not found',
    )
  })
})
