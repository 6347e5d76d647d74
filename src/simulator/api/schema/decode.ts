import { canonicalQuantity, nanosOf } from '../../../kube/quantity.ts'
import { defineField } from '../define-field.ts'
import { type ApiError, errors } from '../status.ts'
import { type Field, type FieldType, goName, type ScalarType, type StructType } from './schema.ts'

/** A decoded object, and the paths of the fields that no struct knows. */
export interface Decoded {
  readonly value: Readonly<Record<string, unknown>>
  readonly unknownFields: readonly string[]
}

/** Who decodes, where it is not the body of a request. */
export interface DecodeOptions {
  /** Leaves out what a custom resource has by default: what is applied is owned, and nobody applied that. */
  readonly withoutDefaults?: true
  /** Words of encoding/json, or of runtime.DefaultUnstructuredConverter, which reads the result of a strategic merge patch. */
  readonly words?: 'json' | 'converter'
  /** @default 400, cannot be handled as a KIND */
  readonly refuse?: (why: string) => ApiError
}

/**
 * Reads JSON as Go reads it into the struct of a kind: unknown fields are dropped and named, `null` and what `omitempty` would not
 * write are dropped, a wrong JSON type is refused with the text of sigs.k8s.io/json.
 * @throws ApiError 400
 */
export function decodeStruct(
  struct: StructType,
  kind: string,
  version: string,
  value: unknown,
  options: DecodeOptions = {},
): Decoded {
  const unknownFields: string[] = []
  const { refuse = (why) => handledAs(kind, version, why), words = 'json' } = options
  try {
    const result = decodeFields(struct, value, { fields: [], path: '', unknownFields, words })
    return { value: result ?? {}, unknownFields }
  } catch (error) {
    if (!(error instanceof TypeMismatch)) throw error
    throw refuse(error.message)
  }
}

/** What the server answers to a body that is no object of the kind. */
export function handledAs(kind: string, version: string, why: string): ApiError {
  return errors.badRequest(
    `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: ${why}`,
  )
}

class TypeMismatch extends Error {
  override readonly name = 'TypeMismatch'
}

interface Place {
  /** Struct whose field is being read, and the path as Go's decoder words it: names only. */
  readonly struct?: StructType
  readonly fields: readonly string[]
  /** The path with indices, for unknown fields. */
  readonly path: string
  readonly unknownFields: string[]
  readonly words: 'json' | 'converter'
}

function decodeFields(
  struct: StructType,
  value: unknown,
  place: Place,
): Record<string, unknown> | undefined {
  if (value === null || value === undefined) return undefined
  if (!isPlainObject(value)) throw mismatch(value, place, struct)
  const result: Record<string, unknown> = {}
  for (const [name, inner] of Object.entries(value)) {
    const path = place.path === '' ? name : `${place.path}.${name}`
    const field = struct.fields.get(name)
    if (field === undefined) {
      place.unknownFields.push(path)
      continue
    }
    const decoded = decodeValue(field.type, inner, {
      struct,
      fields: [...place.fields, name],
      path,
      unknownFields: place.unknownFields,
      words: place.words,
    })
    if (decoded !== undefined && !isOmitted(field, decoded)) result[name] = decoded
  }
  return result
}

function decodeValue(type: FieldType, value: unknown, place: Place): unknown {
  if (value === null || value === undefined) return undefined
  switch (type.type) {
    case 'struct':
      return decodeFields(type, value, place)
    case 'list':
      if (!Array.isArray(value)) throw mismatch(value, place, type)
      return value.map(
        (item, index) =>
          decodeValue(type.items, item, { ...place, path: `${place.path}[${index}]` }) ??
          zero(type.items),
      )
    case 'map': {
      if (!isPlainObject(value)) throw mismatch(value, place, type)
      const result: Record<string, unknown> = {}
      for (const [key, inner] of Object.entries(value)) {
        defineField(
          result,
          key,
          decodeValue(type.values, inner, { ...place, path: `${place.path}.${key}` }) ??
            zero(type.values),
        )
      }
      return result
    }
    case 'scalar':
      return decodeScalar(type, value, place)
  }
}

/** What stands for `null` inside a list or map. */
function zero(type: FieldType): unknown {
  if (type.type === 'list') return []
  if (type.type !== 'scalar') return {}
  if (type.scalar === 'bool') return false
  return ['int32', 'int64', 'float64', 'intstr'].includes(type.scalar) ? 0 : ''
}

const QUANTITY = /^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$/
const SUFFIX_PROBLEM = "unable to parse quantity's suffix"
const QUANTITY_PROBLEM =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
const RFC3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/

