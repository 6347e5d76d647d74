import { matchesSelector } from '../../kube/label-selector.ts'
import type { Pod } from '../../kube/objects.ts'
import { sameJson } from '../../kube/same-json.ts'
import type { PodDisruptionBudget } from '../../kube/stored-objects.ts'
import type { Controller, ControllerContext } from './controller.ts'
import { timeText } from './controller.ts'
import { controllerOf, keyOf, partOf, splitKey } from './pod-control.ts'
import { isActive, isReady } from './pod-facts.ts'
import { createWorkQueue } from './work-queue.ts'

/** Counts how many pods of a budget may go. Models pkg/controller/disruption; evictions look at the number. */
export function startDisruptionBudgetController(context: ControllerContext): Controller {
  const { objects, clock, onDefect } = context

  const reconcile = (key: string) => {
    const { namespace, name } = splitKey(key)
    const budget = objects.get('PodDisruptionBudget', namespace, name)
    if (budget === undefined) return
    const pods = objects
      .list('Pod', namespace)
      .filter((pod) => isActive(pod) && matchesBudget(budget, pod))
    const { expected, desired } = wantedOf(budget, pods)
    const healthy = pods.filter(isReady).length
    const allowed = expected > 0 && healthy > desired ? healthy - desired : 0
    const before = budget.status?.conditions?.[0]
    const state = allowed > 0 ? 'True' : 'False'
    const status: NonNullable<PodDisruptionBudget['status']> = {
      conditions: [
        {
          type: 'DisruptionAllowed',
          status: state,
          reason: allowed > 0 ? 'SufficientPods' : 'InsufficientPods',
          message: '',
          lastTransitionTime:
            before?.status === state ? before.lastTransitionTime : timeText(clock.now()),
          observedGeneration: budget.metadata.generation ?? 1,
        },
      ],
      currentHealthy: healthy,
      desiredHealthy: desired,
      disruptionsAllowed: allowed,
      expectedPods: expected,
      observedGeneration: budget.metadata.generation ?? 1,
    }
    if (!sameJson(status, budget.status)) {
      objects.updateStatus('PodDisruptionBudget', { ...budget, status })
    }
  }

  /** How many pods there shall be, and how many of them healthy: models getExpectedPodCount. */
  const wantedOf = (budget: PodDisruptionBudget, pods: readonly Pod[]) => {
    const { minAvailable, maxUnavailable } = budget.spec ?? {}
    if (maxUnavailable !== undefined) {
      const expected = scaleOf(pods)
      return {
        expected,
        desired: Math.max(0, expected - partOf(maxUnavailable, expected, Math.ceil)),
      }
    }
    if (typeof minAvailable === 'string') {
      const expected = scaleOf(pods)
      return { expected, desired: partOf(minAvailable, expected, Math.ceil) }
    }
    return { expected: pods.length, desired: minAvailable ?? 0 }
  }

  /** What the controllers of the pods want, rather than what is there now. */
  const scaleOf = (pods: readonly Pod[]): number => {
    const seen = new Map<string, number>()
    for (const pod of pods) {
      const owner = controllerOf(pod)
      if (owner === undefined) continue
      const set =
        owner.kind === 'ReplicaSet'
          ? objects.get('ReplicaSet', pod.metadata.namespace, owner.name)
          : owner.kind === 'StatefulSet'
            ? objects.get('StatefulSet', pod.metadata.namespace, owner.name)
            : undefined
      if (set !== undefined) seen.set(owner.uid, set.spec.replicas ?? 1)
    }
    return [...seen.values()].reduce((sum, count) => sum + count, 0)
  }

  const queue = createWorkQueue({ clock, reconcile, onDefect })
  const stop = objects.onChange((change) => {
    if (change.kind === 'PodDisruptionBudget' && change.type !== 'DELETED') {
      queue.add(keyOf(change.object))
    }
    if (change.kind !== 'Pod') return
    for (const budget of objects.list('PodDisruptionBudget', change.object.metadata.namespace)) {
      queue.add(keyOf(budget))
    }
  })
  for (const budget of objects.list('PodDisruptionBudget')) queue.add(keyOf(budget))
  return {
    close() {
      stop()
      queue.close()
    },
  }
}

/** A budget without a selector is about no pod; with an empty one, about all. */
function matchesBudget(budget: PodDisruptionBudget, pod: Pod): boolean {
  const selector = budget.spec?.selector
  return selector !== undefined && matchesSelector(selector, pod.metadata.labels ?? {})
}
