import { createHash } from 'node:crypto'
import type { AnyKubeObject } from '../../kube/objects.ts'
import { keyOf, type Store } from '../api/store.ts'
import type { StoredKind } from '../ports.ts'
import { SYSTEM_PRIORITY_CLASSES } from './priority-classes.ts'
import { rbacObjects } from './rbac-objects.ts'

/**
 * Puts the roles, bindings and classes of priority into a store that lack there: all of them in a new cluster, and in one that is opened again those
 * that somebody deleted, as an API server does when it starts (storage_rbac.go, storage_scheduling.go). What is there stays as it is.
 *
 * They need no checks and are no change, so that a cluster starts as soon as without them; and their uids and times come from the namespace
 * kube-system, so that those which nobody changed need not be saved.
 *
 * @returns what was put
 */
export function seedServerObjects(store: Store): ReadonlySet<AnyKubeObject> {
  const put = new Set<AnyKubeObject>()
  const { uid, creationTimestamp } = store.get('Namespace', 'kube-system')?.metadata ?? {}
  if (uid === undefined || creationTimestamp === undefined) return put
  const wanted = { ...rbacObjects(), PriorityClass: SYSTEM_PRIORITY_CLASSES }
  for (const [kind, objects] of Object.entries(wanted) as [StoredKind, AnyKubeObject[]][]) {
    for (const object of objects) {
      const { namespace } = object.metadata
      const key = keyOf(object)
      if (store.get(kind, key) !== undefined) continue
      if (namespace !== undefined && !isOpen(store, namespace)) continue
      const placed = {
        ...object,
        metadata: {
          ...object.metadata,
          uid: uidOf(`${uid} ${kind} ${key}`),
          resourceVersion: '1',
          creationTimestamp,
        },
      }
      store.restore(kind, placed)
      put.add(placed)
    }
  }
  return put
}

/** A namespace of the system may be gone, or on its way out, in a saved cluster. */
function isOpen(store: Store, namespace: string): boolean {
  const found = store.get('Namespace', namespace)
  return found !== undefined && found.metadata.deletionTimestamp === undefined
}

function uidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
