import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { NetworkPolicy } from '../../src/kube/objects.ts'
import { compare } from '../../src/policy/compare.ts'
import { describeDifference } from '../../src/policy/describe.ts'
import type { PolicyState } from '../../src/policy/types.ts'
import { pod, policy, tcp, udp, withPolicies } from './worlds.ts'

const world: PolicyState = {
  namespaces: [
    { name: 'default', labels: {} },
    { name: 'ops', labels: { team: 'ops' } },
    { name: 'dev', labels: { team: 'dev' } },
    { name: 'kube-system', labels: {} },
  ],
  pods: [
    pod('web', { app: 'web', tier: 'front' }, '10.244.0.11', [
      tcp(80, 'http'),
      tcp(9090, 'metrics'),
    ]),
    pod('db', { app: 'db', tier: 'back' }, '10.244.0.12', [tcp(5432)]),
    pod('client', { app: 'client' }, '10.244.0.13', [tcp(40_000)]),
    pod('half', { tier: 'front' }, '10.244.0.19', [tcp(80)]),
    pod('ops/prom', { app: 'prom' }, '10.244.1.14', [tcp(80)]),
    pod('ops/client', { app: 'client' }, '10.244.1.15', [tcp(80)]),
    pod('dev/prom', { app: 'prom' }, '10.244.2.16', [tcp(80)]),
    pod('kube-system/coredns', { 'k8s-app': 'kube-dns' }, '10.244.3.2', [
      udp(53, 'dns'),
      tcp(53, 'dns-tcp'),
    ]),
  ],
  policies: [],
}

const WEB = 'podSelector: {matchLabels: {app: web}}'
const DB = 'podSelector: {matchLabels: {app: db}}'
const CLIENT = 'podSelector: {matchLabels: {app: client}}'
const PROM = 'podSelector: {matchLabels: {app: prom}}'
const OPS = 'namespaceSelector: {matchLabels: {team: ops}}'
const DEV = 'namespaceSelector: {matchLabels: {team: dev}}'
const DNS_POD = '{namespaceSelector: {}, podSelector: {matchLabels: {k8s-app: kube-dns}}}'
const both = '[{port: 53, protocol: UDP}, {port: 53}]'
const DNS = `{to: [${DNS_POD}], ports: ${both}}`

const read = (texts: readonly string[]): readonly NetworkPolicy[] =>
  texts.map((text, index) => {
    const [, where, spec = text] = /^(\w[\w-]*): (\{[\s\S]*\})$/.exec(text) ?? []
    return policy(`${where ?? 'default'}/p${index}`, parse(spec))
  })

