import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createGuardedClient } from '../../src/cluster/context/guarded-client.ts'
import { removeMade } from '../../src/cluster/context/remove-made.ts'
import { openKubeClient } from '../../src/cluster/kube-client.ts'
import { tokenKubeconfig } from '../../src/cluster/kubeconfig-file.ts'
import type { KubeClient } from '../../src/kube/client.ts'
import type { AnyKubeObject, KubeObject, NetworkPolicy } from '../../src/kube/objects.ts'
import { createFastClock } from '../../src/platform/fast-clock.ts'
import {
  createSimulatedCluster,
  type SimulatedCluster,
} from '../../src/simulator/simulated-cluster.ts'

// `theirs` is somebody who works in the same cluster with the same rights; `lab` goes through the guard.
let simulated: SimulatedCluster
let theirs: KubeClient
let lab: KubeClient
const clock = createFastClock()

beforeAll(async () => {
  simulated = createSimulatedCluster({ clock })
  const address = await simulated.listen()
  const config = tokenKubeconfig({ name: 'shared', ...address })
  theirs = await openKubeClient({ kubeconfig: { text: JSON.stringify(config) } })
  lab = createGuardedClient(theirs)
})
afterAll(async () => {
  theirs.close()
  await simulated.close()
})

const pod = (name: string, namespace: string): KubeObject & Record<string, unknown> => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace },
  spec: { containers: [{ name: 'c', image: 'nginx' }] },
})
const policy = (name: string, namespace: string): NetworkPolicy => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace },
  spec: { podSelector: {}, policyTypes: ['Ingress'] },
})
const namespace = (name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name },
})
const pods = (ns: string, name?: string) => ({
  apiVersion: 'v1',
  plural: 'pods',
  namespace: ns,
  name,
})
const policies = (ns: string, name?: string) => ({
  apiVersion: 'networking.k8s.io/v1',
  plural: 'networkpolicies',
  namespace: ns,
  name,
})
const namespaces = (name?: string) => ({ apiVersion: 'v1', plural: 'namespaces', name })
const silent = { stdout: () => undefined, stderr: () => undefined }

async function refusal(action: Promise<unknown>): Promise<string> {
  const error = await action.then(
    () => expect.unreachable('it was allowed'),
    (caught) => caught,
  )
  expect(error).toMatchObject({ name: 'KubeStatusError', code: 403, reason: 'Forbidden' })
  return error.message
}

