import type { AnyKubeObject } from '../../../kube/objects.ts'
import { sameJson } from '../json-value.ts'
import { isPlainObject } from '../schema/decode.ts'
import {
  ATOMIC_STRUCTS,
  type FieldType,
  fieldsOf,
  listMergeOf,
  structOf,
} from '../schema/schema.ts'
import { errors } from '../status.ts'
import { type FieldPath, fieldValuesOf, itemSegment, pathOf, pathText } from './field-set.ts'
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
  options: Writer & { readonly force: boolean },
): AnyKubeObject {
  if (applied.metadata.managedFields !== undefined) {
    throw errors.badRequest('metadata.managedFields must be nil')
  }
  const subresource = options.subresource ?? ''
  const wanted = fieldValuesOf(applied)
  const live = previous === undefined ? new Map<FieldPath, unknown>() : fieldValuesOf(previous)
  const owners = ownersOf(previous)
  const isOwn = (owner: Ownership) =>
    owner.manager === options.manager &&
    owner.operation === 'Apply' &&
    owner.subresource === subresource
  const differing = new Set(
    [...wanted]
      .filter(([path, value]) => live.has(path) && !sameJson(live.get(path), value))
      .map(([path]) => path),
  )
  const others = owners.filter((owner) => !isOwn(owner))
  const conflicts = others.flatMap((owner) =>
    [...owner.paths].filter((path) => differing.has(path)).map((path) => ({ owner, path })),
  )
  if (conflicts.length > 0 && !options.force) throw conflictError(conflicts)

  const before = owners.find(isOwn)
  const dropped = new Set(
    [...(before?.paths ?? [])].filter(
      (path) => !wanted.has(path) && !others.some((owner) => owner.paths.has(path)),
    ),
  )
  const root: FieldType = { type: 'struct', name: structOf(applied.kind) }
  const pruned =
    previous === undefined ? undefined : removePaths(root, '', '', previous, dropped, [])
  const merged = merge(root, '', '', pruned, applied)
  const object: AnyKubeObject = {
    ...(isPlainObject(merged) ? merged : {}),
    apiVersion: applied.apiVersion,
    kind: applied.kind,
    metadata: metadataOf(merged, applied),
  }
  const same =
    before !== undefined && sameSet(before.paths, new Set(wanted.keys())) && differing.size === 0
  const own: Ownership = {
    manager: options.manager,
    operation: 'Apply',
    apiVersion: applied.apiVersion,
    subresource,
    time: same ? before.time : options.time,
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

function sameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((item) => b.has(item))
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
  if (owner.operation === 'Apply') return name
  return owner.time === ''
    ? `${name} using ${owner.apiVersion}`
    : `${name} using ${owner.apiVersion} at ${owner.time}`
}

function merge(
  type: FieldType,
  struct: string,
  field: string,
  live: unknown,
  applied: unknown,
): unknown {
  if (applied === undefined) return live
  if (type.type === 'struct' && isPlainObject(applied)) {
    if (!isPlainObject(live) || ATOMIC_STRUCTS.has(type.name)) return applied
    const fields = fieldsOf(type.name)
    const result: Record<string, unknown> = { ...live }
    for (const [name, value] of Object.entries(applied)) {
      const inner = fields?.get(name)
      result[name] = inner === undefined ? value : merge(inner, type.name, name, live[name], value)
    }
    return result
  }
  if (type.type === 'map' && isPlainObject(applied)) {
    if (!isPlainObject(live)) return applied
    const result: Record<string, unknown> = { ...live }
    for (const [key, value] of Object.entries(applied)) {
      Object.defineProperty(result, key, {
        value: merge(
          type.values,
          struct,
          field,
          Object.hasOwn(live, key) ? live[key] : undefined,
          value,
        ),
        enumerable: true,
        writable: true,
        configurable: true,
      })
    }
    return result
  }
  const keys = type.type === 'list' ? listMergeOf(struct, field).listKeys : undefined
  if (type.type === 'list' && keys !== undefined && Array.isArray(applied)) {
    const current = Array.isArray(live) ? live : []
    const idOf = (item: unknown) => itemSegment(item, keys)
    // Applied items first, in their order; then what others put there.
    const mergedItems = applied.map((item: unknown) =>
      merge(
        type.items,
        struct,
        field,
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

/** The value without the dropped paths; items of keyed lists go when their `.` is dropped. */
function removePaths(
  type: FieldType,
  struct: string,
  field: string,
  value: unknown,
  dropped: ReadonlySet<FieldPath>,
  at: readonly string[],
): unknown {
  const path = pathOf(at)
  if (dropped.has(path)) return undefined
  if (
    type.type === 'struct' &&
    isPlainObject(value) &&
    (at.length === 0 || !ATOMIC_STRUCTS.has(type.name))
  ) {
    const fields = fieldsOf(type.name)
    return keepDefined(value, (name, inner) => {
      const innerType = fields?.get(name)
      return innerType === undefined
        ? inner
        : removePaths(innerType, type.name, name, inner, dropped, [...at, `f:${name}`])
    })
  }
  if (type.type === 'map' && isPlainObject(value)) {
    const result = keepDefined(value, (key, inner) =>
      removePaths(type.values, struct, field, inner, dropped, [...at, `f:${key}`]),
    )
    return Object.keys(result).length === 0 && dropped.has(pathOf([...at, '.']))
      ? undefined
      : result
  }
  const keys = type.type === 'list' ? listMergeOf(struct, field).listKeys : undefined
  if (type.type === 'list' && keys !== undefined && Array.isArray(value)) {
    const items = value.flatMap((item: unknown) => {
      const segment = itemSegment(item, keys)
      if (dropped.has(pathOf([...at, segment, '.']))) return []
      const kept = removePaths(type.items, struct, field, item, dropped, [...at, segment])
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
    if (kept !== undefined) {
      Object.defineProperty(result, key, {
        value: kept,
        enumerable: true,
        writable: true,
        configurable: true,
      })
    }
  }
  return result
}
