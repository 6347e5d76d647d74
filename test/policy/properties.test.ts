import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type {
  LabelSelector,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
} from '../../src/kube/objects.ts'
import { compare } from '../../src/policy/compare.ts'
import { prepare } from '../../src/policy/evaluate.ts'
import type { Endpoint, Flow, PolicyState } from '../../src/policy/types.ts'
import { pod, policy, tcp, udp, withPolicies } from './worlds.ts'

const world: PolicyState = {
  namespaces: [
    { name: 'default', labels: {} },
    { name: 'other', labels: { team: 'ops' } },
  ],
  pods: [
    pod('a', { app: 'a' }, '10.244.0.1', [tcp(80, 'http'), udp(53)]),
    pod('b', { app: 'b', role: 'x' }, '10.244.0.2', [tcp(8080, 'http')]),
    pod('other/a', { app: 'a' }, '10.244.1.1', [tcp(80)]),
    pod('other/c', {}, '10.244.1.2', [udp(80, 'http')]),
  ],
  policies: [],
  nodes: [{ name: 'node-1', addresses: ['172.18.0.2'] }],
}

const label = fc.constantFrom(['app', 'a'], ['app', 'b'], ['role', 'x'], ['app', 'zzz'])
const podSelector = fc.oneof<fc.Arbitrary<LabelSelector>[]>(
  fc.constant({}),
  label.map(([key = '', value = '']) => ({ matchLabels: { [key]: value } })),
  fc
    .record({ key: fc.constantFrom('app', 'role'), operator: fc.constantFrom('In', 'NotIn') })
    .map(({ key, operator }) => ({
      matchExpressions: [{ key, operator: operator as 'In', values: ['a', 'x'] }],
    })),
  fc.constantFrom('Exists' as const, 'DoesNotExist' as const).map((operator) => ({
    matchExpressions: [{ key: 'role', operator }],
  })),
)
const namespaceSelector: fc.Arbitrary<LabelSelector> = fc.constantFrom(
  {},
  { matchLabels: { team: 'ops' } },
  { matchLabels: { 'kubernetes.io/metadata.name': 'default' } },
)
const peer = fc.oneof<fc.Arbitrary<NetworkPolicyPeer>[]>(
  podSelector.map((selector) => ({ podSelector: selector })),
  namespaceSelector.map((selector) => ({ namespaceSelector: selector })),
  fc.record({ podSelector, namespaceSelector }),
  fc
    .constantFrom('10.244.0.0/24', '0.0.0.0/0', '203.0.113.0/24')
    .map((cidr) => ({ ipBlock: { cidr } })),
  fc.constant({ ipBlock: { cidr: '10.244.0.0/16', except: ['10.244.1.0/24'] } }),
)
const port = fc.oneof<fc.Arbitrary<NetworkPolicyPort>[]>(
  fc.record({
    port: fc.constantFrom<number | string>(53, 80, 8080, 'http'),
    protocol: fc.constantFrom('TCP' as const, 'UDP' as const),
  }),
  fc.constant({ port: 79, endPort: 81 }),
  fc.constant({ protocol: 'SCTP' as const }),
)
const peers = fc.array(peer, { maxLength: 2 })
const ports = fc.array(port, { maxLength: 2 })
const somePolicy: fc.Arbitrary<NetworkPolicy> = fc
  .record({
    namespace: fc.constantFrom('default', 'other'),
    podSelector,
    policyTypes: fc.subarray(['Ingress' as const, 'Egress' as const]),
    ingress: fc.array(fc.record({ from: peers, ports }), { maxLength: 2 }),
    egress: fc.array(fc.record({ to: peers, ports }), { maxLength: 2 }),
  })
  .map(({ namespace, ...spec }) => policy(`${namespace}/p`, spec))
const somePolicies = fc
  .array(somePolicy, { maxLength: 4 })
  .map((list) =>
    list.map((one, index) => ({ ...one, metadata: { ...one.metadata, name: `p${index}` } })),
  )

