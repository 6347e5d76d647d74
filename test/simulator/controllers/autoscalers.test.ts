import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventsOf } from '../support/changes.ts'
import { DEPLOYMENTS, openTestCluster, type TestCluster } from '../support/cluster.ts'

const AUTOSCALERS = '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers'

let cluster: TestCluster
beforeEach(async () => {
  cluster = openTestCluster()
  await cluster.send('POST', DEPLOYMENTS, {
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
  })
})
afterEach(() => cluster.close())

const autoscaler = (spec: object, target = 'web') =>
  cluster.send('POST', AUTOSCALERS, {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'web' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: target },
      minReplicas: 1,
      maxReplicas: 3,
      ...spec,
    },
  })

async function conditions(reason: string): Promise<readonly string[]> {
  const { object } = await cluster.until(AUTOSCALERS, (event) =>
    event.object.status?.conditions?.some((entry: { reason: string }) => entry.reason === reason),
  )
  return object.status.conditions.map(
    (entry: { type: string; status: string; reason: string; message: string }) =>
      `${entry.type} ${entry.status} ${entry.reason}: ${entry.message}`,
  )
}

const WHY =
  'failed to get cpu utilization: unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)'

describe('a horizontal pod autoscaler', () => {
  it('says that there are no metrics', async () => {
    await autoscaler({})
    expect(await conditions('FailedGetResourceMetric')).toEqual([
      "AbleToScale True SucceededGetScale: the HPA controller was able to get the target's current scale",
      `ScalingActive False FailedGetResourceMetric: the HPA was unable to compute the replica count: ${WHY}`,
    ])
    expect(await eventsOf(cluster, 'HorizontalPodAutoscaler', 'web')).toEqual(
      expect.arrayContaining([
        `Warning FailedGetResourceMetric ${WHY}`,
        `Warning FailedComputeMetricsReplicas invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource metric value: ${WHY}`,
      ]),
    )
  })

  it('keeps its target within its limits all the same, and owns the number', async () => {
    await autoscaler({ minReplicas: 2 })
    const { object } = await cluster.until(DEPLOYMENTS, (event) => event.object.spec.replicas === 2)
    expect(object.metadata.managedFields).toContainEqual(
      expect.objectContaining({
        manager: 'kube-controller-manager',
        subresource: 'scale',
        fieldsV1: { 'f:spec': { 'f:replicas': {} } },
      }),
    )
    expect(await eventsOf(cluster, 'HorizontalPodAutoscaler', 'web')).toContain(
      'Normal SuccessfulRescale New size: 2; reason: Current number of replicas below Spec.MinReplicas',
    )
  })

  it('says that its target is not there, or at rest', async () => {
    await autoscaler({}, 'ghost')
    expect(await conditions('FailedGetScale')).toEqual([
      'AbleToScale False FailedGetScale: the HPA controller was unable to get the target\'s current scale: deployments.apps "ghost" not found',
    ])
    await cluster.send('DELETE', `${AUTOSCALERS}/web`)
    await cluster.send(
      'PATCH',
      `${DEPLOYMENTS}/web`,
      { spec: { replicas: 0 } },
      { 'content-type': 'application/merge-patch+json' },
    )
    await autoscaler({ minReplicas: 2 })
    expect((await conditions('ScalingDisabled'))[1]).toBe(
      'ScalingActive False ScalingDisabled: scaling is disabled since the replica count of the target is zero',
    )
  })
})
