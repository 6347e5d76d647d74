import { KUBE_TYPES } from './kube-types.ts'
import { LIST_KEYS } from './list-keys.ts'

/** A type of the Kubernetes API, as JSON carries it. */
export type FieldType =
  | { readonly type: 'scalar'; readonly scalar: Scalar }
  | { readonly type: 'list'; readonly items: FieldType }
  | { readonly type: 'map'; readonly values: FieldType }
  | { readonly type: 'struct'; readonly name: string }

export type Scalar =
  | 'string'
  | 'int32'
  | 'int64'
  | 'float64'
  | 'bool'
  | 'time'
  | 'microtime'
  | 'intstr'
  | 'quantity'
  | 'bytes'
  | 'any'

const SCALARS: ReadonlySet<string> = new Set<Scalar>([
  'string',
  'int32',
  'int64',
  'float64',
  'bool',
  'time',
  'microtime',
  'intstr',
  'quantity',
  'bytes',
  'any',
])

const parsed = new Map<string, ReadonlyMap<string, FieldType>>()

/** The fields of a struct, or `undefined` where the tables do not have it. */
export function fieldsOf(struct: string): ReadonlyMap<string, FieldType> | undefined {
  const known = parsed.get(struct)
  if (known !== undefined) return known
  const text = Object.hasOwn(KUBE_TYPES, struct) ? KUBE_TYPES[struct] : undefined
  if (text === undefined) return undefined
  const fields = new Map<string, FieldType>()
  for (const entry of text.split(' ').filter((part) => part !== '')) {
    const colon = entry.indexOf(':')
    fields.set(entry.slice(0, colon), parseType(entry.slice(colon + 1)))
  }
  parsed.set(struct, fields)
  return fields
}

function parseType(text: string): FieldType {
  if (text.startsWith('[]')) return { type: 'list', items: parseType(text.slice(2)) }
  if (text.startsWith('{}')) return { type: 'map', values: parseType(text.slice(2)) }
  if (isScalar(text)) return { type: 'scalar', scalar: text }
  return { type: 'struct', name: text }
}

function isScalar(text: string): text is Scalar {
  return SCALARS.has(text)
}

/** Struct of the tables for a kind; the core group's Event has a longer name there. */
export function structOf(kind: string): string {
  return kind === 'Event' ? 'CoreV1Event' : kind
}

/** How a list merges: `x-kubernetes-patch-merge-key` for strategic merge, list-map keys or set for server-side apply. */
export interface ListMerge {
  /** Key of strategic merge patch; `''` merges scalars as a set. Absent: replaced whole. */
  readonly patchKey?: string
  /** Keys of a `listType=map`; empty for a set. Absent: atomic. */
  readonly listKeys?: readonly string[]
}

/** How the list in that field of that struct merges. */
export function listMergeOf(struct: string, field: string): ListMerge {
  const name = `${goName(struct)}.${field}`
  return Object.hasOwn(LIST_KEYS, name) ? (LIST_KEYS[name] ?? {}) : {}
}

/** Structs that are replaced whole by server-side apply (`x-kubernetes-map-type: atomic`). */
export const ATOMIC_STRUCTS: ReadonlySet<string> = new Set([
  'LabelSelector',
  'LocalObjectReference',
  'NodeSelector',
  'NodeSelectorTerm',
  'ObjectFieldSelector',
  'ObjectReference',
  'ConfigMapKeySelector',
  'SecretKeySelector',
  'ResourceFieldSelector',
  'TypedLocalObjectReference',
  'OwnerReference',
  'CoreV1EndpointPort',
  'EndpointAddress',
  'DiscoveryV1EndpointPort',
  'CrossVersionObjectReference',
  'RbacV1Subject',
  'RoleRef',
  'ServiceBackendPort',
])

/** Name of the Go struct: the tables add a group where two groups share a name. */
export function goName(struct: string): string {
  return struct.replace(/^(Core|Discovery|Events)V1/, '')
}
