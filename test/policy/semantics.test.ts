import { describe, expect, it } from 'vitest'
import type { Pod } from '../../src/kube/objects.ts'
import { describeSide, describeVerdict } from '../../src/policy/describe.ts'
import { evaluate } from '../../src/policy/evaluate.ts'
import { toPolicyState } from '../../src/policy/policy-state.ts'
import type { Flow, PolicyPod, PolicyState } from '../../src/policy/types.ts'
import { egressWorld, flow, pod, policy, tcp, udp, withPolicies } from './worlds.ts'

/** What the public suites do not cover: families, lifecycle, protocols, and where plugins differ. */
const dual: PolicyPod = {
  ...pod('dual', { app: 'dual' }, '10.244.0.60', [tcp(80)]),
  ips: ['10.244.0.60', 'fd00:10:244::3c'],
}
const six = pod('six', { app: 'six' }, 'fd00:10:244::3d', [tcp(80)])
const world: PolicyState = { ...egressWorld, pods: [...egressWorld.pods, dual, six] }
const DUAL = { matchLabels: { app: 'dual' } }

const fromBlock = (cidr: string, except?: string[]) =>
  policy('block', {
    podSelector: DUAL,
    ingress: [{ from: [{ ipBlock: except === undefined ? { cidr } : { cidr, except } }] }],
  })
const toBlock = (cidr: string) =>
  policy('block', {
    podSelector: { matchLabels: { app: 'foo' } },
    policyTypes: ['Egress'],
    egress: [{ to: [{ ipBlock: { cidr } }] }],
  })
const outside = (from: string, change: Partial<Flow> = {}): Flow => ({
  from: { kind: 'address', address: from },
  to: { kind: 'pod', namespace: 'default', name: 'dual' },
  protocol: 'TCP',
  port: 80,
  ...change,
})