function decodeScalar(type: ScalarType, value: unknown, place: Place): unknown {
  const expected = () => mismatch(value, place, type)
  switch (type.scalar) {
    case 'any':
      return value
    case 'string':
      if (typeof value !== 'string') throw expected()
      return value
    case 'bytes':
      if (typeof value !== 'string') throw expected()
      if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(value)) {
        throw new TypeMismatch('illegal base64 data at input byte 0')
      }
      return value
    case 'bool':
      if (typeof value !== 'boolean') throw expected()
      return value
    case 'float64':
      if (typeof value !== 'number') throw expected()
      return value
    case 'int32':
    case 'int64': {
      if (typeof value !== 'number') throw expected()
      const limit = type.scalar === 'int32' ? 2 ** 31 : 2 ** 63
      if (!Number.isInteger(value) || value >= limit || value < -limit) {
        throw mismatch(value, place, type, `number ${value}`)
      }
      return value
    }
    case 'intstr':
      if (typeof value === 'string') return value
      if (typeof value !== 'number') throw mismatch(value, place, INT32)
      if (!Number.isInteger(value) || Math.abs(value) >= 2 ** 31) {
        throw mismatch(value, place, INT32, `number ${value}`)
      }
      return value
    case 'quantity':
      if (typeof value !== 'string' && typeof value !== 'number') {
        throw new TypeMismatch(QUANTITY_PROBLEM)
      }
      if (!QUANTITY.test(String(value))) throw new TypeMismatch(QUANTITY_PROBLEM)
      if (nanosOf(String(value)) === undefined) throw new TypeMismatch(SUFFIX_PROBLEM)
      return canonicalQuantity(String(value))
    case 'time':
    case 'microtime':
      if (typeof value !== 'string') throw mismatch(value, place, STRING)
      if (value !== '' && (!RFC3339.test(value) || Number.isNaN(Date.parse(value)))) {
        throw new TypeMismatch(
          `parsing time ${JSON.stringify(value)} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(value)} as "2006"`,
        )
      }
      return value === '' ? undefined : value
  }
}

function mismatch(
  value: unknown,
  place: Place,
  type: FieldType,
  seen = jsonType(value),
): TypeMismatch {
  if (place.words === 'converter') return new TypeMismatch(converterWords(value, type))
  const wanted = goType(type)
  return new TypeMismatch(
    place.struct === undefined
      ? `json: cannot unmarshal ${seen} into Go value of type ${wanted}`
      : `json: cannot unmarshal ${seen} into Go struct field ${goName(place.struct.name)}.${place.fields.join('.')} of type ${wanted}`,
  )
}

const INT32: FieldType = { type: 'scalar', scalar: 'int32' }
const STRING: FieldType = { type: 'scalar', scalar: 'string' }

/** `fromUnstructured` of k8s.io/apimachinery pkg/runtime/converter.go. */
function converterWords(value: unknown, type: FieldType): string {
  const kind = Array.isArray(value)
    ? 'slice'
    : typeof value === 'number'
      ? Number.isInteger(value)
        ? 'int64'
        : 'float64'
      : typeof value === 'boolean'
        ? 'bool'
        : typeof value === 'string'
          ? 'string'
          : 'map'
  if (type.type === 'list') return `cannot restore slice from ${kind}`
  if (type.type === 'map') return `cannot restore map from ${kind}`
  if (type.type === 'struct') return `cannot restore struct from: ${kind}`
  const own =
    kind === 'slice' ? '[]interface {}' : kind === 'map' ? 'map[string]interface {}' : kind
  return `cannot convert ${own} to ${goType(type)}`
}

function jsonType(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}

function goType(type: FieldType): string {
  switch (type.type) {
    case 'list':
      return `[]${goType(type.items)}`
    case 'map':
      return type.values.type === 'scalar' && type.values.scalar === 'quantity'
        ? 'v1.ResourceList'
        : `map[string]${goType(type.values)}`
    case 'struct':
      return `${/^Autoscaling(V2)/.test(type.name) ? 'v2' : 'v1'}.${goName(type.name)}`
    case 'scalar':
      if (type.goType !== undefined) return type.goType
      switch (type.scalar) {
        case 'intstr':
          return 'intstr.IntOrString'
        case 'quantity':
          return 'resource.Quantity'
        case 'time':
          return 'v1.Time'
        case 'microtime':
          return 'v1.MicroTime'
        case 'bytes':
          return '[]uint8'
        case 'any':
          return 'interface {}'
        default:
          return type.scalar
      }
  }
}

/** `omitempty`: whether Go would leave the value out when it writes the object again. */
function isOmitted({ type, pointer, omitempty }: Field, value: unknown): boolean {
  if (!omitempty || pointer) return false
  if (type.type === 'list') return Array.isArray(value) && value.length === 0
  if (type.type === 'map') return isPlainObject(value) && Object.keys(value).length === 0
  if (type.type === 'struct' || type.scalar === 'intstr') return false
  return value === '' || value === false || value === 0
}

/** Whether a JSON value is an object. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
