import type { AnyKubeObject } from '../../../kube/objects.ts'
import { sameJson } from '../../../kube/same-json.ts'
import { defineField } from '../define-field.ts'
import { isPlainObject } from '../schema/decode.ts'
import type { FieldType, StructType } from '../schema/schema.ts'
import { errors } from '../status.ts'
import {
  ANYTHING,
  type FieldPath,
  fieldValuesOf,
  itemSegment,
  pathOf,
  pathText,
  sameField,
} from './field-set.ts'
import { type Ownership, ownersOf, type Writer, withOwners } from './managed-fields.ts'

/**
 * Server-side apply: the applied fields become the manager's, fields that it applied before and leaves out now are removed unless
 * somebody else owns them. Models sigs.k8s.io/structured-merge-diff merge/update.go.
 *
 * @throws ApiError 409 where others own a field with another value, unless `force`
 */
export function applyTo(
  previous: AnyKubeObject | undefined,
  applied: AnyKubeObject,
  struct: StructType,
  options: Writer & {
    readonly force: boolean
    /** Fields that are taken over without a conflict. @default none */
    readonly takenOver?: () => ReadonlySet<FieldPath>
  },
): AnyKubeObject {
  if (applied.metadata.managedFields !== undefined) {
    throw errors.badRequest('metadata.managedFields must be nil')
  }
  const subresource = options.subresource ?? ''
  const wanted = fieldValuesOf(applied, struct, 'applied')
  const live =
    previous === undefined
      ? new Map<FieldPath, unknown>()
      : fieldValuesOf(previous, struct, 'applied')
  const owners = ownersOf(previous)
  const isOwn = (owner: Ownership) =>
    owner.manager === options.manager &&
    owner.operation === 'Apply' &&
    owner.subresource === subresource
  const differing = new Set(
    [...wanted]
      .filter(([path, value]) => live.has(path) && !sameField(live.get(path), value))
      .map(([path]) => path),
  )
  const others = owners.filter((owner) => !isOwn(owner))
  const conflicts = others.flatMap((owner) =>
    [...owner.paths].filter((path) => differing.has(path)).map((path) => ({ owner, path })),
  )
  if (conflicts.length > 0 && !options.force) {
    const takenOver = options.takenOver?.() ?? new Set<FieldPath>()
    const left = conflicts.filter(({ path }) => !takenOver.has(path))
    if (left.length > 0) throw conflictError(left)
  }

  const before = owners.find(isOwn)
  const dropped = new Set(
    [...(before?.paths ?? [])].filter(
      (path) => !wanted.has(path) && !others.some((owner) => owner.paths.has(path)),
    ),
  )
  const pruned = previous === undefined ? undefined : removePaths(struct, previous, dropped, [])
  const merged = merge(struct, pruned, applied, true)
  const object: AnyKubeObject = {
    ...(isPlainObject(merged) ? merged : {}),
    apiVersion: applied.apiVersion,
    kind: applied.kind,
    metadata: metadataOf(merged, applied),
  }
  // Who changes nothing but who owns what keeps the time of before, or has none.
  const isSame = previous !== undefined && sameJson(withoutOwners(object), withoutOwners(previous))
  const own: Ownership = {
    manager: options.manager,
    operation: 'Apply',
    apiVersion: applied.apiVersion,
    subresource,
    time: isSame ? (before?.time ?? '') : options.time,
    paths: new Set(wanted.keys()),
  }
  return withOwners(object, [
    own,
    ...others.map((owner) => ({
      ...owner,
      paths: new Set([...owner.paths].filter((path) => !differing.has(path))),
    })),
  ])
}

function metadataOf(merged: unknown, applied: AnyKubeObject): AnyKubeObject['metadata'] {
  const metadata = isPlainObject(merged) && isPlainObject(merged.metadata) ? merged.metadata : {}
  return { ...metadata, name: applied.metadata.name }
}

function withoutOwners(object: AnyKubeObject): AnyKubeObject {
  const { managedFields: _owners, ...metadata } = object.metadata
  return { ...object, metadata }
}

interface Conflict {
  readonly owner: Ownership
  readonly path: FieldPath
}

