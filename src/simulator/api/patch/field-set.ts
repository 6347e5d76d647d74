import type { KubeObject } from '../../../kube/objects.ts'
import { isPlainObject } from '../schema/decode.ts'
import {
  ATOMIC_STRUCTS,
  type FieldType,
  fieldsOf,
  listMergeOf,
  structOf,
} from '../schema/schema.ts'

/**
 * The fields of an object as server-side apply sees them: a leaf each for scalars, atomic lists and atomic structs, and `.` for items
 * of keyed lists and for maps. A path is a list of `f:name`, `k:{"name":"web"}` and `v:"text"`, joined.
 * Models sigs.k8s.io/structured-merge-diff fieldpath.
 */
export type FieldPath = string

const SEPARATOR = '\u0000'

export function segmentsOf(path: FieldPath): readonly string[] {
  return path.split(SEPARATOR)
}

export function pathOf(segments: readonly string[]): FieldPath {
  return segments.join(SEPARATOR)
}

/** Nobody owns these: the server writes them, or they are what the object is. */
const UNOWNED: ReadonlySet<string> = new Set([
  'f:apiVersion',
  'f:kind',
  ...[
    'name',
    'namespace',
    'uid',
    'resourceVersion',
    'creationTimestamp',
    'generation',
    'managedFields',
    'selfLink',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
  ].map((name) => pathOf(['f:metadata', `f:${name}`])),
])

/** Every owned path of an object with its value. */
export function fieldValuesOf(object: KubeObject): ReadonlyMap<FieldPath, unknown> {
  const found = new Map<FieldPath, unknown>()
  walk({ type: 'struct', name: structOf(object.kind) }, '', '', object, [], found)
  for (const path of UNOWNED) found.delete(path)
  return found
}

function walk(
  type: FieldType,
  struct: string,
  field: string,
  value: unknown,
  at: readonly string[],
  found: Map<FieldPath, unknown>,
): void {
  if (type.type === 'struct' && isPlainObject(value) && isOpen(type.name, at)) {
    const fields = fieldsOf(type.name)
    const entries = Object.entries(value).filter(([name]) => fields?.has(name))
    if (entries.length === 0 && at.length > 0) found.set(pathOf(at), value)
    for (const [name, inner] of entries) {
      const innerType = fields?.get(name)
      if (innerType !== undefined)
        walk(innerType, type.name, name, inner, [...at, `f:${name}`], found)
    }
    return
  }
  if (type.type === 'map' && isPlainObject(value)) {
    found.set(pathOf([...at, '.']), null)
    for (const [key, inner] of Object.entries(value)) {
      walk(type.values, struct, field, inner, [...at, `f:${key}`], found)
    }
    return
  }
  const keys = type.type === 'list' ? listMergeOf(struct, field).listKeys : undefined
  if (type.type === 'list' && keys !== undefined && Array.isArray(value)) {
    for (const item of value) {
      const segment = itemSegment(item, keys)
      if (keys.length === 0) found.set(pathOf([...at, segment]), item)
      else {
        found.set(pathOf([...at, segment, '.']), null)
        walk(type.items, struct, field, item, [...at, segment], found)
      }
    }
    return
  }
  found.set(pathOf(at), value)
}

function isOpen(struct: string, at: readonly string[]): boolean {
  return at.length === 0 || !ATOMIC_STRUCTS.has(struct)
}

/** What a list item is known by: its keys, or itself in a set. */
export function itemSegment(item: unknown, keys: readonly string[]): string {
  if (keys.length === 0) return `v:${JSON.stringify(item)}`
  const record = isPlainObject(item) ? item : {}
  const entries = [...keys]
    .sort()
    // The API's only default inside list keys.
    .map((key) => [key, record[key] ?? (key === 'protocol' ? 'TCP' : undefined)] as const)
    .filter(([, value]) => value !== undefined)
  return `k:${JSON.stringify(Object.fromEntries(entries))}`
}

/** A set of paths as `managedFields[].fieldsV1`. */
export function fieldsV1Of(paths: Iterable<FieldPath>): Record<string, unknown> {
  const root: Record<string, unknown> = {}
  for (const path of [...paths].sort()) {
    let node = root
    for (const segment of segmentsOf(path)) {
      const inner = Object.hasOwn(node, segment) ? node[segment] : undefined
      const next: Record<string, unknown> = isPlainObject(inner) ? inner : {}
      Object.defineProperty(node, segment, {
        value: next,
        enumerable: true,
        writable: true,
        configurable: true,
      })
      node = next
    }
  }
  return root
}

/** The reverse of `fieldsV1Of`. */
export function pathsOfFieldsV1(fields: unknown): ReadonlySet<FieldPath> {
  const found = new Set<FieldPath>()
  const visit = (node: unknown, at: readonly string[]) => {
    const entries = isPlainObject(node) ? Object.entries(node) : []
    if (entries.length === 0 && at.length > 0) found.add(pathOf(at))
    for (const [segment, inner] of entries) visit(inner, [...at, segment])
  }
  visit(fields, [])
  return found
}

/** A path as messages show it: `.spec.containers[name="web"].image`. */
export function pathText(path: FieldPath): string {
  return segmentsOf(path)
    .filter((segment) => segment !== '.')
    .map((segment) => {
      const rest = segment.slice(2)
      if (segment.startsWith('f:')) return `.${rest}`
      if (segment.startsWith('v:')) return `[=${rest}]`
      const keys: unknown = JSON.parse(rest)
      const entries = isPlainObject(keys) ? Object.entries(keys) : []
      return `[${entries.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`
    })
    .join('')
}
