import type { Clock } from '../../base/clock.ts'
import type { Service } from '../../kube/objects.ts'

/** Kubernetes' default of `sessionAffinityConfig.clientIP.timeoutSeconds`. */
const AFFINITY_SECONDS = 10_800
/** From so many clients on, those whose time is over are forgotten. */
const MOST_KEPT = 1000

/**
 * Chooses among the endpoints of a service. kube-proxy throws dice; here each has its turn, so that a run can be repeated. With
 * `sessionAffinity: ClientIP` a client stays with its endpoint until it has been silent for the service's time.
 */
export function createEndpointPicker(
  clock: Clock,
): (from: string) => (service: Service, addresses: readonly string[]) => number {
  const turns = new Map<string, number>()
  const kept = new Map<string, { readonly address: string; readonly untilMs: number }>()
  return (from) => (service, addresses) => {
    const key = `${service.metadata.namespace}/${service.metadata.name}`
    const sticky = service.spec.sessionAffinity === 'ClientIP'
    const now = clock.now()
    if (sticky) {
      const last = kept.get(`${key} ${from}`)
      const at = last === undefined || last.untilMs <= now ? -1 : addresses.indexOf(last.address)
      if (at >= 0) {
        keep(service, `${key} ${from}`, addresses[at])
        return at
      }
    }
    const turn = turns.get(key) ?? 0
    turns.set(key, turn + 1)
    const index = turn % Math.max(1, addresses.length)
    if (sticky) keep(service, `${key} ${from}`, addresses[index])
    return index
  }

  function keep(service: Service, key: string, address: string | undefined): void {
    if (address === undefined) return
    if (kept.size >= MOST_KEPT) {
      for (const [old, { untilMs }] of kept) if (untilMs <= clock.now()) kept.delete(old)
    }
    const seconds = service.spec.sessionAffinityConfig?.clientIP?.timeoutSeconds
    kept.set(key, { address, untilMs: clock.now() + (seconds ?? AFFINITY_SECONDS) * 1000 })
  }
}
