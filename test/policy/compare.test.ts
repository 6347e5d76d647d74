import { describe, expect, it } from 'vitest'
import type { NetworkPolicy } from '../../src/kube/objects.ts'
import { compare } from '../../src/policy/compare.ts'
import { describeDifference } from '../../src/policy/describe.ts'
import type { PolicyState } from '../../src/policy/types.ts'
import { egressWorld, pod, policy, tcp, udp, withPolicies } from './worlds.ts'

const foo = { matchLabels: { app: 'foo' } }
const denyEgress = policy('foo-deny-egress', { podSelector: foo, policyTypes: ['Egress'] })
const kubeSystem = { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } }
const kubeDns = { matchLabels: { 'k8s-app': 'kube-dns' } }
const dnsPorts: { port: number; protocol: 'UDP' | 'TCP' }[] = [
  { port: 53, protocol: 'UDP' },
  { port: 53, protocol: 'TCP' },
]
const dnsOnly = egress([
  { to: [{ namespaceSelector: kubeSystem, podSelector: kubeDns }], ports: dnsPorts },
])

function egress(rules: NonNullable<NetworkPolicy['spec']['egress']>): NetworkPolicy {
  return policy('foo-deny-egress', { podSelector: foo, policyTypes: ['Egress'], egress: rules })
}

function differences(
  world: PolicyState,
  reference: readonly NetworkPolicy[],
  answer: readonly NetworkPolicy[],
) {
  const { same, differences: list } = compare(
    withPolicies(world, ...reference),
    withPolicies(world, ...answer),
  )
  expect(same).toBe(list.length === 0)
  return list.map((one) => `${one.mistake}: ${describeDifference(one)}`)
}

function firsts(reference: NetworkPolicy, answer: NetworkPolicy): string {
  return differences(egressWorld, [reference], [answer])[0] ?? 'same'
}

