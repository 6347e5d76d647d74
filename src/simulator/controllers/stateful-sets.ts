import type { Pod } from '../../kube/objects.ts'
import { sameJson } from '../../kube/same-json.ts'
import type { ControllerRevision, StatefulSet } from '../../kube/workload-objects.ts'
import type { Controller, ControllerContext } from './controller.ts'
import { claim, controllerOf, hasHome, keyOf, splitKey } from './pod-control.ts'
import { isAvailable, isReady, isTerminating, readySince } from './pod-facts.ts'
import { pruneRevisions, type Revisions, reviseTemplate, templateOf } from './revisions.ts'
import { claimsOf, ordinalOf, podRevision, statefulPod } from './stateful-pods.ts'
import { createWorkQueue, isRefusal } from './work-queue.ts'

const COMPONENT = 'statefulset-controller'

/** Pods with names and an order: one after the other up, and down again. Models pkg/controller/statefulset. */
export function startStatefulSetController(context: ControllerContext): Controller {
  const { objects, clock, events, onDefect } = context

  const reconcile = (key: string) => {
    const { namespace, name } = splitKey(key)
    const set = objects.get('StatefulSet', namespace, name)
    if (set === undefined || !hasHome(context, namespace)) return
    const revisions = reviseTemplate(context, set, { ...set.spec.template.metadata?.labels })
    const current =
      revisions.all.find((entry) => entry.metadata.name === set.status?.currentRevision) ??
      revisions.update
    const wasAll = podsOf(set)
    let refusal: Error | undefined
    if (!isTerminating(set)) {
      try {
        step(set, current, revisions.update, wasAll)
      } catch (error) {
        if (!isRefusal(error)) throw error
        refusal = error
      }
    }
    writeStatus(set, current, revisions)
    if (refusal !== undefined) throw refusal
  }

  const podsOf = (set: StatefulSet): Pod[] =>
    claim(context, 'Pod', set, set.spec.selector, { fits: (pod) => ordinalOf(set, pod) >= 0 })

  const isSteady = (set: StatefulSet, pod: Pod): boolean =>
    pod.status?.phase === 'Running' && isAvailable(pod, set.spec.minReadySeconds ?? 0, clock.now())
  const isHealthy = (pod: Pod): boolean =>
    pod.status?.phase === 'Running' && isReady(pod) && !isTerminating(pod)

  /** `updateStatefulSet`: does what can be done now; every change of a pod comes back here. */
  const step = (
    set: StatefulSet,
    current: ControllerRevision,
    update: ControllerRevision,
    pods: readonly Pod[],
  ) => {
    const start = set.spec.ordinals?.start ?? 0
    const count = set.spec.replicas ?? 1
    const ordered = set.spec.podManagementPolicy !== 'Parallel'
    const strategy = set.spec.updateStrategy
    const partition = start + (strategy?.rollingUpdate?.partition ?? 0)
    const byOrdinal = new Map(pods.map((pod) => [ordinalOf(set, pod), pod]))
    const planned = (ordinal: number): Pod => {
      const old = strategy?.type === 'RollingUpdate' && ordinal < partition
      const revision = old ? current : update
      const template = templateOf(revision, set.spec.template)
      return statefulPod(set, template, revision.metadata.name, ordinal)
    }
    for (let ordinal = start; ordinal < start + count; ordinal += 1) {
      const pod = byOrdinal.get(ordinal)
      if (pod === undefined) {
        create(set, planned(ordinal))
        if (ordered) return
        continue
      }
      const phase = pod.status?.phase
      if ((phase === 'Failed' || phase === 'Succeeded') && !isTerminating(pod)) {
        const word = phase === 'Failed' ? 'failed' : 'terminated'
        events.record(COMPONENT, set, {
          type: phase === 'Failed' ? 'Warning' : 'Normal',
          reason: phase === 'Failed' ? 'RecreatingFailedPod' : 'RecreatingTerminatedPod',
          message: `StatefulSet ${keyOf(set)} is recreating ${word} Pod ${pod.metadata.name}`,
        })
        remove(set, pod)
        if (ordered) return
        continue
      }
      // Each waits for all before it.
      if (ordered && (isTerminating(pod) || !isSteady(set, pod))) return
    }
    const condemned = [...byOrdinal]
      .filter(([ordinal]) => ordinal < start || ordinal >= start + count)
      .sort(([a], [b]) => b - a)
      .map(([, pod]) => pod)
    const firstUnhealthy = [...condemned].reverse().find((pod) => !isHealthy(pod))
    for (const pod of condemned) {
      if (isTerminating(pod)) {
        if (ordered) return
        continue
      }
      if (ordered && !isSteady(set, pod) && pod !== firstUnhealthy) return
      remove(set, pod)
      if (ordered) return
    }
    if (strategy?.type === 'OnDelete') return
    for (let ordinal = start + count - 1; ordinal >= partition; ordinal -= 1) {
      const pod = byOrdinal.get(ordinal)
      if (pod === undefined) return
      if (podRevision(pod) !== update.metadata.name && !isTerminating(pod)) {
        remove(set, pod)
        return
      }
      if (!isHealthy(pod)) return
    }
  }

  const create = (set: StatefulSet, pod: Pod) => {
    for (const wanted of claimsOf(set, pod)) {
      const { namespace, name } = wanted.metadata
      if (objects.get('PersistentVolumeClaim', namespace, name) !== undefined) continue
      tell(set, 'create', `Claim ${name} Pod ${pod.metadata.name}`, 'success', () =>
        objects.create('PersistentVolumeClaim', wanted),
      )
    }
    tell(set, 'create', `Pod ${pod.metadata.name}`, 'successful', () => objects.create('Pod', pod))
  }
  const remove = (set: StatefulSet, pod: Pod) => {
    tell(set, 'delete', `Pod ${pod.metadata.name}`, 'successful', () =>
      objects.delete('Pod', pod.metadata.namespace, pod.metadata.name),
    )
  }
  /** Does something and says how it went: models recordPodEvent. */
  const tell = (
    set: StatefulSet,
    verb: 'create' | 'delete',
    what: string,
    good: string,
    act: () => void,
  ) => {
    const words = `${verb} ${what} in StatefulSet ${set.metadata.name}`
    const reason = verb === 'create' ? 'Create' : 'Delete'
    try {
      act()
    } catch (error) {
      if (isRefusal(error)) {
        events.record(COMPONENT, set, {
          type: 'Warning',
          reason: `Failed${reason}`,
          message: `${words} failed error: ${error.message}`,
        })
      }
      throw error
    }
    events.record(COMPONENT, set, {
      type: 'Normal',
      reason: `Successful${reason}`,
      message: `${words} ${good}`,
    })
  }

  const writeStatus = (set: StatefulSet, current: ControllerRevision, revisions: Revisions) => {
    const fresh = objects.get('StatefulSet', set.metadata.namespace, set.metadata.name)
    if (fresh === undefined) return
    const pods = podsOf(fresh)
    const update = revisions.update.metadata.name
    const now = clock.now()
    const wait = set.spec.minReadySeconds ?? 0
    const running = pods.filter((pod) => pod.status?.phase === 'Running' && isReady(pod))
    const available = running.filter((pod) => isAvailable(pod, wait, now))
    const staying = pods.filter((pod) => !isTerminating(pod))
    const at = (revision: string) => staying.filter((pod) => podRevision(pod) === revision).length
    const wanted = set.spec.replicas ?? 1
    // A rolling update is over when every pod is new and ready.
    const complete =
      set.spec.updateStrategy?.type === 'RollingUpdate' &&
      at(update) === wanted &&
      running.length === wanted &&
      pods.length === wanted
    const revision = complete ? update : current.metadata.name
    const counts = {
      readyReplicas: running.length,
      currentReplicas: at(revision),
      updatedReplicas: at(update),
    }
    const status: NonNullable<StatefulSet['status']> = {
      observedGeneration: fresh.metadata.generation ?? 1,
      replicas: pods.length,
      ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)),
      availableReplicas: available.length,
      currentRevision: revision,
      updateRevision: update,
      collisionCount: 0,
    }
    if (!sameJson(status, fresh.status)) {
      objects.updateStatus('StatefulSet', { ...fresh, status })
    }
    const used = new Set([revision, update, ...pods.map(podRevision)])
    pruneRevisions(context, set, revisions, (entry) => used.has(entry.metadata.name))
    for (const pod of running) {
      if (available.includes(pod)) continue
      queue.addAfter(keyOf(set), Math.max(1, (readySince(pod) ?? now) + wait * 1000 - now))
    }
  }

  const queue = createWorkQueue({ clock, reconcile, onDefect })
  const stop = objects.onChange((change) => {
    const { kind, object } = change
    if (kind === 'StatefulSet' && change.type !== 'DELETED') queue.add(keyOf(object))
    if (kind !== 'Pod' && kind !== 'ControllerRevision') return
    const owner = controllerOf(object)
    const namespace = object.metadata.namespace ?? 'default'
    if (owner?.kind === 'StatefulSet') queue.add(`${namespace}/${owner.name}`)
    else if (owner === undefined && kind === 'Pod') {
      for (const set of objects.list('StatefulSet', namespace)) queue.add(keyOf(set))
    }
  })
  for (const set of objects.list('StatefulSet')) queue.add(keyOf(set))
  return {
    close() {
      stop()
      queue.close()
    },
  }
}