describe('IPv6 and two families', () => {
  it.each([
    ['2001:db8::/32', '2001:db8::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['2001:db8::/64', '2001:db8:0:0:ffff:ffff:ffff:ffff', true],
    ['2001:db8::/64', '2001:db8:0:1::', false],
    ['::/0', '2001:db8::1', true],
    ['::/0', '203.0.113.7', false],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['0.0.0.0/0', '::ffff:203.0.113.7', true],
    ['2001:DB8::5/128', '2001:0db8:0:0::5', true],
  ])('%s holds %s: %s', (cidr, from, allowed) => {
    expect(evaluate(withPolicies(world, fromBlock(cidr)), outside(from)).allowed).toBe(allowed)
  })

  it('an exception counts within its own family', () => {
    const state = withPolicies(world, fromBlock('2001:db8::/32', ['2001:db8:1::/48']))
    expect(evaluate(state, outside('2001:db8:1::9')).allowed).toBe(false)
    expect(evaluate(state, outside('2001:db8:2::9')).allowed).toBe(true)
  })

  it('holds a block against the address that the connection uses', () => {
    const four = withPolicies(world, toBlock('10.244.0.0/16'))
    const to = (address: string): Flow => ({
      from: { kind: 'pod', namespace: 'default', name: 'test' },
      to: { kind: 'address', address },
      protocol: 'TCP',
      port: 80,
    })
    expect(evaluate(four, to('10.244.0.60')).allowed).toBe(true)
    const denied = evaluate(four, to('fd00:10:244::3c'))
    expect(denied.allowed).toBe(false)
    expect(describeSide(denied.egress, denied.flow).text).toBe(
      'block lets out traffic to 10.244.0.0/16; fd00:10:244::3c is outside 10.244.0.0/16',
    )
    const byName = { ...to('x'), to: { kind: 'pod', namespace: 'default', name: 'dual' } } as const
    expect(evaluate(four, byName).allowed, 'either, where nobody says which').toBe(true)
    expect(evaluate(four, { ...byName, family: 6 }).allowed).toBe(false)
    expect(evaluate(four, { ...byName, family: 4 }).allowed).toBe(true)
  })

  it('lets a pod reach itself by either of its addresses', () => {
    const closed = policy('closed', { podSelector: DUAL, policyTypes: ['Ingress', 'Egress'] })
    for (const address of ['10.244.0.60', 'fd00:10:244::3c']) {
      const verdict = evaluate(withPolicies(world, closed), {
        from: { kind: 'pod', namespace: 'default', name: 'dual' },
        to: { kind: 'address', address },
        protocol: 'TCP',
        port: 80,
      })
      expect(verdict.egress.exempt).toBe('itself')
    }
  })

  it('selectors do not ask for a family', () => {
    const bySelector = policy('p', {
      podSelector: DUAL,
      ingress: [{ from: [{ podSelector: { matchLabels: { app: 'six' } } }] }],
    })
    const verdict = evaluate(withPolicies(world, bySelector), {
      ...flow('six -> dual:80/TCP'),
      family: 6,
    })
    expect(verdict.allowed).toBe(true)
  })
})

describe('ports', () => {
  const ranged = policy('p', {
    podSelector: DUAL,
    ingress: [
      {
        ports: [
          { port: 8000, endPort: 8010 },
          { port: 9000, endPort: 9000 },
        ],
      },
    ],
  })

  it.each([
    [7999, false],
    [8000, true],
    [8005, true],
    [8010, true],
    [8011, false],
    [9000, true],
    [9001, false],
  ])('a range holds both its ends: %i %s', (port, allowed) => {
    const state = withPolicies(world, ranged)
    expect(evaluate(state, flow(`test -> dual:${port}/TCP`)).allowed).toBe(allowed)
    expect(evaluate(state, flow(`test -> dual:${port}/UDP`)).allowed).toBe(false)
  })

  it('a range is said as one, and that old Cilium opens its first port only where that matters', () => {
    const state = withPolicies(world, ranged)
    const inside = evaluate(state, flow('test -> dual:8005/TCP'))
    expect(describeSide(inside.ingress, inside.flow).text).toContain('on 8000-8010/TCP')
    expect(inside.ingress.plugins).toContain('Cilium before 1.16')
    expect(evaluate(state, flow('test -> dual:8000/TCP')).ingress.plugins).toBeUndefined()
  })

  it('SCTP is a protocol of its own, and has to be switched on in Cilium', () => {
    const sctp = policy('p', {
      podSelector: DUAL,
      ingress: [{ ports: [{ port: 80, protocol: 'SCTP' }] }],
    })
    const state = withPolicies(world, sctp)
    const verdict = evaluate(state, flow('test -> dual:80/SCTP'))
    expect(verdict).toMatchObject({ allowed: true })
    expect(verdict.ingress.plugins).toMatch(/^SCTP has to be switched on in Cilium/)
    expect(describeVerdict(verdict).at(-1)).toBe(verdict.ingress.plugins)
    expect(evaluate(state, flow('test -> dual:80/TCP')).allowed, 'isolated by selection').toBe(
      false,
    )
  })

  it('an entry without a port opens every port of its protocol, and no other protocol', () => {
    const anyUdp = policy('p', { podSelector: DUAL, ingress: [{ ports: [{ protocol: 'UDP' }] }] })
    const state = withPolicies(world, anyUdp)
    expect(evaluate(state, flow('test -> dual:65535/UDP')).allowed).toBe(true)
    expect(evaluate(state, flow('test -> dual:80/TCP')).allowed).toBe(false)
    expect(evaluate(state, flow('test -> dual/ICMP')).allowed, 'ping has no port').toBe(false)
  })
})

describe('ping', () => {
  it('of a pod that nobody isolates is open, and nothing needs saying', () => {
    const verdict = evaluate(world, flow('test -> dual/ICMP'))
    expect(verdict).toMatchObject({ allowed: true })
    expect(verdict.ingress.choice).toBeUndefined()
  })

  it('to an isolated pod says which plugins do the same', () => {
    const closed = policy('p', { podSelector: DUAL })
    const verdict = evaluate(withPolicies(world, closed), flow('test -> dual/ICMP'))
    expect(verdict.ingress.choice).toMatch(/promises nothing for ping.*kindnet, Calico and Cilium/)
  })
})

describe('nodes', () => {
  const nodes = [
    { name: 'node-1', addresses: ['172.18.0.2', 'fd00::2'] },
    { name: 'node-2', addresses: ['172.18.0.3'] },
  ]
  const closed = policy('closed', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] })
  const state = withPolicies({ ...world, nodes }, closed)

  it('of a pod reach it, by every address and with ping, so that probes of the kubelet work', () => {
    for (const from of ['node:node-1', '172.18.0.2']) {
      expect(evaluate(state, flow(`${from} -> dual:80/TCP`)).allowed).toBe(true)
      expect(evaluate(state, flow(`${from} -> dual/ICMP`)).allowed).toBe(true)
    }
    expect(evaluate(state, outside('fd00::2')).ingress.exempt).toBe('own-node')
  })

  it('that are others count as addresses: a block lets them in, a selector of every pod does not', () => {
    const every = policy('every', {
      podSelector: {},
      ingress: [{ from: [{ namespaceSelector: {} }] }],
    })
    const toDual = flow('node:node-2 -> dual:80/TCP')
    expect(evaluate(withPolicies({ ...world, nodes }, every), toDual).allowed).toBe(false)
    const byBlock = withPolicies({ ...world, nodes }, fromBlock('172.18.0.3/32'))
    expect(evaluate(byBlock, toDual).allowed).toBe(true)
  })

  it('are reached by their own pods whatever the policies, which plugins do not agree on', () => {
    const own = evaluate(state, flow('dual -> node:node-1:10250/TCP'))
    expect(own).toMatchObject({ allowed: true, egress: { exempt: 'own-node' } })
    expect(own.egress.choice).toContain('Plugins differ')
    expect(evaluate(state, flow('dual -> node:node-2:10250/TCP')).allowed).toBe(false)
  })

  it('are in a block where one of their addresses is in it and in no exception', () => {
    const two = [{ name: 'node-2', addresses: ['172.18.0.3', '172.18.5.3'] }]
    const state = (...except: string[]) =>
      withPolicies({ ...world, nodes: two }, fromBlock('172.18.0.0/16', except))
    const toDual = flow('node:node-2 -> dual:80/TCP')
    expect(evaluate(state('172.18.0.0/24'), toDual).allowed).toBe(true)
    expect(evaluate(state('172.18.0.0/21'), toDual).allowed).toBe(false)
  })

  it('a pod without a node has none that is exempt', () => {
    const { node: _, ...nowhere } = pod('nowhere', { app: 'nowhere' }, '10.244.0.70')
    const more = withPolicies({ ...world, nodes, pods: [...world.pods, nowhere] }, closed)
    expect(evaluate(more, flow('node:node-1 -> nowhere:80/TCP')).allowed).toBe(false)
  })
})

