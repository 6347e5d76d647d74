import { matchesSelector } from '../../kube/label-selector.ts'
import type { Pod, ReplicaSet, WorkloadCondition } from '../../kube/objects.ts'
import { sameJson } from '../../kube/same-json.ts'
import type { StoredKind } from '../ports.ts'
import type { Controller, ControllerContext } from './controller.ts'
import { timeText } from './controller.ts'
import { claim, createPod, deletePod, hasHome, keyOf, podFrom, splitKey } from './pod-control.ts'
import { byWorth, isActive, isAvailable, isReady, isTerminating, readySince } from './pod-facts.ts'
import { createWorkQueue, isRefusal } from './work-queue.ts'

/** What is kept at its number of replicas, as replica sets. */
export interface ReplicaSource {
  readonly kind: StoredKind
  /** Of its events. */
  readonly component: string
  get(namespace: string, name: string): Replicated | undefined
  list(namespace?: string): readonly Replicated[]
  writeStatus(set: Replicated, status: NonNullable<ReplicaSet['status']>): void
}

/** A replica set, or what is like one. */
export type Replicated = Omit<ReplicaSet, 'kind' | 'status'> & {
  readonly kind: string
  readonly status?: NonNullable<ReplicaSet['status']>
}

/** Keeps as many pods as each replica set wants. Models pkg/controller/replicaset. */
export function startReplicaSetController(context: ControllerContext): Controller {
  const { objects } = context
  return startReplicas(context, {
    kind: 'ReplicaSet',
    component: 'replicaset-controller',
    get: (namespace, name) => objects.get('ReplicaSet', namespace, name),
    list: (namespace) => objects.list('ReplicaSet', namespace),
    writeStatus: (set, status) =>
      objects.updateStatus('ReplicaSet', { ...set, kind: 'ReplicaSet', status }),
  })
}

/** The loop of replica sets, for them and for what is like them. */
export function startReplicas(context: ControllerContext, source: ReplicaSource): Controller {
  const { objects, clock, onDefect } = context
  const { component } = source

  const reconcile = (key: string) => {
    const { namespace, name } = splitKey(key)
    const set = source.get(namespace, name)
    if (set === undefined || !hasHome(context, namespace)) return
    let refusal: Error | undefined
    if (!isTerminating(set)) {
      try {
        scale(set, podsOf(set))
      } catch (error) {
        if (!isRefusal(error)) throw error
        refusal = error
      }
    }
    writeStatus(set, podsOf(set), refusal)
    if (refusal !== undefined) throw refusal
  }

  const podsOf = (set: Replicated): Pod[] =>
    claim(context, 'Pod', set, set.spec.selector, { among: isActive })

  const scale = (set: Replicated, pods: readonly Pod[]) => {
    const missing = (set.spec.replicas ?? 1) - pods.length
    for (let index = 0; index < missing; index += 1) {
      createPod(context, component, set, podFrom(context, set, set.spec.template))
    }
    for (const pod of [...pods].sort(byWorth).slice(0, Math.max(0, -missing))) {
      deletePod(context, component, set, pod)
    }
  }

  const writeStatus = (set: Replicated, pods: readonly Pod[], refusal: Error | undefined) => {
    const fresh = source.get(set.metadata.namespace ?? '', set.metadata.name)
    if (fresh === undefined) return
    const now = clock.now()
    const wait = (set.spec.minReadySeconds ?? 0) * 1000
    const ready = pods.filter(isReady)
    const available = pods.filter((pod) => isAvailable(pod, set.spec.minReadySeconds ?? 0, now))
    const labels = set.spec.template.metadata?.labels ?? {}
    const labelled = pods.filter((pod) =>
      matchesSelector({ matchLabels: { ...labels } }, pod.metadata.labels ?? {}),
    )
    const conditions = failureCondition(fresh, pods.length, refusal)
    const status: NonNullable<ReplicaSet['status']> = {
      replicas: pods.length,
      ...(labelled.length === 0 ? {} : { fullyLabeledReplicas: labelled.length }),
      ...(ready.length === 0 ? {} : { readyReplicas: ready.length }),
      ...(available.length === 0 ? {} : { availableReplicas: available.length }),
      observedGeneration: fresh.metadata.generation ?? 1,
      ...(conditions.length === 0 ? {} : { conditions }),
    }
    if (!sameJson(status, fresh.status)) source.writeStatus(fresh, status)
    for (const pod of ready) {
      if (!available.includes(pod)) {
        queue.addAfter(keyOf(set), Math.max(1, (readySince(pod) ?? now) + wait - now))
      }
    }
  }

  const failureCondition = (
    set: Replicated,
    count: number,
    refusal: Error | undefined,
  ): WorkloadCondition[] => {
    const known = set.status?.conditions?.find((condition) => condition.type === 'ReplicaFailure')
    if (refusal === undefined) return []
    if (known !== undefined) return [known]
    const creating = count < (set.spec.replicas ?? 1)
    return [
      {
        type: 'ReplicaFailure',
        status: 'True',
        reason: creating ? 'FailedCreate' : 'FailedDelete',
        message: refusal.message,
        lastTransitionTime: timeText(clock.now()),
      },
    ]
  }

  const queue = createWorkQueue({ clock, reconcile, onDefect })
  const stop = objects.onChange((change) => {
    if (change.kind === source.kind && change.type !== 'DELETED') queue.add(keyOf(change.object))
    if (change.kind === 'Pod') {
      for (const set of source.list(change.object.metadata.namespace)) {
        const owned = change.object.metadata.ownerReferences?.some(
          (owner) => owner.uid === set.metadata.uid,
        )
        if (
          owned === true ||
          matchesSelector(set.spec.selector, change.object.metadata.labels ?? {})
        ) {
          queue.add(keyOf(set))
        }
      }
    }
  })
  for (const set of source.list()) queue.add(keyOf(set))
  return {
    close() {
      stop()
      queue.close()
    },
  }
}
