import type { KubeObject } from '../../kube/objects.ts'
import type { ClusterObjects, StoredKind } from '../ports.ts'

/** Where an object is. */
export interface Place {
  readonly kind: StoredKind
  readonly namespace: string | undefined
  readonly name: string
}

/** Objects by uid, and by the uids of their owners, so that nobody has to look through all of them. */
export interface OwnerIndex {
  find(uid: string): Place | undefined
  ownedBy(uid: string): readonly Place[]
  put(kind: StoredKind, object: KubeObject): void
  remove(object: KubeObject): void
  /** Every object, in no order. */
  all(): readonly KubeObject[]
}

/** The graph of pkg/controller/garbagecollector, filled with what is there. */
export function createOwnerIndex(objects: ClusterObjects): OwnerIndex {
  const places = new Map<string, Place>()
  const dependents = new Map<string, Set<string>>()
  const owners = new Map<string, readonly string[]>()

  const unlink = (uid: string) => {
    for (const owner of owners.get(uid) ?? []) {
      const set = dependents.get(owner)
      set?.delete(uid)
      if (set?.size === 0) dependents.delete(owner)
    }
    owners.delete(uid)
  }
  const put = (kind: StoredKind, object: KubeObject) => {
    const { uid, namespace, name, ownerReferences = [] } = object.metadata
    if (uid === undefined) return
    places.set(uid, { kind, namespace, name })
    unlink(uid)
    if (ownerReferences.length === 0) return
    owners.set(
      uid,
      ownerReferences.map((owner) => owner.uid),
    )
    for (const owner of ownerReferences) {
      const set = dependents.get(owner.uid) ?? new Set()
      dependents.set(owner.uid, set.add(uid))
    }
  }
  for (const { kind } of objects.kinds()) for (const object of objects.list(kind)) put(kind, object)
  return {
    find: (uid) => places.get(uid),
    ownedBy: (uid) =>
      [...(dependents.get(uid) ?? [])].flatMap((dependent) => {
        const place = places.get(dependent)
        return place === undefined ? [] : [place]
      }),
    put,
    remove(object) {
      const { uid } = object.metadata
      if (uid === undefined) return
      places.delete(uid)
      unlink(uid)
    },
    all: () => objects.kinds().flatMap(({ kind }): readonly KubeObject[] => objects.list(kind)),
  }
}