/** Id, what was wanted, what was written. More than one policy: a list. */
const TABLE: readonly (readonly [
  string,
  string | readonly string[],
  string | readonly string[],
])[] = [
  ['too-wide-subject', `{${WEB}}`, '{podSelector: {}}'],
  ['too-narrow-subject', '{podSelector: {matchLabels: {tier: front}}}', `{${WEB}}`],
  ['wrong-subject', `{${WEB}}`, `{${DB}}`],
  ['no-pod-selected', `{${WEB}}`, '{podSelector: {matchLabels: {run: web}}}'],
  ['wrong-namespace', `{${WEB}}`, `dev: {${WEB}}`],
  ['wrong-direction', `{${WEB}}`, `{${WEB}, policyTypes: [Egress]}`],
  ['extra-direction', `{${WEB}}`, `{${WEB}, policyTypes: [Ingress, Egress]}`],
  ['types-missing', `{${WEB}, policyTypes: [Egress], egress: []}`, `{${WEB}, egress: []}`],
  ['empty-means-all', `{${WEB}}`, `{${WEB}, ingress: [{from: []}]}`],
  [
    'own-ns-only',
    `{${WEB}, ingress: [{from: [{${OPS}, ${PROM}}]}]}`,
    `{${WEB}, ingress: [{from: [{${PROM}}]}]}`,
  ],
  [
    'any-ns',
    `{${WEB}, ingress: [{from: [{${OPS}, ${PROM}}]}]}`,
    `{${WEB}, ingress: [{from: [{namespaceSelector: {}, ${PROM}}]}]}`,
  ],
  [
    'outside-forgotten',
    `{${WEB}, ingress: [{}]}`,
    `{${WEB}, ingress: [{from: [{namespaceSelector: {}}]}]}`,
  ],
  [
    'outside-opened',
    `{${WEB}, ingress: [{from: [{namespaceSelector: {}}]}]}`,
    `{${WEB}, ingress: [{from: [{namespaceSelector: {}}, {ipBlock: {cidr: 203.0.113.0/24}}]}]}`,
  ],
  [
    'too-wide-peer',
    `{${WEB}, ingress: [{from: [{${CLIENT}}]}]}`,
    `{${WEB}, ingress: [{from: [{podSelector: {}}]}]}`,
  ],
  [
    'peer-missing',
    `{${WEB}, ingress: [{from: [{${CLIENT}}], ports: [{port: 80}]}]}`,
    `{${WEB}, ingress: [{ports: [{port: 80}]}]}`,
  ],
  [
    'and-or',
    `{${WEB}, ingress: [{from: [{${OPS}, ${PROM}}]}]}`,
    `{${WEB}, ingress: [{from: [{${OPS}}, {${PROM}}]}]}`,
  ],
  [
    'label-logic',
    `{${WEB}, ingress: [{from: [{${CLIENT}}]}]}`,
    `{${WEB}, ingress: [{from: [{${DB}}]}]}`,
  ],
  [
    'rule-split',
    `{${WEB}, ingress: [{from: [{${CLIENT}}], ports: [{port: 80}]}]}`,
    `{${WEB}, ingress: [{from: [{${CLIENT}}]}, {ports: [{port: 80}]}]}`,
  ],
  [
    'rule-product',
    `{${WEB}, ingress: [{from: [{${CLIENT}}], ports: [{port: 80}]}, {from: [{${DB}}], ports: [{port: 9090}]}]}`,
    `{${WEB}, ingress: [{from: [{${CLIENT}}, {${DB}}], ports: [{port: 80}, {port: 9090}]}]}`,
  ],
  [
    'dns-missing',
    `{${CLIENT}, policyTypes: [Egress], egress: [${DNS}, {to: [{${WEB}}], ports: [{port: 80}]}]}`,
    `{${CLIENT}, policyTypes: [Egress], egress: [{to: [{${WEB}}], ports: [{port: 80}]}]}`,
  ],
  [
    'dns-wide',
    `{${CLIENT}, policyTypes: [Egress], egress: [${DNS}]}`,
    `{${CLIENT}, policyTypes: [Egress], egress: [{ports: ${both}}]}`,
  ],
  [
    'dns-one-protocol',
    `{${CLIENT}, policyTypes: [Egress], egress: [${DNS}]}`,
    `{${CLIENT}, policyTypes: [Egress], egress: [{to: [${DNS_POD}], ports: [{port: 53, protocol: UDP}]}]}`,
  ],
  [
    'service-port',
    `{${WEB}, ingress: [{ports: [{port: 80}]}]}`,
    `{${WEB}, ingress: [{ports: [{port: 8888}]}]}`,
  ],
  [
    'port-wide',
    `{${WEB}, ingress: [{from: [{${CLIENT}}], ports: [{port: 80}]}]}`,
    `{${WEB}, ingress: [{from: [{${CLIENT}}]}]}`,
  ],
  [
    'port-number',
    `{${WEB}, ingress: [{ports: [{port: 80}]}]}`,
    `{${WEB}, ingress: [{ports: [{port: 9090}]}]}`,
  ],
  [
    'port-name',
    `{${WEB}, ingress: [{ports: [{port: http}]}]}`,
    `{${WEB}, ingress: [{ports: [{port: htp}]}]}`,
  ],
  [
    'range',
    `{${WEB}, ingress: [{ports: [{port: 80, endPort: 90}]}]}`,
    `{${WEB}, ingress: [{ports: [{port: 80, endPort: 91}]}]}`,
  ],
  [
    'protocol',
    `{${WEB}, ingress: [{ports: [{port: 80}]}]}`,
    `{${WEB}, ingress: [{ports: [{port: 80, protocol: UDP}]}]}`,
  ],
  [
    'one-side',
    [
      '{podSelector: {}, policyTypes: [Ingress, Egress]}',
      `{${WEB}, ingress: [{from: [{${CLIENT}}]}]}`,
      `{${CLIENT}, policyTypes: [Egress], egress: [{to: [{${WEB}}]}]}`,
    ],
    [
      '{podSelector: {}, policyTypes: [Ingress, Egress]}',
      `{${WEB}, ingress: [{from: [{${CLIENT}}]}]}`,
    ],
  ],
  [
    'reply-rule',
    `{${WEB}, policyTypes: [Egress], egress: [{to: [{${DB}}], ports: [{port: 5432}]}]}`,
    `{${WEB}, policyTypes: [Egress], egress: [{to: [{${DB}}], ports: [{port: 5432}]}, {to: [{${CLIENT}}], ports: [{port: 1024, endPort: 65535}]}]}`,
  ],
  ['deny-thinking', `{${WEB}}`, []],
  [
    'cidr-pods',
    `{${WEB}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.244.0.0/16]}}]}]}`,
    `{${WEB}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}`,
  ],
  [
    'except-given-back',
    `{${WEB}, ingress: [{from: [{ipBlock: {cidr: 203.0.113.0/24, except: [203.0.113.128/25]}}]}]}`,
    `{${WEB}, ingress: [{from: [{ipBlock: {cidr: 203.0.113.0/24, except: [203.0.113.128/25]}}, {ipBlock: {cidr: 203.0.113.128/25}}]}]}`,
  ],
]

