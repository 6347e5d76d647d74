import { labelOf } from './label-of.ts'
import type { LabelSelector, LabelSelectorRequirement, Labels } from './objects.ts'

export { parseFieldSelector } from './field-selector.ts'
export { parseLabelSelector, SelectorSyntaxError } from './selector-parser.ts'

/**
 * Label selectors: the structured form of objects and the text of `kubectl -l` and `?labelSelector=`.
 * Models k8s.io/apimachinery labels/selector.go, its error texts included.
 */

/**
 * Whether labels meet a selector of an object. An empty or absent selector matches everything; keys and values are
 * exact strings. `NotIn` and `DoesNotExist` match where the key is missing.
 */
export function matchesSelector(selector: LabelSelector | undefined, labels: Labels): boolean {
  if (selector === undefined) return true
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) {
    if (labelOf(labels, key) !== value) return false
  }
  return (selector.matchExpressions ?? []).every((requirement) => meets(requirement, labels))
}

/** Whether labels meet one requirement of `matchExpressions`. */
export function meets(requirement: LabelSelectorRequirement, labels: Labels): boolean {
  const value = labelOf(labels, requirement.key)
  switch (requirement.operator) {
    case 'In':
      return value !== undefined && (requirement.values ?? []).includes(value)
    case 'NotIn':
      return value === undefined || !(requirement.values ?? []).includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    default:
      return false
  }
}
