import {
  dnsSubdomainProblems,
  labelKeyProblems,
  labelValueProblems,
} from '../../../kube/label-validation.ts'
import type { KubeObject } from '../../../kube/objects.ts'
import { sameJson } from '../../../kube/same-json.ts'
import type { Strategy } from '../strategies/strategy.ts'
import { type FieldError, fieldError } from './field-error.ts'
import { GoText } from './go-value.ts'
import { dns1035LabelProblems, dnsLabelProblems, pathSegmentProblems } from './names.ts'

const NAME_RULES = {
  subdomain: dnsSubdomainProblems,
  label: dnsLabelProblems,
  dns1035: dns1035LabelProblems,
  path: pathSegmentProblems,
} as const

/** `ValidateObjectMeta`: name, labels, annotations, finalizers, owners. */
export function metaErrors(
  object: KubeObject,
  { nameRule, freeFinalizers }: Pick<Strategy, 'nameRule' | 'freeFinalizers'>,
): readonly FieldError[] {
  const { name, generateName, labels, annotations, finalizers, ownerReferences } = object.metadata
  const found: FieldError[] = []
  if (generateName !== undefined && generateName !== '') {
    // The server adds five signs, so a trailing hyphen is fine here.
    for (const problem of NAME_RULES[nameRule](generateName.replace(/-$/, 'a'))) {
      found.push(fieldError.invalid('metadata.generateName', generateName, problem))
    }
  }
  if (name === '') {
    found.push(fieldError.required('metadata.name', 'name or generateName is required'))
  } else {
    for (const problem of NAME_RULES[nameRule](name)) {
      found.push(fieldError.invalid('metadata.name', name, problem))
    }
  }
  found.push(...labelErrors(labels ?? {}, 'metadata.labels'))
  found.push(...annotationErrors(annotations ?? {}, 'metadata.annotations'))
  for (const [index, owner] of (ownerReferences ?? []).entries()) {
    const at = `metadata.ownerReferences[${index}]`
    for (const field of ['apiVersion', 'kind', 'name', 'uid'] as const) {
      if (owner[field] === undefined || owner[field] === '') {
        found.push(fieldError.invalid(`${at}.${field}`, owner[field], `must not be empty`))
      }
    }
  }
  if ((ownerReferences ?? []).filter((owner) => owner.controller === true).length > 1) {
    found.push(
      fieldError.invalid(
        'metadata.ownerReferences',
        ownerReferences,
        'Only one reference can have Controller set to true.',
      ),
    )
  }
  for (const finalizer of finalizers ?? []) {
    for (const problem of labelKeyProblems(finalizer)) {
      found.push(fieldError.invalid('metadata.finalizers', finalizer, problem))
    }
    if (
      freeFinalizers !== true &&
      !finalizer.includes('/') &&
      !['orphan', 'foregroundDeletion', 'kubernetes'].includes(finalizer)
    ) {
      found.push(
        fieldError.invalid(
          'metadata.finalizers',
          finalizer,
          'name is neither a standard finalizer name nor is it fully qualified',
        ),
      )
    }
  }
  return found
}

/** `ValidateLabels`. */
export function labelErrors(
  labels: Readonly<Record<string, string>>,
  field: string,
): readonly FieldError[] {
  return Object.entries(labels).flatMap(([key, value]) => [
    ...labelKeyProblems(key).map((problem) => fieldError.invalid(field, key, problem)),
    ...labelValueProblems(value).map((problem) => fieldError.invalid(field, value, problem)),
  ])
}

const ANNOTATIONS_LIMIT = 256 * 1024

/** `ValidateAnnotations`. */
export function annotationErrors(
  annotations: Readonly<Record<string, string>>,
  field: string,
): readonly FieldError[] {
  const found = Object.keys(annotations).flatMap((key) =>
    labelKeyProblems(key.toLowerCase()).map((problem) => fieldError.invalid(field, key, problem)),
  )
  const size = Object.entries(annotations).reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value),
    0,
  )
  return size > ANNOTATIONS_LIMIT ? [...found, fieldError.tooLong(field, ANNOTATIONS_LIMIT)] : found
}

/** The text of every refusal to change a fixed field. */
const IMMUTABLE = 'field is immutable'

/** One error where a fixed field changed. `shown` is the value as the error prints it, where that is not JSON. */
export function immutableErrors(
  field: string,
  value: unknown,
  previous: unknown,
  shown: unknown = value ?? new GoText('"null"'),
): readonly FieldError[] {
  return sameJson(value, previous) ? [] : [fieldError.invalid(field, shown, IMMUTABLE)]
}
