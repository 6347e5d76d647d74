import { describe, expect, it } from 'vitest'
import { compare } from '../../src/policy/compare.ts'
import { mutate } from '../../src/policy/mutate.ts'
import { validateNetworkPolicy } from '../../src/policy/validate.ts'
import { egressWorld, policy, withPolicies } from './worlds.ts'

const dnsOnly = policy('foo-deny-egress', {
  podSelector: { matchLabels: { app: 'foo' } },
  policyTypes: ['Egress'],
  egress: [
    {
      to: [
        {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
          podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
        },
      ],
      ports: [
        { port: 53, protocol: 'UDP' },
        { port: 53, protocol: 'TCP' },
      ],
    },
  ],
})

describe('mutate', () => {
  it('gives only policies that the API would take, each once', () => {
    const mutants = mutate(dnsOnly)
    expect(mutants.flatMap(({ policies }) => policies.flatMap(validateNetworkPolicy))).toEqual([])
    const contents = mutants.map(({ policies }) =>
      JSON.stringify(policies.map(({ metadata, spec }) => [metadata.namespace, spec])),
    )
    expect(new Set(contents).size).toBe(contents.length)
    expect(new Set(mutants.map(({ operator }) => operator)).size).toBe(mutants.length)
  })

  it('keeps the policy beside one that allows everything', () => {
    const added = mutate(dnsOnly).find(({ operator }) => operator === 'allow-all policy added')
    expect(added?.policies.map(({ metadata }) => metadata.name)).toEqual([
      'foo-deny-egress',
      'foo-deny-egress-allow-all',
    ])
    expect(added?.policies[0]?.spec).toMatchObject(dnsOnly.spec)
  })

  it('makes the slips that people make', () => {
    const operators = mutate(dnsOnly).map(({ operator }) => operator)
    expect(operators).toEqual(
      expect.arrayContaining([
        'policy deleted',
        'allow-all policy added',
        'moved to kube-system',
        'direction swapped',
        'only the type flipped',
        'policyTypes removed',
        'subject: typo in app',
        'egress: rules emptied',
        'egress: empty rule added',
        'egress: peers removed',
        'egress: ports removed',
        'egress: split into peers and ports',
        'egress: peer 1 AND turned into OR',
        'egress: peer 1 namespace part dropped',
        'egress: port 1 dropped',
        'egress: port 1 without number',
        'egress: port 2 +1',
      ]),
    )
  })

  it('changes the meaning in the world of the lesson, each time', () => {
    const wanted = withPolicies(egressWorld, dnsOnly)
    const same = mutate(dnsOnly).filter(
      ({ policies }) => compare(wanted, withPolicies(egressWorld, ...policies)).same,
    )
    expect(same.map(({ operator }) => operator)).toEqual([])
  })

  it('leaves out what means the same by the API, and what it rejects', () => {
    const closed = policy('p', {
      podSelector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['a'] }] },
      policyTypes: ['Ingress'],
    })
    const operators = mutate(closed).map(({ operator }) => operator)
    expect(operators).toContain('other type added')
    expect(operators).not.toContain('policyTypes removed')
    expect(operators).not.toContain('ingress: rules emptied')
    expect(operators).not.toContain('subject: a left out of expression 1')
  })

  it('says what each slip did', () => {
    const sentences = new Map(mutate(dnsOnly).map(({ operator, sentence }) => [operator, sentence]))
    expect(sentences.get('policy deleted')).toBe('Policy foo-deny-egress is deleted.')
    expect(sentences.get('egress: port 2 +1')).toBe('Egress rule 1, port 2: 53 becomes 54.')
    expect(sentences.get('egress: peer 1 namespace part dropped')).toBe(
      'Egress rule 1, peer 1: its namespaceSelector is left out, so it looks in its own namespace.',
    )
    expect(sentences.get('subject: typo in app')).toBe('Subject: app=foo becomes app=fox.')
  })

  it('knows the world: its namespaces, and the numbers behind a port name', () => {
    const named = policy('kube-system/p', {
      podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
      ingress: [{ ports: [{ port: 'metrics' }] }, { from: [{ podSelector: {} }] }, { ports: [] }],
    })
    const operators = mutate(named, egressWorld).map(({ operator }) => operator)
    expect(operators).toEqual(
      expect.arrayContaining([
        'moved to default',
        'moved to watch',
        'ingress: rule 1 port 1 9153 instead of its name',
        'ingress: rule 1 port 1 with a typo',
        'ingress: rule 1 merged with rule 3',
      ]),
    )
  })

  it('moves the edges of ranges and blocks', () => {
    const edges = policy('p', {
      podSelector: {},
      egress: [
        {
          to: [{ ipBlock: { cidr: '198.51.100.0/24', except: ['198.51.100.128/25'] } }],
          ports: [{ port: 30000, endPort: 30002 }],
        },
      ],
    })
    expect(mutate(edges).map(({ operator }) => operator)).toEqual(
      expect.arrayContaining([
        'egress: peer 1 block one bit wider',
        'egress: peer 1 exception 1 removed',
        'egress: peer 1 exception 1 narrowed',
        'egress: port 1 endPort +1',
        'egress: port 1 endPort -1',
        'egress: port 1 endPort removed',
      ]),
    )
  })
})
