import { labelKeyProblems } from '../../../kube/label-validation.ts'
import { canonicalQuantity, nanosOf } from '../../../kube/quantity.ts'
import { type FieldError, fieldError } from './field-error.ts'
import { isRecord } from './json.ts'

const STANDARD = new Set(['cpu', 'memory', 'ephemeral-storage'])

/** `ValidateContainerResourceRequirements`. */
export function resourceErrors(resources: unknown, at: string): readonly FieldError[] {
  if (!isRecord(resources)) return []
  const limits = isRecord(resources.limits) ? resources.limits : {}
  const requests = isRecord(resources.requests) ? resources.requests : {}
  const found: FieldError[] = []
  for (const [name, value] of Object.entries(limits)) {
    found.push(...amountErrors(name, value, `${at}.limits[${name}]`))
  }
  for (const [name, value] of Object.entries(requests)) {
    found.push(...amountErrors(name, value, `${at}.requests[${name}]`))
    const limit = limits[name]
    if (limit === undefined) continue
    const [asked, most] = [nanos(value), nanos(limit)]
    const text = canonicalQuantity(String(value))
    const top = canonicalQuantity(String(limit))
    const place = `${at}.requests`
    // Devices cannot be had on credit.
    if (asked !== most && name.includes('/')) {
      found.push(fieldError.invalid(place, text, `must be equal to ${name} limit of ${top}`))
    } else if (asked > most) {
      found.push(
        fieldError.invalid(place, text, `must be less than or equal to ${name} limit of ${top}`),
      )
    }
  }
  return found
}

function amountErrors(name: string, value: unknown, at: string): readonly FieldError[] {
  const problems: string[] = [...labelKeyProblems(name)]
  if (problems.length === 0 && !name.includes('/') && !isStandard(name)) {
    problems.push(
      'must be a standard resource type or fully qualified',
      'must be a standard resource for containers',
    )
  }
  return [
    ...problems.map((problem) => fieldError.invalid(at, name, problem)),
    ...(nanos(value) < 0n
      ? [
          fieldError.invalid(
            at,
            canonicalQuantity(String(value)),
            'must be greater than or equal to 0',
          ),
        ]
      : []),
  ]
}

function isStandard(name: string): boolean {
  return STANDARD.has(name) || name.startsWith('hugepages-')
}

function nanos(value: unknown): bigint {
  return nanosOf(String(value)) ?? 0n
}