describe('the guard of a cluster that belongs to somebody', () => {
  test('lets the lab do everything in namespaces that it made, and labels them', async () => {
    const made = await lab.create(namespace('lesson'))
    expect(made.metadata.labels).toMatchObject({ 'app.kubernetes.io/managed-by': 'netpol-lab' })
    await lab.create(pod('web', 'lesson'))
    await lab.create(policy('deny', 'lesson'))
    await lab.patch(pods('lesson', 'web'), 'merge', { metadata: { labels: { app: 'web' } } })
    await lab.delete(policies('lesson', 'deny'))
    const web = await lab.get<AnyKubeObject>(pods('lesson', 'web'))
    expect(web.metadata.annotations).toBeUndefined()
  })

  test('keeps the label when such a namespace is replaced', async () => {
    const { metadata } = await lab.get(namespaces('lesson'))
    const { resourceVersion } = metadata
    await lab.replace({
      ...namespace('lesson'),
      metadata: { name: 'lesson', ...(resourceVersion === undefined ? {} : { resourceVersion }) },
    })
    expect((await lab.get(namespaces('lesson'))).metadata.labels).toMatchObject({
      'app.kubernetes.io/managed-by': 'netpol-lab',
    })
  })

  test('refuses every write in a namespace of somebody else, and lets all be read', async () => {
    await theirs.create(namespace('team'))
    await theirs.create(pod('api', 'team'))
    expect(await refusal(lab.create(pod('x', 'team')))).toBe(
      'pods is forbidden: namespace "team" was not made by netpol-lab',
    )
    await refusal(lab.patch(pods('team', 'api'), 'merge', {}))
    await refusal(lab.delete(pods('team', 'api')))
    await refusal(lab.create(policy('deny', 'team')))
    await refusal(lab.exec({ namespace: 'team', pod: 'api' }, ['true'], silent))
    await refusal(lab.attach({ namespace: 'team', pod: 'api' }, silent))
    await refusal(lab.delete(namespaces('team')))
    await refusal(lab.patch(namespaces('team'), 'merge', { metadata: { labels: { a: 'b' } } }))
    await refusal(lab.delete(namespaces('kube-system')))
    expect((await lab.list(pods('team'))).items).toHaveLength(1)
  })

  test('answers a refused request as an API server does', async () => {
    const answer = await lab.request({
      method: 'DELETE',
      path: '/api/v1/namespaces/team/pods/api',
    })
    expect(answer).toMatchObject({
      status: 403,
      body: {
        kind: 'Status',
        message: 'pods "api" is forbidden: namespace "team" was not made by netpol-lab',
      },
    })
    const collection = await lab.request({
      method: 'DELETE',
      path: '/api/v1/namespaces/default/pods',
    })
    expect(collection.status).toBe(403)
    expect((await lab.request({ method: 'POST', path: '/version' })).status).toBe(403)
  })

  test('refuses what belongs to the whole cluster, and still allows questions', async () => {
    const { items } = await lab.list({ apiVersion: 'v1', plural: 'nodes' })
    const node = { apiVersion: 'v1', plural: 'nodes', name: items[0]?.metadata.name }
    await refusal(lab.patch(node, 'merge', { metadata: { labels: { a: 'b' } } }))
    const question = await lab.request({
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      body: {},
    })
    expect(question.status).not.toBe(403)
  })

  test('marks what the lab makes in default, without a label, and touches nothing else there', async () => {
    const web = await lab.create(pod('web', 'default'))
    expect(web.metadata.annotations).toMatchObject({ 'app.kubernetes.io/managed-by': 'netpol-lab' })
    expect(web.metadata.labels ?? {}).not.toHaveProperty('app.kubernetes.io/managed-by')
    await lab.patch(pods('default', 'web'), 'merge', { metadata: { labels: { app: 'web' } } })
    expect(
      await refusal(
        lab.delete({
          apiVersion: 'v1',
          plural: 'services',
          namespace: 'default',
          name: 'kubernetes',
        }),
      ),
    ).toBe('services "kubernetes" is forbidden: netpol-lab did not make it')
    expect((await theirs.get(namespaces('default'))).metadata.labels ?? {}).not.toHaveProperty(
      'app.kubernetes.io/managed-by',
    )
    await expect(lab.delete(pods('default', 'nobody'))).rejects.toMatchObject({
      reason: 'NotFound',
    })
  })

  test('counts the pods of a deployment of the lab as made by the lab', async () => {
    await lab.create({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'many', namespace: 'default' },
      spec: {
        replicas: 1,
        selector: { matchLabels: { app: 'many' } },
        template: {
          metadata: { labels: { app: 'many' } },
          spec: { containers: [{ name: 'c', image: 'nginx' }] },
        },
      },
    } as KubeObject)
    let names: readonly string[] = []
    while (names.length === 0) {
      const { items } = await lab.list(pods('default'), { labelSelector: 'app=many' })
      names = items.map(({ metadata }) => metadata.name)
    }
    await lab.create(policy('ours', 'default'))
    await lab.delete(pods('default', names[0]))
  })

  test('refuses a policy in default once somebody else has a pod there', async () => {
    await theirs.create(pod('stranger', 'default'))
    expect(await refusal(lab.create(policy('late', 'default')))).toContain(
      'would govern pods that netpol-lab did not make: stranger',
    )
    await refusal(lab.patch(policies('default', 'ours'), 'merge', { spec: { podSelector: {} } }))
    await refusal(lab.exec({ namespace: 'default', pod: 'stranger' }, ['true'], silent))
    // Taking a policy away again is always allowed.
    await lab.delete(policies('default', 'ours'))
  })

  test('can take away everything that the lab made, and nothing else', async () => {
    await removeMade(theirs, { clock, signal: new AbortController().signal })
    const left = async (ref: { readonly apiVersion: string; readonly plural: string }) =>
      (await theirs.list(ref)).items.map(({ metadata }) => metadata.name).sort()
    expect(await left(namespaces())).not.toContain('lesson')
    expect(await left(namespaces())).toContain('team')
    const inDefault = async () => (await theirs.list(pods('default'))).items
    while ((await inDefault()).length > 1) await clock.sleep(10)
    expect((await inDefault()).map(({ metadata }) => metadata.name)).toEqual(['stranger'])
    expect((await theirs.list(pods('team'))).items).toHaveLength(1)
  })
})
