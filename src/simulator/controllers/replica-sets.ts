import { matchesSelector } from '../../kube/label-selector.ts'
import type { Pod, ReplicaSet } from '../../kube/objects.ts'
import type { Controller, ControllerContext } from './controller.ts'
import { nameSuffix } from './controller.ts'
import { isFinished, isReady, isTerminating, sameContent } from './pod-facts.ts'
import { createWorkQueue } from './work-queue.ts'

/** Keeps as many pods as each replica set wants. Models pkg/controller/replicaset. */
export function startReplicaSetController(context: ControllerContext): Controller {
  const { objects, clock, events, onDefect } = context

  const reconcile = (key: string) => {
    const slash = key.indexOf('/')
    const [namespace, name] = [key.slice(0, slash), key.slice(slash + 1)]
    const set = objects.get('ReplicaSet', namespace, name)
    const home = objects.get('Namespace', undefined, namespace)
    if (set === undefined || home === undefined || isTerminating(home)) return
    const pods = podsOf(set)
    if (!isTerminating(set)) scale(set, pods)
    writeStatus(set, podsOf(set))
  }

  const podsOf = (set: ReplicaSet): Pod[] => {
    const mine: Pod[] = []
    for (const pod of objects.list('Pod', set.metadata.namespace)) {
      if (isTerminating(pod) || isFinished(pod)) continue
      const owner = pod.metadata.ownerReferences?.find((entry) => entry.controller === true)
      const matches = matchesSelector(set.spec.selector, pod.metadata.labels ?? {})
      if (owner?.uid === set.metadata.uid) {
        if (matches) mine.push(pod)
        else release(pod, set)
      } else if (owner === undefined && matches && !isTerminating(set)) {
        mine.push(adopt(pod, set))
      }
    }
    return mine
  }
  const adopt = (pod: Pod, set: ReplicaSet): Pod =>
    objects.update('Pod', {
      ...pod,
      metadata: {
        ...pod.metadata,
        ownerReferences: [...(pod.metadata.ownerReferences ?? []), ownerReference(set)],
      },
    })
  const release = (pod: Pod, set: ReplicaSet) => {
    const owners = (pod.metadata.ownerReferences ?? []).filter(
      (entry) => entry.uid !== set.metadata.uid,
    )
    const { ownerReferences: _owners, ...metadata } = pod.metadata
    objects.update('Pod', {
      ...pod,
      metadata: owners.length === 0 ? metadata : { ...metadata, ownerReferences: owners },
    })
  }

  const scale = (set: ReplicaSet, pods: readonly Pod[]) => {
    const missing = (set.spec.replicas ?? 1) - pods.length
    for (let index = 0; index < missing; index += 1) {
      const pod = objects.create('Pod', podFrom(set))
      events.record('replicaset-controller', set, {
        type: 'Normal',
        reason: 'SuccessfulCreate',
        message: `Created pod: ${pod.metadata.name}`,
      })
    }
    for (const pod of [...pods].sort(byWorth).slice(0, Math.max(0, -missing))) {
      objects.delete('Pod', pod.metadata.namespace, pod.metadata.name)
      events.record('replicaset-controller', set, {
        type: 'Normal',
        reason: 'SuccessfulDelete',
        message: `Deleted pod: ${pod.metadata.name}`,
      })
    }
  }

  const podFrom = (set: ReplicaSet): Pod => {
    const { template } = set.spec
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        ...template.metadata,
        name: `${set.metadata.name}-${nameSuffix(context.randomBytes)}`,
        generateName: `${set.metadata.name}-`,
        ...(set.metadata.namespace === undefined ? {} : { namespace: set.metadata.namespace }),
        ownerReferences: [ownerReference(set)],
      },
      spec: template.spec,
    }
  }

  const writeStatus = (set: ReplicaSet, pods: readonly Pod[]) => {
    const fresh = objects.get('ReplicaSet', set.metadata.namespace, set.metadata.name)
    if (fresh === undefined) return
    const ready = pods.filter(isReady).length
    const labels = set.spec.template.metadata?.labels ?? {}
    const labelled = pods.filter((pod) =>
      matchesSelector({ matchLabels: { ...labels } }, pod.metadata.labels ?? {}),
    )
    const status: NonNullable<ReplicaSet['status']> = {
      replicas: pods.length,
      ...(labelled.length === 0 ? {} : { fullyLabeledReplicas: labelled.length }),
      ...(ready === 0 ? {} : { readyReplicas: ready, availableReplicas: ready }),
      observedGeneration: fresh.metadata.generation ?? 1,
    }
    if (!sameContent(status, fresh.status)) objects.updateStatus('ReplicaSet', { ...fresh, status })
  }

  const queue = createWorkQueue({ after: clock.after, reconcile, onDefect })
  const add = (set: { metadata: { namespace?: string; name: string } }) =>
    queue.add(`${set.metadata.namespace ?? 'default'}/${set.metadata.name}`)
  const stop = objects.onChange((change) => {
    if (change.kind === 'ReplicaSet' && change.type !== 'DELETED') add(change.object)
    if (change.kind === 'Pod') {
      for (const set of objects.list('ReplicaSet', change.object.metadata.namespace)) {
        const owned = change.object.metadata.ownerReferences?.some(
          (owner) => owner.uid === set.metadata.uid,
        )
        if (
          owned === true ||
          matchesSelector(set.spec.selector, change.object.metadata.labels ?? {})
        ) {
          add(set)
        }
      }
    }
  })
  for (const set of objects.list('ReplicaSet')) add(set)
  return {
    close() {
      stop()
      queue.close()
    },
  }
}

function ownerReference(set: ReplicaSet) {
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    name: set.metadata.name,
    uid: set.metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  }
}

/** Which pods go first when there are too many: those without a node, not ready, then the youngest. */
function byWorth(a: Pod, b: Pod): number {
  const rank = (pod: Pod) => (pod.spec.nodeName === undefined ? 0 : isReady(pod) ? 2 : 1)
  if (rank(a) !== rank(b)) return rank(a) - rank(b)
  const [first, second] = [a, b].map((pod) => Date.parse(pod.metadata.creationTimestamp ?? ''))
  return (second ?? 0) - (first ?? 0)
}
