import type { AnyKubeObject, KubeObject } from '../../../kube/objects.ts'
import { sameJson } from '../json-value.ts'
import { isPlainObject } from '../schema/decode.ts'
import type { StructType } from '../schema/schema.ts'
import {
  type FieldPath,
  fieldsV1Of,
  fieldValuesOf,
  pathsOfFieldsV1,
  segmentsOf,
  zeroNodesOf,
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
  const { managedFields: _before, ...metadata } = object.metadata
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
  return {
    ...object,
    metadata: entries.length === 0 ? metadata : { ...metadata, managedFields: entries },
  }
}

/**
 * A create, replace or patch by a manager: it owns what it changed, others no longer do. The client's own `managedFields` are not
 * taken over.
 *
 * @param part what the write may change: the status, or all but the status of kinds that have it as a subresource
 *
 * Models managedfields.UpdateManager of k8s.io/apimachinery.
 */
export function withManager(
  previous: AnyKubeObject | undefined,
  object: AnyKubeObject,
  struct: StructType,
  writer: Writer,
  part: 'all' | 'status' | 'not-status' = 'all',
): AnyKubeObject {
  const before =
    previous === undefined
      ? new Map<FieldPath, unknown>()
      : fieldValuesOf(previous, struct, 'compared')
  const after = fieldValuesOf(object, struct, 'compared')
  const zero = new Set(zeroNodesOf(struct))
  const isWritten = (path: FieldPath) =>
    part === 'all' || (segmentsOf(path)[0] === 'f:status') === (part === 'status')
  const isNew = (path: FieldPath, value: unknown) =>
    before.has(path) ? !sameJson(before.get(path), value) : !zero.has(path)
  const changed = new Set(
    [...after]
      .filter(([path, value]) => isWritten(path) && isNew(path, value))
      .map(([path]) => path),
  )
  const subresource = writer.subresource ?? ''
  const isWriter = (owner: Ownership) =>
    owner.manager === writer.manager &&
    owner.operation === 'Update' &&
    owner.subresource === subresource
  const owners = ownersOf(previous)
  const kept = owners.map((owner): Ownership => {
    const paths = [...owner.paths].filter((path) => after.has(path))
    if (!isWriter(owner))
      return { ...owner, paths: new Set(paths.filter((path) => !changed.has(path))) }
    return changed.size === 0
      ? { ...owner, paths: new Set(paths) }
      : { ...owner, time: writer.time, paths: new Set([...paths, ...changed]) }
  })
  if (!owners.some(isWriter)) {
    kept.push({
      manager: writer.manager,
      operation: 'Update',
      apiVersion: object.apiVersion,
      subresource,
      time: writer.time,
      paths: changed,
    })
  }
  return withOwners(object, kept)
}
