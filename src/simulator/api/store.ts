import type { AnyKubeObject, ObjectMeta } from '../../kube/objects.ts'
import type { ObjectChange, StoredKind } from '../ports.ts'
import { createJsonTexts } from './json-texts.ts'
import { isPlainObject } from './schema/decode.ts'
import { createSharedParts } from './shared-parts.ts'

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
  /** An object as JSON; what is stored is written once for all who ask. */
  textOf(object: AnyKubeObject, ifRoom?: boolean): string
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
 * @param options.historyBytes how large their objects may be together, as signs of JSON. @default 16 Mi
 */
export function createStore(
  options: {
    readonly revision?: number
    readonly historyLimit?: number
    readonly historyBytes?: number
  } = {},
): Store {
  const historyLimit = options.historyLimit ?? 2000
  const historyBytes = options.historyBytes ?? 16 * 1024 * 1024
  const objects = new Map<StoredKind, Map<string, AnyKubeObject>>()
  const sorted = new Map<StoredKind, SortedList>()
  const listeners = new Set<(change: StoredChange) => void>()
  const texts = createJsonTexts()
  const parts = createSharedParts()
  let revision = options.revision ?? 0
  /** The revision before the oldest change in the history. */
  let floor = revision
  let history: StoredChange[] = []
  /** Of each change, in the order of the history. */
  let sizes: number[] = []
  let size = 0

  const bucket = (kind: StoredKind) => {
    let found = objects.get(kind)
    if (found === undefined) {
      found = new Map()
      objects.set(kind, found)
    }
    return found
  }
  const record = (change: StoredChange) => {
    sorted.get(change.kind)?.apply(change)
    if (change.previous !== undefined) texts.forget(change.previous)
    const own = texts.of(change.object).length
    history.push(change)
    sizes.push(own)
    size += own
    if (history.length > historyLimit * 2 || size > historyBytes) compact()
    for (const listener of [...listeners]) listener(change)
  }
  /** Drops the oldest changes, down to the limit of number and half of that of size; the last one always stays. */
  const compact = () => {
    let drop = Math.max(0, history.length - historyLimit)
    let left = sizes.slice(drop).reduce((sum, each) => sum + each, 0)
    if (left > historyBytes) {
      while (drop < history.length - 1 && left > historyBytes / 2) left -= sizes[drop++] ?? 0
    }
    floor = history[drop - 1]?.revision ?? floor
    history = history.slice(drop)
    sizes = sizes.slice(drop)
    size = left
  }
  /** Metadata whose managers share what they have in common with those of other objects. */
  const sharing = (metadata: ObjectMeta): ObjectMeta =>
    metadata.managedFields === undefined || Object.isFrozen(metadata.managedFields)
      ? metadata
      : {
          ...metadata,
          managedFields: metadata.managedFields.map((entry) =>
            isPlainObject(entry) && !Object.isFrozen(entry) ? parts.of(entry) : entry,
          ),
        }
  const all = (kind: StoredKind) => {
    let list = sorted.get(kind)
    if (list === undefined) {
      list = new SortedList([...bucket(kind).values()])
      sorted.set(kind, list)
    }
    return list.read()
  }

  return {
    revision: () => revision,
    kinds: () => [...objects.keys()],
    get: (kind, key) => bucket(kind).get(key),
    textOf: texts.of,
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
        metadata: { ...sharing(object.metadata), resourceVersion: String(revision) },
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
      const metadata = sharing(object.metadata)
      const shared = metadata === object.metadata ? object : { ...object, metadata }
      bucket(kind).set(keyOf(object), freeze(shared))
      sorted.delete(kind)
    },
  }
}

/** Objects in order of their keys, kept so through changes: after each one somebody lists, and sorting anew is most of the work then. */
class SortedList {
  private objects: AnyKubeObject[]
  private keys: string[]
  /** Given out: the next change is made to a copy. */
  private shared = false

  constructor(objects: readonly AnyKubeObject[]) {
    const entries = objects.map((object) => [keyOf(object), object] as const)
    entries.sort(([a], [b]) => compareKeys(a, b))
    this.keys = entries.map(([key]) => key)
    this.objects = entries.map(([, object]) => object)
  }

  read(): readonly AnyKubeObject[] {
    this.shared = true
    return this.objects
  }

  apply(change: StoredChange): void {
    if (this.shared) {
      this.objects = this.objects.slice()
      this.shared = false
    }
    const key = keyOf(change.object)
    let low = 0
    let high = this.keys.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (compareKeys(this.keys[middle] ?? '', key) < 0) low = middle + 1
      else high = middle
    }
    const found = this.keys[low] === key
    if (change.type === 'DELETED') {
      if (!found) return
      this.keys.splice(low, 1)
      this.objects.splice(low, 1)
    } else if (found) {
      this.objects[low] = change.object
    } else {
      this.keys.splice(low, 0, key)
      this.objects.splice(low, 0, change.object)
    }
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
