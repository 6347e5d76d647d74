import type { KubeObject, OwnerReference } from '../../kube/objects.ts'
import type { StoredKind } from '../ports.ts'
import type { Controller, ControllerContext } from './controller.ts'
import { createOwnerIndex } from './owner-index.ts'
import { withOwners } from './pod-control.ts'
import { isTerminating } from './pod-facts.ts'
import { createWorkQueue } from './work-queue.ts'

/**
 * Deletes what belongs to an owner that is gone, and answers the finalizers of foreground and orphan deletion.
 * Models pkg/controller/garbagecollector.
 */
export function startGarbageCollector(context: ControllerContext): Controller {
  const { objects, clock, onDefect } = context
  const index = createOwnerIndex(objects)

  const get = (place: { kind: StoredKind; namespace: string | undefined; name: string }) =>
    objects.get(place.kind, place.namespace, place.name)

  /** An owner is gone: what has no other owner goes too. */
  const collect = (uid: string) => {
    for (const place of index.ownedBy(uid)) {
      const object = get(place)
      if (object === undefined) continue
      const others = (object.metadata.ownerReferences ?? []).filter(
        (owner) => owner.uid !== uid && index.find(owner.uid) !== undefined,
      )
      if (others.length > 0) setOwners(place.kind, object, others)
      else if (!isTerminating(object)) objects.delete(place.kind, place.namespace, place.name)
    }
  }

  const setOwners = (kind: StoredKind, object: KubeObject, owners: readonly OwnerReference[]) => {
    const current = objects.get(kind, object.metadata.namespace, object.metadata.name)
    if (current === undefined) return
    objects.update(kind, { ...current, metadata: withOwners(current.metadata, owners) })
  }

  /** An owner waits for its dependents: they go first, or are let go. */
  const finalize = (uid: string) => {
    const place = index.find(uid)
    const owner = place === undefined ? undefined : get(place)
    if (place === undefined || owner === undefined || !isTerminating(owner)) return
    const { finalizers = [] } = owner.metadata
    if (finalizers.includes('orphan')) {
      for (const dependent of index.ownedBy(uid)) {
        const object = get(dependent)
        if (object === undefined) continue
        const others = (object.metadata.ownerReferences ?? []).filter((entry) => entry.uid !== uid)
        setOwners(dependent.kind, object, others)
      }
      dropFinalizer(place.kind, owner, 'orphan')
    } else if (finalizers.includes('foregroundDeletion')) {
      for (const dependent of index.ownedBy(uid)) {
        const object = get(dependent)
        if (object === undefined || isTerminating(object)) continue
        // What has dependents of its own waits for them, too.
        const deep = index.ownedBy(object.metadata.uid ?? '').length > 0
        objects.delete(dependent.kind, dependent.namespace, dependent.name, {
          ...(deep ? { propagationPolicy: 'Foreground' as const } : {}),
        })
      }
      const left = index
        .ownedBy(uid)
        .map(get)
        .filter((object) =>
          object?.metadata.ownerReferences?.some(
            (entry) => entry.uid === uid && entry.blockOwnerDeletion === true,
          ),
        )
      if (left.length === 0) dropFinalizer(place.kind, owner, 'foregroundDeletion')
    }
  }

  const dropFinalizer = (kind: StoredKind, object: KubeObject, finalizer: string) => {
    const current = objects.get(kind, object.metadata.namespace, object.metadata.name)
    if (current === undefined) return
    const { finalizers = [], ...metadata } = current.metadata
    const kept = finalizers.filter((entry) => entry !== finalizer)
    objects.update(kind, {
      ...current,
      metadata: kept.length === 0 ? metadata : { ...metadata, finalizers: kept },
    })
  }

  const queue = createWorkQueue({
    clock,
    onDefect,
    reconcile(key) {
      const [action = '', uid = ''] = key.split('|')
      if (action === 'gone') collect(uid)
      else finalize(uid)
    },
  })
  const isWaiting = (object: KubeObject) =>
    isTerminating(object) && (object.metadata.finalizers ?? []).length > 0
  const stop = objects.onChange(({ type, kind, object }) => {
    const { uid = '', ownerReferences = [] } = object.metadata
    if (type === 'DELETED') {
      index.remove(object)
      queue.add(`gone|${uid}`)
      // Its owner may have waited for it.
      for (const owner of ownerReferences) queue.add(`waits|${owner.uid}`)
      return
    }
    index.put(kind, object)
    if (isWaiting(object)) queue.add(`waits|${uid}`)
    if (type === 'ADDED') {
      // An owner that was gone before its dependent came.
      for (const owner of ownerReferences) {
        if (index.find(owner.uid) === undefined) queue.add(`gone|${owner.uid}`)
      }
    }
  })
  for (const object of index.all()) {
    if (isWaiting(object)) queue.add(`waits|${object.metadata.uid ?? ''}`)
  }
  return {
    close() {
      stop()
      queue.close()
    },
  }
}
