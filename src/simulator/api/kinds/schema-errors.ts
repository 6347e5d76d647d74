import type { JsonSchema } from '../../../kube/custom-resource-definition.ts'
import { sameJson } from '../json-value.ts'
import { isPlainObject } from '../schema/decode.ts'
import { type FieldError, fieldError } from '../validation/field-error.ts'
import { GoText } from '../validation/go-value.ts'

/**
 * What a value does not keep to in its schema, in the words of k8s.io/kube-openapi pkg/validation. Rules in CEL
 * (`x-kubernetes-validations`) are not looked at.
 */
export function schemaErrors(
  schema: JsonSchema,
  value: unknown,
  path: string,
): readonly FieldError[] {
  const wrongType = typeError(schema, value, path)
  if (wrongType !== undefined) return [wrongType]
  if (value === null || value === undefined) return []
  return [
    ...enumErrors(schema, value, path),
    ...(typeof value === 'string' ? textErrors(schema, value, path) : []),
    ...(typeof value === 'number' ? numberErrors(schema, value, path) : []),
    ...(Array.isArray(value) ? listErrors(schema, value, path) : []),
    ...(isPlainObject(value) ? structErrors(schema, value, path) : []),
    ...combinedErrors(schema, value, path),
  ]
}

function typeName(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}

function typeError(schema: JsonSchema, value: unknown, path: string): FieldError | undefined {
  const wanted =
    schema['x-kubernetes-int-or-string'] === true
      ? ['integer', 'string']
      : schema.type === undefined || schema.type === ''
        ? []
        : [schema.type]
  if (wanted.length === 0) return undefined
  const own = typeName(value)
  if (own === 'null' && schema.nullable === true) return undefined
  if (wanted.includes(own) || (own === 'integer' && wanted.includes('number'))) return undefined
  return fieldError.typeInvalid(
    path,
    own,
    `${path} in body must be of type ${wanted.join(',')}: ${JSON.stringify(own)}`,
  )
}

function enumErrors(schema: JsonSchema, value: unknown, path: string): readonly FieldError[] {
  const values = schema.enum
  if (values === undefined || values.some((allowed) => sameJson(allowed, value))) return []
  const texts = values.map((allowed) =>
    typeof allowed === 'string' ? allowed : JSON.stringify(allowed),
  )
  return [fieldError.notSupported(path, value, texts)]
}

function textErrors(schema: JsonSchema, value: string, path: string): readonly FieldError[] {
  const found: FieldError[] = []
  // Go counts code points.
  const length = [...value].length
  if (schema.maxLength !== undefined && length > schema.maxLength) {
    found.push(fieldError.tooLong(path, schema.maxLength))
  }
  const wrong = (words: string) => {
    found.push(fieldError.invalid(path, value, `${path} in body ${words}`))
  }
  if (schema.minLength !== undefined && length < schema.minLength) {
    wrong(`should be at least ${schema.minLength} chars long`)
  }
  if (schema.pattern !== undefined && !matches(schema.pattern, value)) {
    wrong(`should match '${schema.pattern}'`)
  }
  const format = schema.format === undefined ? undefined : FORMATS[schema.format]
  if (format !== undefined && !format(value)) {
    wrong(`must be of type ${schema.format}: ${JSON.stringify(value)}`)
  }
  return found
}

/** Formats that are checked, of those that apiextensions supports. */
const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  'date-time': (text) =>
    /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/i.test(text) &&
    !Number.isNaN(Date.parse(text)),
  date: (text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)),
  uuid: (text) => /^[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}$/i.test(text),
  ipv4: (text) =>
    /^(\d{1,3}\.){3}\d{1,3}$/.test(text) && text.split('.').every((part) => Number(part) < 256),
  byte: (text) => /^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0,
}

/** Go's RE2 and JavaScript agree on what patterns of schemas use; a pattern that only Go knows matches everything. */
function matches(pattern: string, value: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(value)
  } catch (error) {
    if (error instanceof SyntaxError) return true
    throw error
  }
}

function numberErrors(schema: JsonSchema, value: number, path: string): readonly FieldError[] {
  const found: FieldError[] = []
  const wrong = (words: string) => {
    found.push(fieldError.invalid(path, value, `${path} in body should be ${words}`))
  }
  const { maximum, minimum, multipleOf } = schema
  if (maximum !== undefined) {
    if (schema.exclusiveMaximum === true) {
      if (value >= maximum) wrong(`less than ${maximum}`)
    } else if (value > maximum) wrong(`less than or equal to ${maximum}`)
  }
  if (minimum !== undefined) {
    if (schema.exclusiveMinimum === true) {
      if (value <= minimum) wrong(`greater than ${minimum}`)
    } else if (value < minimum) wrong(`greater than or equal to ${minimum}`)
  }
  if (multipleOf !== undefined && !Number.isInteger(value / multipleOf)) {
    wrong(`a multiple of ${multipleOf}`)
  }
  if (schema.format === 'int32' && (value >= 2 ** 31 || value < -(2 ** 31))) {
    found.push(
      fieldError.invalid(
        path,
        value,
        `Checked value must be of type integer with format int32 in body`,
      ),
    )
  }
  return found
}