function found(wanted: string | readonly string[], actual: string | readonly string[]) {
  const [before, after] = [wanted, actual].map((texts) =>
    withPolicies(world, ...read(typeof texts === 'string' ? [texts] : texts)),
  )
  if (before === undefined || after === undefined) throw new Error('two sets')
  return compare(before, after).differences
}

describe('the mistake behind a difference', () => {
  it.each(TABLE)('is %s', (id, wanted, actual) => {
    const differences = found(wanted, actual)
    expect(differences.map(({ mistake }) => mistake)).toContain(id)
    for (const one of differences) expect(describeDifference(one)).toMatch(/^(opens|closes) .+: ./)
  })

  it('has a row for every id of the course but the one that no policy can make', () => {
    const course =
      'too-wide-subject, too-narrow-subject, wrong-subject, no-pod-selected, wrong-namespace, wrong-direction, extra-direction, types-missing, empty-means-all, own-ns-only, any-ns, outside-forgotten, outside-opened, too-wide-peer, peer-missing, and-or, label-logic, rule-split, rule-product, dns-missing, dns-wide, dns-one-protocol, service-port, port-wide, port-number, port-name, range, protocol, one-side, reply-rule, deny-thinking, cidr-pods, except-given-back, not-policy'.split(
        ', ',
      )
    const rows = TABLE.map(([id]) => id)
    expect(course.filter((id) => !rows.includes(id))).toEqual(['not-policy'])
    expect(rows.filter((id) => !course.includes(id))).toEqual([])
  })

  it('is no and-or where two items were wanted', () => {
    const differences = found(
      `{${WEB}, ingress: [{from: [{${OPS}}, {${CLIENT}}]}]}`,
      `{${WEB}, ingress: [{from: [{${OPS}}, {${CLIENT}}, {${DEV}}]}]}`,
    )
    expect(differences.map(({ mistake }) => mistake)).toEqual(['label-logic'])
  })

  it('is a block that reaches pods, and the other protocol of a port that was wanted', () => {
    const client = `{from: [{${CLIENT}}], ports: [{port: 80}]}`
    const block = `{from: [{ipBlock: {cidr: 10.244.0.0/24}}], ports: [{port: 80}]}`
    expect(
      found(`{${WEB}, ingress: [${client}]}`, `{${WEB}, ingress: [${client}, ${block}]}`).map(
        ({ mistake }) => mistake,
      ),
    ).toContain('cidr-pods')
    const both = `{from: [{${CLIENT}}], ports: [{port: 80}, {port: 80, protocol: UDP}]}`
    expect(
      found(`{${WEB}, ingress: [${client}]}`, `{${WEB}, ingress: [${both}]}`).map(
        ({ mistake }) => mistake,
      ),
    ).toEqual(['protocol'])
  })

  it('is no port of a service where nobody listens on the port that was wanted', () => {
    const differences = found(
      `{${WEB}, ingress: [{ports: [{port: 7000}]}]}`,
      `{${WEB}, ingress: [{ports: [{port: 7001}]}]}`,
    )
    expect(differences.map(({ mistake }) => mistake)).not.toContain('service-port')
  })

  it('is told with the side that changed: what allows it now, or what does not any more', () => {
    const [opened] = found(
      `{${WEB}, ingress: [{from: [{${CLIENT}}]}]}`,
      `{${WEB}, ingress: [{from: [{podSelector: {}}]}]}`,
    )
    expect(opened && describeDifference(opened)).toMatch(
      /^opens db -> web:80\/TCP: rule 1 of p0 lets in every pod in default on every port$/,
    )
  })
})

