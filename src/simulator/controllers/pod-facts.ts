import type { KubeObject, Pod } from '../../kube/objects.ts'

/** The Ready condition. */
export function isReady(pod: Pod): boolean {
  return readySince(pod) !== undefined
}

/** When a pod that is ready became so, in milliseconds since the epoch. */
export function readySince(pod: Pod): number | undefined {
  const ready = pod.status?.conditions?.find(
    (condition) => condition.type === 'Ready' && condition.status === 'True',
  )
  return ready === undefined ? undefined : Date.parse(ready.lastTransitionTime ?? '') || 0
}

/** `IsPodAvailable`: ready for at least so many seconds. */
export function isAvailable(pod: Pod, minReadySeconds: number, now: number): boolean {
  const since = readySince(pod)
  return since !== undefined && (minReadySeconds === 0 || since + minReadySeconds * 1000 <= now)
}

export function isTerminating(object: KubeObject): boolean {
  return object.metadata.deletionTimestamp !== undefined
}

/** Finished for good. */
export function isFinished(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
}

/** `IsPodActive`: neither finished nor going. */
export function isActive(pod: Pod): boolean {
  return !isFinished(pod) && !isTerminating(pod)
}

/**
 * Which pods go first when there are too many: those without a node, not running, not ready, cheap to delete, ready for the shortest
 * time, restarted most often, the youngest. Models ActivePodsWithRanks of pkg/controller.
 */
export function byWorth(a: Pod, b: Pod): number {
  const worth = (pod: Pod): readonly number[] => [
    pod.spec.nodeName === undefined ? 0 : 1,
    pod.status?.phase === 'Running' ? 1 : 0,
    isReady(pod) ? 1 : 0,
    Number(pod.metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost'] ?? 0) || 0,
    -(readySince(pod) ?? 0),
    -(pod.status?.containerStatuses ?? []).reduce((sum, entry) => sum + entry.restartCount, 0),
    -Date.parse(pod.metadata.creationTimestamp ?? ''),
  ]
  const [left, right] = [worth(a), worth(b)]
  for (const [index, value] of left.entries()) {
    const difference = value - (right[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
