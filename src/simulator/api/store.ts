import type { AnyKubeObject } from '../../kube/objects.ts'
import type { ObjectChange, StoredKind } from '../ports.ts'

/** A change as the history keeps it. */
export interface StoredChange extends ObjectChange {
  readonly revision: number
}

/** Objects as etcd keeps them: one counter for everything, and the latest changes for those who watch. */
export interface Store {
  /** The counter now: the `resourceVersion` of a list. */
  revision(): number
  /** Kinds that have had objects. */
  kinds(): readonly StoredKind[]
  get(kind: StoredKind, key: string): AnyKubeObject | undefined
  /** In order of namespace and name. */
  list(kind: StoredKind, namespace?: string): readonly AnyKubeObject[]
  /** The list as it was after that revision, or `undefined` where the history does not reach back so far. */
  listAt(kind: StoredKind, revision: number): readonly AnyKubeObject[] | undefined
  /** Stores with the next `resourceVersion`; returns what is stored, frozen. */
  put(kind: StoredKind, object: AnyKubeObject): AnyKubeObject
  /** Removes; returns the last state with the `resourceVersion` of the removal. */
  remove(kind: StoredKind, key: string): AnyKubeObject | undefined
  /** Changes of a kind after that revision, oldest first; `undefined` where they are gone. */
  changesSince(kind: StoredKind, revision: number): readonly StoredChange[] | undefined
  onChange(listener: (change: StoredChange) => void): () => void
  /** Puts a saved object back as it was. Only before anybody listens. */
  restore(kind: StoredKind, object: AnyKubeObject): void
}

/** `namespace/name`, or the name alone for cluster-scoped objects. */
export function keyOf(object: { metadata: { namespace?: string; name: string } }): string {
  const { namespace, name } = object.metadata
  return namespace === undefined ? name : `${namespace}/${name}`
}

/**
 * @param options.revision where the counter goes on. @default 0
 * @param options.historyLimit how many changes are kept for watches. @default 2000
 */
export function createStore(
  options: { readonly revision?: number; readonly historyLimit?: number } = {},
): Store {
  const historyLimit = options.historyLimit ?? 2000
  const objects = new Map<StoredKind, Map<string, AnyKubeObject>>()
  const sorted = new Map<StoredKind, readonly AnyKubeObject[]>()
  const listeners = new Set<(change: StoredChange) => void>()
  let revision = options.revision ?? 0
  /** The revision before the oldest change in the history. */
  let floor = revision
  let history: StoredChange[] = []

  const bucket = (kind: StoredKind) => {
    let found = objects.get(kind)
    if (found === undefined) {
      found = new Map()
      objects.set(kind, found)
    }
    return found
  }
  const record = (change: StoredChange) => {
    sorted.delete(change.kind)
    history.push(change)
    if (history.length > historyLimit * 2) {
      const dropped = history.slice(0, -historyLimit)
      floor = dropped.at(-1)?.revision ?? floor
      history = history.slice(-historyLimit)
    }
    for (const listener of [...listeners]) listener(change)
  }
  const all = (kind: StoredKind) => {
    let list = sorted.get(kind)
    if (list === undefined) {
      list = [...bucket(kind).entries()]
        .sort(([a], [b]) => compareKeys(a, b))
        .map(([, object]) => object)
      sorted.set(kind, list)
    }
    return list
  }

  return {
    revision: () => revision,
    kinds: () => [...objects.keys()],
    get: (kind, key) => bucket(kind).get(key),
    list: (kind, namespace) =>
      namespace === undefined
        ? all(kind)
        : all(kind).filter((object) => object.metadata.namespace === namespace),
    listAt(kind, at) {
      if (at < floor) return undefined
      const state = new Map(bucket(kind))
      for (const change of [...history].reverse()) {
        if (change.revision <= at) break
        if (change.kind !== kind) continue
        const key = keyOf(change.object)
        if (change.previous === undefined) state.delete(key)
        else state.set(key, change.previous)
      }
      return [...state.entries()].sort(([a], [b]) => compareKeys(a, b)).map(([, object]) => object)
    },
    put(kind, object) {
      const key = keyOf(object)
      const previous = bucket(kind).get(key)
      revision += 1
      const stored = freeze({
        ...object,
        metadata: { ...object.metadata, resourceVersion: String(revision) },
      })
      bucket(kind).set(key, stored)
      record({
        type: previous === undefined ? 'ADDED' : 'MODIFIED',
        kind,
        object: stored,
        ...(previous === undefined ? {} : { previous }),
        revision,
      })
      return stored
    },
    remove(kind, key) {
      const previous = bucket(kind).get(key)
      if (previous === undefined) return undefined
      revision += 1
      bucket(kind).delete(key)
      const object = freeze({
        ...previous,
        metadata: { ...previous.metadata, resourceVersion: String(revision) },
      })
      record({ type: 'DELETED', kind, object, previous, revision })
      return object
    },
    changesSince(kind, since) {
      if (since < floor) return undefined
      let start = history.length
      while (start > 0 && (history[start - 1]?.revision ?? 0) > since) start -= 1
      return history.slice(start).filter((change) => change.kind === kind)
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    restore(kind, object) {
      bucket(kind).set(keyOf(object), freeze(object))
      sorted.delete(kind)
    },
  }
}

function compareKeys(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Stored objects are shared with everybody who reads, so nobody may change them. */
function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const inner of Object.values(value)) freeze(inner)
  return Object.freeze(value)
}
