import { aggregatedRules, sameRules } from '../../kube/aggregated-rules.ts'
import type { Controller, ControllerContext } from './controller.ts'
import { createWorkQueue } from './work-queue.ts'

/**
 * Gives each cluster role that is made of others their rules. Models pkg/controller/clusterroleaggregation: any change of a
 * cluster role may concern any other.
 */
export function startClusterRoleAggregation(context: ControllerContext): Controller {
  const { objects, clock, onDefect } = context

  const reconcile = (name: string) => {
    const role = objects.get('ClusterRole', undefined, name)
    if (role?.aggregationRule === undefined) return
    const rules = aggregatedRules(role, objects.list('ClusterRole'))
    if (!sameRules(rules, role.rules ?? [])) objects.update('ClusterRole', { ...role, rules })
  }

  const queue = createWorkQueue({ clock, reconcile, onDefect })
  const addAll = () => {
    for (const { metadata, aggregationRule } of objects.list('ClusterRole')) {
      if (aggregationRule !== undefined) queue.add(metadata.name)
    }
  }
  const stop = objects.onChange((change) => {
    if (change.kind === 'ClusterRole') addAll()
  })
  // Those of a new cluster have their rules; in a saved one a role that came back may have changed them.
  addAll()
  return {
    close() {
      stop()
      queue.close()
    },
  }
}
