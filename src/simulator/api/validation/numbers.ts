import { type FieldError, fieldError } from './field-error.ts'
import { goIntOrString } from './go-value.ts'

/** `ValidateNonnegativeField`; nothing is wrong with a number that is not there. */
export function nonNegativeErrors(value: number | undefined, field: string): readonly FieldError[] {
  return value !== undefined && value < 0
    ? [fieldError.invalid(field, value, 'must be greater than or equal to 0')]
    : []
}

/** `ValidatePositiveIntOrPercent`. */
export function intOrPercentErrors(
  value: number | string | undefined,
  field: string,
): readonly FieldError[] {
  if (value === undefined) return []
  if (typeof value === 'number') return nonNegativeErrors(value, field)
  return /^[0-9]+%$/.test(value)
    ? []
    : [
        fieldError.invalid(
          field,
          goIntOrString(value),
          "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
        ),
      ]
}

/** `IsNotMoreThan100Percent`. */
export function atMostAllErrors(
  value: number | string | undefined,
  field: string,
): readonly FieldError[] {
  return typeof value === 'string' && /^[0-9]+%$/.test(value) && Number.parseInt(value, 10) > 100
    ? [fieldError.invalid(field, goIntOrString(value), 'must not be greater than 100%')]
    : []
}

/** Whether a number or percentage is nothing: `0` or `0%`. */
export function isZero(value: number | string | undefined): boolean {
  return value === 0 || value === '0%' || value === undefined
}
