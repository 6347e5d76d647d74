import { afterEach, beforeEach, expect, it } from 'vitest'
import { eventsOf, untilTrue } from '../support/changes.ts'
import { openTestCluster, PODS, type TestCluster } from '../support/cluster.ts'

let cluster: TestCluster
beforeEach(() => {
  cluster = openTestCluster()
})
afterEach(() => cluster.close())

const URL = '/api/v1/namespaces/default/replicationcontrollers'
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'
const MERGE = { 'content-type': 'application/merge-patch+json' }

const controller = (spec: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ReplicationController',
  metadata: { name: 'old' },
  spec: {
    replicas: 2,
    template: {
      metadata: { labels: { app: 'old' } },
      spec: { containers: [{ name: 'c', image: 'busybox' }] },
    },
    ...spec,
  },
})

const ready = async (count: number) =>
  untilTrue(cluster, async () => {
    const { body } = await cluster.send('GET', `${URL}/old`)
    return (body.status.readyReplicas ?? 0) === count && body.status.replicas === count
  })

it('a replication controller selects by the labels of its template, and keeps its pods', async () => {
  const { status, body } = await cluster.send('POST', URL, controller())
  expect(status).toBe(201)
  expect(body.spec.selector).toEqual({ app: 'old' })
  expect(body.metadata.labels).toEqual({ app: 'old' })
  await ready(2)
  const pods = (await cluster.send('GET', PODS)).body.items
  expect(pods[0].metadata.ownerReferences).toMatchObject([
    { apiVersion: 'v1', kind: 'ReplicationController', name: 'old', controller: true },
  ])
  expect(await eventsOf(cluster, 'ReplicationController', 'old')).toEqual(
    pods.map(() => expect.stringMatching(/^Normal SuccessfulCreate Created pod: old-/)),
  )
  await cluster.send('DELETE', `${PODS}/${pods[0].metadata.name}?gracePeriodSeconds=0`)
  await untilTrue(cluster, async () => {
    const names = (await cluster.send('GET', PODS)).body.items.map(
      (pod: { metadata: { name: string } }) => pod.metadata.name,
    )
    return names.length === 2 && !names.includes(pods[0].metadata.name)
  })
})

it('is scaled, shown as a table, and takes its pods along', async () => {
  await cluster.send('POST', URL, controller())
  await ready(2)
  const scaled = await cluster.send('PATCH', `${URL}/old/scale`, { spec: { replicas: 1 } }, MERGE)
  expect(scaled.body).toMatchObject({
    kind: 'Scale',
    spec: { replicas: 1 },
    status: { selector: 'app=old' },
  })
  await ready(1)
  const { body } = await cluster.send('GET', URL, undefined, { accept: TABLE })
  expect(body.columnDefinitions.map((column: { name: string }) => column.name)).toEqual([
    'Name',
    'Desired',
    'Current',
    'Ready',
    'Age',
    'Containers',
    'Images',
    'Selector',
  ])
  const cells = body.rows[0].cells
  expect([...cells.slice(0, 4), ...cells.slice(5)]).toEqual([
    'old',
    1,
    1,
    1,
    'c',
    'busybox',
    'app=old',
  ])
  await cluster.send('DELETE', `${URL}/old`, { propagationPolicy: 'Background' })
  await untilTrue(cluster, async () => (await cluster.send('GET', PODS)).body.items.length === 0)
})

it('is refused where its pods would not be its own', async () => {
  const { status, body } = await cluster.send('POST', URL, controller({ selector: { app: 'new' } }))
  expect([status, body.message]).toEqual([
    422,
    'ReplicationController "old" is invalid: spec.template.metadata.labels: Invalid value: map[string]string{"app":"old"}: `selector` does not match template `labels`',
  ])
  const empty = await cluster.send('POST', URL, controller({ template: undefined }))
  expect(empty.body.message).toBe(
    'ReplicationController "old" is invalid: [spec.selector: Required value, spec.template: Required value]',
  )
})

it('a pod template is stored, with the defaults of pods', async () => {
  const url = '/api/v1/namespaces/default/podtemplates'
  const { spec } = controller()
  const made = await cluster.send('POST', url, {
    apiVersion: 'v1',
    kind: 'PodTemplate',
    metadata: { name: 'one' },
    template: spec.template,
  })
  expect(made.body.template.spec.restartPolicy).toBe('Always')
  const { body } = await cluster.send('GET', url, undefined, { accept: TABLE })
  expect(body.rows[0].cells).toEqual(['one', 'c', 'busybox', 'app=old'])
})
