import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { NetworkPolicy, Service } from '../../src/kube/objects.ts'
import { lint } from '../../src/policy/lint.ts'
import type { PolicyState } from '../../src/policy/types.ts'
import { pod, policy, tcp, udp } from './worlds.ts'

const world: PolicyState = {
  namespaces: [
    { name: 'default', labels: {} },
    { name: 'ops', labels: { team: 'ops' } },
    { name: 'host', labels: {} },
    { name: 'kube-system', labels: {} },
  ],
  pods: [
    pod('web', { app: 'web' }, '10.244.0.11', [tcp(8080, 'http')]),
    pod('db', { app: 'db', tier: 'data' }, '10.244.0.12', [tcp(5432)]),
    pod('log', { app: 'log' }, '10.244.0.13', [udp(514)]),
    pod('ops/prom', { app: 'prom' }, '10.244.0.14', [tcp(9090)]),
    { ...pod('host/agent', { app: 'agent' }, '172.18.0.2'), hostNetwork: true },
    pod('kube-system/coredns', { 'k8s-app': 'kube-dns' }, '10.244.0.2', [
      udp(53, 'dns'),
      tcp(53, 'dns-tcp'),
    ]),
  ],
  policies: [],
}
const services: readonly Service[] = [
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      clusterIP: '10.96.0.7',
      selector: { app: 'web' },
      ports: [{ name: 'public', port: 80, targetPort: 'http' }],
    },
  },
]

const idsOf = (policies: readonly NetworkPolicy[], state = world) =>
  lint({ state: { ...state, policies }, services }).map(({ id }) => id)
const read = (spec: string, name = 'p') => policy(name, parse(spec))

const DNS_TO = '{namespaceSelector: {}, podSelector: {matchLabels: {k8s-app: kube-dns}}}'
const DNS = `{to: [${DNS_TO}], ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]}`
const WEB = 'podSelector: {matchLabels: {app: web}}'
const DB = 'podSelector: {matchLabels: {app: db}}'

