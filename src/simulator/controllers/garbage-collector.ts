import { parseApiVersion } from '../../kube/kinds.ts'
import type { KubeObject } from '../../kube/objects.ts'
import type { StoredKind } from '../ports.ts'
import type { Controller, ControllerContext } from './controller.ts'
import { isTerminating } from './pod-facts.ts'
import { createWorkQueue } from './work-queue.ts'

/**
 * Deletes what belongs to an owner that is gone, and answers the finalizers of foreground and orphan deletion.
 * Models pkg/controller/garbagecollector.
 */
export function startGarbageCollector(context: ControllerContext): Controller {
  const { objects, clock, onDefect } = context
  const kindNames = () => objects.kinds().map(({ kind }) => kind)

  const ownedBy = (uid: string): { readonly kind: StoredKind; readonly object: KubeObject }[] =>
    kindNames().flatMap((kind) =>
      objects
        .list(kind)
        .filter((object) => object.metadata.ownerReferences?.some((owner) => owner.uid === uid))
        .map((object) => ({ kind, object })),
    )

  const exists = (uid: string) =>
    kindNames().some((kind) => objects.list(kind).some((object) => object.metadata.uid === uid))

  /** An owner is gone: what has no other owner goes too. */
  const collect = (uid: string) => {
    for (const { kind, object } of ownedBy(uid)) {
      const others = (object.metadata.ownerReferences ?? []).filter(
        (owner) => owner.uid !== uid && exists(owner.uid),
      )
      if (others.length > 0) setOwners(kind, object, others)
      else if (!isTerminating(object)) {
        objects.delete(kind, object.metadata.namespace, object.metadata.name)
      }
    }
  }

  const setOwners = (
    kind: StoredKind,
    object: KubeObject,
    owners: NonNullable<KubeObject['metadata']['ownerReferences']>,
  ) => {
    const current = objects.get(kind, object.metadata.namespace, object.metadata.name)
    if (current === undefined) return
    const { ownerReferences: _owners, ...metadata } = current.metadata
    objects.update(kind, {
      ...current,
      metadata: owners.length === 0 ? metadata : { ...metadata, ownerReferences: owners },
    })
  }

  /** An owner waits for its dependents: they go first, or are let go. */
  const finalize = (kind: StoredKind, namespace: string | undefined, name: string) => {
    const owner = objects.get(kind, namespace, name)
    if (owner === undefined || !isTerminating(owner)) return
    const { finalizers = [], uid = '' } = owner.metadata
    if (finalizers.includes('orphan')) {
      for (const { kind: dependent, object } of ownedBy(uid)) {
        setOwners(
          dependent,
          object,
          (object.metadata.ownerReferences ?? []).filter((entry) => entry.uid !== uid),
        )
      }
      dropFinalizer(kind, namespace, name, 'orphan')
    } else if (finalizers.includes('foregroundDeletion')) {
      const blocking = ownedBy(uid).filter(({ object }) =>
        object.metadata.ownerReferences?.some(
          (entry) => entry.uid === uid && entry.blockOwnerDeletion === true,
        ),
      )
      for (const { kind: dependent, object } of ownedBy(uid)) {
        if (!isTerminating(object)) {
          objects.delete(dependent, object.metadata.namespace, object.metadata.name)
        }
      }
      const left = blocking.filter(
        ({ kind: dependent, object }) =>
          objects.get(dependent, object.metadata.namespace, object.metadata.name) !== undefined,
      )
      if (left.length === 0) dropFinalizer(kind, namespace, name, 'foregroundDeletion')
    }
  }

  const dropFinalizer = (
    kind: StoredKind,
    namespace: string | undefined,
    name: string,
    finalizer: string,
  ) => {
    const current = objects.get(kind, namespace, name)
    if (current === undefined) return
    const { finalizers = [], ...metadata } = current.metadata
    const kept = finalizers.filter((entry) => entry !== finalizer)
    objects.update(kind, {
      ...current,
      metadata: kept.length === 0 ? metadata : { ...metadata, finalizers: kept },
    })
  }

  const queue = createWorkQueue({
    after: clock.after,
    onDefect,
    reconcile(key) {
      const [action = '', kind = '', namespace = '', name = ''] = key.split('|')
      if (action === 'gone') collect(kind)
      else if (isStoredKind(kind)) finalize(kind, namespace === '' ? undefined : namespace, name)
    },
  })
  const isStoredKind = (kind: string): kind is StoredKind =>
    kindNames().some((known) => known === kind)
  /** Where an owner is stored: its group and kind tell. */
  const kindsOf = (owner: { readonly apiVersion: string; readonly kind: string }) => {
    const { group } = parseApiVersion(owner.apiVersion)
    return objects
      .kinds()
      .filter(({ info }) => info.kind === owner.kind && info.group === group)
      .map(({ kind }) => kind)
  }
  const addOwner = (kind: StoredKind, object: KubeObject) =>
    queue.add(`waits|${kind}|${object.metadata.namespace ?? ''}|${object.metadata.name}`)
  const stop = objects.onChange(({ type, kind, object }) => {
    if (type === 'DELETED') {
      queue.add(`gone|${object.metadata.uid ?? ''}`)
      // Its owner may have waited for it.
      for (const owner of object.metadata.ownerReferences ?? []) {
        for (const ownerKind of kindsOf(owner)) {
          queue.add(`waits|${ownerKind}|${object.metadata.namespace ?? ''}|${owner.name}`)
        }
      }
    } else if (isTerminating(object) && (object.metadata.finalizers ?? []).length > 0) {
      addOwner(kind, object)
    }
    if (type === 'ADDED') {
      // An owner that was gone before its dependent came.
      for (const owner of object.metadata.ownerReferences ?? []) {
        if (!exists(owner.uid)) queue.add(`gone|${owner.uid}`)
      }
    }
  })
  for (const kind of kindNames()) {
    for (const object of objects.list(kind)) if (isTerminating(object)) addOwner(kind, object)
  }
  return {
    close() {
      stop()
      queue.close()
    },
  }
}
