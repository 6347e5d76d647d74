import type { KubeObject } from '../../../kube/objects.ts'
import { sameJson } from '../../../kube/same-json.ts'
import { isPlainObject } from '../schema/decode.ts'
import type { FieldType, ListType, StructType } from '../schema/schema.ts'

/**
 * The fields of an object as server-side apply sees them: a leaf each for scalars, atomic lists and atomic structs, and one for items of
 * keyed lists and for maps, beside what is in them. A path is a list of `f:name`, `k:{"name":"web"}` and `v:"text"`, joined.
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
 * @param nodes `applied`: what server-side apply owns, beside leaves only items of lists and maps. `compared`: structs, lists and maps as
 * well, which is how a create or an update shows what it added.
 */
export function fieldValuesOf(
  object: KubeObject,
  struct: StructType,
  nodes: Nodes,
): ReadonlyMap<FieldPath, unknown> {
  const found = new Map<FieldPath, unknown>()
  walk(struct, object, '', found, nodes)
  for (const path of UNOWNED) found.delete(path)
  return found
}

/** The value of what has parts: those are compared one by one. */
const NODE = Symbol('node')

/** Whether two values of one path are the same. */
export function sameField(a: unknown, b: unknown): boolean {
  return a === NODE || b === NODE || sameJson(a, b)
}

type Nodes = 'applied' | 'compared'

/** What is different between two states of an object: the paths, `compared`, of the parts that are not the same. */
export interface FieldDifference {
  readonly before: ReadonlyMap<FieldPath, unknown>
  readonly after: ReadonlyMap<FieldPath, unknown>
}

/** Parts that are identical are not looked into, so two states that share what they have in common are compared fast. */
export function fieldDifference(
  previous: KubeObject,
  object: KubeObject,
  struct: StructType,
): FieldDifference {
  const before = new Map<FieldPath, unknown>()
  const after = new Map<FieldPath, unknown>()
  compare(struct, previous, object, '', before, after)
  for (const path of UNOWNED) {
    before.delete(path)
    after.delete(path)
  }
  return { before, after }
}

function compare(
  type: FieldType,
  previous: unknown,
  value: unknown,
  at: FieldPath,
  before: Map<FieldPath, unknown>,
  after: Map<FieldPath, unknown>,
): void {
  if (Object.is(previous, value)) return
  const old = childrenOf(type, previous, at === '')
  const own = childrenOf(type, value, at === '')
  if (old === undefined || own === undefined) {
    if (previous !== undefined) walk(type, previous, at, before, 'compared')
    if (value !== undefined) walk(type, value, at, after, 'compared')
    return
  }
  for (const [segment, child] of own) {
    const was = old.get(segment)
    const path = below(at, segment)
    if (was !== undefined) compare(child.type, was.value, child.value, path, before, after)
    else walkChild(type, child, path, after, 'compared')
  }
  for (const [segment, child] of old) {
    if (!own.has(segment)) walkChild(type, child, below(at, segment), before, 'compared')
  }
}

interface Child {
  readonly type: FieldType
  readonly value: unknown
}

/** What a struct, a map or a keyed list has in it, by segment; `undefined` for leaves, for what is empty, and for keys that occur twice. */
function childrenOf(
  type: FieldType,
  value: unknown,
  isRoot: boolean,
): ReadonlyMap<string, Child> | undefined {
  const children = new Map<string, Child>()
  if (type.type === 'struct' && isPlainObject(value) && (isRoot || !type.atomic)) {
    for (const [name, inner] of Object.entries(value)) {
      const field = type.fields.get(name)?.type
      if (field === undefined && type.open !== true) continue
      children.set(`f:${name}`, { type: field ?? ANYTHING, value: inner })
    }
  } else if (type.type === 'map' && isPlainObject(value) && !type.atomic) {
    for (const [key, inner] of Object.entries(value)) {
      children.set(`f:${key}`, { type: type.values, value: inner })
    }
  } else if (type.type === 'list' && type.keys !== undefined && Array.isArray(value)) {
    for (const item of value) {
      children.set(itemSegment(item, type), { type: type.items, value: item })
    }
    if (children.size < value.length) return undefined
  }
  return children.size === 0 && !isRoot ? undefined : children
}

/**
 * Whether a path is one that even an empty object has in Go: structs and times that are no pointers, lists and maps without `omitempty`.
 */
export function isZeroNode(struct: StructType, path: FieldPath): boolean {
  const names = segmentsOf(path)
  let type: StructType = struct
  for (const [index, segment] of names.entries()) {
    const field = segment.startsWith('f:') ? type.fields.get(segment.slice(2)) : undefined
    if (field === undefined || field.pointer) return false
    if (field.type.type === 'scalar') return field.type.scalar === 'time'
    if (field.type.type !== 'struct') {
      return index === names.length - 1 && !field.omitempty
    }
    if (field.type.atomic) return false
    type = field.type
  }
  return names.length > 0
}

