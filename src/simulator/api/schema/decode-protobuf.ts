import { defineField } from '../define-field.ts'
import { decodeStruct, isPlainObject } from './decode.ts'
import { KIND_STRUCTS } from './kube-types.ts'
import { PROTOBUF_FIELDS } from './protobuf-fields.ts'
import { type FieldType, type Scalar, type StructType, structNamed } from './schema.ts'
import { readWire, WireError, type WireField } from './wire-reader.ts'

/** `k8s` and a zero: what every protobuf body of Kubernetes begins with. */
const MAGIC = [0x6b, 0x38, 0x73, 0x00]
/** Structs nest no deeper in any real object; CustomResourceDefinitions come closest. */
const DEPTH_LIMIT = 500

/**
 * Reads a body of `application/vnd.kubernetes.protobuf` into the JSON value of the same object: models
 * k8s.io/apimachinery pkg/runtime/serializer/protobuf and the generated `Unmarshal` functions. Zeros that protobuf writes out are
 * still there; the decoder of JSON drops them as Go's `omitempty` does.
 *
 * @throws WireError for bytes that cannot be read, or a kind that has no protobuf encoding
 */
export function decodeProtobuf(bytes: Uint8Array): unknown {
  if (MAGIC.some((byte, index) => bytes[index] !== byte)) {
    throw new WireError(
      `provided data does not appear to be a protobuf message, expected prefix [${MAGIC.map((byte) => byte.toString(10)).join(' ')}]`,
    )
  }
  let [apiVersion, kind, contentType] = ['', '', '']
  let raw: Uint8Array = new Uint8Array()
  for (const { number, value } of readWire(bytes.subarray(MAGIC.length))) {
    if (value.wire !== 'bytes') continue
    if (number === 1) {
      for (const inner of readWire(value.value)) {
        if (inner.number === 1) apiVersion = textOf(inner)
        else if (inner.number === 2) kind = textOf(inner)
      }
    } else if (number === 2) raw = value.value
    else if (number === 4) contentType = textOf({ number, value })
  }
  const header = { ...(apiVersion === '' ? {} : { apiVersion }), ...(kind === '' ? {} : { kind }) }
  if (contentType === 'application/json') {
    const value = parseJson(raw)
    return isPlainObject(value) ? { ...header, ...value } : value
  }
  const name = KIND_STRUCTS[`${apiVersion}/${kind}`] ?? kind
  if (!Object.hasOwn(PROTOBUF_FIELDS, name)) {
    throw new WireError(
      `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)}`,
    )
  }
  return { ...readStruct(structNamed(name), raw, 0), ...header }
}

interface WireEntry {
  readonly name: string
  /** A message whose fields stand inline in JSON. */
  readonly inline: boolean
  /** A Go type that is none of the tables' structs. */
  readonly hint: string | undefined
}

const tables = new Map<string, ReadonlyMap<number, WireEntry>>()

function tableOf(struct: string): ReadonlyMap<number, WireEntry> {
  let table = tables.get(struct)
  if (table === undefined) {
    const entries = (PROTOBUF_FIELDS[struct] ?? '').split(' ').filter((entry) => entry !== '')
    table = new Map(
      entries.map((entry) => {
        const [, inline, name = '', number, hint] = /^(\^?)(.+)=(\d+)(?::(\w+))?$/.exec(entry) ?? []
        return [Number(number), { name, inline: inline === '^', hint }]
      }),
    )
    tables.set(struct, table)
  }
  return table
}

type Fields = Record<string, unknown>

/** @param message name of the message where it is nested and its fields stand in `struct` */
function readStruct(
  struct: StructType,
  bytes: Uint8Array,
  depth: number,
  message = struct.name,
  into: Fields = {},
): Fields {
  if (depth > DEPTH_LIMIT) throw new WireError('exceeded max depth')
  const table = tableOf(message)
  for (const field of readWire(bytes)) {
    const entry = table.get(field.number)
    // A field of a later release: dropped, as Go does.
    if (entry === undefined) continue
    if (entry.inline) {
      readStruct(struct, bytesOf(field, entry), depth + 1, entry.name, into)
      continue
    }
    const type = struct.fields.get(entry.name)?.type
    if (type === undefined) continue
    readField(into, entry, type, field, depth)
  }
  return into
}

