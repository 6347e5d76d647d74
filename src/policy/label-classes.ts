import { meets } from '../kube/label-selector.ts'
import type { LabelSelector, LabelSelectorRequirement, Labels } from '../kube/objects.ts'

/** Above this many classes a caller is told that there are too many, by `undefined`. */
const MOST_CLASSES = 4096

/**
 * One set of labels for every way in which some labels meet and fail these selectors: each set of labels that exists is treated as
 * one of them is. The plainest come first, so the first is the empty set unless `fixed` says otherwise.
 *
 * Keys are taken one after the other; what the selectors cannot tell apart any more is merged at once, so the count grows with the
 * number of different outcomes and not with the product of all values.
 *
 * @param fixed labels that every set has; nothing else is tried for their keys
 * @returns `undefined` where there are too many
 */
export function labelClasses(
  selectors: readonly (LabelSelector | undefined)[],
  fixed: Labels = {},
): readonly Labels[] | undefined {
  const distinct = [
    ...new Map(
      selectors
        .map((selector) => requirementsOf(selector))
        .filter((requirements) => requirements.length > 0)
        .map((requirements) => [JSON.stringify(requirements), requirements] as const),
    ).values(),
  ]
  const all = (1n << BigInt(distinct.length)) - 1n
  // From the selectors that are still met to the fewest labels that lead there.
  let states = new Map<bigint, Labels>([[all, fixed]])
  for (const key of new Set(distinct.flatMap((list) => list.map((one) => one.key)))) {
    const values = Object.hasOwn(fixed, key) ? [fixed[key]] : valuesOf(key, distinct)
    const effects = new Map<bigint, string | undefined>()
    for (const value of values) {
      const mask = metBy(key, value, distinct)
      if (!effects.has(mask)) effects.set(mask, value)
    }
    const next = new Map<bigint, Labels>()
    for (const [met, labels] of states) {
      for (const [mask, value] of effects) {
        const left = met & mask
        const known = next.get(left)
        const isPlainer =
          known === undefined ||
          Object.keys(known).length > Object.keys(labels).length + (value === undefined ? 0 : 1)
        if (isPlainer) next.set(left, value === undefined ? labels : { ...labels, [key]: value })
      }
    }
    if (next.size > MOST_CLASSES) return undefined
    states = next
  }
  return [...states.values()].toSorted((a, b) => Object.keys(a).length - Object.keys(b).length)
}

/** `matchLabels` as requirements too, in a fixed order, so that the same selector is seen as the same. */
function requirementsOf(selector: LabelSelector | undefined): readonly LabelSelectorRequirement[] {
  const { matchLabels = {}, matchExpressions = [] } = selector ?? {}
  return [
    ...Object.entries(matchLabels)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]): LabelSelectorRequirement => ({ key, operator: 'In', values: [value] })),
    ...matchExpressions,
  ]
}

/** The key missing, its values that somebody mentions, and one that nobody does. */
function valuesOf(
  key: string,
  selectors: readonly (readonly LabelSelectorRequirement[])[],
): readonly (string | undefined)[] {
  const mentioned = new Set(
    selectors.flatMap((list) =>
      list.filter((one) => one.key === key).flatMap(({ values = [] }) => values),
    ),
  )
  let other = 'other'
  while (mentioned.has(other)) other += '-one'
  return [undefined, ...mentioned, other]
}

/** Which selectors a value of a key leaves met, as bits. */
function metBy(
  key: string,
  value: string | undefined,
  selectors: readonly (readonly LabelSelectorRequirement[])[],
): bigint {
  const labels: Labels = value === undefined ? {} : { [key]: value }
  let mask = 0n
  for (const [bit, list] of selectors.entries()) {
    if (list.every((one) => one.key !== key || meets(one, labels))) mask |= 1n << BigInt(bit)
  }
  return mask
}