describe('pods on the network of their node', () => {
  const host: PolicyPod = {
    ...pod('host', { app: 'dual' }, '172.18.0.3', [tcp(9100, 'metrics')]),
    hostNetwork: true,
    node: 'node-2',
  }
  const more = { ...world, pods: [...world.pods, host] }

  it('are not isolated by a policy that selects their labels, and it says who does otherwise', () => {
    const closed = policy('closed', { podSelector: DUAL, policyTypes: ['Ingress', 'Egress'] })
    const verdict = evaluate(withPolicies(more, closed), flow('test -> host:9100/TCP'))
    expect(verdict.allowed).toBe(true)
    expect(verdict.ingress.choice).toMatch(/as most plugins have it\. Others /)
    expect(evaluate(withPolicies(more, closed), flow('host -> test:80/TCP')).allowed).toBe(true)
  })

  it('have no names of ports for others', () => {
    const named = policy('named', {
      podSelector: { matchLabels: { app: 'foo' } },
      policyTypes: ['Egress'],
      egress: [{ ports: [{ port: 'metrics' }] }],
    })
    expect(evaluate(withPolicies(more, named), flow('test -> host:9100/TCP')).allowed).toBe(false)
  })
})

describe('blocks and pods', () => {
  it('match, which Cilium has otherwise: that is said where a block is what allows', () => {
    const verdict = evaluate(
      withPolicies(world, fromBlock('10.244.0.0/16')),
      flow('test -> dual:80/TCP'),
    )
    expect(verdict.allowed).toBe(true)
    expect(verdict.ingress.plugins).toMatch(/Cilium leaves pods out of blocks/)
    const fromOutside = evaluate(
      withPolicies(world, fromBlock('0.0.0.0/0')),
      outside('203.0.113.7'),
    )
    expect(fromOutside.ingress.plugins).toBeUndefined()
    const bySelector = policy('p', {
      podSelector: DUAL,
      ingress: [{ from: [{ podSelector: {} }, { ipBlock: { cidr: '10.244.0.0/16' } }] }],
    })
    const both = evaluate(withPolicies(world, bySelector), flow('test -> dual:80/TCP'))
    expect(both.ingress.plugins, 'a selector allows it as well').toBeUndefined()
  })
})

