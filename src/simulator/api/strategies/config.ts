import type { KubeObject } from '../../../kube/objects.ts'
import { sameJson } from '../../../kube/same-json.ts'
import { type FieldError, fieldError } from '../validation/field-error.ts'
import { immutableErrors } from '../validation/meta.ts'
import { configKeyProblems } from '../validation/names.ts'
import type { Strategy } from './strategy.ts'

const SIZE_LIMIT = 1024 * 1024

/** Config maps and secrets: their content stands beside the metadata. */
type Content = KubeObject & Record<string, unknown>

/** Config maps: models pkg/registry/core/configmap. */
export const configMapStrategy: Strategy = {
  nameRule: 'subdomain',
  validate: (object) => [
    ...keyErrors(object, 'data'),
    ...keyErrors(object, 'binaryData'),
    ...sizeErrors(object, ''),
  ],
  validateUpdate: fixedErrors,
}

/** Secrets: models pkg/registry/core/secret; `stringData` is folded into `data` and never shown. */
export const secretStrategy: Strategy = {
  nameRule: 'subdomain',
  defaults: (object) => {
    const { stringData, ...rest } = object as Content
    const texts = Object.entries(recordOf(stringData)).map(([key, text]) => [
      key,
      Buffer.from(String(text)).toString('base64'),
    ])
    const data = { ...recordOf(rest.data), ...Object.fromEntries(texts) }
    return {
      ...rest,
      apiVersion: object.apiVersion,
      kind: object.kind,
      metadata: object.metadata,
      ...(Object.keys(data).length === 0 ? {} : { data }),
      type: rest.type ?? 'Opaque',
    }
  },
  validate: (object) => [...keyErrors(object, 'data'), ...sizeErrors(object, 'data')],
  validateUpdate: (object, previous) => [
    ...immutableErrors('type', (object as Content).type, (previous as Content).type),
    ...fixedErrors(object, previous),
  ],
  fields: (object) => ({ type: String((object as Content).type ?? '') }),
}

function keyErrors(object: KubeObject, field: string): readonly FieldError[] {
  return Object.keys(recordOf((object as Content)[field])).flatMap((key) =>
    configKeyProblems(key).map((problem) => fieldError.invalid(`${field}[${key}]`, key, problem)),
  )
}

function sizeErrors(object: KubeObject, field: string): readonly FieldError[] {
  const { data, binaryData } = object as Content
  const size = [
    ...Object.values(recordOf(data)),
    ...Object.values(recordOf(binaryData)),
  ].reduce<number>((sum, text) => sum + Buffer.byteLength(String(text)), 0)
  return size > SIZE_LIMIT ? [fieldError.tooLong(field, SIZE_LIMIT)] : []
}

function fixedErrors(next: KubeObject, before: KubeObject): readonly FieldError[] {
  const [object, previous] = [next as Content, before as Content]
  if (previous.immutable !== true) return []
  const text = 'field is immutable when `immutable` is set'
  const found: FieldError[] = []
  if (object.immutable !== true) found.push(fieldError.forbidden('immutable', text))
  for (const field of ['data', 'binaryData']) {
    if (!sameJson(object[field], previous[field])) found.push(fieldError.forbidden(field, text))
  }
  return found
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}