function conflictError(conflicts: readonly Conflict[]) {
  const causes = conflicts.map(({ owner, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${ownerText(owner)}`,
    field: pathText(path),
  }))
  const [first] = conflicts
  if (first !== undefined && conflicts.length === 1) {
    return errors.applyConflict(
      `Apply failed with 1 conflict: conflict with ${ownerText(first.owner)}: ${pathText(first.path)}`,
      causes,
    )
  }
  const lines = [...new Set(conflicts.map(({ owner }) => owner))].flatMap((owner) => [
    `conflicts with ${ownerText(owner)}:`,
    ...conflicts
      .filter((conflict) => conflict.owner === owner)
      .map(({ path }) => `- ${pathText(path)}`),
  ])
  return errors.applyConflict(
    `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`,
    causes,
  )
}

function ownerText(owner: Ownership): string {
  const name = `${JSON.stringify(owner.manager)}${
    owner.subresource === '' ? '' : ` with subresource ${JSON.stringify(owner.subresource)}`
  }`
  return owner.operation === 'Apply' ? name : `${name} using ${owner.apiVersion}`
}

function merge(type: FieldType, live: unknown, applied: unknown, isRoot = false): unknown {
  if (applied === undefined) return live
  if (type.type === 'struct' && isPlainObject(applied)) {
    if (!isPlainObject(live) || (type.atomic && !isRoot)) return applied
    return mergeEntries(live, applied, (name) => typeIn(type, name))
  }
  if (type.type === 'map' && isPlainObject(applied)) {
    if (!isPlainObject(live) || type.atomic) return applied
    return mergeEntries(live, applied, () => type.values)
  }
  if (type.type === 'list' && type.keys !== undefined && Array.isArray(applied)) {
    const current = Array.isArray(live) ? live : []
    const idOf = (item: unknown) => itemSegment(item, type)
    // Applied items first, in their order; then what others put there.
    const mergedItems = applied.map((item: unknown) =>
      merge(
        type.items,
        current.find((other: unknown) => idOf(other) === idOf(item)),
        item,
      ),
    )
    const rest = current.filter(
      (item: unknown) => !applied.some((other: unknown) => idOf(other) === idOf(item)),
    )
    return [...mergedItems, ...rest]
  }
  return applied
}

/** Type of a field of a struct; what is not listed is a field of its own where it is kept at all. */
function typeIn(struct: StructType, field: string): FieldType {
  return struct.fields.get(field)?.type ?? ANYTHING
}

function mergeEntries(
  live: Record<string, unknown>,
  applied: Record<string, unknown>,
  typeOf: (key: string) => FieldType,
): Record<string, unknown> {
  const result: Record<string, unknown> = { ...live }
  for (const [key, value] of Object.entries(applied)) {
    const before = Object.hasOwn(live, key) ? live[key] : undefined
    defineField(result, key, merge(typeOf(key), before, value))
  }
  return result
}

/** The value without the dropped paths. */
function removePaths(
  type: FieldType,
  value: unknown,
  dropped: ReadonlySet<FieldPath>,
  at: readonly string[],
): unknown {
  const path = pathOf(at)
  if (dropped.has(path)) return undefined
  if (type.type === 'struct' && isPlainObject(value) && (at.length === 0 || !type.atomic)) {
    return keepDefined(value, (name, inner) =>
      removePaths(typeIn(type, name), inner, dropped, [...at, `f:${name}`]),
    )
  }
  if (type.type === 'map' && isPlainObject(value) && !type.atomic) {
    const result = keepDefined(value, (key, inner) =>
      removePaths(type.values, inner, dropped, [...at, `f:${key}`]),
    )
    const isEmptied = Object.keys(result).length === 0 && Object.keys(value).length > 0
    return isEmptied ? undefined : result
  }
  if (type.type === 'list' && type.keys !== undefined && Array.isArray(value)) {
    const items = value.flatMap((item: unknown) => {
      const segment = itemSegment(item, type)
      const kept = removePaths(type.items, item, dropped, [...at, segment])
      return kept === undefined ? [] : [kept]
    })
    return items.length === 0 ? undefined : items
  }
  return value
}

function keepDefined(
  value: Record<string, unknown>,
  change: (key: string, inner: unknown) => unknown,
): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  for (const [key, inner] of Object.entries(value)) {
    const kept = change(key, inner)
    if (kept !== undefined) defineField(result, key, kept)
  }
  return result
}
