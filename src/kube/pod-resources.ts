import type { Container, PodSpec } from './objects.ts'
import { addQuantities, nanosOf } from './quantity.ts'

/** Amounts by the name of the resource. */
export type ResourceList = Readonly<Record<string, string>>

/** The requests or the limits of a container. */
export function resourcesOf(container: Container, which: 'requests' | 'limits'): ResourceList {
  const list: unknown = container.resources?.[which]
  return typeof list === 'object' && list !== null
    ? Object.fromEntries(Object.entries(list).map(([name, amount]) => [name, String(amount)]))
    : {}
}

/**
 * What a pod needs: its containers together with its sidecars, or the hungriest of its first containers, and its overhead. Models
 * PodRequests and PodLimits of k8s.io/component-helpers resource.
 */
export function podResources(spec: PodSpec, which: 'requests' | 'limits'): ResourceList {
  let running: ResourceList = {}
  for (const container of spec.containers) running = sum(running, resourcesOf(container, which))
  let sidecars: ResourceList = {}
  let starting: ResourceList = {}
  for (const container of spec.initContainers ?? []) {
    const own = resourcesOf(container, which)
    if (Reflect.get(container, 'restartPolicy') === 'Always') {
      running = sum(running, own)
      sidecars = sum(sidecars, own)
      starting = most(starting, sidecars)
    } else starting = most(starting, sum(own, sidecars))
  }
  const total = most(running, starting)
  const overhead: unknown = spec.overhead
  return typeof overhead === 'object' && overhead !== null
    ? sum(total, Object.fromEntries(Object.entries(overhead).map(([k, v]) => [k, String(v)])))
    : total
}

/** Both lists together. */
export function sum(a: ResourceList, b: ResourceList): ResourceList {
  const total: Record<string, string> = { ...a }
  for (const [name, amount] of Object.entries(b)) {
    total[name] = addQuantities(total[name] ?? '0', amount)
  }
  return total
}

/** The larger amount of each resource. */
function most(a: ResourceList, b: ResourceList): ResourceList {
  const total: Record<string, string> = { ...a }
  for (const [name, amount] of Object.entries(b)) {
    const known = total[name]
    if (known === undefined || isLess(known, amount)) total[name] = amount
  }
  return total
}

/** Whether an amount is smaller than another one; what is no quantity counts as nothing. */
export function isLess(a: string, b: string): boolean {
  return (nanosOf(a) ?? 0n) < (nanosOf(b) ?? 0n)
}
