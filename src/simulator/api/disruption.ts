import { matchesSelector } from '../../kube/label-selector.ts'
import type { KubeObject, Pod } from '../../kube/objects.ts'
import type { PodDisruptionBudget } from '../../kube/stored-objects.ts'
import type { ApiContext } from './context.ts'
import { errors } from './status.ts'

const REFUSAL = "Cannot evict pod as it would violate the pod's disruption budget."

/**
 * Takes one disruption from the budget of a pod that is to be evicted: models EvictionREST of pkg/registry/core/pod.
 * @param dryRun looks, and takes nothing
 * @throws ApiError 429 where the budget has none left, 500 where there are several budgets
 */
export function takeDisruption(pod: Pod, { store }: ApiContext, dryRun: boolean): void {
  const { phase } = pod.status ?? {}
  if (pod.metadata.deletionTimestamp !== undefined) return
  // A pod that does not run disturbs nobody by going.
  if (phase === 'Succeeded' || phase === 'Failed' || phase === 'Pending') return
  const budgets = store
    .list('PodDisruptionBudget', pod.metadata.namespace)
    .map((object) => object as KubeObject as PodDisruptionBudget)
    .filter(
      ({ spec }) =>
        spec?.selector !== undefined && matchesSelector(spec.selector, pod.metadata.labels ?? {}),
    )
  const [budget, ...others] = budgets
  if (budget === undefined) return
  if (others.length > 0) {
    throw errors.internal(
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    )
  }
  const { status = {}, spec } = budget
  const { name } = budget.metadata
  const ready = pod.status?.conditions?.some(
    (condition) => condition.type === 'Ready' && condition.status === 'True',
  )
  const healthy = (status.currentHealthy ?? 0) >= (status.desiredHealthy ?? 0)
  if (ready !== true) {
    if (spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return
    if (healthy && (status.desiredHealthy ?? 0) > 0) return
  }
  if ((status.observedGeneration ?? 0) < (budget.metadata.generation ?? 1)) {
    throw errors.tooManyRequests(REFUSAL, 10, [
      {
        reason: 'DisruptionBudget',
        message: `The disruption budget ${name} is still being processed by the server.`,
      },
    ])
  }
  const allowed = status.disruptionsAllowed ?? 0
  if (allowed <= 0) {
    throw errors.tooManyRequests(REFUSAL, 0, [
      {
        reason: 'DisruptionBudget',
        message: `The disruption budget ${name} needs ${status.desiredHealthy ?? 0} healthy pods and has ${status.currentHealthy ?? 0} currently`,
      },
    ])
  }
  if (dryRun) return
  store.put('PodDisruptionBudget', {
    ...budget,
    status: { ...status, disruptionsAllowed: allowed - 1 },
  })
}
