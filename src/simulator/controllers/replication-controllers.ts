import type { ReplicationController } from '../../kube/workload-objects.ts'
import type { Controller, ControllerContext } from './controller.ts'
import { type Replicated, startReplicas } from './replica-sets.ts'

/** Replication controllers, which Kubernetes too keeps with the loop of replica sets: pkg/controller/replication/conversion.go. */
export function startReplicationControllers(context: ControllerContext): Controller {
  const { objects } = context
  return startReplicas(context, {
    kind: 'ReplicationController',
    component: 'replication-controller',
    get(namespace, name) {
      const found = objects.get('ReplicationController', namespace, name)
      return found === undefined ? undefined : asReplicaSet(found)
    },
    list: (namespace) => objects.list('ReplicationController', namespace).map(asReplicaSet),
    writeStatus(set, status) {
      const fresh = objects.get('ReplicationController', set.metadata.namespace, set.metadata.name)
      if (fresh !== undefined) objects.updateStatus('ReplicationController', { ...fresh, status })
    },
  })
}

function asReplicaSet(controller: ReplicationController): Replicated {
  const { spec } = controller
  return {
    ...controller,
    spec: {
      ...spec,
      selector: { matchLabels: { ...spec.selector } },
      template: spec.template ?? { spec: { containers: [] } },
    },
  }
}
