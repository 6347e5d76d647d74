import type { JobSpec, PodFailureRule, SuccessRule } from '../../../kube/workload-objects.ts'
import { type FieldError, fieldError } from '../validation/field-error.ts'
import { GoText } from '../validation/go-value.ts'
import { nonNegativeErrors } from '../validation/numbers.ts'

const ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore']
const OPERATORS = ['In', 'NotIn']
const STATUSES = ['False', 'True', 'Unknown']
const RULES = 20
const EXIT_CODES = 255

/** Go's `%q` of a list. */
function quoted(list: readonly string[]): string {
  return `[${list.map((entry) => JSON.stringify(entry)).join(' ')}]`
}

/** Something wrong with a value that is not shown. */
function invalid(field: string, detail: string): FieldError {
  return { reason: 'FieldValueInvalid', field, message: `Invalid value: ${detail}` }
}

/** `validatePodFailurePolicy`. */
export function failurePolicyErrors(spec: JobSpec, at: string): readonly FieldError[] {
  const rules = spec.podFailurePolicy?.rules ?? []
  const { containers, initContainers = [] } = spec.template.spec
  const names = new Set([...containers, ...initContainers].map((container) => container.name))
  return [
    ...(rules.length > RULES ? [fieldError.tooMany(`${at}.rules`, rules.length, RULES)] : []),
    ...rules.flatMap((rule, index) =>
      failureRuleErrors(spec, rule, `${at}.rules[${index}]`, names),
    ),
  ]
}

function failureRuleErrors(
  spec: JobSpec,
  { action = '', onExitCodes, onPodConditions = [] }: PodFailureRule,
  at: string,
  names: ReadonlySet<string>,
): readonly FieldError[] {
  const found: FieldError[] = []
  if (action === '') {
    found.push(fieldError.required(`${at}.action`, `valid values: ${quoted(ACTIONS)}`))
  } else if (action === 'FailIndex') {
    if (spec.backoffLimitPerIndex === undefined) {
      found.push(
        fieldError.invalid(`${at}.action`, action, 'requires the backoffLimitPerIndex to be set'),
      )
    }
  } else if (!ACTIONS.includes(action)) {
    found.push(fieldError.notSupported(`${at}.action`, action, ACTIONS))
  }
  if (onExitCodes !== undefined) {
    found.push(...exitCodesErrors(onExitCodes, `${at}.onExitCodes`, names))
  }
  for (const [index, { status = '' }] of onPodConditions.entries()) {
    const place = `${at}.onPodConditions[${index}].status`
    if (status === '') {
      found.push(fieldError.required(place, `valid values: ${quoted(STATUSES)}`))
    } else if (!STATUSES.includes(status)) {
      found.push(fieldError.notSupported(place, status, STATUSES))
    }
  }
  if (onExitCodes !== undefined && onPodConditions.length > 0) {
    found.push(invalid(at, 'specifying both OnExitCodes and OnPodConditions is not supported'))
  }
  if (onExitCodes === undefined && onPodConditions.length === 0) {
    found.push(invalid(at, 'specifying one of OnExitCodes and OnPodConditions is required'))
  }
  return found
}

function exitCodesErrors(
  { containerName, operator = '', values = [] }: NonNullable<PodFailureRule['onExitCodes']>,
  at: string,
  names: ReadonlySet<string>,
): readonly FieldError[] {
  const found: FieldError[] = []
  if (operator === '') {
    found.push(fieldError.required(`${at}.operator`, `valid values: ${quoted(OPERATORS)}`))
  } else if (!OPERATORS.includes(operator)) {
    found.push(fieldError.notSupported(`${at}.operator`, operator, OPERATORS))
  }
  if (containerName !== undefined && !names.has(containerName)) {
    found.push(
      fieldError.invalid(
        `${at}.containerName`,
        containerName,
        'must be one of the container or initContainer names in the pod template',
      ),
    )
  }
  const shown = new GoText(values.length === 0 ? 'null' : JSON.stringify(values))
  if (values.length === 0) {
    found.push(fieldError.invalid(`${at}.values`, shown, 'at least one value is required'))
  } else if (values.length > EXIT_CODES) {
    found.push(fieldError.tooMany(`${at}.values`, values.length, EXIT_CODES))
  }
  const seen = new Set<number>()
  for (const [index, value] of values.entries()) {
    const place = `${at}.values[${index}]`
    if (operator === 'In' && value === 0) {
      found.push(fieldError.invalid(place, value, 'must not be 0 for the In operator'))
    }
    if (seen.has(value)) found.push(fieldError.duplicate(place, value))
    seen.add(value)
  }
  if (values.some((value, index) => value < (values[index - 1] ?? value))) {
    found.push(fieldError.invalid(`${at}.values`, shown, 'must be ordered'))
  }
  return found
}

