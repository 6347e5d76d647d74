import type { AnyKubeObject, KubeObject } from '../../../kube/objects.ts'
import { isPlainObject } from '../schema/decode.ts'
import type { StructType } from '../schema/schema.ts'
import {
  type FieldPath,
  fieldDifference,
  fieldsV1Of,
  fieldValuesOf,
  isZeroNode,
  pathsOfFieldsV1,
  sameField,
} from './field-set.ts'

export interface Writer {
  readonly manager: string
  /** RFC 3339. */
  readonly time: string
  readonly subresource?: string
}

/** One manager and what it owns. */
export interface Ownership {
  readonly manager: string
  readonly operation: 'Apply' | 'Update'
  readonly apiVersion: string
  readonly subresource: string
  readonly time: string
  readonly paths: ReadonlySet<FieldPath>
}

/** The owners that an object names in `metadata.managedFields`. Entries that cannot be read are nobody's. */
export function ownersOf(object: KubeObject | undefined): readonly Ownership[] {
  return (object?.metadata.managedFields ?? []).flatMap((entry): Ownership[] => {
    if (!isPlainObject(entry) || typeof entry.manager !== 'string') return []
    return [
      {
        manager: entry.manager,
        operation: entry.operation === 'Apply' ? 'Apply' : 'Update',
        apiVersion: typeof entry.apiVersion === 'string' ? entry.apiVersion : '',
        subresource: typeof entry.subresource === 'string' ? entry.subresource : '',
        time: typeof entry.time === 'string' ? entry.time : '',
        paths: pathsOfFieldsV1(entry.fieldsV1),
      },
    ]
  })
}

/** The object with these owners in `metadata.managedFields`; those who own nothing are left out. */
export function withOwners(object: AnyKubeObject, owners: readonly Ownership[]): AnyKubeObject {
  const entries = owners
    .filter((owner) => owner.paths.size > 0)
    .map((owner) => ({
      manager: owner.manager,
      operation: owner.operation,
      apiVersion: owner.apiVersion,
      ...(owner.time === '' ? {} : { time: owner.time }),
      fieldsType: 'FieldsV1',
      fieldsV1: fieldsV1Of(owner.paths),
      ...(owner.subresource === '' ? {} : { subresource: owner.subresource }),
    }))
  return withEntries(object, entries)
}

/**
 * A create, replace or patch by a manager: it owns what it changed, others no longer do.
 *
 * @param previous best shares with `object` what did not change: only what is not identical is looked at
 *
 * Models managedfields.UpdateManager of k8s.io/apimachinery.
 */
export function withManager(
  previous: AnyKubeObject | undefined,
  object: AnyKubeObject,
  struct: StructType,
  writer: Writer,
): AnyKubeObject {
  const { before, after } =
    previous === undefined
      ? {
          before: new Map<FieldPath, unknown>(),
          after: fieldValuesOf(object, struct, 'compared'),
        }
      : fieldDifference(previous, object, struct)
  const isNew = (path: FieldPath, value: unknown) =>
    before.has(path) ? !sameField(before.get(path), value) : !isZeroNode(struct, path)
  const changed = [...after].filter(([path, value]) => isNew(path, value)).map(([path]) => path)
  const removed = [...before.keys()].filter((path) => !after.has(path))
  const subresource = writer.subresource ?? ''
  const isWriter = (entry: ManagedFields) =>
    entry.manager === writer.manager &&
    entry.operation === 'Update' &&
    (entry.subresource ?? '') === subresource
  const entries = startingEntries(object, previous, subresource !== '')
  const kept = entries.flatMap((entry) => {
    if (!isWriter(entry)) return edited(entry, [...removed, ...changed], [])
    const own = edited(entry, removed, changed)
    return changed.length === 0
      ? own
      : own.map((each) => (each.time === writer.time ? each : { ...each, time: writer.time }))
  })
  if (changed.length > 0 && !entries.some(isWriter)) {
    kept.push({
      manager: writer.manager,
      operation: 'Update',
      apiVersion: object.apiVersion,
      time: writer.time,
      fieldsType: 'FieldsV1',
      fieldsV1: fieldsV1Of(changed),
      ...(subresource === '' ? {} : { subresource }),
    })
  }
  return withEntries(object, kept)
}

/** A write that nobody is recorded for: what it removes is owned by nobody any more. */
export function withoutManager(
  previous: AnyKubeObject,
  object: AnyKubeObject,
  struct: StructType,
): AnyKubeObject {
  const entries = entriesOf(object)
  if (entries.length === 0) return object
  const { before, after } = fieldDifference(previous, object, struct)
  const removed = [...before.keys()].filter((path) => !after.has(path))
  if (removed.length === 0) return object
  return withEntries(
    object,
    entries.flatMap((entry) => edited(entry, removed, [])),
  )
}

/**
 * The managers before a write: those that the client sends, which is how kubectl gives fields from one to another; those of the stored
 * object where it sends none, and for a subresource; nobody where it sends one empty entry. Models decodeLiveOrNew of apimachinery.
 */
function startingEntries(
  object: KubeObject,
  previous: KubeObject | undefined,
  isSubresource: boolean,
): readonly ManagedFields[] {
  if (previous === undefined || isSubresource) return entriesOf(previous)
  const [first, ...more] = object.metadata.managedFields ?? []
  const isReset = isPlainObject(first) && Object.keys(first).length === 0 && more.length === 0
  if (isReset) return []
  const given = entriesOf(object)
  return given.length === 0 ? entriesOf(previous) : given
}

/** An entry of `metadata.managedFields`. */
interface ManagedFields extends Readonly<Record<string, unknown>> {
  readonly manager: string
}

/** The entries that can be read. */
function entriesOf(object: KubeObject | undefined): readonly ManagedFields[] {
  return (object?.metadata.managedFields ?? []).filter(
    (entry): entry is ManagedFields => isPlainObject(entry) && typeof entry.manager === 'string',
  )
}

/** The entry with fewer and more paths, itself where that changes nothing; none where no path is left. */
function edited(
  entry: ManagedFields,
  drop: readonly FieldPath[],
  add: readonly FieldPath[],
): readonly ManagedFields[] {
  const { fieldsV1 } = entry
  if (drop.length === 0 && add.length === 0) return [entry]
  const owned = pathsOfFieldsV1(fieldsV1)
  const lost = drop.filter((path) => owned.has(path))
  const gained = add.filter((path) => !owned.has(path))
  if (lost.length === 0 && gained.length === 0) return [entry]
  const paths = new Set(owned)
  for (const path of lost) paths.delete(path)
  for (const path of gained) paths.add(path)
  return paths.size === 0 ? [] : [{ ...entry, fieldsV1: fieldsV1Of(paths) }]
}

function withEntries(object: AnyKubeObject, entries: readonly unknown[]): AnyKubeObject {
  const { managedFields: _before, ...metadata } = object.metadata
  return {
    ...object,
    metadata:
      entries.length === 0
        ? metadata
        : { ...metadata, managedFields: [...entries].sort(compareEntries) },
  }
}

/** Who applies first, then by time, those without one first, and by name: sortEncodedManagedFields of apimachinery. */
function compareEntries(a: unknown, b: unknown): number {
  const textOf = (entry: unknown, field: string) => {
    const value = isPlainObject(entry) ? entry[field] : undefined
    return typeof value === 'string' ? value : ''
  }
  for (const field of ['operation', 'time', 'manager', 'apiVersion', 'subresource']) {
    const [left, right] = [textOf(a, field), textOf(b, field)]
    if (left !== right) return left < right ? -1 : 1
  }
  return 0
}
