import type { KubeObject, WorkloadCondition } from '../../kube/objects.ts'
import { sameJson } from '../../kube/same-json.ts'
import type { HorizontalPodAutoscaler, HpaMetric } from '../../kube/stored-objects.ts'
import type { Controller, ControllerContext } from './controller.ts'
import { timeText } from './controller.ts'
import { hasHome, keyOf, splitKey } from './pod-control.ts'
import { isTerminating } from './pod-facts.ts'
import { createWorkQueue } from './work-queue.ts'

const COMPONENT = 'horizontal-pod-autoscaler'
/** How often each autoscaler is looked at, in milliseconds. */
const SYNC_MS = 15_000

/** What can be scaled here. */
const TARGETS = ['Deployment', 'ReplicaSet', 'StatefulSet'] as const
const PLURALS = {
  Deployment: 'deployments.apps',
  ReplicaSet: 'replicasets.apps',
  StatefulSet: 'statefulsets.apps',
} as const

type Target = KubeObject & { spec: { replicas?: number }; status?: { replicas?: number } }

/**
 * Keeps the number of replicas between its limits, and says that there are no metrics to go by: what the controller of a cluster without a
 * metrics server does. Models pkg/controller/podautoscaler.
 */
export function startAutoscalerController(context: ControllerContext): Controller {
  const { objects, clock, events, onDefect } = context

  const reconcile = (key: string) => {
    const { namespace, name } = splitKey(key)
    const autoscaler = objects.get('HorizontalPodAutoscaler', namespace, name)
    if (autoscaler === undefined || isTerminating(autoscaler) || !hasHome(context, namespace)) {
      return
    }
    queue.addAfter(key, SYNC_MS)
    const { kind = '', name: wanted = '' } = autoscaler.spec?.scaleTargetRef ?? {}
    const known = TARGETS.find((entry) => entry === kind)
    const target: Target | undefined =
      known === undefined ? undefined : objects.get(known, namespace, wanted)
    if (known === undefined || target === undefined) {
      const why =
        known === undefined
          ? `no matches for kind ${JSON.stringify(kind)} in group ${JSON.stringify(groupOf(autoscaler))}`
          : `${PLURALS[known]} ${JSON.stringify(wanted)} not found`
      warn(autoscaler, 'FailedGetScale', why)
      const message = `the HPA controller was unable to get the target's current scale: ${why}`
      write(autoscaler, { AbleToScale: ['False', 'FailedGetScale', message] }, {})
      return
    }
    const current = target.spec.replicas ?? 1
    const able = {
      AbleToScale: [
        'True',
        'SucceededGetScale',
        "the HPA controller was able to get the target's current scale",
      ],
    } as const
    const counts = { currentReplicas: target.status?.replicas ?? 0 }
    if (current === 0) {
      const message = 'scaling is disabled since the replica count of the target is zero'
      write(
        autoscaler,
        { ...able, ScalingActive: ['False', 'ScalingDisabled', message] },
        { ...counts, desiredReplicas: 0 },
      )
      return
    }
    const { minReplicas = 1, maxReplicas = 0 } = autoscaler.spec ?? {}
    const limited =
      current > maxReplicas
        ? { replicas: maxReplicas, reason: 'Current number of replicas above Spec.MaxReplicas' }
        : current < minReplicas
          ? { replicas: minReplicas, reason: 'Current number of replicas below Spec.MinReplicas' }
          : undefined
    if (limited !== undefined) {
      const { replicas, reason } = limited
      const scaled: Target = { ...target, spec: { ...target.spec, replicas } }
      objects.updateScale(known, scaled)
      events.record(COMPONENT, autoscaler, {
        type: 'Normal',
        reason: 'SuccessfulRescale',
        message: `New size: ${replicas}; reason: ${reason}`,
      })
      const message = `the HPA controller was able to update the target scale to ${replicas}`
      write(
        autoscaler,
        { AbleToScale: ['True', 'SucceededRescale', message] },
        { ...counts, desiredReplicas: replicas, lastScaleTime: timeText(clock.now()) },
      )
      return
    }
    const problems = (autoscaler.spec?.metrics ?? []).map(problemWith)
    const [first] = problems
    if (first === undefined) return
    for (const { reason, why } of problems) warn(autoscaler, reason, why)
    warn(
      autoscaler,
      'FailedComputeMetricsReplicas',
      `invalid metrics (${problems.length} invalid out of ${problems.length}), first error is: ${first.what}: ${first.why}`,
    )
    const message = `the HPA was unable to compute the replica count: ${first.why}`
    write(autoscaler, { ...able, ScalingActive: ['False', first.reason, message] }, counts)
  }

  const warn = (autoscaler: HorizontalPodAutoscaler, reason: string, message: string) =>
    events.record(COMPONENT, autoscaler, { type: 'Warning', reason, message })

  const write = (
    { metadata }: HorizontalPodAutoscaler,
    said: Readonly<
      Record<string, readonly ['True' | 'False', reason: string, message: string] | undefined>
    >,
    counts: Partial<NonNullable<HorizontalPodAutoscaler['status']>>,
  ) => {
    const fresh = objects.get('HorizontalPodAutoscaler', metadata.namespace, metadata.name)
    if (fresh === undefined) return
    const now = timeText(clock.now())
    const before = fresh.status?.conditions ?? []
    const changed = Object.entries(said).flatMap(([type, entry]): WorkloadCondition[] => {
      if (entry === undefined) return []
      const [status, reason, message] = entry
      const known = before.find((condition) => condition.type === type)
      const since = known?.status === status ? known.lastTransitionTime : undefined
      return [{ type, status, lastTransitionTime: since ?? now, reason, message }]
    })
    const conditions = [
      ...before.map((known) => changed.find(({ type }) => type === known.type) ?? known),
      ...changed.filter(({ type }) => !before.some((known) => known.type === type)),
    ]
    const status = { ...fresh.status, ...counts, conditions }
    if (sameJson(status, fresh.status)) return
    objects.updateStatus('HorizontalPodAutoscaler', { ...fresh, status })
  }

  const queue = createWorkQueue({ clock, reconcile, onDefect })
  const stop = objects.onChange(({ kind, type, object, previous }) => {
    if (kind !== 'HorizontalPodAutoscaler' || type === 'DELETED') return
    // Its own words are no news.
    if (Reflect.get(object, 'spec') !== (previous && Reflect.get(previous, 'spec'))) {
      queue.add(keyOf(object))
    }
  })
  for (const autoscaler of objects.list('HorizontalPodAutoscaler')) queue.add(keyOf(autoscaler))
  return {
    close() {
      stop()
      queue.close()
    },
  }
}