function below(at: FieldPath, segment: string): FieldPath {
  return at === '' ? segment : `${at}${SEPARATOR}${segment}`
}

function walk(
  type: FieldType,
  value: unknown,
  at: FieldPath,
  found: Map<FieldPath, unknown>,
  nodes: Nodes,
): void {
  const enter = () => {
    if (nodes === 'compared' && at !== '') found.set(at, NODE)
  }
  if (type.type === 'struct' && isPlainObject(value) && (at === '' || !type.atomic)) {
    const entries = Object.entries(value).filter(
      ([name]) => type.open === true || type.fields.has(name),
    )
    if (entries.length === 0 && at !== '') {
      found.set(at, value)
      return
    }
    enter()
    for (const [name, inner] of entries) {
      walk(type.fields.get(name)?.type ?? ANYTHING, inner, below(at, `f:${name}`), found, nodes)
    }
    return
  }
  if (type.type === 'map' && isPlainObject(value) && !type.atomic) {
    const entries = Object.entries(value)
    if (entries.length === 0) {
      found.set(at, value)
      return
    }
    enter()
    for (const [key, inner] of entries) {
      walkChild(type, { type: type.values, value: inner }, below(at, `f:${key}`), found, nodes)
    }
    return
  }
  if (type.type === 'list' && type.keys !== undefined && Array.isArray(value)) {
    if (value.length > 0) enter()
    for (const item of value) {
      const path = below(at, itemSegment(item, type))
      walkChild(type, { type: type.items, value: item }, path, found, nodes)
    }
    return
  }
  found.set(at, value)
}

/** A field of a struct, an entry of a map, or an item of a keyed list. */
function walkChild(
  parent: FieldType,
  { type, value }: Child,
  path: FieldPath,
  found: Map<FieldPath, unknown>,
  nodes: Nodes,
): void {
  if (parent.type === 'list' && parent.keys?.length === 0) {
    found.set(path, value)
    return
  }
  // An item of a keyed list, like a struct in a map, is there by its key alone.
  const isKeyed = parent.type === 'list' || (parent.type === 'map' && type.type !== 'scalar')
  if (isKeyed) found.set(path, NODE)
  walk(type, value, path, found, nodes)
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

/** A set of paths as `managedFields[].fieldsV1`; `.` stands for what is in the set itself beside something in it. */
export function fieldsV1Of(paths: Iterable<FieldPath>): Readonly<Record<string, unknown>> {
  // Sorted, so that a path comes before those below it.
  const sorted = [...paths].sort()
  const key = sorted.join('\n')
  const known = MADE.get(key)
  if (known !== undefined) return known
  const made = frozen(makeFieldsV1(sorted))
  if (MADE.size >= MOST_MADE) MADE.clear()
  MADE.set(key, made)
  return made
}

/** The same few controllers write the same fields of thousands of objects. */
const MADE = new Map<string, Readonly<Record<string, unknown>>>()
const MOST_MADE = 256

function frozen<T extends object>(tree: T): T {
  for (const inner of Object.values(tree)) if (!Object.isFrozen(inner)) frozen(inner)
  return Object.freeze(tree)
}

function makeFieldsV1(sorted: readonly FieldPath[]): Record<string, unknown> {
  const root: Record<string, unknown> = {}
  for (const path of sorted) {
    let node = root
    const segments = segmentsOf(path)
    for (const [index, segment] of segments.entries()) {
      const inner = Object.hasOwn(node, segment) ? node[segment] : undefined
      const isLast = index === segments.length - 1
      const next: Record<string, unknown> = isLast
        ? LEAF
        : inner === LEAF
          ? { '.': LEAF }
          : isPlainObject(inner)
            ? inner
            : {}
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

/** Of the sets that were read last: a write looks at those of each manager more than once. */
const READ = new Map<object, ReadonlySet<FieldPath>>()
const MOST_READ = 64

/** The reverse of `fieldsV1Of`. */
export function pathsOfFieldsV1(fields: unknown): ReadonlySet<FieldPath> {
  if (typeof fields !== 'object' || fields === null || !Object.isFrozen(fields)) {
    return readFieldsV1(fields)
  }
  const known = READ.get(fields)
  if (known !== undefined) return known
  const found = readFieldsV1(fields)
  if (READ.size >= MOST_READ) READ.clear()
  READ.set(fields, found)
  return found
}

function readFieldsV1(fields: unknown): ReadonlySet<FieldPath> {
  const found = new Set<FieldPath>()
  const visit = (node: unknown, at: FieldPath) => {
    const entries = isPlainObject(node) ? Object.entries(node) : []
    if (entries.length === 0 && at !== '') found.add(at)
    for (const [segment, inner] of entries) {
      if (segment === '.') found.add(at)
      else visit(inner, below(at, segment))
    }
  }
  visit(fields, '')
  return found
}

/** A path as messages show it: `.spec.containers[name="web"].image`. */
export function pathText(path: FieldPath): string {
  return segmentsOf(path)
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