describe('compare', () => {
  it('finds no difference between a set and itself', () => {
    expect(compare(withPolicies(egressWorld, dnsOnly), withPolicies(egressWorld, dnsOnly))).toEqual(
      {
        same: true,
        differences: [],
        masked: [],
      },
    )
  })

  it('reads an empty, a missing and a null rule list as one', () => {
    const written = { ...denyEgress, spec: { ...denyEgress.spec, egress: [] } }
    expect(firsts(denyEgress, written)).toBe('same')
  })

  it.each([
    [
      'missing policyTypes',
      policy('foo-deny-egress', { podSelector: foo, egress: [] }),
      'types-missing: closes web -> foo-srv:80/TCP: foo-deny-egress has no ingress rule: nothing may enter',
    ],
    [
      'the wrong subject',
      policy('p', { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Egress'] }),
      'wrong-subject: closes web -> foo-srv:80/TCP: p has no egress rule: nothing may leave',
    ],
    [
      'an empty rule',
      egress([{}]),
      'empty-means-all: opens test -> web:80/TCP: rule 1 of foo-deny-egress lets out traffic to anyone on every port',
    ],
    [
      'every pod as subject',
      policy('p', { podSelector: {}, policyTypes: ['Egress'] }),
      'too-wide-subject: closes bar -> web:80/TCP: p has no egress rule: nothing may leave',
    ],
    [
      'both directions',
      policy('p', { podSelector: foo, policyTypes: ['Egress', 'Ingress'] }),
      'extra-direction: closes web -> foo-srv:80/TCP: p has no ingress rule: nothing may enter',
    ],
    [
      'a label that no pod carries',
      policy('p', { podSelector: { matchLabels: { run: 'foo' } }, policyTypes: ['Egress'] }),
      'no-pod-selected: opens test -> web:80/TCP: no policy selects test',
    ],
    [
      'another namespace',
      policy('watch/p', { podSelector: foo, policyTypes: ['Egress'] }),
      'wrong-namespace: opens test -> web:80/TCP: no policy selects test',
    ],
  ])('names the mistake of a closed exit with %s', (_, answer, first) => {
    expect(firsts(denyEgress, answer)).toBe(first)
  })

  it.each([
    [
      'no protocol',
      [{ port: 53 }],
      'dns-one-protocol: closes test -> kube-system/coredns-1:53/UDP',
    ],
    [
      'UDP alone',
      [dnsPorts[0] ?? {}],
      'dns-one-protocol: closes test -> kube-system/coredns-1:53/TCP',
    ],
    ['no ports', [], 'port-wide: opens test -> kube-system/coredns-1:9153/TCP'],
  ])('names the mistake of a DNS rule with %s', (_, ports, first) => {
    const to = dnsOnly.spec.egress?.[0]?.to ?? []
    expect(firsts(dnsOnly, egress([{ to, ports }]))).toContain(first)
  })

  it.each([
    [
      'a bare podSelector',
      [{ podSelector: kubeDns }],
      'own-ns-only: closes test -> kube-system/coredns-1:53/TCP: foo-deny-egress lets out traffic to pods with k8s-app=kube-dns in default; the port matches, coredns-1 is in namespace kube-system, this peer looks in default only',
    ],
    [
      'two items for one',
      [{ podSelector: kubeDns }, { namespaceSelector: kubeSystem }],
      'and-or: opens test -> kube-system/sys-dns:53/TCP: rule 1 of foo-deny-egress lets out traffic to every pod in kube-system on 53/TCP',
    ],
    [
      'the namespace alone',
      [{ namespaceSelector: kubeSystem }],
      'dns-wide: opens test -> kube-system/sys-dns:53/TCP',
    ],
    [
      'any namespace',
      [{ namespaceSelector: {}, podSelector: kubeDns }],
      'any-ns: opens test -> watch/decoy-dns:53/TCP',
    ],
    ['no peer at all', [], 'dns-wide: opens test -> watch/lighthouse:53/TCP'],
    [
      'the address of the Service',
      [{ ipBlock: { cidr: '10.96.0.10/32' } }],
      'cidr-pods: closes test -> kube-system/coredns-1:53/TCP',
    ],
    [
      'a label that the DNS pods do not carry',
      [{ namespaceSelector: kubeSystem, podSelector: { matchLabels: { app: 'coredns' } } }],
      'label-logic: closes test -> kube-system/coredns-1:53/TCP',
    ],
  ])('names the mistake of a DNS rule with %s', (_, to, first) => {
    expect(firsts(dnsOnly, egress([{ to, ports: dnsPorts }]))).toContain(first)
  })

  it('says that a rule was split where its halves became two items', () => {
    const to = dnsOnly.spec.egress?.[0]?.to ?? []
    expect(firsts(dnsOnly, egress([{ to }, { ports: dnsPorts }]))).toContain(
      'rule-split: opens test -> watch/lighthouse:53/TCP',
    )
    expect(firsts(dnsOnly, egress([]))).toContain('dns-missing: closes test ->')
  })

  it('accepts the same meaning however it is written', () => {
    const [rule = {}] = dnsOnly.spec.egress ?? []
    const inExpressions = {
      namespaceSelector: {
        matchExpressions: [
          { key: 'kubernetes.io/metadata.name', operator: 'In' as const, values: ['kube-system'] },
        ],
      },
      podSelector: kubeDns,
    }
    const twoPolicies = dnsPorts.map((port, index) => ({
      ...egress([{ to: [inExpressions], ports: [{ ...port, endPort: 53 }] }]),
      metadata: { name: `dns-${index}`, namespace: 'default' },
    }))
    expect(differences(egressWorld, [dnsOnly], twoPolicies)).toEqual([])
    const withDeny = [{ ...denyEgress, metadata: { name: 'z', namespace: 'default' } }, dnsOnly]
    expect(differences(egressWorld, [dnsOnly], withDeny)).toEqual([])
    const twoRules = egress(dnsPorts.toReversed().map((port) => ({ ...rule, ports: [port] })))
    expect(differences(egressWorld, [dnsOnly], [twoRules])).toEqual([])
  })

  it('sees a pod that is not there yet', () => {
    const byName = [
      policy('a', { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Ingress'] }),
      policy('b', { podSelector: { matchLabels: { app: 'bar' } }, policyTypes: ['Ingress'] }),
      policy('c', { podSelector: { matchLabels: { app: 'foo' } }, policyTypes: ['Ingress'] }),
    ]
    const all = policy('all', { podSelector: {}, policyTypes: ['Ingress'] })
    const [first] = compare(
      withPolicies(egressWorld, all),
      withPolicies(egressWorld, ...byName),
    ).differences
    expect(first).toMatchObject({ witness: true, mistake: 'too-narrow-subject' })
    expect(first === undefined ? '' : describeDifference(first)).toContain(
      '-> a pod without labels in default, 80/TCP: no policy selects a pod without labels in default',
    )
  })

  it('takes a port number for a name where all selected pods of the world agree on it', () => {
    const metrics = policy('m', {
      podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
      ingress: [{ ports: [{ port: 'metrics' }] }],
    })
    const named = { ...metrics, metadata: { name: 'm', namespace: 'kube-system' } }
    const numbered = { ...named, spec: { ...named.spec, ingress: [{ ports: [{ port: 9153 }] }] } }
    expect(differences(egressWorld, [named], [numbered])).toEqual([])
  })

  it('tells a number from a name where pods differ', () => {
    const world = {
      ...egressWorld,
      pods: [
        ...egressWorld.pods,
        pod('v1', { app: 'edge' }, '10.244.0.30', [tcp(8080, 'http'), udp(5353, 'disco')]),
        pod('v2', { app: 'edge' }, '10.244.0.31', [tcp(9090, 'http'), tcp(8080)]),
      ],
    }
    const edge = { matchLabels: { app: 'edge' } }
    const named = policy('p', { podSelector: edge, ingress: [{ ports: [{ port: 'http' }] }] })
    const number = policy('p', { podSelector: edge, ingress: [{ ports: [{ port: 8080 }] }] })
    expect(differences(world, [named], [number])).toEqual([
      expect.stringContaining('port-number: opens web -> v2:8080/TCP'),
      expect.stringContaining('port-number: closes web -> v2:9090/TCP'),
    ])
  })

  it('finds the last port of a range', () => {
    const range = (endPort: number) =>
      policy('p', {
        podSelector: { matchLabels: { app: 'web' } },
        ingress: [{ ports: [{ port: 30000, endPort }] }],
      })
    expect(firsts(range(30002), range(30003))).toContain('range: opens test -> web:30003/TCP')
    expect(firsts(range(30002), range(30001))).toContain('range: closes test -> web:30002/TCP')
  })

  it('tells pods of every namespace from everybody', () => {
    const web = { matchLabels: { app: 'web' } }
    const everybody = policy('p', { podSelector: web, ingress: [{}] })
    const anyPod = policy('p', {
      podSelector: web,
      ingress: [{ from: [{ namespaceSelector: {} }] }],
    })
    const anyAddress = policy('p', {
      podSelector: web,
      ingress: [{ from: [{ ipBlock: { cidr: '0.0.0.0/0' } }] }],
    })
    expect(firsts(everybody, anyPod)).toContain(
      'outside-forgotten: closes 203.0.113.7 -> web:80/TCP',
    )
    expect(firsts(everybody, anyAddress)).toBe('same')
  })

  it('sees the edges of blocks and of their exceptions', () => {
    const block = (except: string[]) =>
      egress([{ to: [{ ipBlock: { cidr: '198.51.100.0/24', except } }] }])
    expect(firsts(block(['198.51.100.128/25']), block([]))).toContain(
      'except-given-back: opens test -> 198.51.100.',
    )
    expect(firsts(block([]), block([]))).toBe('same')
    const wider = egress([{ to: [{ ipBlock: { cidr: '198.51.100.0/23' } }] }])
    expect(firsts(block([]), wider)).toContain('outside-opened: opens test -> 198.51.101.')
  })

  it('knows a policy that stands in the wrong namespace in both sets', () => {
    const misplaced = policy('watch/p', { podSelector: foo, policyTypes: ['Egress'] })
    expect(differences(egressWorld, [denyEgress, misplaced], [misplaced])[0]).toContain(
      'wrong-namespace: opens test -> web:80/TCP',
    )
  })

  it('reports what the other side shuts anyway as masked, and as no difference', () => {
    const walls = policy('walls', { podSelector: {}, policyTypes: ['Ingress'] })
    const toWeb = egress([{ to: [{ podSelector: { matchLabels: { app: 'web' } } }] }])
    const comparison = compare(
      withPolicies(egressWorld, walls, denyEgress),
      withPolicies(egressWorld, walls, toWeb),
    )
    expect(comparison.same).toBe(true)
    expect(comparison.masked.map(({ kind, flow }) => [kind, flow.to])).toEqual([
      ['opened', { kind: 'pod', namespace: 'default', name: 'web' }],
    ])
  })
})
