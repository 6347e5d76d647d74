import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compare } from '../../src/policy/compare.ts'
import { prepare } from '../../src/policy/evaluate.ts'
import { mutate } from '../../src/policy/mutate.ts'
import type { Comparison, Endpoint, Flow, PolicyState } from '../../src/policy/types.ts'
import {
  fewPolicies,
  flows,
  PROPERTY_TIMEOUT,
  runs,
  twoSets,
  verdicts,
  world,
} from './random-policies.ts'
import { randomPolicy, randomState } from './random-states.ts'
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

  it('holds pods and nodes of one and two families against each family that they share', () => {
    const named = fc
      .array(randomPolicy, { maxLength: 2 })
      .map((list) =>
        list.map((one, at) => ({ ...one, metadata: { ...one.metadata, name: `p${at}` } })),
      )
    fc.assert(
      fc.property(randomState, named, named, fc.option(fc.nat(999)), (state, own, other, slip) => {
        const [first, ...rest] = own
        const mutants = first === undefined || slip === null ? [] : mutate(first, state)
        const mutant = mutants[(slip ?? 0) % mutants.length]
        const before = { ...state, policies: own }
        const after = { ...state, policies: mutant ? [...mutant.policies, ...rest] : other }
        const { same, differences } = compare(before, after)
        for (const one of differences) {
          expect([one.before.allowed, one.after.allowed]).toEqual([
            one.kind === 'closed',
            one.kind === 'opened',
          ])
        }
        if (!same) return
        const [wanted, actual] = [prepare(before), prepare(after)]
        for (const flow of flowsByFamily(state)) {
          expect([flow, actual.allows(flow)]).toEqual([flow, wanted.allows(flow)])
        }
      }),
      runs(200),
    )
  })
})

/** Every connection of each family between pods, nodes and addresses of a state, over a few ports. */
function flowsByFamily({ pods, nodes = [] }: PolicyState): readonly Flow[] {
  const ends: readonly { readonly end: Endpoint; readonly ips: readonly string[] }[] = [
    ...pods.map(({ namespace, name, ips }) => ({
      end: { kind: 'pod' as const, namespace, name },
      ips,
    })),
    ...nodes.map(({ name, addresses }) => ({
      end: { kind: 'node' as const, name },
      ips: addresses,
    })),
    ...['203.0.113.7', '10.244.1.200', '2001:db8::7', 'fd00::1:200'].map((address) => ({
      end: { kind: 'address' as const, address },
      ips: [address],
    })),
  ]
  // What no pod of a world has, no address is tried of.
  const isSix = (ip: string) => ip.includes(':')
  const isTried = (family: 4 | 6) =>
    family === 4 || pods.some(({ hostNetwork, ips }) => hostNetwork !== true && ips.some(isSix))
  return ends.flatMap((from) =>
    ends.flatMap((to) =>
      ([4, 6] as const)
        .filter(
          (family) =>
            isTried(family) &&
            [from, to].every(({ ips }) => ips.some((ip) => isSix(ip) === (family === 6))),
        )
        .flatMap((family) =>
          [53, 80, 8080].map(
            (port): Flow => ({ from: from.end, to: to.end, protocol: 'TCP', port, family }),
          ),
        ),
    ),
  )
}
