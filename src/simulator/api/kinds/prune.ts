import type { JsonSchema } from '../../../kube/custom-resource-definition.ts'
import { defineField } from '../define-field.ts'
import { cloneJson } from '../json-value.ts'
import { type Decoded, type DecodeOptions, decodeStruct, isPlainObject } from '../schema/decode.ts'
import { structNamed } from '../schema/schema.ts'

/** Whose content is read, for the texts of refusals. */
interface Owner {
  readonly kind: string
  readonly version: string
}

/**
 * Reads a custom resource by its structural schema: fields that the schema does not know are dropped and named, defaults are filled
 * in. Models k8s.io/apiextensions-apiserver pkg/apiserver/schema/pruning and defaulting. Values of the wrong type stay; validation
 * refuses them.
 */
export function decodeBySchema(
  own: Owner,
  schema: JsonSchema,
  value: unknown,
  options?: DecodeOptions,
): Decoded {
  const unknownFields: string[] = []
  if (!isPlainObject(value)) return { value: {}, unknownFields }
  const { apiVersion, kind: ownKind, metadata, ...content } = value
  const pruned = pruneStruct(schema, content, '', unknownFields, own)
  const filled =
    isPlainObject(pruned) && options?.withoutDefaults !== true
      ? withDefaults(schema, pruned)
      : pruned
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

function prune(
  schema: JsonSchema,
  value: unknown,
  path: string,
  unknownFields: string[],
  own: Owner,
): unknown {
  if (Array.isArray(value)) {
    const { items } = schema
    return items === undefined
      ? value
      : value.map((item, index) => prune(items, item, `${path}[${index}]`, unknownFields, own))
  }
  return isPlainObject(value) ? pruneStruct(schema, value, path, unknownFields, own) : value
}

function pruneStruct(
  schema: JsonSchema,
  value: Record<string, unknown>,
  path: string,
  unknownFields: string[],
  owner: Owner,
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
    if (isEmbedded && key === 'metadata' && isPlainObject(inner)) {
      // The metadata of an embedded object are those of any object.
      const meta = decodeStruct(structNamed('ObjectMeta'), owner.kind, owner.version, inner)
      unknownFields.push(...meta.unknownFields.map((field) => `${at}.${field}`))
      defineField(result, key, meta.value)
    } else if (own !== undefined) {
      defineField(result, key, prune(own, inner, at, unknownFields, owner))
    } else if (
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
    return items === undefined
      ? value
      : value.map((item) =>
          item === null && items.nullable !== true && items.default !== undefined
            ? withDefaults(items, cloneJson(items.default))
            : withDefaults(items, item),
        )
  }
  if (!isPlainObject(value)) return value
  const result: Record<string, unknown> = {}
  const { properties = {}, additionalProperties } = schema
  for (const [key, inner] of Object.entries(value)) {
    const own =
      (Object.hasOwn(properties, key) ? properties[key] : undefined) ??
      (typeof additionalProperties === 'object' ? additionalProperties : undefined)
    if (own === undefined) defineField(result, key, inner)
    else if (inner !== null || own.nullable === true) {
      defineField(result, key, withDefaults(own, inner))
    } else if (own.default !== undefined) {
      // A null where none may stand gives way to the default, or is as if it were not there.
      defineField(result, key, withDefaults(own, cloneJson(own.default)))
    }
  }
  for (const [key, own] of Object.entries(properties)) {
    if (Object.hasOwn(result, key) || own.default === undefined) continue
    defineField(result, key, withDefaults(own, cloneJson(own.default)))
  }
  return result
}
