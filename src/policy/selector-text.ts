import { meets } from '../kube/label-selector.ts'
import type { LabelSelector, LabelSelectorRequirement, Labels } from '../kube/objects.ts'

/** A selector for people: `app=foo and role in (api, web)`; empty for a selector that limits nothing. */
export function selectorText(selector: LabelSelector | undefined): string {
  const parts = Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`)
  return [...parts, ...(selector?.matchExpressions ?? []).map(requirementText)].join(' and ')
}

function requirementText({ key, operator, values = [] }: LabelSelectorRequirement): string {
  switch (operator) {
    case 'In':
      return values.length === 1 ? `${key}=${values[0]}` : `${key} in (${values.join(', ')})`
    case 'NotIn':
      return values.length === 1 ? `${key}!=${values[0]}` : `${key} not in (${values.join(', ')})`
    case 'Exists':
      return `any ${key}`
    case 'DoesNotExist':
      return `no ${key}`
  }
}

/** The first part of a selector that labels do not meet, as `the pod label app is web, wanted foo`. */
export function mismatchText(
  selector: LabelSelector | undefined,
  labels: Labels,
  what: 'pod' | 'namespace',
): string {
  for (const [key, wanted] of Object.entries(selector?.matchLabels ?? {})) {
    const value = labels[key]
    if (value === undefined) return `the ${what} has no label ${key}, wanted ${wanted}`
    if (value !== wanted) return `the ${what} label ${key} is ${value}, wanted ${wanted}`
  }
  for (const requirement of selector?.matchExpressions ?? []) {
    if (meets(requirement, labels)) continue
    const { key, operator, values = [] } = requirement
    const value = labels[key]
    switch (operator) {
      case 'In': {
        const wanted = values.length === 1 ? values[0] : `one of ${values.join(', ')}`
        return value === undefined
          ? `the ${what} has no label ${key}, wanted ${wanted}`
          : `the ${what} label ${key} is ${value}, wanted ${wanted}`
      }
      case 'NotIn':
        return `the ${what} label ${key} is ${value}, which is left out`
      case 'Exists':
        return `the ${what} has no label ${key}`
      case 'DoesNotExist':
        return `the ${what} has the label ${key}, wanted none`
    }
  }
  return `the ${what} labels match`
}
