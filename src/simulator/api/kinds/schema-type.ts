import type { JsonSchema } from '../../../kube/custom-resource-definition.ts'
import { type Field, type FieldType, type StructType, structNamed } from '../schema/schema.ts'

const text: Field = {
  type: { type: 'scalar', scalar: 'string' },
  pointer: true,
  omitempty: true,
}

/** The struct of a custom resource: what its schema says, and the header that every object has. */
export function structOfSchema(kind: string, schema: JsonSchema): StructType {
  const own = structOf(kind, schema)
  return {
    ...own,
    fields: new Map<string, Field>([
      ...own.fields,
      ['apiVersion', text],
      ['kind', text],
      ['metadata', { type: structNamed('ObjectMeta'), pointer: true, omitempty: true }],
    ]),
  }
}

function structOf(name: string, schema: JsonSchema): StructType {
  const fields = Object.entries(schema.properties ?? {}).map(
    ([field, inner]) => [field, fieldOf(typeOf(field, inner))] as const,
  )
  const embedded = schema['x-kubernetes-embedded-resource'] === true
  return {
    type: 'struct',
    name,
    fields: new Map([
      ...(embedded
        ? ([
            ['apiVersion', text],
            ['kind', text],
            ['metadata', fieldOf(structNamed('ObjectMeta'))],
          ] as const)
        : []),
      ...fields,
    ]),
    atomic: schema['x-kubernetes-map-type'] === 'atomic',
    ...(schema['x-kubernetes-preserve-unknown-fields'] === true ? { open: true as const } : {}),
  }
}

function fieldOf(type: FieldType): Field {
  return { type, pointer: true, omitempty: true }
}

function typeOf(name: string, schema: JsonSchema): FieldType {
  if (schema['x-kubernetes-int-or-string'] === true) return { type: 'scalar', scalar: 'intstr' }
  const { additionalProperties, items } = schema
  if (schema.type === 'array') {
    const keys =
      schema['x-kubernetes-list-type'] === 'map'
        ? (schema['x-kubernetes-list-map-keys'] ?? [])
        : schema['x-kubernetes-list-type'] === 'set'
          ? []
          : undefined
    const defaults = Object.entries(items?.properties ?? {}).flatMap(([key, { default: value }]) =>
      keys?.includes(key) === true && value !== undefined ? [[key, value] as const] : [],
    )
    return {
      type: 'list',
      items: typeOf(name, items ?? {}),
      ...(keys === undefined ? {} : { keys }),
      ...(defaults.length === 0 ? {} : { keyDefaults: Object.fromEntries(defaults) }),
    }
  }
  if (schema.type === 'object' || schema['x-kubernetes-preserve-unknown-fields'] === true) {
    if (additionalProperties === undefined || additionalProperties === false) {
      return structOf(name, schema)
    }
    return {
      type: 'map',
      values: additionalProperties === true ? ANY : typeOf(name, additionalProperties),
      atomic: schema['x-kubernetes-map-type'] === 'atomic',
    }
  }
  return ANY
}

const ANY: FieldType = { type: 'scalar', scalar: 'any' }