function listErrors(
  schema: JsonSchema,
  value: readonly unknown[],
  path: string,
): readonly FieldError[] {
  const found: FieldError[] = []
  if (schema.maxItems !== undefined && value.length > schema.maxItems) {
    found.push(fieldError.tooMany(path, value.length, schema.maxItems))
  }
  if (schema.minItems !== undefined && value.length < schema.minItems) {
    found.push(
      fieldError.invalid(
        path,
        value.length,
        `${path} in body should have at least ${schema.minItems} items`,
      ),
    )
  }
  const { items } = schema
  if (items !== undefined) {
    for (const [index, item] of value.entries()) {
      found.push(...schemaErrors(items, item, `${path}[${index}]`))
    }
  }
  return [...found, ...duplicateErrors(schema, value, path)]
}

/** Lists that are sets or maps hold nothing twice: pkg/apiserver/schema/listtype. */
function duplicateErrors(
  schema: JsonSchema,
  value: readonly unknown[],
  path: string,
): readonly FieldError[] {
  const type = schema['x-kubernetes-list-type']
  if (type !== 'set' && type !== 'map') return []
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  const idOf = (item: unknown) =>
    type === 'set' || !isPlainObject(item)
      ? item
      : Object.fromEntries(
          keys.map((key) => [key, item[key] ?? schema.items?.properties?.[key]?.default]),
        )
  return value.flatMap((item, index) => {
    const id = idOf(item)
    const first = value.findIndex((other) => sameJson(idOf(other), id))
    if (first === index) return []
    const shown = type === 'set' ? id : new GoText(goMapText(id))
    return [fieldError.duplicate(`${path}[${index}]`, shown)]
  })
}

function goMapText(id: unknown): string {
  const entries = isPlainObject(id) ? Object.entries(id) : []
  return `map[string]interface {}{${entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(', ')}}`
}

function structErrors(
  schema: JsonSchema,
  value: Record<string, unknown>,
  path: string,
): readonly FieldError[] {
  const found: FieldError[] = []
  const at = (key: string) => (path === '' ? key : `${path}.${key}`)
  const size = Object.keys(value).length
  if (schema.maxProperties !== undefined && size > schema.maxProperties) {
    found.push(fieldError.tooMany(path, size, schema.maxProperties))
  }
  if (schema.minProperties !== undefined && size < schema.minProperties) {
    found.push(
      fieldError.invalid(
        path,
        size,
        `${path} in body should have at least ${schema.minProperties} properties`,
      ),
    )
  }
  for (const key of schema.required ?? []) {
    if (!Object.hasOwn(value, key) || value[key] === undefined) {
      found.push(fieldError.required(at(key)))
    }
  }
  const { properties = {}, additionalProperties } = schema
  for (const [key, inner] of Object.entries(value)) {
    const own =
      (Object.hasOwn(properties, key) ? properties[key] : undefined) ??
      (typeof additionalProperties === 'object' ? additionalProperties : undefined)
    if (own !== undefined) found.push(...schemaErrors(own, inner, at(key)))
  }
  return found
}

function combinedErrors(schema: JsonSchema, value: unknown, path: string): readonly FieldError[] {
  const fits = (inner: JsonSchema) => schemaErrors(inner, value, path).length === 0
  // No field is named: the server reports these of the whole object.
  const wrong = (words: string) => [fieldError.invalid('<nil>', new GoText('""'), words)]
  const found = (schema.allOf ?? []).flatMap((inner) => schemaErrors(inner, value, path))
  if (schema.anyOf !== undefined && !schema.anyOf.some(fits)) {
    return [...found, ...wrong(`${quoted(path)} must validate at least one schema (anyOf)`)]
  }
  if (schema.oneOf !== undefined) {
    const count = schema.oneOf.filter(fits).length
    if (count !== 1) {
      const seen = count === 0 ? 'Found none valid' : `Found ${count} valid alternatives`
      return [
        ...found,
        ...wrong(`${quoted(path)} must validate one and only one schema (oneOf). ${seen}`),
      ]
    }
  }
  if (schema.not !== undefined && fits(schema.not)) {
    return [...found, ...wrong(`${quoted(path)} must not validate the schema (not)`)]
  }
  return found
}

function quoted(path: string): string {
  return JSON.stringify(path)
}