function readField(
  into: Fields,
  entry: WireEntry,
  type: FieldType,
  field: WireField,
  depth: number,
): void {
  const { name } = entry
  if (type.type === 'list') {
    const before = into[name]
    const items: unknown[] = Array.isArray(before) ? before : []
    into[name] = items
    if (isPacked(type.items, field)) {
      for (const value of packed(bytesOf(field, entry))) items.push(Number(value))
    } else items.push(readValue(entry, type.items, field, depth))
    return
  }
  if (type.type === 'map') {
    const before = into[name]
    const map: Fields = isPlainObject(before) ? before : {}
    into[name] = map
    let key = ''
    let value: unknown
    for (const inner of readWire(bytesOf(field, entry))) {
      if (inner.number === 1) key = textOf(inner)
      else if (inner.number === 2) value = readMapValue(entry, type.values, inner, depth)
    }
    defineField(map, key, value ?? zeroOf(type.values))
    return
  }
  const value = readValue(entry, type, field, depth)
  if (value !== undefined) into[name] = value
}

/** A map's values may be lists, which protobuf wraps in a message of their own (`ExtraValue`). */
function readMapValue(entry: WireEntry, type: FieldType, field: WireField, depth: number): unknown {
  if (type.type !== 'list') return readValue(entry, type, field, depth)
  return [...readWire(bytesOf(field, entry))].map((inner) =>
    readValue(entry, type.items, inner, depth),
  )
}

function zeroOf(type: FieldType): unknown {
  if (type.type === 'list') return []
  return type.type === 'scalar' ? '' : {}
}

function readValue(entry: WireEntry, type: FieldType, field: WireField, depth: number): unknown {
  if (type.type === 'struct') return readStruct(type, bytesOf(field, entry), depth + 1)
  if (type.type !== 'scalar') {
    throw new WireError(`a ${type.type} within ${entry.name} has no protobuf encoding`)
  }
  return readScalar(entry, type.scalar, field, depth)
}

function readScalar(entry: WireEntry, scalar: Scalar, field: WireField, depth: number): unknown {
  switch (scalar) {
    case 'bool':
      return varintOf(field, entry) !== 0n
    case 'int32':
      return Number(BigInt.asIntN(32, varintOf(field, entry)))
    case 'int64':
      return Number(BigInt.asIntN(64, varintOf(field, entry)))
    case 'float64':
      return doubleOf(field, entry)
    case 'string':
      bytesOf(field, entry)
      return textOf(field)
    case 'bytes':
      return Buffer.from(bytesOf(field, entry)).toString('base64')
    case 'quantity': {
      const [inner] = readWire(bytesOf(field, entry))
      return inner === undefined ? '0' : textOf(inner)
    }
    case 'time':
    case 'microtime':
      return readTime(bytesOf(field, entry), scalar)
    case 'intstr':
      return readIntOrString(bytesOf(field, entry))
    case 'any':
      return readAnything(entry, bytesOf(field, entry), depth)
  }
}

/** Timestamp{1 seconds, 2 nanos}; seconds alone for Time, microseconds for MicroTime. Nothing at all is no time. */
function readTime(bytes: Uint8Array, scalar: 'time' | 'microtime'): string | undefined {
  if (bytes.byteLength === 0) return undefined
  let [seconds, nanos] = [0, 0]
  for (const { number, value } of readWire(bytes)) {
    if (value.wire !== 'varint') continue
    if (number === 1) seconds = Number(BigInt.asIntN(64, value.value))
    else if (number === 2) nanos = Number(BigInt.asIntN(32, value.value))
  }
  const date = new Date(seconds * 1000)
  if (Number.isNaN(date.getTime())) throw new WireError('time is out of range')
  // The year 1 is Go's zero time.
  if (date.getUTCFullYear() <= 1) return undefined
  const text = date.toISOString().slice(0, 19)
  if (scalar === 'time') return `${text}Z`
  return `${text}.${String(Math.floor(nanos / 1000)).padStart(6, '0')}Z`
}