describe('what is compared', () => {
  const ports = (text: string) => `{${WEB}, ingress: [{ports: [${text}]}]}`
  const portsOf = (wanted: string, actual: string) =>
    found(wanted, actual).map(({ flow, kind }) => `${kind} ${flow.port}/${flow.protocol}`)

  it('has a port in every piece between the edges of ranges', () => {
    expect(portsOf(ports('{protocol: TCP}'), ports('{port: 1, endPort: 20000}'))).toEqual([
      'closed 40000/TCP',
    ])
    const noPods = { ...world, pods: [pod('web', { app: 'web' }, '10.244.0.11')] }
    const differ = (wanted: string, actual: string) =>
      compare(
        withPolicies(noPods, ...read([wanted])),
        withPolicies(noPods, ...read([actual])),
      ).differences.map(({ flow }) => `${flow.port}/${flow.protocol}`)
    expect(differ(ports('{protocol: TCP}'), ports('{port: 1, endPort: 20000}'))).toEqual([
      '20001/TCP',
    ])
    expect(differ(ports('{protocol: TCP}'), ports('{port: 100, endPort: 65535}'))).toEqual([
      '99/TCP',
    ])
    expect(
      differ(ports('{protocol: TCP}'), ports('{protocol: TCP}, {protocol: UDP}')),
      'where no port has a number',
    ).toHaveLength(1)
  })

  it('has an address in every piece between the edges of blocks', () => {
    const blocks = (...cidrs: string[]) =>
      `{${WEB}, ingress: [{from: [{namespaceSelector: {}}, ${cidrs.map((cidr) => `{ipBlock: {cidr: ${cidr}}}`).join(', ')}]}]}`
    const addresses = (wanted: string, actual: string) =>
      found(wanted, actual).map(({ flow: { from } }) =>
        from.kind === 'address' ? from.address : '',
      )
    const all = `{${WEB}, ingress: [{}]}`
    expect(
      addresses(all, blocks('0.0.0.0/1', '128.0.0.0/2', '192.0.0.0/3', '224.0.0.0/4')),
    ).toEqual(['240.0.0.0'])
    expect(addresses(all, blocks('128.0.0.0/1', '64.0.0.0/2', '32.0.0.0/3', '16.0.0.0/4'))).toEqual(
      ['15.255.255.255'],
    )
    expect(addresses(blocks('192.0.2.0/25'), blocks('192.0.2.0/24'))).toEqual(['192.0.2.128'])
  })
})