/** `validateSuccessPolicy`; of indexed jobs. */
export function successPolicyErrors(spec: JobSpec, at: string): readonly FieldError[] {
  const rules = spec.successPolicy?.rules ?? []
  return [
    ...(rules.length === 0
      ? [
          fieldError.required(
            `${at}.rules`,
            'at least one rules must be specified when the successPolicy is specified',
          ),
        ]
      : []),
    ...(rules.length > RULES ? [fieldError.tooMany(`${at}.rules`, rules.length, RULES)] : []),
    ...rules.flatMap((rule, index) =>
      successRuleErrors(rule, spec.completions ?? 0, `${at}.rules[${index}]`),
    ),
  ]
}

function successRuleErrors(
  { succeededIndexes, succeededCount }: SuccessRule,
  completions: number,
  at: string,
): readonly FieldError[] {
  const found: FieldError[] = []
  if (succeededIndexes === undefined && succeededCount === undefined) {
    found.push(
      fieldError.required(
        at,
        'at least one of succeededCount or succeededIndexes must be specified',
      ),
    )
  }
  const indexes = succeededIndexes === undefined ? 0 : countIndexes(succeededIndexes, completions)
  if (typeof indexes === 'string') {
    found.push(
      fieldError.invalid(
        `${at}.succeededIndexes`,
        succeededIndexes,
        `error parsing succeededIndexes: ${indexes}`,
      ),
    )
  }
  if (succeededCount === undefined) return found
  const place = `${at}.succeededCount`
  found.push(...nonNegativeErrors(succeededCount, place))
  if (succeededCount > completions) {
    found.push(
      fieldError.invalid(
        place,
        succeededCount,
        `must be less than or equal to ${completions} (the number of specified completions)`,
      ),
    )
  }
  const total = typeof indexes === 'string' ? 0 : indexes
  if (succeededIndexes !== undefined && succeededCount > total) {
    found.push(
      fieldError.invalid(
        place,
        succeededCount,
        `must be less than or equal to ${total} (the number of indexes in the specified succeededIndexes field)`,
      ),
    )
  }
  return found
}

/** How many indexes a list such as `0,2-4` names, or what is wrong with it: models validateIndexesFormat. */
function countIndexes(text: string, completions: number): number | string {
  if (text === '') return 0
  let total = 0
  let last: number | undefined
  for (const part of text.split(',')) {
    const limits = part.split('-')
    if (limits.length > 2) {
      return `the fragment ${JSON.stringify(part)} violates the requirement that an index interval can have at most two parts separated by '-'`
    }
    const numbers: number[] = []
    for (const limit of limits) {
      if (!/^\d+$/.test(limit)) {
        return `cannot convert string to integer for index: ${JSON.stringify(limit)}`
      }
      if (Number(limit) >= completions) return `too large index: ${JSON.stringify(limit)}`
      numbers.push(Number(limit))
    }
    const [first = 0, end = first] = numbers
    if (last !== undefined && last >= first) {
      return `non-increasing order, previous: ${last}, current: ${first}`
    }
    if (numbers.length === 2 && first >= end) {
      return `non-increasing order, previous: ${first}, current: ${end}`
    }
    total += end - first + 1
    last = end
  }
  return total
}
