import { addQuantities } from '../../kube/quantity.ts'
import { countsFor, quotaMatches, usageOf } from '../../kube/quota-usage.ts'
import { sameJson } from '../../kube/same-json.ts'
import type { Controller, ControllerContext } from './controller.ts'
import { keyOf, splitKey } from './pod-control.ts'
import { isTerminating } from './pod-facts.ts'
import { createWorkQueue } from './work-queue.ts'

/**
 * Counts what a quota limits, anew after each change of what it counts: the API server adds what it lets in, and only this takes away
 * what is gone. Models pkg/controller/resourcequota.
 */
export function startResourceQuotaController(context: ControllerContext): Controller {
  const { objects, clock, onDefect } = context

  const reconcile = (key: string) => {
    const { namespace, name } = splitKey(key)
    const quota = objects.get('ResourceQuota', namespace, name)
    if (quota === undefined || isTerminating(quota)) return
    const hard = quota.spec?.hard ?? {}
    const limited = Object.keys(hard)
    const used: Record<string, string> = Object.fromEntries(limited.map((entry) => [entry, '0']))
    for (const { kind, info } of objects.kinds()) {
      const own = limited.filter((resource) => countsFor(info, resource))
      if (!info.namespaced || own.length === 0) continue
      for (const object of objects.list(kind, namespace)) {
        if (!quotaMatches(quota, info, object, own)) continue
        const usage = usageOf(info, object)
        for (const resource of own) {
          used[resource] = addQuantities(used[resource] ?? '0', usage[resource] ?? '0')
        }
      }
    }
    const status = { hard, used }
    if (sameJson(status, quota.status)) return
    objects.updateStatus('ResourceQuota', { ...quota, status })
  }

  const queue = createWorkQueue({ clock, reconcile, onDefect })
  const stop = objects.onChange(({ kind, type, object }) => {
    const { namespace } = object.metadata
    if (namespace === undefined || kind === 'Event') return
    if (kind === 'ResourceQuota' && type !== 'DELETED') queue.add(keyOf(object))
    for (const quota of objects.list('ResourceQuota', namespace)) queue.add(keyOf(quota))
  })
  for (const quota of objects.list('ResourceQuota')) queue.add(keyOf(quota))
  return {
    close() {
      stop()
      queue.close()
    },
  }
}
