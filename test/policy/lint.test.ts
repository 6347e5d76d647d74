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
const findingsOf = (policies: readonly NetworkPolicy[]) =>
  lint({ state: { ...world, policies }, services })
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

  it('says of a policy that should deny that another one allows everything', () => {
    const deny = read(`{${WEB}}`, 'deny')
    const open = read(`{${WEB}, ingress: [{}]}`, 'open')
    expect(findingsOf([deny, open])).toMatchObject([
      {
        id: 'denies-nothing',
        policy: { name: 'deny' },
        path: ['spec', 'ingress'],
        found: 'It has no ingress rule, and open allows everything to default/web.',
        repair: 'To close these pods, delete or narrow open.',
      },
    ])
    const all = read('{podSelector: {}}', 'all')
    expect(idsOf([all, open]), 'it closes the other pods').toEqual([])
    const some = read(`{${WEB}, ingress: [{ports: [{port: 8080}]}]}`, 'some')
    expect(idsOf([deny, some])).toEqual([])
    const out = read(`{${WEB}, policyTypes: [Egress], egress: [{}]}`, 'out')
    expect(idsOf([deny, out]), 'the other direction').toEqual([])
    expect(idsOf([read(`{${WEB}, policyTypes: [Egress]}`, 'quiet'), out])).toEqual([
      'denies-nothing',
    ])
  })

  it('sends nobody to pods that only look like DNS, and takes UDP on port 53 for DNS', () => {
    const decoy = pod('watch/decoy', { 'k8s-app': 'kube-dns' }, '10.244.0.3', [tcp(53)])
    const state = {
      ...world,
      pods: [decoy, ...world.pods.filter(({ namespace }) => namespace !== 'kube-system')],
    }
    const dns = 'podSelector: {matchLabels: {k8s-app: kube-dns}}'
    const own = read(
      `{${WEB}, policyTypes: [Egress], egress: [{to: [{${dns}}], ports: [{port: 53, protocol: UDP}, {port: 53}]}]}`,
    )
    const found = lint({ state: { ...state, policies: [own] }, services })
    expect(found.find(({ id }) => id === 'own-namespace-only')?.repair).toContain(
      'kubernetes.io/metadata.name: kube-system',
    )
    const udpOnly = read(
      `{${WEB}, policyTypes: [Egress], egress: [{ports: [{port: 53, protocol: UDP}]}]}`,
    )
    expect(idsOf([udpOnly], state)).toEqual(['dns-udp-only'])
    const log = read('{podSelector: {matchLabels: {app: log}}, ingress: [{ports: [{port: 514}]}]}')
    expect(findingsOf([log])[0]?.consequence).toMatch(/^This port allows TCP only, which is also/)
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

  it('leaves blocks alone whose exceptions hold every pod, and names the pods that are left', () => {
    const but = (...except: string[]) =>
      read(`{${WEB}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0, except: [${except}]}}]}]}`)
    expect(idsOf([but('10.244.0.0/16', '172.18.0.0/16')])).toEqual([])
    const [left] = findingsOf([but('10.244.0.0/29', '172.18.0.0/16')])
    expect(left).toMatchObject({ id: 'everywhere-opens-pods' })
    expect(left?.consequence).toContain('too, default/web, default/db and 2 more among them')
    const [half] = findingsOf([but('10.244.0.0/29', '10.244.0.12/30', '172.18.0.0/16')])
    expect(half?.consequence, 'web, and nobody else').toContain('too, default/web among them')
    const six = `{${WEB}, ingress: [{from: [{ipBlock: {cidr: '::/0'}}]}]}`
    expect(idsOf([read(six)]), 'no pod has such an address').toEqual([])
  })

  it('one open flow is enough for the other side, and without policies there it is not its fault', () => {
    const shut = read(
      `{${DB}, policyTypes: [Egress], egress: [${DNS}, {to: [{${WEB}}], ports: [{port: 8080}]}]}`,
      'shut',
    )
    const two = read(
      `{${WEB}, ingress: [{from: [{${DB}}, {podSelector: {matchLabels: {app: log}}}], ports: [{port: 8080}, {port: 9090}]}]}`,
      'two',
    )
    expect(idsOf([shut, two])).toEqual([])
    // A file that is not applied: nobody isolates the other side, so nothing is said of it.
    const only = read(`{${WEB}, ingress: [{from: [{${DB}}], ports: [{port: 8080}]}]}`)
    const closed = read(`{${WEB}, policyTypes: [Ingress]}`, 'closed')
    expect(
      lint({ state: { ...world, policies: [closed] }, services }, [only]).map(({ id }) => id),
    ).toEqual([])
  })

  it('says of an egress rule too that the other side shuts it', () => {
    const closed = read(`{${WEB}, policyTypes: [Ingress]}`, 'closed')
    const out = read(
      `{${DB}, policyTypes: [Egress], egress: [${DNS}, {to: [{${WEB}}], ports: [{port: 8080}]}]}`,
      'out',
    )
    const [only, ...others] = findingsOf([closed, out])
    expect(others).toEqual([])
    expect(only).toMatchObject({
      id: 'one-side-only',
      policy: { name: 'out' },
      path: ['spec', 'egress', 1],
      found:
        'Egress rule 2 lets out connections to default/web, and there closed lets them in on no port of it.',
    })
  })

  it('tells an exception that nothing opens again: other ports, other protocols, DNS, its own block', () => {
    const block = '{ipBlock: {cidr: 192.168.0.0/16, except: [192.168.7.0/24]}}'
    const open = (rules: string) =>
      read(`{${WEB}, ingress: [{from: [${block}], ports: [{port: 8080}]}${rules}]}`)
    expect(idsOf([open('')])).toEqual([])
    const again = (ports: string) =>
      `, {from: [{ipBlock: {cidr: 192.168.7.0/25}}], ports: [${ports}]}`
    expect(idsOf([open(again('{port: 8081}'))])).toEqual([])
    expect(idsOf([open(again('{port: 8080, protocol: UDP}'))])).toEqual(['other-protocol'])
    expect(idsOf([open(', {ports: [{port: 53, protocol: UDP}]}')])).toEqual([])
    expect(idsOf([open(again('{port: 8000, endPort: 8100}'))])).toEqual(['except-opened-again'])
    expect(idsOf([open(', {ports: [{port: 8080}]}')])).toContain('except-opened-again')
    const same = `, {from: [{ipBlock: {cidr: 192.168.7.0/24, except: [192.168.7.0/25, 192.168.7.128/25]}}]}`
    expect(idsOf([open(same)]), 'left out there as well').toContain('except-opened-again')
    const dnsToo = read(
      `{${WEB}, ingress: [{from: [${block}]}, {ports: [{port: 53, protocol: UDP}]}]}`,
    )
    expect(idsOf([dnsToo]), 'a rule for DNS').toEqual([])
    const twice = read(`{${WEB}, ingress: [{from: [${block}, {${DB}}]}]}`)
    expect(idsOf([twice])).toEqual([])
  })

  it('takes a block of a node for what it is, and one of several addresses', () => {
    const to = (cidr: string) => read(`{${DB}, ingress: [{from: [{ipBlock: {cidr: ${cidr}}}]}]}`)
    expect(idsOf([to('172.18.0.2/32')]), 'a pod on the network of its node').toEqual([])
    expect(idsOf([to('10.96.0.0/24')])).toEqual([])
    expect(idsOf([to('10.244.0.8/29')])).toEqual([])
  })

  it('knows DNS on the port of OpenShift, and the cache on each node', () => {
    const out = (rule: string) =>
      read(
        `{${WEB}, policyTypes: [Egress], egress: [${rule}, {to: [{${DB}}], ports: [{port: 5432}]}]}`,
      )
    const both = (port: number) => `ports: [{port: ${port}, protocol: UDP}, {port: ${port}}]`
    expect(idsOf([out(`{to: [${DNS_TO}], ${both(5353)}}`)])).toEqual([])
    const cache = '{ipBlock: {cidr: 169.254.20.10/32}}'
    expect(idsOf([out(`{to: [${cache}], ${both(53)}}`)])).toEqual([])
    const wrong = '{ipBlock: {cidr: 169.254.20.11/32}}'
    expect(idsOf([out(`{to: [${wrong}], ${both(53)}}`)])).toEqual(['egress-without-dns'])
  })

  it('does not ask DNS itself to look up names', () => {
    const dns = 'podSelector: {matchLabels: {k8s-app: kube-dns}}'
    const upstream = '{to: [{ipBlock: {cidr: 192.0.2.1/32}}], ports: [{port: 853}]}'
    const own = policy(
      'kube-system/p',
      parse(`{${dns}, policyTypes: [Egress], egress: [${upstream}]}`),
    )
    expect(idsOf([own])).toEqual([])
  })

  it('leaves ranges alone that are meant: of low ports, narrow, or of node ports', () => {
    const range = (ports: string) => read(`{${WEB}, ingress: [{ports: [${ports}]}]}`)
    expect(idsOf([range('{port: 8000, endPort: 8999}')])).toEqual([])
    expect(idsOf([range('{port: 30000, endPort: 32767}')])).toEqual([])
    expect(idsOf([range('{port: 1, endPort: 65535}')])).toEqual([])
    expect(idsOf([range('{port: 32768, endPort: 60999}')])).toEqual(['reply-ports'])
    expect(idsOf([range('{port: 80, endPort: 90}')]), 'the port of the service in a range').toEqual(
      [],
    )
  })

  it('looks at what a service sends where: headless ones and the same number are no trap', () => {
    const on80 = read(`{${WEB}, ingress: [{ports: [{port: 80}]}]}`)
    const withSpec = (change: object) => {
      const [web] = services
      if (web === undefined) throw new Error('no service')
      const changed = [{ ...web, spec: { ...web.spec, ...change } }]
      return lint({ state: { ...world, policies: [on80] }, services: changed }).map(({ id }) => id)
    }
    expect(withSpec({})).toEqual(['service-port'])
    expect(withSpec({ clusterIP: 'None' })).toEqual([])
    expect(withSpec({ ports: [{ port: 80, targetPort: 80 }] })).toEqual([])
    expect(withSpec({ ports: [{ port: 80 }] })).toEqual([])
    expect(
      withSpec({ selector: {} }),
      'a service without a selector leads nowhere by itself',
    ).toEqual([])
    expect(withSpec({ selector: { app: 'db' } })).toEqual([])
  })

  it('says how to repair a name of a port: its protocol, its case, the service, the client', () => {
    const repair = (spec: string) => findingsOf([read(spec)])[0]?.repair
    const named = (entry: string) => `{${WEB}, ingress: [{ports: [${entry}]}]}`
    expect(repair(named('{port: http, protocol: UDP}'))).toBe(
      'http is a TCP port there: write protocol: TCP.',
    )
    expect(repair(named('{port: HTTP}'))).toBe('Names are exact: write http.')
    expect(repair(named('{port: public}'))).toMatch(/^public is a port of service web\./)
    expect(repair(named('{port: other}'))).toBe(
      'Named there: http (8080/TCP). Or write the number.',
    )
    expect(repair(`{${DB}, ingress: [{from: [{${WEB}}], ports: [{port: http}]}]}`)).toMatch(
      /^Only the client has a port of that name\./,
    )
  })

  it('does not take two rules for one that was split: DNS for everybody, or both with peers', () => {
    const out = (rules: string) => read(`{${WEB}, policyTypes: [Egress], egress: [${rules}]}`)
    const dnsPorts = '{ports: [{port: 53, protocol: UDP}, {port: 53}]}'
    expect(idsOf([out(`{to: [{${DB}}]}, ${dnsPorts}`)])).toEqual([])
    expect(idsOf([out(`${dnsPorts}, {to: [{${DB}}]}`)])).toEqual([])
    expect(
      idsOf([
        out(`{to: [{${DB}}]}, {ports: [{port: 53, protocol: UDP}, {port: 53}, {port: 443}]}`),
      ]),
    ).toContain('rule-split')
    expect(
      idsOf([
        read(
          `{${WEB}, ingress: [{from: [{${DB}}], ports: [{port: 8080}]}, {ports: [{port: 8080}]}]}`,
        ),
      ]),
    ).toEqual([])
  })

  it('takes the own namespace beside another one as meant', () => {
    const ops = '{namespaceSelector: {matchLabels: {team: ops}}}'
    expect(idsOf([read(`{${WEB}, ingress: [{from: [${ops}, {podSelector: {}}]}]}`)])).toEqual([])
    expect(idsOf([read(`{${WEB}, ingress: [{from: [{podSelector: {}}, ${ops}]}]}`)])).toEqual([])
    const turned = `{${WEB}, ingress: [{from: [{${DB}}, ${ops}]}]}`
    expect(idsOf([read(turned)])).toEqual(['and-or-look-alike'])
    const apart = `{${WEB}, ingress: [{from: [{ipBlock: {cidr: 192.0.2.0/24}}, ${ops}]}]}`
    expect(idsOf([read(apart)])).toEqual([])
  })

  it('leaves NotIn alone where everything has the key', () => {
    const notIn = (key: string) =>
      read(
        `{${WEB}, ingress: [{from: [{podSelector: {matchExpressions: [{key: ${key}, operator: NotIn, values: [web]}]}}]}]}`,
      )
    expect(idsOf([notIn('app')])).toEqual([])
    const alone = `{podSelector: {matchExpressions: [{key: tier, operator: NotIn, values: [data]}]}}`
    const [found] = findingsOf([read(alone)])
    expect(found).toMatchObject({
      id: 'not-in-without-key',
      consequence: 'It matches default/web and default/log, which have no such label.',
    })
    const exists = `{podSelector: {matchExpressions: [{key: tier, operator: NotIn, values: [ui]}, {key: tier, operator: Exists}]}}`
    expect(idsOf([read(exists)])).toEqual([])
  })

  it('says nothing of rules that are not there or do not count', () => {
    expect(idsOf([read(`{${WEB}, policyTypes: [Ingress], egress: []}`)])).toEqual([])
    expect(idsOf([read(`{${WEB}, policyTypes: [Egress]}`)])).toEqual([])
  })

  it('knows the DNS of every cluster where manifests leave it out, and no other pods', () => {
    const app = {
      ...world,
      pods: world.pods.filter(({ namespace }) => namespace !== 'kube-system'),
    }
    const out = (labels: string) =>
      read(
        `{${WEB}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {}, podSelector: {matchLabels: {k8s-app: ${labels}}}}], ports: [{port: 53, protocol: UDP}, {port: 53}]}]}`,
      )
    expect(idsOf([out('kube-dns')], app)).toEqual([])
    expect(idsOf([out('other-dns')], app)).toContain('peer-matches-no-pod')
  })

  it('tells the label that is wrong when another one is right', () => {
    const [found] = findingsOf([read('podSelector: {matchLabels: {app: db, tier: date}}')])
    expect(found?.repair).toMatch(/^Pods there have tier=data\. Correct tier=date,/)
    const [missing] = findingsOf([read('podSelector: {matchLabels: {app: db, kind: x}}')])
    expect(missing?.repair).toMatch(/^No pod there has a label kind\./)
  })

  it('names the namespace where the pods are, when it is not that of the policy', () => {
    const [found] = findingsOf([policy('ops/p', parse(`{${WEB}}`))])
    expect(found).toMatchObject({ id: 'selects-no-pod' })
    expect(found?.repair).toMatch(/^Pods with these labels are in default:/)
  })

  describe('callers from outside', () => {
    const nodes = [{ name: 'node-1', addresses: ['172.18.0.2'] }]
    const office = (cidr = '203.0.113.0/24', more = '') =>
      read(`{${WEB}, ingress: [{from: [{ipBlock: {cidr: ${cidr}}}${more}]}]}`)
    const ids = (one: NetworkPolicy, change: object) => {
      const [web] = services
      if (web === undefined) throw new Error('no service')
      return lint({
        state: { ...world, nodes, policies: [one] },
        services: [{ ...web, spec: { ...web.spec, ...change } }],
      }).map(({ id }) => id)
    }

    it.each(['NodePort', 'LoadBalancer'])(
      'come with the address of a node through a %s',
      (type) => {
        expect(ids(office(), { type })).toEqual(['sender-rewritten'])
        expect(ids(office(), { type, externalTrafficPolicy: 'Local' })).toEqual([])
        expect(ids(office('10.244.0.0/16'), { type }), 'pods keep their address').toEqual([])
        const allowed = office('203.0.113.0/24', ', {ipBlock: {cidr: 172.18.0.0/16}}')
        expect(ids(allowed, { type }), 'the nodes may').toEqual([])
      },
    )

    it('are no matter for a service inside, for egress, or for pods without one', () => {
      expect(ids(office(), { type: 'ClusterIP' })).toEqual([])
      expect(ids(office(), { type: 'NodePort', selector: { app: 'db' } })).toEqual([])
      const out = read(
        `{${WEB}, policyTypes: [Egress], egress: [${DNS}, {to: [{ipBlock: {cidr: 203.0.113.0/24}}]}]}`,
      )
      expect(ids(out, { type: 'NodePort' })).toEqual([])
    })
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
