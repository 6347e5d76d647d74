import type { KubeObject } from '../../../kube/objects.ts'
import { isPlainObject } from '../schema/decode.ts'
import type { FieldType, ListType, StructType } from '../schema/schema.ts'

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

/**
 * Every path of an object with its value.
 *
 * @param nodes `applied`: what server-side apply owns, with `.` for items of lists and maps only. `compared`: `.` for structs, lists and
 * maps as well, which is how a create or an update shows what it added.
 */
export function fieldValuesOf(
  object: KubeObject,
  struct: StructType,
  nodes: Nodes,
): ReadonlyMap<FieldPath, unknown> {
  const found = new Map<FieldPath, unknown>()
  walk(struct, object, [], found, nodes)
  for (const path of UNOWNED) found.delete(path)
  return found
}

type Nodes = 'applied' | 'compared'

/** Nodes that even an empty object has in Go: structs that are no pointers, lists and maps without `omitempty`. */
export function zeroNodesOf(struct: StructType, at: readonly string[] = []): readonly FieldPath[] {
  return [...struct.fields].flatMap(([name, { type, pointer, omitempty }]) => {
    const path = [...at, `f:${name}`]
    const node = pathOf([...path, '.'])
    if (pointer || type.type === 'scalar') return []
    if (type.type !== 'struct') return omitempty ? [] : [node]
    return type.atomic ? [] : [node, pathOf(path), ...zeroNodesOf(type, path)]
  })
}

function walk(
  type: FieldType,
  value: unknown,
  at: readonly string[],
  found: Map<FieldPath, unknown>,
  nodes: Nodes,
): void {
  const enter = () => {
    if (nodes === 'compared' && at.length > 0) found.set(pathOf([...at, '.']), null)
  }
  if (type.type === 'struct' && isPlainObject(value) && (at.length === 0 || !type.atomic)) {
    const entries = Object.entries(value).filter(
      ([name]) => type.open === true || type.fields.has(name),
    )
    if (entries.length === 0 && at.length > 0) {
      found.set(pathOf(at), value)
      return
    }
    enter()
    for (const [name, inner] of entries) {
      walk(type.fields.get(name)?.type ?? ANYTHING, inner, [...at, `f:${name}`], found, nodes)
    }
    return
  }
  if (type.type === 'map' && isPlainObject(value) && !type.atomic) {
    const entries = Object.entries(value)
    if (entries.length === 0) {
      found.set(pathOf(at), value)
      return
    }
    enter()
    for (const [key, inner] of entries) {
      const path = [...at, `f:${key}`]
      // A struct in a map is there by its key alone.
      if (type.values.type !== 'scalar') found.set(pathOf([...path, '.']), null)
      walk(type.values, inner, path, found, nodes)
    }
    return
  }
  if (type.type === 'list' && type.keys !== undefined && Array.isArray(value)) {
    if (value.length > 0) enter()
    for (const item of value) {
      const segment = itemSegment(item, type)
      if (type.keys.length === 0) found.set(pathOf([...at, segment]), item)
      else {
        found.set(pathOf([...at, segment, '.']), null)
        walk(type.items, item, [...at, segment], found, nodes)
      }
    }
    return
  }
  found.set(pathOf(at), value)
}

/** What stands below `x-kubernetes-preserve-unknown-fields`: structs go on, everything else is a leaf. */
export const ANYTHING: StructType = {
  type: 'struct',
  name: '',
  fields: new Map(),
  atomic: false,
  open: true,
}

/** What a list item is known by: its keys, or itself in a set. */
export function itemSegment(item: unknown, { keys = [], keyDefaults }: ListType): string {
  if (keys.length === 0) return `v:${JSON.stringify(item)}`
  const record = isPlainObject(item) ? item : {}
  const entries = [...keys]
    .sort()
    .map((key) => [key, record[key] ?? keyDefaults?.[key]] as const)
    .filter(([, value]) => value !== undefined)
  return `k:${JSON.stringify(Object.fromEntries(entries))}`
}

/** Every leaf of every object's `fieldsV1` is this one: objects are kept by the thousand. */
const LEAF: Record<string, unknown> = Object.freeze({})

/** A set of paths as `managedFields[].fieldsV1`. */
export function fieldsV1Of(paths: Iterable<FieldPath>): Record<string, unknown> {
  const root: Record<string, unknown> = {}
  for (const path of [...paths].sort()) {
    let node = root
    const segments = segmentsOf(path)
    for (const [index, segment] of segments.entries()) {
      const inner = Object.hasOwn(node, segment) ? node[segment] : undefined
      const isLast = index === segments.length - 1
      if (isLast && inner !== undefined) break
      const next: Record<string, unknown> =
        isPlainObject(inner) && inner !== LEAF ? inner : isLast ? LEAF : {}
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