function groupOf({ spec }: HorizontalPodAutoscaler): string {
  const version = spec?.scaleTargetRef?.apiVersion ?? ''
  return version.includes('/') ? (version.split('/')[0] ?? '') : ''
}

const NO_METRICS =
  'unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)'

/** Why a metric cannot be had where nothing serves metrics: its reason, what failed and why. */
function problemWith(metric: HpaMetric): { reason: string; what: string; why: string } {
  const resource = metric.resource ?? metric.containerResource
  if (resource !== undefined) {
    const name = resource.name ?? ''
    const what = resource.target?.averageValue === undefined ? 'utilization' : 'usage'
    const isContainer = metric.resource === undefined
    return {
      reason: isContainer ? 'FailedGetContainerResourceMetric' : 'FailedGetResourceMetric',
      what: `failed to get ${name} ${isContainer ? 'container resource' : 'resource'} metric value`,
      why: `failed to get ${name} ${what}: unable to get metrics for resource ${name}: ${NO_METRICS}`,
    }
  }
  const type = metric.type ?? ''
  const own = metric.pods ?? metric.object ?? metric.external
  const name = own?.metric?.name ?? ''
  const api = type === 'External' ? 'external' : 'custom'
  return {
    reason: `FailedGet${type}Metric`,
    what: `failed to get ${type.toLowerCase()} metric value`,
    why: `unable to get metric ${name}: unable to fetch metrics from ${api} metrics API: no ${api} metrics API (${api}.metrics.k8s.io) registered`,
  }
}
