import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compare } from '../../src/policy/compare.ts'
import { prepare } from '../../src/policy/evaluate.ts'
import type { Comparison, PolicyState } from '../../src/policy/types.ts'
import { fewPolicies, PROPERTY_TIMEOUT, runs, twoSets, world } from './random-policies.ts'
import { pod, tcp, udp, withPolicies } from './worlds.ts'

const NOTHING: Comparison = { same: true, differences: [], masked: [] }

/** Another world than the one that is compared in: other labels, addresses and port names. */
const otherWorld: PolicyState = {
  namespaces: [
    { name: 'default', labels: { team: 'ops' } },
    { name: 'other', labels: { team: 'dev' } },
    { name: 'third', labels: { team: 'ops' } },
  ],
  pods: [
    pod('x', { app: 'a', role: 'x' }, '10.244.1.7', [tcp(8080, 'http'), udp(53, 'http')]),
    pod('y', { role: 'a' }, '203.0.113.9', [tcp(79, 'http')]),
    pod('other/x', { app: 'zzz' }, '10.9.9.9', [udp(79, 'http')]),
    pod('third/x', { app: 'a' }, '10.244.0.99', [tcp(53, 'http')]),
    pod('third/y', { app: 'x', role: 'zzz' }, '10.244.0.98', [tcp(80)]),
  ],
  policies: [],
}
const otherEnds = [
  ...otherWorld.pods.map(({ namespace, name }) => ({ kind: 'pod' as const, namespace, name })),
  { kind: 'address' as const, address: '198.51.100.1' },
  { kind: 'address' as const, address: '10.244.1.200' },
]
const otherFlows = otherEnds.flatMap((from) =>
  otherEnds.flatMap((to) =>
    (['TCP', 'UDP', 'SCTP'] as const).flatMap((protocol) =>
      [53, 79, 80, 8080].map((port) => ({ from, to, protocol, port })),
    ),
  ),
)

describe('compare over all worlds, whatever the policies', { timeout: PROPERTY_TIMEOUT }, () => {
  it('finds a set of policies the same as itself, in any order', () => {
    fc.assert(
      fc.property(fewPolicies, (policies) => {
        const first = withPolicies(world, ...policies)
        const second = withPolicies(world, ...policies.toReversed())
        expect(compare(first, second, { scope: 'all-worlds' })).toEqual(NOTHING)
      }),
      runs(40),
    )
  })

  it('finds nothing only where no flow of any world differs, and no less than in one world', () => {
    fc.assert(
      fc.property(twoSets, ([before, after]) => {
        const [first, second] = [withPolicies(world, ...before), withPolicies(world, ...after)]
        const { same, differences } = compare(first, second, { scope: 'all-worlds' })
        for (const one of differences) expect(one.before.allowed).not.toBe(one.after.allowed)
        if (!same) return
        expect(compare(first, second).same).toBe(true)
        const [wanted, actual] = [before, after].map((policies) =>
          prepare(withPolicies(otherWorld, ...policies)),
        )
        for (const flow of otherFlows) {
          if (wanted?.allows(flow) !== actual?.allows(flow)) expect(flow).toBe('the same')
        }
      }),
      runs(60),
    )
  })
})
