import type { JsonSchema } from '../../../kube/custom-resource-definition.ts'
import { sameJson } from '../../../kube/same-json.ts'
import { isPlainObject } from '../schema/decode.ts'
import { type FieldError, fieldError } from '../validation/field-error.ts'
import { GoText } from '../validation/go-value.ts'
import { FORMATS } from './schema-formats.ts'

/** There is no earlier value of this place. */
const NEW = Symbol('new')

/**
 * What a value does not keep to in its schema, in the words and the order of k8s.io/kube-openapi pkg/validation. Rules in CEL
 * (`x-kubernetes-validations`) are not looked at.
 *
 * @param previous the value that is stored: a part that is as it was may be wrong (k8s.io/apiextensions-apiserver
 * pkg/apiserver/validation/ratcheting.go). @default there is none
 */
export function schemaErrors(
  schema: JsonSchema,
  value: unknown,
  path: string,
  previous: unknown = NEW,
): readonly FieldError[] {
  const wrongType = typeError(schema, value, path)
  const found = [
    ...(wrongType === undefined ? [] : [wrongType]),
    ...(value === null || value === undefined
      ? []
      : [
          ...combinedErrors(schema, value, path),
          ...(typeof value === 'string' ? textErrors(schema, value, path) : []),
          ...(typeof value === 'number' ? numberErrors(schema, value, path) : []),
          ...(Array.isArray(value) ? listErrors(schema, value, path, previous) : []),
        ]),
    ...enumErrors(schema, value, path),
    ...(isPlainObject(value) ? structErrors(schema, value, path, previous) : []),
  ]
  return found.length > 0 && previous !== NEW && sameJson(value, previous) ? [] : found
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
  // An enumeration that nothing is wrong with otherwise lets null pass where it is nullable.
  if (value === undefined || (value === null && schema.nullable === true)) return []
  if (values === undefined || values.some((allowed) => sameJson(allowed, value))) return []
  const texts = values.map((allowed) =>
    typeof allowed === 'string' ? allowed : JSON.stringify(allowed),
  )
  return [fieldError.notSupported(path, value, texts)]
}

/** The first thing that is wrong with a text, and its format. */
function textErrors(schema: JsonSchema, value: string, path: string): readonly FieldError[] {
  const wrong = (words: string) => fieldError.invalid(path, value, `${path} in body ${words}`)
  // Go counts code points.
  const length = [...value].length
  const first =
    schema.maxLength !== undefined && length > schema.maxLength
      ? [fieldError.tooLong(path, schema.maxLength)]
      : schema.minLength !== undefined && length < schema.minLength
        ? [wrong(`should be at least ${schema.minLength} chars long`)]
        : schema.pattern !== undefined && !matches(schema.pattern, value)
          ? [wrong(`should match '${schema.pattern}'`)]
          : []
  const format = schema.format === undefined ? undefined : FORMATS[schema.format]
  return format === undefined || format(value)
    ? first
    : [...first, wrong(`must be of type ${schema.format}: ${JSON.stringify(value)}`)]
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
  if (multipleOf !== undefined && !Number.isInteger(value / multipleOf)) {
    wrong(`a multiple of ${multipleOf}`)
  }
  if (minimum !== undefined) {
    if (schema.exclusiveMinimum === true) {
      if (value <= minimum) wrong(`greater than ${minimum}`)
    } else if (value < minimum) wrong(`greater than or equal to ${minimum}`)
  }
  if (maximum !== undefined) {
    if (schema.exclusiveMaximum === true) {
      if (value >= maximum) wrong(`less than ${maximum}`)
    } else if (value > maximum) wrong(`less than or equal to ${maximum}`)
  }
  return found
}

