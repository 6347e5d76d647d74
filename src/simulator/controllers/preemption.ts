import type { KubeNode, Pod } from '../../kube/objects.ts'
import { isTerminating } from './pod-facts.ts'

/**
 * The pods of a node that have to go for one that is worth more, as few as will do and the least worth first; undefined where that would
 * not help. Models SelectVictimsOnNode of the scheduler plugin DefaultPreemption, without disruption budgets.
 *
 * @param fits whether the node takes the pod once these are gone
 */
export function victimsFor(
  pod: Pod,
  node: KubeNode,
  pods: readonly Pod[],
  fits: (without: readonly Pod[]) => boolean,
): readonly Pod[] | undefined {
  const lesser = pods.filter(
    (other) => other.spec.nodeName === node.metadata.name && priorityOf(other) < priorityOf(pod),
  )
  if (lesser.length === 0 || !fits(lesser)) return undefined
  // The most important ones are spared first.
  let victims: readonly Pod[] = lesser
  for (const spared of [...lesser].sort(byImportance)) {
    const fewer = victims.filter((victim) => victim !== spared)
    if (fits(fewer)) victims = fewer
  }
  return victims
}

/** Higher priority first, then whoever has been there for longer. */
function byImportance(a: Pod, b: Pod): number {
  const age = (pod: Pod) => Date.parse(pod.status?.startTime ?? '') || Number.POSITIVE_INFINITY
  return priorityOf(b) - priorityOf(a) || age(a) - age(b)
}

export function priorityOf(pod: Pod): number {
  return typeof pod.spec.priority === 'number' ? pod.spec.priority : 0
}

/** Whether some pod that is worth less is on its way off the node already: nobody else has to go then. */
export function isMakingRoom(pod: Pod, pods: readonly Pod[]): boolean {
  return pods.some(
    (other) =>
      other.spec.nodeName !== undefined &&
      isTerminating(other) &&
      priorityOf(other) < priorityOf(pod),
  )
}
