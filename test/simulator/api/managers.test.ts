import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSharedParts } from '../../../src/simulator/api/shared-parts.ts'
import { DEPLOYMENTS, openTestCluster, PODS, podOf, type TestCluster } from '../support/cluster.ts'

/**
 * What controllers own, as `kubectl get -o yaml --show-managed-fields` shows it on a real cluster.
 */

let cluster: TestCluster
beforeEach(() => {
  cluster = openTestCluster()
})
afterEach(() => cluster.close())

interface Entry {
  readonly manager: string
  readonly operation: string
  readonly subresource?: string
  // biome-ignore lint/suspicious/noExplicitAny: a tree of fields that is looked at field by field
  readonly fieldsV1: any
}

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'main', image: 'nginx' }] },
    },
  },
}

/** In the order of the alphabet: the entries themselves come by their times. */
const namesOf = (entries: readonly Entry[]) =>
  entries
    .map(
      ({ manager, operation, subresource }) =>
        `${manager} ${operation}${subresource === undefined ? '' : ` ${subresource}`}`,
    )
    .sort()
const entryOf = (entries: readonly Entry[], name: string) =>
  entries.find((entry) => namesOf([entry])[0] === name)?.fieldsV1

async function rolledOut(): Promise<readonly Entry[]> {
  await cluster.send('POST', `${DEPLOYMENTS}?fieldManager=kubectl-create`, deployment)
  const { object } = await cluster.until(
    DEPLOYMENTS,
    (event) => event.object.status?.availableReplicas === 1,
  )
  return object.metadata.managedFields
}