const ends: readonly Endpoint[] = [
  ...world.pods.map(({ namespace, name }) => ({ kind: 'pod' as const, namespace, name })),
  { kind: 'address', address: '203.0.113.7' },
  { kind: 'address', address: '10.244.0.9' },
  { kind: 'node', name: 'node-1' },
]
const flows: readonly Flow[] = ends.flatMap((from) =>
  ends.flatMap((to) =>
    (['TCP', 'UDP', 'SCTP'] as const).flatMap((protocol) =>
      [53, 80, 8080, 9999].map((number): Flow => ({ from, to, protocol, port: number })),
    ),
  ),
)

function verdicts(policies: readonly NetworkPolicy[]): readonly boolean[] {
  const prepared = prepare(withPolicies(world, ...policies))
  return flows.map((flow) => prepared.allows(flow))
}

describe('whatever the policies', () => {
  it('the reasons add up to the verdict', () => {
    fc.assert(
      fc.property(somePolicies, fc.nat(flows.length - 1), (policies, at) => {
        const prepared = prepare(withPolicies(world, ...policies))
        const flow = flows[at]
        if (flow === undefined) return
        const verdict = prepared.evaluate(flow)
        expect(verdict.allowed).toBe(prepared.allows(flow))
        for (const side of [verdict.egress, verdict.ingress]) {
          for (const reason of side.policies) {
            for (const rule of reason.rules) {
              expect(rule.allowed).toBe(rule.peers.matched && rule.ports.matched)
            }
            expect(reason.allowed).toBe(reason.rules.some(({ allowed }) => allowed))
          }
          const isOpen = side.exempt !== undefined || !side.isolated
          expect(side.allowed).toBe(isOpen || side.policies.some(({ allowed }) => allowed))
        }
      }),
      { numRuns: 300 },
    )
  })

  it('another rule only ever opens', () => {
    fc.assert(
      fc.property(somePolicy, fc.record({ from: peers, ports }), (one, rule) => {
        const typed = { ...one.spec, policyTypes: ['Ingress' as const] }
        const before = verdicts([{ ...one, spec: typed }])
        const after = verdicts([
          { ...one, spec: { ...typed, ingress: [...(typed.ingress ?? []), rule] } },
        ])
        expect(before.every((allowed, index) => !allowed || after[index] === true)).toBe(true)
      }),
      { numRuns: 100 },
    )
  })

  it('another policy closes nothing where its subjects are isolated that way already', () => {
    const isolated = ['default', 'other'].map((namespace) =>
      policy(`${namespace}/base`, { podSelector: {}, policyTypes: ['Ingress', 'Egress'] }),
    )
    fc.assert(
      fc.property(somePolicies, somePolicy, (policies, one) => {
        const before = verdicts([...isolated, ...policies])
        const after = verdicts([...isolated, ...policies, one])
        expect(before.every((allowed, index) => !allowed || after[index] === true)).toBe(true)
      }),
      { numRuns: 100 },
    )
  })

  it('the order of policies does not matter', () => {
    fc.assert(
      fc.property(somePolicies, (policies) => {
        expect(verdicts(policies.toReversed())).toEqual(verdicts(policies))
      }),
      { numRuns: 100 },
    )
  })

  it('a pod that no policy selects is open both ways', () => {
    fc.assert(
      fc.property(somePolicies, (policies) => {
        const elsewhere = policies.map((one) => ({
          ...one,
          metadata: { ...one.metadata, namespace: 'nowhere' },
        }))
        expect(verdicts(elsewhere).every((allowed) => allowed)).toBe(true)
      }),
      { numRuns: 50 },
    )
  })

  it('a set of policies is the same as itself, in any order', () => {
    fc.assert(
      fc.property(somePolicies, (policies) => {
        const comparison = compare(
          withPolicies(world, ...policies),
          withPolicies(world, ...policies.toReversed()),
        )
        expect(comparison).toEqual({ same: true, differences: [], masked: [] })
      }),
      { numRuns: 100 },
    )
  })

  it('a difference really differs, and no flow of the world differs where there is none', () => {
    fc.assert(
      fc.property(somePolicies, somePolicies, (first, second) => {
        const { same, differences } = compare(
          withPolicies(world, ...first),
          withPolicies(world, ...second),
        )
        for (const { before, after, kind } of differences) {
          expect(after.allowed).toBe(kind === 'opened')
          expect(before.allowed).toBe(kind === 'closed')
        }
        if (same) expect(verdicts(second)).toEqual(verdicts(first))
      }),
      { numRuns: 300 },
    )
  })
})
