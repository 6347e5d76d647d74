import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { prepare } from '../../src/policy/evaluate.ts'
import {
  PROPERTY_TIMEOUT,
  peers,
  ports,
  runs,
  someFlows,
  somePolicies,
  somePolicy,
  verdicts,
  world,
} from './random-policies.ts'
import { policy, withPolicies } from './worlds.ts'

describe('whatever the policies', { timeout: PROPERTY_TIMEOUT }, () => {
  it('the reasons add up to the verdict', () => {
    fc.assert(
      fc.property(somePolicies, someFlows, (policies, few) => {
        const prepared = prepare(withPolicies(world, ...policies))
        for (const flow of few) {
          const verdict = prepared.evaluate(flow)
          if (verdict.allowed !== prepared.allows(flow)) expect(verdict.allowed).toBe('otherwise')
          for (const side of [verdict.egress, verdict.ingress]) {
            const isRight = side.policies.every(
              (reason) =>
                reason.rules.every(
                  (rule) => rule.allowed === (rule.peers.matched && rule.ports.matched),
                ) && reason.allowed === reason.rules.some(({ allowed }) => allowed),
            )
            const isOpen = side.exempt !== undefined || !side.isolated
            const allowed = isOpen || side.policies.some((one) => one.allowed)
            if (!isRight || side.allowed !== allowed) expect(side).toBe('otherwise')
          }
        }
      }),
      runs(300),
    )
  })

  it('another rule only ever opens', () => {
    fc.assert(
      fc.property(somePolicy, fc.record({ from: peers, ports }), someFlows, (one, rule, few) => {
        const typed = { ...one.spec, policyTypes: ['Ingress' as const] }
        const more = { ...typed, ingress: [...(typed.ingress ?? []), rule] }
        const before = verdicts([{ ...one, spec: typed }], few)
        const after = verdicts([{ ...one, spec: more }], few)
        return before.every((allowed, index) => !allowed || after[index] === true)
      }),
      runs(200),
    )
  })

  it('another policy closes nothing where its subjects are isolated that way already', () => {
    const isolated = ['default', 'other'].map((namespace) =>
      policy(`${namespace}/base`, { podSelector: {}, policyTypes: ['Ingress', 'Egress'] }),
    )
    fc.assert(
      fc.property(somePolicies, somePolicy, someFlows, (policies, one, few) => {
        const before = verdicts([...isolated, ...policies], few)
        const after = verdicts([...isolated, ...policies, one], few)
        return before.every((allowed, index) => !allowed || after[index] === true)
      }),
      runs(200),
    )
  })

  it('neither the order of policies nor that of rules, peers and ports matters', () => {
    fc.assert(
      fc.property(somePolicies, someFlows, (policies, few) => {
        const turned = policies.toReversed().map((one) => ({
          ...one,
          spec: {
            ...one.spec,
            ingress: (one.spec.ingress ?? [])
              .toReversed()
              .map(({ from = [], ports: list = [] }) => ({
                from: from.toReversed(),
                ports: list.toReversed(),
              })),
            egress: (one.spec.egress ?? []).toReversed().map(({ to = [], ports: list = [] }) => ({
              to: to.toReversed(),
              ports: list.toReversed(),
            })),
          },
        }))
        expect(verdicts(turned, few)).toEqual(verdicts(policies, few))
      }),
      runs(200),
    )
  })

  it('a pod that no policy selects is open both ways', () => {
    fc.assert(
      fc.property(somePolicies, someFlows, (policies, few) => {
        const elsewhere = policies.map((one) => ({
          ...one,
          metadata: { ...one.metadata, namespace: 'nowhere' },
        }))
        return verdicts(elsewhere, few).every((allowed) => allowed)
      }),
      runs(100),
    )
  })
})
