import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compare } from '../../src/policy/compare.ts'
import type { Comparison } from '../../src/policy/types.ts'
import {
  fewPolicies,
  flows,
  PROPERTY_TIMEOUT,
  runs,
  twoSets,
  verdicts,
  world,
} from './random-policies.ts'
import { withPolicies } from './worlds.ts'

const NOTHING: Comparison = { same: true, differences: [], masked: [] }

describe('compare, whatever the policies', { timeout: PROPERTY_TIMEOUT }, () => {
  it('finds a set of policies the same as itself, in any order', () => {
    fc.assert(
      fc.property(fewPolicies, (policies) => {
        const first = withPolicies(world, ...policies)
        expect(compare(first, withPolicies(world, ...policies.toReversed()))).toEqual(NOTHING)
      }),
      runs(100),
    )
  })

  it('gives counterexamples that really differ, and none only where no flow of the world differs', () => {
    fc.assert(
      fc.property(twoSets, ([before, after]) => {
        const { same, differences } = compare(
          withPolicies(world, ...before),
          withPolicies(world, ...after),
        )
        for (const one of differences) {
          expect([one.before.allowed, one.after.allowed]).toEqual([
            one.kind === 'closed',
            one.kind === 'opened',
          ])
        }
        if (same) expect(verdicts(after, flows)).toEqual(verdicts(before, flows))
      }),
      runs(200),
    )
  })
})