describe('a pod through its own Service', () => {
  const hairpin = { ...flow('dual -> dual:80/TCP'), viaService: true }

  it('needs both sides, and it says which plugins never limit it', () => {
    const closed = policy('closed', { podSelector: DUAL, policyTypes: ['Ingress'] })
    const verdict = evaluate(withPolicies(world, closed), hairpin)
    expect(verdict).toMatchObject({ allowed: false, egress: { allowed: true } })
    expect(verdict.ingress.choice).toContain('Cilium and Antrea always allow it')
    const open = policy('open', { podSelector: DUAL, ingress: [{ from: [{ podSelector: DUAL }] }] })
    expect(evaluate(withPolicies(world, open), hairpin).allowed).toBe(true)
  })
})

describe('the life of a pod', () => {
  const kubePod = (name: string, change: { phase?: string; deleted?: boolean }): Pod => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      labels: { app: 'web' },
      ...(change.deleted === true ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
    },
    spec: {
      containers: [{ name: 'c', image: 'x', ports: [{ name: 'http', containerPort: 80 }] }],
      initContainers: [
        {
          name: 'proxy',
          image: 'x',
          restartPolicy: 'Always',
          ports: [{ name: 'mesh', containerPort: 15_000 }],
        },
        { name: 'setup', image: 'x', ports: [{ name: 'once', containerPort: 99 }] },
      ],
    },
    status: { phase: (change.phase ?? 'Running') as 'Running', podIP: `10.244.3.${name.length}` },
  })
  const read = (...pods: Pod[]) => ({ ...toPolicyState({ namespaces: [], policies: [], pods }) })
  const client = { ...kubePod('client', {}), metadata: { name: 'client', namespace: 'default' } }

  it('keeps its policies while it ends', () => {
    const state = read(kubePod('web', { deleted: true }), client)
    const closed = policy('closed', { podSelector: { matchLabels: { app: 'web' } } })
    expect(evaluate(withPolicies(state, closed), flow('client -> web:80/TCP')).allowed).toBe(false)
  })

  it('gives its address to the pod that runs when both have it', () => {
    const over = {
      ...kubePod('job', { phase: 'Succeeded' }),
      metadata: { name: 'job', namespace: 'default', labels: { app: 'job' } },
      status: { phase: 'Succeeded' as const, podIP: '10.244.3.3' },
    }
    const state = read(over, kubePod('web', {}), client)
    const byName = policy('p', {
      podSelector: { matchLabels: { app: 'web' } },
      ingress: [
        {
          from: [{ podSelector: { matchExpressions: [{ key: 'app', operator: 'DoesNotExist' }] } }],
        },
      ],
    })
    const verdict = evaluate(withPolicies(state, byName), flow('client -> 10.244.3.3:80/TCP'))
    expect(verdict.ingress.policies.map(({ allowed }) => allowed)).toEqual([true])
    expect(state.pods[0]?.name).not.toBe('job')
  })

  it('has the names of ports of its sidecars, and not those of what ran before it', () => {
    const state = read(kubePod('web', {}), client)
    const named = (port: string) =>
      withPolicies(
        state,
        policy('p', {
          podSelector: { matchLabels: { app: 'web' } },
          ingress: [{ ports: [{ port }] }],
        }),
      )
    expect(evaluate(named('mesh'), flow('client -> web:15000/TCP')).allowed).toBe(true)
    expect(evaluate(named('once'), flow('client -> web:99/TCP')).allowed).toBe(false)
  })
})

