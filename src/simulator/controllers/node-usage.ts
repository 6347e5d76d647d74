import type { KubeNode, KubeObject, Pod } from '../../kube/objects.ts'
import { isLess, podResources, type ResourceList, sum } from '../../kube/pod-resources.ts'
import { addQuantities, subtractQuantities } from '../../kube/quantity.ts'
import type { ClusterObjects, ObjectChange } from '../ports.ts'
import { hasAntiAffinity } from './pod-affinity.ts'
import { isFinished } from './pod-facts.ts'

/** What the pods on each node ask for together, kept up with every change: nobody has to add up all of them for each new one. */
export class NodeUsage {
  private readonly usage = new Map<string, { requests: ResourceList; pods: number }>()
  /** How many pods keep others away. */
  private antiAffine = 0

  constructor(objects: ClusterObjects) {
    for (const pod of objects.list('Pod')) this.count(pod, 1)
  }

  /** @param change of a pod */
  apply({ type, object, previous }: ObjectChange): void {
    const [before, after] = [
      previous as KubeObject | undefined as Pod | undefined,
      object as KubeObject as Pod,
    ]
    const wasCounted = before !== undefined && isCounted(before)
    const isNow = type !== 'DELETED' && isCounted(after)
    if (wasCounted === isNow) return
    if (wasCounted) this.count(before, -1)
    else this.count(after, 1)
  }

  /** Whether some pod on a node says whom it will not stand beside. */
  get hasAntiAffinity(): boolean {
    return this.antiAffine > 0
  }

  /** What a node has too little of for a pod, in the scheduler's words. */
  missing(pod: Pod, node: KubeNode, without: readonly Pod[] = []): readonly string[] {
    const known = this.usage.get(node.metadata.name)
    const gone = without.reduce<ResourceList>(
      (total, other) => sum(total, podResources(other.spec, 'requests')),
      {},
    )
    const allocatable = node.status?.allocatable ?? {}
    const pods = (known?.pods ?? 0) - without.length
    const found: string[] = []
    if (allocatable.pods !== undefined && pods + 1 > Number(allocatable.pods)) {
      found.push('Too many pods')
    }
    for (const [name, request] of Object.entries(podResources(pod.spec, 'requests'))) {
      if (request === '0') continue
      const used = subtractQuantities(known?.requests[name] ?? '0', gone[name] ?? '0')
      if (isLess(allocatable[name] ?? '0', addQuantities(used, request))) {
        found.push(`Insufficient ${name}`)
      }
    }
    return found
  }

  private count(pod: Pod, by: 1 | -1): void {
    if (!isCounted(pod)) return
    const name = pod.spec.nodeName ?? ''
    const known = this.usage.get(name) ?? { requests: {}, pods: 0 }
    const requests: Record<string, string> = { ...known.requests }
    for (const [resource, amount] of Object.entries(podResources(pod.spec, 'requests'))) {
      const before = requests[resource] ?? '0'
      requests[resource] =
        by === 1 ? addQuantities(before, amount) : subtractQuantities(before, amount)
    }
    this.usage.set(name, { requests, pods: known.pods + by })
    if (hasAntiAffinity(pod)) this.antiAffine += by
  }
}

function isCounted(pod: Pod): boolean {
  return pod.spec.nodeName !== undefined && !isFinished(pod)
}