function listErrors(
  schema: JsonSchema,
  value: readonly unknown[],
  path: string,
  previous: unknown,
): readonly FieldError[] {
  const found: FieldError[] = []
  const { items } = schema
  if (items !== undefined) {
    const before = earlierItems(schema, previous)
    for (const [index, item] of value.entries()) {
      found.push(...schemaErrors(items, item, `${path}[${index}]`, before(item)))
    }
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
  if (schema.maxItems !== undefined && value.length > schema.maxItems) {
    found.push(fieldError.tooMany(path, value.length, schema.maxItems))
  }
  return [...found, ...duplicateErrors(schema, value, path)]
}

/** Finds what an item of a list was before: only lists with keys know. */
function earlierItems(schema: JsonSchema, previous: unknown): (item: unknown) => unknown {
  if (!Array.isArray(previous) || schema['x-kubernetes-list-type'] !== 'map') return () => NEW
  const idOf = itemIdentity(schema)
  return (item) => {
    const found = previous.find((earlier: unknown) => sameJson(idOf(earlier), idOf(item)))
    return found === undefined ? NEW : found
  }
}

/** What tells the items of a list that is a set or a map apart. */
function itemIdentity(schema: JsonSchema): (item: unknown) => unknown {
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  return (item) =>
    schema['x-kubernetes-list-type'] === 'set' || !isPlainObject(item)
      ? item
      : Object.fromEntries(
          keys.map((key) => [key, item[key] ?? schema.items?.properties?.[key]?.default]),
        )
}

/** Lists that are sets or maps hold nothing twice: pkg/apiserver/schema/listtype. */
function duplicateErrors(
  schema: JsonSchema,
  value: readonly unknown[],
  path: string,
): readonly FieldError[] {
  const type = schema['x-kubernetes-list-type']
  if (type !== 'set' && type !== 'map') return []
  const idOf = itemIdentity(schema)
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
  previous: unknown,
): readonly FieldError[] {
  const found: FieldError[] = []
  const at = (key: string) => (path === '' ? key : `${path}.${key}`)
  const size = Object.keys(value).length
  if (schema.minProperties !== undefined && size < schema.minProperties) {
    found.push(
      fieldError.invalid(
        path,
        size,
        `${path} in body should have at least ${schema.minProperties} properties`,
      ),
    )
  }
  if (schema.maxProperties !== undefined && size > schema.maxProperties) {
    found.push(fieldError.tooMany(path, size, schema.maxProperties))
  }
  const { properties = {}, additionalProperties } = schema
  for (const [key, inner] of Object.entries(value)) {
    const own =
      (Object.hasOwn(properties, key) ? properties[key] : undefined) ??
      (typeof additionalProperties === 'object' ? additionalProperties : undefined)
    if (own === undefined) continue
    const before = isPlainObject(previous) && Object.hasOwn(previous, key) ? previous[key] : NEW
    found.push(...schemaErrors(own, inner, at(key), before))
  }
  for (const key of schema.required ?? []) {
    if (!Object.hasOwn(value, key) || value[key] === undefined) {
      found.push(fieldError.required(at(key)))
    }
  }
  if (schema['x-kubernetes-embedded-resource'] === true) {
    for (const key of ['apiVersion', 'kind']) {
      const text = Object.hasOwn(value, key) ? value[key] : undefined
      if (text === undefined || text === '') {
        found.push(fieldError.required(at(key), 'must not be empty'))
      }
    }
  }
  return found
}

/** Of alternatives that all fail, the errors of the first are told too. */
function combinedErrors(schema: JsonSchema, value: unknown, path: string): readonly FieldError[] {
  const errorsOf = (inner: JsonSchema) => schemaErrors(inner, value, path)
  // No field is named: the server reports these of the whole object.
  const wrong = (words: string) =>
    fieldError.invalid('<nil>', new GoText('""'), `${quoted(path)} ${words}`)
  const found: FieldError[] = []
  if (schema.anyOf !== undefined) {
    const results = schema.anyOf.map(errorsOf)
    if (!results.some((result) => result.length === 0)) {
      found.push(wrong('must validate at least one schema (anyOf)'), ...(results[0] ?? []))
    }
  }
  if (schema.oneOf !== undefined) {
    const results = schema.oneOf.map(errorsOf)
    const count = results.filter((result) => result.length === 0).length
    if (count !== 1) {
      const seen = count === 0 ? 'Found none valid' : `Found ${count} valid alternatives`
      found.push(
        wrong(`must validate one and only one schema (oneOf). ${seen}`),
        ...(count === 0 ? (results[0] ?? []) : []),
      )
    }
  }
  if (schema.allOf !== undefined) {
    const results = schema.allOf.map(errorsOf)
    const failed = results.filter((result) => result.length > 0).length
    found.push(...results.flat())
    if (failed > 0) {
      const none = failed === results.length ? '. None validated' : ''
      found.push(wrong(`must validate all the schemas (allOf)${none}`))
    }
  }
  if (schema.not !== undefined && errorsOf(schema.not).length === 0) {
    found.push(wrong('must not validate the schema (not)'))
  }
  return found
}

function quoted(path: string): string {
  return JSON.stringify(path)
}