describe('the nearest miss', () => {
  const judge = (spec: Parameters<typeof policy>[1], text: string) => {
    const state = {
      ...withPolicies(egressWorld, policy('p', spec)),
      namespaces: [
        { name: 'default', labels: {} },
        { name: 'watch', labels: { team: 'ops' } },
        { name: 'kube-system', labels: {} },
      ],
    }
    const verdict = evaluate(state, flow(text))
    return describeSide(verdict.ingress, verdict.flow).text
  }
  const WEB = { matchLabels: { app: 'web' } }
  const dev = { namespaceSelector: { matchLabels: { team: 'dev' } } }

  it('says that the port matches, and which label of the namespace does not', () => {
    expect(
      judge(
        { podSelector: WEB, ingress: [{ from: [dev], ports: [{ port: 80 }] }] },
        'watch/lighthouse -> web:80/TCP',
      ),
    ).toBe(
      'p lets in every pod in namespaces with team=dev; the port matches, the namespace label team is ops, wanted dev',
    )
  })

  it('says that the peer matches, and which port it is', () => {
    expect(
      judge(
        { podSelector: WEB, ingress: [{ from: [{ podSelector: {} }], ports: [{ port: 8080 }] }] },
        'test -> web:80/TCP',
      ),
    ).toBe('p lets in 8080/TCP; the peer matches, this is 80/TCP')
  })

  it('takes a rule whose peer matches before one whose port does', () => {
    const ingress = [
      { from: [dev], ports: [{ port: 80 }] },
      { from: [{ podSelector: {} }], ports: [{ port: 8080 }] },
    ]
    expect(judge({ podSelector: WEB, ingress }, 'test -> web:80/TCP')).toBe(
      'rule 2 of p lets in 8080/TCP; the peer matches, this is 80/TCP',
    )
  })

  it('tells the first expression that is not met, after one that is', () => {
    const matchExpressions = [
      { key: 'app', operator: 'Exists' as const },
      { key: 'tier', operator: 'Exists' as const },
    ]
    const ingress = [{ from: [{ podSelector: { matchExpressions } }] }]
    expect(judge({ podSelector: WEB, ingress }, 'test -> web:80/TCP')).toMatch(
      /; the pod has no label tier$/,
    )
  })

  it('takes the rule that came nearest, and of its peers the one that came nearest', () => {
    const rules = [
      { from: [dev], ports: [{ port: 8080 }] },
      {
        from: [
          { ipBlock: { cidr: '192.168.0.0/16' } },
          dev,
          {
            namespaceSelector: { matchLabels: { team: 'ops' } },
            podSelector: { matchLabels: { app: 'prom' } },
          },
        ],
        ports: [{ port: 80 }],
      },
    ]
    expect(judge({ podSelector: WEB, ingress: rules }, 'watch/lighthouse -> web:80/TCP')).toBe(
      'rule 2 of p lets in 192.168.0.0/16, every pod in namespaces with team=dev and pods with app=prom in namespaces with team=ops; the port matches, watch/lighthouse is none of them, nearest: the pod label app is lighthouse, wanted prom',
    )
  })

  it.each([
    [
      { key: 'app', operator: 'In' as const, values: ['a', 'b'] },
      'the pod label app is foo, wanted one of a, b',
    ],
    [
      { key: 'tier', operator: 'In' as const, values: ['a'] },
      'the pod has no label tier, wanted a',
    ],
    [
      { key: 'app', operator: 'NotIn' as const, values: ['foo'] },
      'the pod label app is foo, which is left out',
    ],
    [{ key: 'tier', operator: 'Exists' as const }, 'the pod has no label tier'],
    [{ key: 'app', operator: 'DoesNotExist' as const }, 'the pod has the label app, wanted none'],
  ])('tells what %j asks for', (expression, text) => {
    const from = [{ podSelector: { matchExpressions: [expression] } }]
    expect(judge({ podSelector: WEB, ingress: [{ from }] }, 'test -> web:80/TCP')).toMatch(
      new RegExp(`; ${text}$`),
    )
  })

  it('names a port name that the destination does not declare', () => {
    const ingress = [{ from: [{ podSelector: {} }], ports: [{ port: 'http' }] }]
    expect(judge({ podSelector: WEB, ingress }, 'test -> web:80/TCP')).toBe(
      'p lets in http/TCP; the peer matches, web declares no TCP port named http',
    )
  })

  it('counts the policies that it does not quote', () => {
    const state = withPolicies(
      egressWorld,
      ...['a', 'b', 'c', 'd'].map((name) => policy(name, { podSelector: WEB })),
    )
    const verdict = evaluate(state, flow('test -> web:80/TCP'))
    expect(describeSide(verdict.ingress, verdict.flow).text).toMatch(
      /^a has no ingress rule: nothing may enter; b has .*; 2 more policies let it through neither$/,
    )
  })
})

describe('names of ports', () => {
  it('stand for each destination by itself', () => {
    const one = pod('v1', { app: 'v' }, '10.244.0.80', [tcp(8080, 'http'), udp(53, 'dns')])
    const two = pod('v2', { app: 'v' }, '10.244.0.81', [tcp(9090, 'http')])
    const state = withPolicies(
      { ...world, pods: [...world.pods, one, two] },
      policy('p', {
        podSelector: { matchLabels: { app: 'v' } },
        ingress: [{ ports: [{ port: 'http' }] }],
      }),
    )
    const allowed = (text: string) => evaluate(state, flow(text)).allowed
    expect([allowed('test -> v1:8080/TCP'), allowed('test -> v1:9090/TCP')]).toEqual([true, false])
    expect([allowed('test -> v2:8080/TCP'), allowed('test -> v2:9090/TCP')]).toEqual([false, true])
  })
})