/** IntOrString{1 type, 2 intVal, 3 strVal}. */
function readIntOrString(bytes: Uint8Array): number | string {
  let [type, number, text] = [0n, 0, '']
  for (const field of readWire(bytes)) {
    if (field.value.wire === 'varint') {
      if (field.number === 1) type = field.value.value
      else if (field.number === 2) number = Number(BigInt.asIntN(32, field.value.value))
    } else if (field.number === 3) text = textOf(field)
  }
  return type === 1n ? text : number
}

/** RawExtension, FieldsV1 and JSON are {1 raw}, and raw is JSON; the unions of JSON schemas have messages of their own. */
function readAnything(entry: WireEntry, bytes: Uint8Array, depth: number): unknown {
  const fields = [...readWire(bytes)]
  // Below here nobody decodes the JSON once more, so zeros are dropped at once.
  const schemaOf = (field: WireField) => {
    const struct = structNamed('JSONSchemaProps')
    const schema = readStruct(struct, bytesOf(field, entry), depth + 1)
    return decodeStruct(struct, struct.name, 'v1', schema).value
  }
  switch (entry.hint) {
    case 'JSONSchemaPropsOrArray': {
      const single = fields.find((field) => field.number === 1)
      if (single !== undefined) return schemaOf(single)
      return fields.filter((field) => field.number === 2).map(schemaOf)
    }
    case 'JSONSchemaPropsOrBool': {
      const schema = fields.find((field) => field.number === 2)
      if (schema !== undefined) return schemaOf(schema)
      return fields.some(({ value }) => value.wire === 'varint' && value.value !== 0n)
    }
    case 'JSONSchemaPropsOrStringArray': {
      const schema = fields.find((field) => field.number === 1)
      if (schema !== undefined) return schemaOf(schema)
      return fields.filter((field) => field.number === 2).map(textOf)
    }
    default: {
      const raw = fields.find((field) => field.number === 1)
      return raw === undefined ? undefined : parseJson(bytesOf(raw, entry))
    }
  }
}

function parseJson(bytes: Uint8Array): unknown {
  if (bytes.byteLength === 0) return undefined
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch (error) {
    throw new WireError(error instanceof Error ? error.message : String(error))
  }
}

function isPacked(items: FieldType, { value }: WireField): boolean {
  return (
    value.wire === 'bytes' &&
    items.type === 'scalar' &&
    (items.scalar === 'int32' || items.scalar === 'int64')
  )
}

function* packed(bytes: Uint8Array): Generator<bigint> {
  let [value, shift] = [0n, 0n]
  for (const byte of bytes) {
    value |= BigInt(byte & 0x7f) << shift
    shift += 7n
    if (byte < 0x80) {
      yield BigInt.asIntN(64, value)
      value = 0n
      shift = 0n
    }
  }
}

function textOf({ value }: WireField): string {
  return value.wire === 'bytes' ? Buffer.from(value.value).toString('utf8') : ''
}

function bytesOf({ value }: WireField, entry: WireEntry): Uint8Array {
  if (value.wire === 'bytes') return value.value
  throw wrongWireType(value.wire, entry)
}

function varintOf({ value }: WireField, entry: WireEntry): bigint {
  if (value.wire === 'varint') return value.value
  throw wrongWireType(value.wire, entry)
}

function doubleOf({ value }: WireField, entry: WireEntry): number {
  if (value.wire !== 'fixed' || value.value.byteLength !== 8) throw wrongWireType(value.wire, entry)
  return new DataView(value.value.buffer, value.value.byteOffset, 8).getFloat64(0, true)
}

function wrongWireType(wire: WireField['value']['wire'], entry: WireEntry): WireError {
  const number = { varint: 0, fixed: 1, bytes: 2 }[wire]
  const name = `${entry.name[0]?.toUpperCase()}${entry.name.slice(1)}`
  return new WireError(`proto: wrong wireType = ${number} for field ${name}`)
}
