import type { SideVerdict, Verdict } from '../../policy/types.ts'

/** A rule that decides about a side: what allows it, or everything that could have and does not. */
export interface DecidingRule {
  readonly policy: { readonly namespace: string; readonly name: string }
  readonly direction: SideVerdict['direction']
  /** From 1; absent where the policy has no rule of this direction. */
  readonly rule?: number
  /** `policies.yaml:12`, where the policy came from a file. */
  readonly place?: string
}

/** Where a part of a policy is written, as `file:line`; `undefined` where that is not known. */
export type PlaceOf = (
  policy: { readonly namespace: string; readonly name: string },
  path: readonly (string | number)[],
) => string | undefined

/** The rules that decide about a connection, those of its sender first. */
export function decidingRules(verdict: Verdict, placeOf: PlaceOf): readonly DecidingRule[] {
  return [verdict.egress, verdict.ingress].flatMap((side) => rulesOfSide(side, placeOf))
}

function rulesOfSide(side: SideVerdict, placeOf: PlaceOf): readonly DecidingRule[] {
  if (!side.isolated) return []
  const { direction } = side
  const reasons = side.allowed
    ? side.policies.filter(({ allowed }) => allowed).slice(0, 1)
    : side.policies
  return reasons.flatMap(({ policy, rules }) => {
    const part = direction.toLowerCase()
    if (rules.length === 0) {
      const place = placeOf(policy, ['spec', part])
      return [{ policy, direction, ...(place === undefined ? {} : { place }) }]
    }
    return rules
      .filter(({ allowed }) => allowed === side.allowed)
      .slice(0, side.allowed ? 1 : undefined)
      .map(({ index }) => {
        const place = placeOf(policy, ['spec', part, index])
        return { policy, direction, rule: index + 1, ...(place === undefined ? {} : { place }) }
      })
  })
}

/** Lines that say where deciding rules are written; none where that is not known. */
export function placeLines(rules: readonly DecidingRule[]): readonly string[] {
  const places = rules.flatMap(({ policy, rule, direction, place }) =>
    place === undefined
      ? []
      : [
          `  ${place}: ${rule === undefined ? '' : `${direction.toLowerCase()} rule ${rule} of `}${policy.name}`,
        ],
  )
  return places.length === 0 ? [] : ['Where that is written:', ...places]
}
