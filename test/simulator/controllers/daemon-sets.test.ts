import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventsOf, MERGE, untilTrue } from '../support/changes.ts'
import { openTestCluster, PODS, type TestCluster } from '../support/cluster.ts'

const SETS = '/apis/apps/v1/namespaces/default/daemonsets'
const NODES = '/api/v1/nodes'

let cluster: TestCluster
beforeEach(() => {
  cluster = openTestCluster()
})
afterEach(() => cluster.close())

const setOf = (spec: object = {}, image = 'nginx') => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'agent' },
  spec: {
    selector: { matchLabels: { app: 'agent' } },
    template: {
      metadata: { labels: { app: 'agent' } },
      spec: { containers: [{ name: 'a', image }], ...spec },
    },
  },
})
const podList = async () => (await cluster.send('GET', PODS)).body.items
const status = async () => (await cluster.send('GET', `${SETS}/agent`)).body.status
const ready = () =>
  cluster.until(
    SETS,
    ({ object }) =>
      object.status.numberAvailable === 1 &&
      object.status.updatedNumberScheduled === 1 &&
      object.status.observedGeneration === object.metadata.generation,
  )

describe('a daemon set', () => {
  it('runs one pod on the node, bound to it by affinity', async () => {
    await cluster.send('POST', SETS, setOf())
    await ready()
    const [pod, ...others] = await podList()
    expect(others).toEqual([])
    expect(pod.metadata.name).toMatch(/^agent-[a-z0-9]{5}$/)
    expect(pod.metadata.labels).toMatchObject({
      'controller-revision-hash': expect.stringMatching(/^[a-z0-9]+$/),
      'pod-template-generation': '1',
    })
    expect(pod.spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution).toEqual({
      nodeSelectorTerms: [
        {
          matchFields: [
            { key: 'metadata.name', operator: 'In', values: ['netpol-lab-control-plane'] },
          ],
        },
      ],
    })
    expect(await status()).toEqual({
      currentNumberScheduled: 1,
      desiredNumberScheduled: 1,
      numberAvailable: 1,
      numberMisscheduled: 0,
      numberReady: 1,
      observedGeneration: 1,
      updatedNumberScheduled: 1,
    })
    expect(await eventsOf(cluster, 'DaemonSet', 'agent')).toEqual([
      `Normal SuccessfulCreate Created pod: ${pod.metadata.name}`,
    ])
  })

  it('replaces its pod when the template changes', async () => {
    await cluster.send('POST', SETS, setOf())
    await ready()
    await cluster.send('PATCH', `${SETS}/agent`, setOf({}, 'nginx:2'), MERGE)
    await ready()
    const living = (await podList()).filter(
      (pod: { metadata: { deletionTimestamp?: string } }) =>
        pod.metadata.deletionTimestamp === undefined,
    )
    expect(living[0].spec.containers[0].image).toBe('nginx:2')
    expect(living[0].metadata.labels['pod-template-generation']).toBe('2')
  })

  it('stays away from a node that its selector does not choose, until the node has the label', async () => {
    await cluster.send('POST', SETS, setOf({ nodeSelector: { disk: 'ssd' } }))
    await cluster.until(SETS, ({ object }) => object.status.observedGeneration === 1)
    expect(await status()).toMatchObject({ desiredNumberScheduled: 0 })
    expect(await podList()).toEqual([])
    await cluster.send(
      'PATCH',
      `${NODES}/netpol-lab-control-plane`,
      { metadata: { labels: { disk: 'ssd' } } },
      MERGE,
    )
    await ready()
  })

  it('bears a cordon, which other pods do not', async () => {
    await cluster.send(
      'PATCH',
      `${NODES}/netpol-lab-control-plane`,
      { spec: { unschedulable: true } },
      MERGE,
    )
    await cluster.send('POST', SETS, setOf())
    await ready()
  })

  it('leaves a node with a taint that it does not tolerate', async () => {
    await cluster.send('POST', SETS, setOf())
    await ready()
    const taints = [{ key: 'gpu', value: 'yes', effect: 'NoExecute' }]
    await cluster.send('PATCH', `${NODES}/netpol-lab-control-plane`, { spec: { taints } }, MERGE)
    await untilTrue(cluster, async () => (await podList()).length === 0)
    await cluster.until(SETS, ({ object }) => object.status.desiredNumberScheduled === 0)
  })
})