describe('lint', () => {
  it.each([
    ['selects-no-pod', 'podSelector: {matchLabels: {app: wbe}}'],
    [
      'peer-matches-no-namespace',
      `{${WEB}, ingress: [{from: [{namespaceSelector: {matchLabels: {name: ops}}}]}]}`,
    ],
    [
      'peer-matches-no-pod',
      `{${WEB}, ingress: [{from: [{podSelector: {matchLabels: {app: x}}}]}]}`,
    ],
    [
      'own-namespace-only',
      `{${WEB}, ingress: [{from: [{podSelector: {matchLabels: {app: prom}}}]}]}`,
    ],
    [
      'not-in-without-key',
      `{${WEB}, ingress: [{from: [{podSelector: {matchExpressions: [{key: tier, operator: NotIn, values: [ui]}]}}]}]}`,
    ],
    [
      'and-or-look-alike',
      `{${WEB}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: ops}}}, {podSelector: {matchLabels: {app: db}}}]}]}`,
    ],
    [
      'rule-split',
      `{${WEB}, ingress: [{from: [{podSelector: {matchLabels: {app: db}}}]}, {ports: [{port: 8080}]}]}`,
    ],
    ['empty-list-means-all', `{${WEB}, ingress: [{from: [], ports: [{port: 8080}]}]}`],
    ['policy-types-missing', `{${WEB}, egress: []}`],
    ['policy-types-missing', `{${WEB}, egress: [{}]}`],
    ['rules-ignored', `{${WEB}, policyTypes: [Ingress], egress: [{}]}`],
    ['unknown-port-name', `{${WEB}, ingress: [{ports: [{port: HTTP}]}]}`],
    ['service-port', `{${WEB}, ingress: [{ports: [{port: 80}]}]}`],
    [
      'other-protocol',
      '{podSelector: {matchLabels: {app: log}}, ingress: [{ports: [{port: 514}]}]}',
    ],
    [
      'reply-ports',
      `{${WEB}, policyTypes: [Egress], egress: [${DNS}, {ports: [{port: 1024, endPort: 65535}]}]}`,
    ],
    [
      'egress-without-dns',
      `{${WEB}, policyTypes: [Egress], egress: [{to: [{${DB}}], ports: [{port: 5432}]}]}`,
    ],
    [
      'dns-udp-only',
      `{${WEB}, policyTypes: [Egress], egress: [{ports: [{port: 53, protocol: UDP}]}]}`,
    ],
    [
      'dns-tcp-only',
      `{${WEB}, policyTypes: [Egress], egress: [{to: [${DNS_TO}], ports: [{port: 53}]}]}`,
    ],
    ['everywhere-opens-pods', `{${WEB}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}`],
    [
      'except-opened-again',
      `{${WEB}, ingress: [{from: [{ipBlock: {cidr: 192.168.0.0/16, except: [192.168.7.0/24]}}]}, {from: [{ipBlock: {cidr: 192.168.7.9/32}}]}]}`,
    ],
    ['block-of-service', `{${DB}, ingress: [{from: [{ipBlock: {cidr: 10.96.0.7/32}}]}]}`],
    ['block-of-pod', `{${DB}, ingress: [{from: [{ipBlock: {cidr: 10.244.0.11/32}}]}]}`],
  ])('finds %s, and that alone', (id, spec) => {
    expect(idsOf([read(spec)])).toEqual([id])
  })

  it('finds a policy for pods on the network of their node, and a rule that the other side shuts', () => {
    expect(idsOf([policy('host/p', parse('podSelector: {}'))])).toEqual(['selects-host-network'])
    const shut = read(`{${DB}, policyTypes: [Egress]}`, 'shut')
    const open = read(`{${WEB}, ingress: [{from: [{${DB}}], ports: [{port: 8080}]}]}`, 'open')
    expect(idsOf([shut, open])).toEqual(['one-side-only'])
    const answer = read(
      `{${DB}, policyTypes: [Egress], egress: [${DNS}, {to: [{${WEB}}], ports: [{port: 8080}]}]}`,
      'answer',
    )
    expect(idsOf([shut, open, answer])).toEqual([])
  })

  it('has nothing to say of a policy that is right, and of DNS that another policy allows', () => {
    expect(
      idsOf([
        read('{podSelector: {}, policyTypes: [Ingress, Egress]}', 'deny'),
        read(`{podSelector: {}, policyTypes: [Egress], egress: [${DNS}]}`, 'dns'),
        read(
          `{${WEB}, policyTypes: [Egress], egress: [{to: [{${DB}}], ports: [{port: 5432}]}]}`,
          'a',
        ),
        read(`{${DB}, ingress: [{from: [{${WEB}}], ports: [{port: 5432}]}]}`, 'b'),
      ]),
    ).toEqual([])
  })

  it('takes a port of both protocols as written on purpose', () => {
    const both = '[{port: 514}, {port: 514, protocol: UDP}]'
    const spec = `{podSelector: {matchLabels: {app: log}}, ingress: [{ports: ${both}}]}`
    expect(idsOf([read(spec)])).toEqual([])
  })

  it('does not judge what selectors match where there are no pods', () => {
    const spec = `{podSelector: {matchLabels: {app: x}}, policyTypes: [Egress], egress: [{to: [{${DB}}]}]}`
    expect(idsOf([read(spec)], { ...world, pods: [] })).toEqual(['egress-without-dns'])
  })

  it('says place, consequence and repair, and tells the nearest label', () => {
    const [first] = lint({
      state: { ...world, policies: [read('podSelector: {matchLabels: {app: wbe}}')] },
      services,
    })
    expect(first).toMatchObject({
      policy: { namespace: 'default', name: 'p' },
      path: ['spec', 'podSelector'],
      found: 'No pod in namespace default has app=wbe.',
      consequence: 'The policy does nothing.',
    })
    expect(first?.repair).toMatch(/^Pods there have app=web, app=db and 1 more\./)
  })
})
