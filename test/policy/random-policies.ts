import fc from 'fast-check'
import type {
  LabelSelector,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
} from '../../src/kube/objects.ts'
import { prepare } from '../../src/policy/evaluate.ts'
import { mutate } from '../../src/policy/mutate.ts'
import type { Endpoint, Flow, PolicyState } from '../../src/policy/types.ts'
import { pod, policy, tcp, udp, withPolicies } from './worlds.ts'

/**
 * How many random cases a property is tried on: 10,000 where `CI` is set, fewer for people who wait. `POLICY_TEST_RUNS` says another number.
 */
export function runs(otherwise: number): { readonly numRuns: number } {
  const { CI, POLICY_TEST_RUNS } = process.env
  if (POLICY_TEST_RUNS !== undefined) return { numRuns: Number(POLICY_TEST_RUNS) }
  return { numRuns: CI === undefined || CI === '' || CI === 'false' ? otherwise : 10_000 }
}

/** Long enough for all of them on a busy machine, in milliseconds. */
export const PROPERTY_TIMEOUT = 600_000

/** A small world in which random policies tell most things apart. */
export const world: PolicyState = {
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
export const peers = fc.array(peer, { maxLength: 2 })
export const ports = fc.array(port, { maxLength: 2 })
export const somePolicy: fc.Arbitrary<NetworkPolicy> = fc
  .record({
    namespace: fc.constantFrom('default', 'other'),
    podSelector,
    policyTypes: fc.subarray(['Ingress' as const, 'Egress' as const]),
    ingress: fc.array(fc.record({ from: peers, ports }), { maxLength: 2 }),
    egress: fc.array(fc.record({ to: peers, ports }), { maxLength: 2 }),
  })
  .map(({ namespace, ...spec }) => policy(`${namespace}/p`, spec))
export const somePolicies = fc
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
export const flows: readonly Flow[] = ends.flatMap((from) =>
  ends.flatMap((to) =>
    (['TCP', 'UDP', 'SCTP'] as const).flatMap((protocol) =>
      [53, 80, 8080, 9999].map((number): Flow => ({ from, to, protocol, port: number })),
    ),
  ),
)

/** A few of the flows, others for each seed: all of them would make each case slow. */
export const someFlows = fc
  .array(fc.nat(flows.length - 1), { minLength: 12, maxLength: 12 })
  .map((places) => places.map((at) => flows[at]).filter((flow) => flow !== undefined))

export function verdicts(
  policies: readonly NetworkPolicy[],
  of: readonly Flow[] = flows,
): readonly boolean[] {
  const prepared = prepare(withPolicies(world, ...policies))
  return of.map((flow) => prepared.allows(flow))
}

/** One or two, so that sets which mean the same are not too rare. */
export const fewPolicies = fc
  .array(somePolicy, { maxLength: 2 })
  .map((list) =>
    list.map((one, index) => ({ ...one, metadata: { ...one.metadata, name: `p${index}` } })),
  )

/** Half of the time the second set is one slip away from the first: many of those mean the same. */
export const twoSets = fc
  .tuple(fewPolicies, fewPolicies, fc.option(fc.nat(999)))
  .map(([before, other, slip]): [typeof before, typeof before] => {
    const [first, ...rest] = before
    if (slip === null || first === undefined) return [before, other]
    const mutants = mutate(first, world)
    return [before, [...(mutants[slip % mutants.length]?.policies ?? []), ...rest]]
  })
