import type { CustomResourceVersion } from '../../../kube/custom-resource-definition.ts'
import type { KubeObject } from '../../../kube/objects.ts'
import { isPlainObject } from '../schema/decode.ts'
import { type FieldError, fieldError } from '../validation/field-error.ts'

type Scale = NonNullable<CustomResourceVersion['subresources']>['scale']

const MAX_INT32 = 2 ** 31 - 1

/** What is wrong with the replicas that a custom resource asks for: ValidateScaleSpec of pkg/registry/customresource. */
export function scaleSpecErrors(scale: Scale, object: KubeObject): readonly FieldError[] {
  return scale === undefined ? [] : countErrors(scale.specReplicasPath ?? '', object)
}

/** What is wrong with the replicas and the selector that a custom resource has: ValidateScaleStatus. */
export function scaleStatusErrors(scale: Scale, object: KubeObject): readonly FieldError[] {
  if (scale === undefined) return []
  const { statusReplicasPath = '', labelSelectorPath } = scale
  const selector = labelSelectorPath === undefined ? undefined : valueAt(labelSelectorPath, object)
  return [
    ...countErrors(statusReplicasPath, object),
    ...(labelSelectorPath === undefined || selector === undefined
      ? []
      : selector.problem !== undefined
        ? [fieldError.invalid(labelSelectorPath, '', selector.problem)]
        : typeof selector.value === 'string' || selector.value === undefined
          ? []
          : [
              fieldError.invalid(
                labelSelectorPath,
                '',
                wrongType(labelSelectorPath, selector.value, 'string'),
              ),
            ]),
  ]
}

function countErrors(path: string, object: KubeObject): readonly FieldError[] {
  const { value, problem } = valueAt(path, object)
  if (problem !== undefined) return [fieldError.invalid(path, 0, problem)]
  if (value === undefined) return []
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    return [fieldError.invalid(path, 0, wrongType(path, value, 'int64'))]
  }
  if (value < 0) return [fieldError.invalid(path, value, 'should be a non-negative integer')]
  if (value > MAX_INT32) {
    return [fieldError.invalid(path, value, `should be less than or equal to ${MAX_INT32}`)]
  }
  return []
}

/** NestedFieldNoCopy of apimachinery: what is at a path, or why it cannot be followed. */
function valueAt(
  path: string,
  object: KubeObject,
): { readonly value?: unknown; readonly problem?: string } {
  let value: unknown = object
  const walked: string[] = []
  for (const field of path.replace(/^\./, '').split('.')) {
    if (value === null || value === undefined) return {}
    walked.push(field)
    if (!isPlainObject(value)) {
      return { problem: wrongType(`.${walked.join('.')}`, value, 'map[string]interface{}') }
    }
    if (!Object.hasOwn(value, field)) return {}
    value = value[field]
  }
  return value === null ? {} : { value }
}

function wrongType(path: string, value: unknown, expected: string): string {
  const shown = Array.isArray(value)
    ? `[${value.map(String).join(' ')}]`
    : isPlainObject(value)
      ? 'map[]'
      : String(value)
  return `${path.startsWith('.') ? path : `.${path}`} accessor error: ${shown} is of the type ${goType(value)}, expected ${expected}`
}

function goType(value: unknown): string {
  if (Array.isArray(value)) return '[]interface {}'
  if (isPlainObject(value)) return 'map[string]interface {}'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64'
  return typeof value === 'boolean' ? 'bool' : typeof value
}
