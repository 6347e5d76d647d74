import { matchesSelector } from './label-selector.ts'
import type { ClusterRole, PolicyRule } from './stored-objects.ts'

/**
 * The rules of a cluster role that is made of others: every rule once, in the order of its selectors and of their names.
 * Models syncClusterRole of pkg/controller/clusterroleaggregation.
 *
 * @param all every cluster role, in the order of the names
 */
export function aggregatedRules(
  { metadata, aggregationRule }: ClusterRole,
  all: readonly ClusterRole[],
): PolicyRule[] {
  const rules = new Map<string, PolicyRule>()
  for (const selector of aggregationRule?.clusterRoleSelectors ?? []) {
    for (const part of all) {
      if (part.metadata.name === metadata.name) continue
      if (!matchesSelector(selector, part.metadata.labels ?? {})) continue
      for (const rule of part.rules ?? []) {
        const key = ruleKey(rule)
        if (!rules.has(key)) rules.set(key, rule)
      }
    }
  }
  return [...rules.values()]
}

/** Whether two lists of rules say the same in the same order, whatever the order of the fields. */
export function sameRules(a: readonly PolicyRule[], b: readonly PolicyRule[]): boolean {
  return (
    a.length === b.length && a.every((rule, index) => ruleKey(rule) === ruleKey(b[index] ?? {}))
  )
}

function ruleKey({ verbs, apiGroups, resources, resourceNames, nonResourceURLs }: PolicyRule) {
  return JSON.stringify(
    [verbs, apiGroups, resources, resourceNames, nonResourceURLs].map((list) => list ?? []),
  )
}
