import { KIND_STRUCTS, KUBE_TYPES } from './kube-types.ts'

/**
 * A type of the Kubernetes API, as JSON carries it, with how it merges. One description drives decoding, strategic merge patch and
 * server-side apply, of built-in kinds and of those that a CustomResourceDefinition adds.
 */
export type FieldType = ScalarType | ListType | MapType | StructType

export interface ScalarType {
  readonly type: 'scalar'
  readonly scalar: Scalar
  /** Name of the Go type where it has one of its own: `v1.Protocol`. */
  readonly goType?: string
}

export interface ListType {
  readonly type: 'list'
  readonly items: FieldType
  /** Keys by which server-side apply merges items (`listType=map`); empty for a set. Absent: replaced whole. */
  readonly keys?: readonly string[]
  /** Values of keys that an item leaves out. */
  readonly keyDefaults?: Readonly<Record<string, unknown>>
  /** Key of strategic merge patch; `''` merges scalars as a set. Absent: replaced whole. */
  readonly patchKey?: string
}

export interface MapType {
  readonly type: 'map'
  readonly values: FieldType
  /** Replaced whole by server-side apply. */
  readonly atomic: boolean
}

export interface StructType {
  readonly type: 'struct'
  /** Of the tables; of a custom resource its kind. */
  readonly name: string
  readonly fields: ReadonlyMap<string, Field>
  /** Replaced whole by server-side apply. */
  readonly atomic: boolean
  /** Fields that are not listed are kept (`x-kubernetes-preserve-unknown-fields`). */
  readonly open?: true
}

export interface Field {
  readonly type: FieldType
  /** A pointer in Go: a zero that is given is kept. */
  readonly pointer: boolean
  /** Go leaves a zero out when it writes the object. */
  readonly omitempty: boolean
}

const SCALARS = [
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
] as const
export type Scalar = (typeof SCALARS)[number]

const structs = new Map<string, StructType>()

/**
 * A struct of the tables. Fields are read from their text when they are first asked for.
 * @throws TypeError for a name that is not in the tables
 */
export function structNamed(name: string): StructType {
  const known = structs.get(name)
  if (known !== undefined) return known
  const text = Object.hasOwn(KUBE_TYPES, name) ? KUBE_TYPES[name] : undefined
  if (text === undefined) throw new TypeError(`no struct ${name}`)
  const atomic = text.startsWith('! ')
  let fields: ReadonlyMap<string, Field> | undefined
  const struct: StructType = {
    type: 'struct',
    name,
    atomic,
    get fields() {
      fields ??= parseFields(atomic ? text.slice(2) : text)
      return fields
    },
  }
  structs.set(name, struct)
  return struct
}

function parseFields(text: string): ReadonlyMap<string, Field> {
  const fields = new Map<string, Field>()
  for (const entry of text.split(' ').filter((part) => part !== '')) {
    const [, name = '', flags = '', type = ''] = /^([^:]+?)([*+]*):(.*)$/.exec(entry) ?? []
    fields.set(name, {
      type: parseType(type),
      pointer: flags.includes('*'),
      omitempty: !flags.includes('+'),
    })
  }
  return fields
}

function parseType(text: string): FieldType {
  const list = /^\[([^;\]]*)(?:;([^\]]*))?\](.*)$/.exec(text)
  if (list !== null) {
    const [, keys = '', patch, items = ''] = list
    const names = keys === '=' ? [] : keys.split(',')
    return {
      type: 'list',
      items: parseType(items),
      ...(keys === '' ? {} : { keys: names }),
      // The only key of the built-in types that has a default.
      ...(names.includes('protocol') ? { keyDefaults: { protocol: 'TCP' } } : {}),
      ...(patch === undefined ? {} : { patchKey: patch === '=' ? '' : patch }),
    }
  }
  if (text.startsWith('{')) {
    const end = text.indexOf('}')
    return { type: 'map', values: parseType(text.slice(end + 1)), atomic: end > 1 }
  }
  const [name = '', goType] = text.split('=')
  const scalar = SCALARS.find((known) => known === name)
  if (scalar !== undefined) {
    return { type: 'scalar', scalar, ...(goType === undefined ? {} : { goType }) }
  }
  if (!text.startsWith('!')) return structNamed(text)
  const struct = structNamed(text.slice(1))
  return {
    type: 'struct',
    name: struct.name,
    atomic: true,
    get fields() {
      return struct.fields
    },
  }
}

/** The struct of a built-in kind; a few kinds share a name and have a longer one in the tables. */
export function structOf(object: {
  readonly apiVersion: string
  readonly kind: string
}): StructType {
  return structNamed(KIND_STRUCTS[`${object.apiVersion}/${object.kind}`] ?? object.kind)
}

/** Name of the Go struct: the tables add a group where two groups share a name. */
export function goName(struct: string): string {
  return struct.replace(/^(Core|Discovery|Events|Autoscaling)V\d/, '')
}
