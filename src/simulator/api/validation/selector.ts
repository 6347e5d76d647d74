import { labelKeyProblems } from '../../../kube/label-validation.ts'
import type { LabelSelector } from '../../../kube/objects.ts'
import { type FieldError, fieldError } from './field-error.ts'
import { labelErrors } from './meta.ts'

/** `ValidateLabelSelector` of apimachinery. */
export function selectorErrors(selector: LabelSelector, at: string): readonly FieldError[] {
  const found: FieldError[] = [...labelErrors(selector.matchLabels ?? {}, `${at}.matchLabels`)]
  for (const [index, requirement] of (selector.matchExpressions ?? []).entries()) {
    const place = `${at}.matchExpressions[${index}]`
    const values = requirement.values ?? []
    switch (requirement.operator) {
      case 'In':
      case 'NotIn':
        if (values.length === 0) {
          found.push(
            fieldError.required(
              `${place}.values`,
              "must be specified when `operator` is 'In' or 'NotIn'",
            ),
          )
        }
        break
      case 'Exists':
      case 'DoesNotExist':
        if (values.length > 0) {
          found.push(
            fieldError.forbidden(
              `${place}.values`,
              "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
            ),
          )
        }
        break
      default:
        found.push(
          fieldError.invalid(
            `${place}.operator`,
            requirement.operator,
            'not a valid selector operator',
          ),
        )
    }
    for (const problem of labelKeyProblems(requirement.key ?? '')) {
      found.push(fieldError.invalid(`${place}.key`, requirement.key, problem))
    }
  }
  return found
}

/** A selector that says nothing, and so would choose everything. */
export function isEmptySelector(selector: LabelSelector): boolean {
  return (
    Object.keys(selector.matchLabels ?? {}).length === 0 &&
    (selector.matchExpressions ?? []).length === 0
  )
}
