import type { JsonSchema } from '../../../kube/custom-resource-definition.ts'
import { defineField } from '../define-field.ts'
import { cloneJson } from '../json-value.ts'
import { type Decoded, type DecodeOptions, decodeStruct, isPlainObject } from '../schema/decode.ts'
import { structNamed } from '../schema/schema.ts'

/**
 * Reads a custom resource by its structural schema: fields that the schema does not know are dropped and named, defaults are filled
 * in. Models k8s.io/apiextensions-apiserver pkg/apiserver/schema/pruning and defaulting. Values of the wrong type stay; validation
 * refuses them.
 */
export function decodeBySchema(
  own: { readonly kind: string; readonly version: string },
  schema: JsonSchema,
  value: unknown,
  options?: DecodeOptions,
): Decoded {
  const unknownFields: string[] = []
  if (!isPlainObject(value)) return { value: {}, unknownFields }
  const { apiVersion, kind: ownKind, metadata, ...content } = value
  const pruned = pruneStruct(schema, content, '', unknownFields)
  const filled = isPlainObject(pruned) ? withDefaults(schema, pruned) : {}
  const meta = decodeStruct(
    structNamed('ObjectMeta'),
    own.kind,
    own.version,
    metadata ?? {},
    options,
  )
  return {
    value: {
      ...(apiVersion === undefined ? {} : { apiVersion }),
      ...(ownKind === undefined ? {} : { kind: ownKind }),
      metadata: meta.value,
      ...(isPlainObject(filled) ? filled : {}),
    },
    unknownFields: [...meta.unknownFields.map((field) => `metadata.${field}`), ...unknownFields],
  }
}

function prune(schema: JsonSchema, value: unknown, path: string, unknownFields: string[]): unknown {
  if (Array.isArray(value)) {
    const { items } = schema
    return items === undefined
      ? value
      : value.map((item, index) => prune(items, item, `${path}[${index}]`, unknownFields))
  }
  return isPlainObject(value) ? pruneStruct(schema, value, path, unknownFields) : value
}

function pruneStruct(
  schema: JsonSchema,
  value: Record<string, unknown>,
  path: string,
  unknownFields: string[],
): unknown {
  const { properties = {}, additionalProperties } = schema
  const keepsAll = schema['x-kubernetes-preserve-unknown-fields'] === true
  const isEmbedded = schema['x-kubernetes-embedded-resource'] === true
  const result: Record<string, unknown> = {}
  for (const [key, inner] of Object.entries(value)) {
    const at = path === '' ? key : `${path}.${key}`
    const known = Object.hasOwn(properties, key) ? properties[key] : undefined
    const own =
      known ?? (typeof additionalProperties === 'object' ? additionalProperties : undefined)
    if (own !== undefined) defineField(result, key, prune(own, inner, at, unknownFields))
    else if (
      keepsAll ||
      additionalProperties === true ||
      (isEmbedded && ['apiVersion', 'kind', 'metadata'].includes(key))
    ) {
      defineField(result, key, inner)
    } else unknownFields.push(at)
  }
  return result
}

function withDefaults(schema: JsonSchema, value: unknown): unknown {
  if (Array.isArray(value)) {
    const { items } = schema
    return items === undefined ? value : value.map((item) => withDefaults(items, item))
  }
  if (!isPlainObject(value)) return value
  const result: Record<string, unknown> = {}
  const { properties = {}, additionalProperties } = schema
  for (const [key, inner] of Object.entries(value)) {
    const own =
      (Object.hasOwn(properties, key) ? properties[key] : undefined) ??
      (typeof additionalProperties === 'object' ? additionalProperties : {})
    // A null where none may stand gives way to the default.
    if (inner === null && own.nullable !== true && own.default !== undefined) continue
    defineField(result, key, withDefaults(own, inner))
  }
  for (const [key, own] of Object.entries(properties)) {
    if (Object.hasOwn(result, key) || own.default === undefined) continue
    defineField(result, key, withDefaults(own, cloneJson(own.default)))
  }
  return result
}
