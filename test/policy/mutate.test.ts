import { describe, expect, it } from 'vitest'
import { compare } from '../../src/policy/compare.ts'
import { mutate } from '../../src/policy/mutate.ts'
import { validateNetworkPolicy } from '../../src/policy/validate.ts'
import { egressWorld, pod, policy, tcp, withPolicies } from './worlds.ts'

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

/** A policy with everything that the rows of the course's mutation table are about. */
const rich = policy('p', {
  podSelector: { matchLabels: { app: 'web', tier: 'front' } },
  policyTypes: ['Ingress'],
  ingress: [
    {
      from: [
        {
          namespaceSelector: { matchLabels: { team: 'ops' } },
          podSelector: { matchLabels: { app: 'prom', role: 'x' } },
        },
        { podSelector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['a', 'b'] }] } },
        { namespaceSelector: { matchLabels: { team: 'dev' } } },
      ],
      ports: [{ port: 53, protocol: 'UDP' }, { port: 'http' }, { port: 8000, endPort: 8010 }],
    },
    {
      from: [{ ipBlock: { cidr: '192.0.2.0/24', except: ['192.0.2.0/26'] } }],
      ports: [{ port: 443 }],
    },
  ],
})
const richWorld = {
  namespaces: [
    { name: 'default', labels: {} },
    { name: 'ops', labels: {} },
  ],
  pods: [{ ...pod('v2', {}, '10.244.0.9'), ports: [tcp(9090, 'http')] }],
}

describe('the rows of the mutation table', () => {
  const operators = new Set(mutate(rich, richWorld).map(({ operator }) => operator))
  const untyped = policy('p', { podSelector: {}, policyTypes: ['Egress'], egress: [] })

  it.each([
    ['policy deleted', 'policy deleted'],
    ['selector typo: subject', 'subject: typo in app'],
    ['selector typo: peer', 'ingress: rule 1 peer 1 pods: typo in role'],
    ['selector typo: namespace', 'ingress: rule 1 peer 3 namespace: typo in team'],
    ['rules emptied', 'ingress: rules emptied'],
    ['rule removed', 'ingress: rule 2 removed'],
    ['peer dropped', 'ingress: rule 1 peer 2 dropped'],
    ['moved to another namespace', 'moved to ops'],
    ['subject {}', 'subject: selector emptied'],
    ['subject loses one label', 'subject: tier dropped'],
    ['direction swapped', 'direction swapped'],
    ['only the type flipped', 'only the type flipped'],
    ['other type added', 'other type added'],
    ['{} rule added', 'ingress: empty rule added'],
    ['allow-all policy added', 'allow-all policy added'],
    ['own namespace allowed', 'ingress: own namespace allowed'],
    ['peers removed', 'ingress: rule 1 peers removed'],
    ['rule split', 'ingress: rule 1 split into peers and ports'],
    ['ports removed', 'ingress: rule 1 ports removed'],
    ['number removed', 'ingress: rule 2 port 1 without number'],
    ['port entry dropped', 'ingress: rule 1 port 3 dropped'],
    ['protocol flipped', 'ingress: rule 2 port 1 UDP instead'],
    ['protocol omitted on UDP', 'ingress: rule 1 port 1 protocol left out'],
    ['port +1', 'ingress: rule 1 port 1 +1'],
    ['endPort +1', 'ingress: rule 1 port 3 endPort +1'],
    ['endPort -1', 'ingress: rule 1 port 3 endPort -1'],
    ['endPort removed', 'ingress: rule 1 port 3 endPort removed'],
    ['named port typo', 'ingress: rule 1 port 2 with a typo'],
    ['name to number', 'ingress: rule 1 port 2 9090 instead of its name'],
    ['AND to OR', 'ingress: rule 1 peer 1 AND turned into OR'],
    ['namespace part dropped', 'ingress: rule 1 peer 1 namespace part dropped'],
    ['pod part dropped', 'ingress: rule 1 peer 1 pod part dropped'],
    ['namespaceSelector to {}', 'ingress: rule 1 peer 3 namespace: selector emptied'],
    ['bare podSelector gets {}', 'ingress: rule 1 peer 2 in every namespace'],
    ['namespace to own', 'ingress: rule 1 peer 3 own namespace instead'],
    ['podSelector to {}', 'ingress: rule 1 peer 1 pods: selector emptied'],
    ['a label dropped', 'ingress: rule 1 peer 1 pods: role dropped'],
    ['expression dropped', 'ingress: rule 1 peer 2 pods: expression 1 dropped'],
    ['expression negated', 'ingress: rule 1 peer 2 pods: expression 1 negated'],
    ['two rules merged', 'ingress: rule 1 merged with the next'],
    ['except removed', 'ingress: rule 2 peer 1 exception 1 removed'],
    ['except narrowed', 'ingress: rule 2 peer 1 exception 1 narrowed'],
    [
      'except moved to a second block',
      'ingress: rule 2 peer 1 exception 1 moved to a second block',
    ],
    ['cidr one bit', 'ingress: rule 2 peer 1 block one bit wider'],
    ['cidr one bit', 'ingress: rule 2 peer 1 block one bit narrower'],
  ])('%s: %s', (_row, operator) => {
    expect(operators).toContain(operator)
  })

  it('policyTypes removed, where that means something', () => {
    expect(mutate(untyped).map(({ operator }) => operator)).toContain('policyTypes removed')
  })
})