describe('what controllers write', () => {
  it('is the controller manager’s in a deployment: its status and the revision', async () => {
    const entries = await rolledOut()
    expect(namesOf(entries)).toEqual([
      'kube-controller-manager Update status',
      'kubectl-create Update',
    ])
    const fields = entryOf(entries, 'kube-controller-manager Update status')
    expect(fields['f:metadata']).toEqual({
      'f:annotations': { '.': {}, 'f:deployment.kubernetes.io/revision': {} },
    })
    expect(Object.keys(fields['f:status'])).toEqual([
      'f:availableReplicas',
      'f:conditions',
      'f:observedGeneration',
      'f:readyReplicas',
      'f:replicas',
      'f:updatedReplicas',
    ])
    expect(fields['f:status']['f:conditions']['k:{"type":"Available"}']).toEqual({
      '.': {},
      'f:lastTransitionTime': {},
      'f:lastUpdateTime': {},
      'f:message': {},
      'f:reason': {},
      'f:status': {},
      'f:type': {},
    })
  })

  it('is the controller manager’s and the kubelet’s in a pod of a deployment', async () => {
    await rolledOut()
    const { body } = await cluster.send('GET', `${PODS}?labelSelector=app=web`)
    const { metadata } = body.items[0]
    expect(namesOf(metadata.managedFields)).toEqual([
      'kube-controller-manager Update',
      'kubelet Update status',
    ])
    const made = entryOf(metadata.managedFields, 'kube-controller-manager Update')
    expect(made['f:metadata']).toEqual({
      'f:generateName': {},
      'f:labels': { '.': {}, 'f:app': {}, 'f:pod-template-hash': {} },
      'f:ownerReferences': {
        '.': {},
        [`k:{"uid":"${metadata.ownerReferences[0].uid}"}`]: {},
      },
    })
    // The server's own additions, the token's volume among them, are nobody's; so is the node.
    expect(made['f:spec']['f:volumes']).toBeUndefined()
    expect(made['f:spec']['f:nodeName']).toBeUndefined()
    const status = entryOf(metadata.managedFields, 'kubelet Update status')
    expect(Object.keys(status['f:status']['f:conditions'])).toEqual([
      'k:{"type":"ContainersReady"}',
      'k:{"type":"Initialized"}',
      'k:{"type":"PodReadyToStartContainers"}',
      'k:{"type":"Ready"}',
    ])
    expect(status['f:status']['f:podIPs']).toEqual({
      '.': {},
      [`k:{"ip":"${body.items[0].status.podIP}"}`]: { '.': {}, 'f:ip': {} },
    })
  })

  it('names the scheduler where it says why a pod waits', async () => {
    await cluster.send('POST', PODS, {
      ...podOf('picky'),
      spec: { ...Object(podOf('picky').spec), nodeSelector: { disk: 'ssd' } },
    })
    const { object } = await cluster.until(
      PODS,
      (event) => event.object.status.conditions?.length > 0,
    )
    expect(namesOf(object.metadata.managedFields)).toEqual([
      'kube-scheduler Update status',
      'test Update',
    ])
  })

  it('conflicts with what somebody else applies', async () => {
    await rolledOut()
    const apply = { 'content-type': 'application/apply-patch+yaml' }
    const { body } = await cluster.send(
      'PATCH',
      `${DEPLOYMENTS}/web/status?fieldManager=me`,
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'web' },
        status: { readyReplicas: 7 },
      },
      apply,
    )
    expect(body.message).toMatch(
      /^Apply failed with 1 conflict: conflict with "kube-controller-manager" with subresource "status" using apps\/v1: \.status\.readyReplicas$/,
    )
  })

  it('belongs to the component that reports it, of events', async () => {
    await rolledOut()
    const { body } = await cluster.send('GET', '/api/v1/namespaces/default/events')
    const managers = new Map<string, string>(
      body.items.map(
        (event: { reportingComponent: string; metadata: { managedFields: Entry[] } }) => [
          event.reportingComponent,
          event.metadata.managedFields[0]?.manager,
        ],
      ),
    )
    expect(Object.fromEntries(managers)).toEqual({
      'deployment-controller': 'kube-controller-manager',
      'replicaset-controller': 'kube-controller-manager',
      'default-scheduler': 'kube-scheduler',
      kubelet: 'kubelet',
    })
  })

  it('is the server’s and the installer’s in a new cluster', async () => {
    const managers = async (url: string) => {
      const { body } = await cluster.send('GET', url)
      return body.metadata.managedFields[0].manager
    }
    expect(await managers('/api/v1/namespaces/default')).toBe('kube-apiserver')
    expect(await managers('/api/v1/namespaces/default/services/kubernetes')).toBe('kube-apiserver')
    expect(await managers('/api/v1/namespaces/kube-system/services/kube-dns')).toBe('kubeadm')
    expect(await managers('/api/v1/nodes/netpol-lab-control-plane')).toBe('kubelet')
  })
})

describe('the fields of managers', () => {
  it('are kept once for all objects where they are alike', () => {
    const parts = createSharedParts()
    const fields = (ip: string) => ({
      'f:status': { 'f:conditions': { 'f:type': {} }, [`k:{"ip":"${ip}"}`]: {} },
    })
    const [first, second] = [parts.of(fields('10.0.0.1')), parts.of(fields('10.0.0.2'))]
    expect(first).toEqual(fields('10.0.0.1'))
    expect(second).toEqual(fields('10.0.0.2'))
    const conditions = (value: unknown) =>
      Reflect.get(Object(Reflect.get(Object(value), 'f:status')), 'f:conditions')
    expect(conditions(second)).toBe(conditions(first))
    expect(parts.of(fields('10.0.0.1'))).toBe(first)
  })

  it('are forgotten where nothing like them was stored for long', () => {
    const parts = createSharedParts(4)
    const own = parts.of({ 'f:rare': { 'f:own': {} } })
    for (let index = 0; index < 20; index += 1) parts.of({ [`f:other-${index}`]: {} })
    const again = parts.of({ 'f:rare': { 'f:own': {} } })
    expect(again).toEqual(own)
    expect(again).not.toBe(own)
  })
})
