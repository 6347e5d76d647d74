import { describe, expect, it } from 'vitest'
import type { NetworkPolicy, NetworkPolicyPort } from '../../src/kube/objects.ts'
import { compare } from '../../src/policy/compare.ts'
import { describeDifference, flowText } from '../../src/policy/describe.ts'
import { defaultNetworkPolicy } from '../../src/policy/validate.ts'
import { egressWorld, pod, policy, tcp, withPolicies } from './worlds.ts'

type Spec = NetworkPolicy['spec']

const web = { matchLabels: { app: 'web' } }
const foo = { matchLabels: { app: 'foo' } }
const kubeDns = { matchLabels: { 'k8s-app': 'kube-dns' } }
const ownNamespace = { matchLabels: { 'kubernetes.io/metadata.name': 'default' } }
const port = (number: number, more: NetworkPolicyPort = {}): NetworkPolicyPort => ({
  port: number,
  ...more,
})

/** Policies named p1, p2, … in `default`. */
function set(...specs: readonly Spec[]): readonly NetworkPolicy[] {
  return specs.map((spec, index) => policy(`p${index + 1}`, spec))
}

function inWorld(first: readonly NetworkPolicy[], second: readonly NetworkPolicy[]) {
  return compare(withPolicies(egressWorld, ...first), withPolicies(egressWorld, ...second))
}

function inAllWorlds(first: readonly NetworkPolicy[], second: readonly NetworkPolicy[]) {
  return compare(withPolicies(egressWorld, ...first), withPolicies(egressWorld, ...second), {
    scope: 'all-worlds',
  })
}

const NOTHING = { same: true, differences: [], masked: [] }
const denyIn: Spec = { podSelector: {}, policyTypes: ['Ingress'] }
const denyBoth: Spec = { podSelector: {}, policyTypes: ['Ingress', 'Egress'] }
const fromFoo = { from: [{ podSelector: foo }], ports: [port(80)] }
const fromBar = { from: [{ podSelector: { matchLabels: { app: 'bar' } } }], ports: [port(81)] }

// What YAML can say and the types of decoded objects do not show.
const nullRules: Spec = JSON.parse(
  '{"podSelector": {}, "policyTypes": ["Ingress"], "ingress": null, "egress": null}',
)

/** Pairs that the API makes the same: no world tells them apart. */
const EQUAL: readonly [string, readonly NetworkPolicy[], readonly NetworkPolicy[]][] = [
  [
    'policyTypes [Ingress] left out where no egress rule exists',
    set({ podSelector: web, policyTypes: ['Ingress'], ingress: [fromFoo] }),
    set({ podSelector: web, ingress: [fromFoo] }),
  ],
  [
    'a podSelector that is left out, or null',
    set({ policyTypes: ['Ingress'] }),
    set(JSON.parse('{"podSelector": null, "policyTypes": ["Ingress"]}')),
  ],
  ['an empty podSelector, left out', set(denyIn), set({ policyTypes: ['Ingress'] })],
  ['an empty rule list, written', set(denyIn), set({ ...denyIn, ingress: [], egress: [] })],
  ['a rule list that is null', set(denyIn), set(nullRules)],
  [
    'protocol TCP, written',
    set({ podSelector: web, ingress: [{ ports: [port(80)] }] }),
    set({ podSelector: web, ingress: [{ ports: [port(80, { protocol: 'TCP' })] }] }),
  ],
  [
    'an endPort that equals the port',
    set({ podSelector: web, ingress: [{ ports: [port(80)] }] }),
    set({ podSelector: web, ingress: [{ ports: [port(80, { endPort: 80 })] }] }),
  ],
  [
    'ranges that meet instead of one',
    set({ podSelector: web, ingress: [{ ports: [port(80, { endPort: 89 })] }] }),
    set({
      podSelector: web,
      ingress: [{ ports: [port(84, { endPort: 89 }), port(80, { endPort: 83 })] }],
    }),
  ],
  [
    'another order, and duplicates',
    set({ podSelector: web, ingress: [fromFoo, fromBar] }),
    set({ podSelector: web, ingress: [fromBar, fromFoo, fromBar] }),
  ],
  [
    'rules as items of one list',
    set({
      podSelector: web,
      ingress: [
        { from: [{ podSelector: foo }], ports: [port(80)] },
        { from: [{ podSelector: { matchLabels: { app: 'bar' } } }], ports: [port(80)] },
      ],
    }),
    set({
      podSelector: web,
      ingress: [
        {
          from: [{ podSelector: foo }, { podSelector: { matchLabels: { app: 'bar' } } }],
          ports: [port(80)],
        },
      ],
    }),
  ],
  [
    'rules as several policies with one subject',
    set({ podSelector: web, ingress: [fromFoo, fromBar] }),
    set({ podSelector: web, ingress: [fromFoo] }, { podSelector: web, ingress: [fromBar] }),
  ],
  [
    'matchLabels as In with one value',
    set({ podSelector: web, ingress: [fromFoo] }),
    set({
      podSelector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['web'] }] },
      ingress: [fromFoo],
    }),
  ],
  [
    'In with two values as two policies',
    set({
      podSelector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['web', 'foo'] }] },
    }),
    set({ podSelector: web }, { podSelector: foo }),
  ],
  [
    'podSelector {} added to a namespaceSelector',
    set({ podSelector: web, ingress: [{ from: [{ namespaceSelector: {} }] }] }),
    set({ podSelector: web, ingress: [{ from: [{ namespaceSelector: {}, podSelector: {} }] }] }),
  ],
  [
    'the own namespace by its name instead of a bare podSelector {}',
    set({ podSelector: web, ingress: [{ from: [{ podSelector: {} }] }] }),
    set({ podSelector: web, ingress: [{ from: [{ namespaceSelector: ownNamespace }] }] }),
  ],
  [
    'a deny policy added where the subject is isolated that way already',
    set({ podSelector: web, ingress: [fromFoo] }),
    set({ podSelector: web, ingress: [fromFoo] }, { podSelector: web, policyTypes: ['Ingress'] }),
  ],
  [
    'a narrower rule added',
    set({ podSelector: web, ingress: [{ from: [{ podSelector: foo }] }] }),
    set({ podSelector: web, ingress: [{ from: [{ podSelector: foo }] }, fromFoo] }),
  ],
  [
    'a deny deleted while another policy with the subject lists the direction',
    set({ podSelector: foo, policyTypes: ['Egress'] }, { podSelector: foo, egress: [{}] }),
    set({ podSelector: foo, egress: [{}] }),
  ],
  [
    'another type added where a default deny lists it already',
    set(denyBoth, { podSelector: web, policyTypes: ['Ingress'], ingress: [fromFoo] }),
    set(denyBoth, { podSelector: web, policyTypes: ['Ingress', 'Egress'], ingress: [fromFoo] }),
  ],
  [
    'host bits in a block',
    set({ podSelector: web, ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/8' } }] }] }),
    set({ podSelector: web, ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.5/8' } }] }] }),
  ],
  [
    'a block as its two halves',
    set({ podSelector: web, ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/8' } }] }] }),
    set({
      podSelector: web,
      ingress: [
        { from: [{ ipBlock: { cidr: '10.0.0.0/9' } }, { ipBlock: { cidr: '10.128.0.0/9' } }] },
      ],
    }),
  ],
  [
    'an exception as the rest of its block',
    set({
      podSelector: web,
      ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.128.0.0/9'] } }] }],
    }),
    set({ podSelector: web, ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/9' } }] }] }),
  ],
  [
    'rules of a direction that is not listed',
    set(denyIn),
    set({ ...denyIn, egress: [{ to: [{ podSelector: foo }] }] }),
  ],
]

describe('compare accepts as the same', () => {
  it.each(EQUAL)('%s, in this world and in all', (_, first, second) => {
    expect(inWorld(first, second)).toEqual(NOTHING)
    expect(inWorld(second, first)).toEqual(NOTHING)
    expect(inAllWorlds(first, second)).toEqual(NOTHING)
  })

  it('names, annotations and defaults', () => {
    const [first] = set({ podSelector: web, ingress: [fromFoo] })
    if (first === undefined) return
    const metadata = { ...first.metadata, name: 'other', annotations: { note: 'x' } }
    const second = defaultNetworkPolicy({ ...first, metadata })
    expect(inAllWorlds([first], [second])).toEqual(NOTHING)
  })
})

/** The same in this world and not in every one: accepted there, and a difference where all worlds are asked for. */
const EQUAL_HERE: readonly [string, readonly NetworkPolicy[], readonly NetworkPolicy[], string][] =
  [
    [
      'everybody as the block of all IPv4 addresses',
      set({ podSelector: web, ingress: [{}] }),
      set({ podSelector: web, ingress: [{ from: [{ ipBlock: { cidr: '0.0.0.0/0' } }] }] }),
      '2001:db8::7 is outside 0.0.0.0/0',
    ],
    [
      'a number instead of a name that all selected pods of the world give it',
      [
        policy('kube-system/p', {
          podSelector: kubeDns,
          ingress: [{ ports: [{ port: 'metrics' }] }],
        }),
      ],
      [policy('kube-system/p', { podSelector: kubeDns, ingress: [{ ports: [port(9153)] }] })],
      '9153/TCP',
    ],
  ]

describe('compare tells this world from all worlds', () => {
  it.each(EQUAL_HERE)('for %s', (_, first, second, flow) => {
    expect(inWorld(first, second).same).toBe(true)
    const { same, differences } = inAllWorlds(first, second)
    expect(same).toBe(false)
    expect(differences.map((one) => describeDifference(one)).join('\n')).toContain(flow)
  })

  it('for the labels of a namespace that could be others', () => {
    const labelled = { matchLabels: { team: 'ops' } }
    const both = set({
      podSelector: web,
      ingress: [{ from: [{ namespaceSelector: labelled }, { podSelector: {} }] }],
    })
    const onlyOwn = set({ podSelector: web, ingress: [{ from: [{ podSelector: {} }] }] })
    const notOwn = set({
      podSelector: web,
      ingress: [
        {
          from: [
            {
              namespaceSelector: {
                ...labelled,
                matchExpressions: [
                  {
                    key: 'kubernetes.io/metadata.name',
                    operator: 'NotIn' as const,
                    values: ['default'],
                  },
                ],
              },
            },
            { podSelector: {} },
          ],
        },
      ],
    })
    expect(inAllWorlds(both, notOwn)).toEqual(NOTHING)
    const { differences } = inAllWorlds(onlyOwn, both)
    expect(differences.map(({ flow, kind }) => `${kind} ${flowText(flow)}`)).toEqual([
      expect.stringMatching(
        /^opened a pod without labels in a namespace with team=ops.* -> web:80/,
      ),
    ])
  })

  it('for two pods just alike, which this world does not have yet', () => {
    const twins = { matchLabels: { app: 'twin' } }
    const closed = set({ podSelector: twins, policyTypes: ['Ingress'] })
    const open = set({ podSelector: twins, ingress: [{ from: [{ podSelector: twins }] }] })
    expect(inWorld(closed, open).differences.map(({ flow }) => flowText(flow))).toEqual([
      'a pod with app=twin -> a pod with app=twin, 80/TCP'.replaceAll(
        'app=twin',
        'app=twin in default',
      ),
    ])
    expect(inAllWorlds(closed, open).same).toBe(false)
  })

  it('with many labels in play, and none of their combinations left out', () => {
    const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
    const all = Object.fromEntries(keys.map((key) => [key, 'x']))
    const each = keys.map((key) => ({ podSelector: { matchLabels: { [key]: 'x' } } }))
    const open = { podSelector: web, ingress: [{ from: each }] }
    const more = {
      podSelector: web,
      ingress: [{ from: [...each, { podSelector: { matchLabels: all } }] }],
    }
    expect(inAllWorlds(set(open), set(more))).toEqual(NOTHING)
    const allButOne = {
      podSelector: web,
      ingress: [{ from: [{ podSelector: { matchLabels: all } }] }],
    }
    const { a: _, ...rest } = all
    const without = {
      podSelector: web,
      ingress: [{ from: [{ podSelector: { matchLabels: rest } }] }],
    }
    expect(inWorld(set(allButOne), set(without)).differences[0]?.kind).toBe('opened')
  })
})

describe('compare calls masked what the other side shuts anyway', () => {
  const apiIn: Spec = {
    podSelector: web,
    ingress: [{ from: [{ podSelector: foo }], ports: [port(80)] }],
  }
  const toWeb = (ports: NetworkPolicyPort[]): Spec => ({
    podSelector: foo,
    policyTypes: ['Egress'],
    egress: [{ to: [{ podSelector: web }], ports }],
  })
  const lonely = policy('watch/w', { podSelector: {}, policyTypes: ['Ingress'] })
  const masks: readonly [string, readonly NetworkPolicy[], readonly NetworkPolicy[], string][] = [
    [
      'ports dropped on the way out, where the way in allows one',
      set(apiIn, toWeb([port(80)])),
      set(apiIn, toWeb([])),
      'opened',
    ],
    [
      'a port too few, where the way in never had it',
      set(apiIn, toWeb([port(80), port(81)])),
      set(apiIn, toWeb([port(80)])),
      'closed',
    ],
    [
      'a way out to a namespace that lets nobody in',
      [lonely, ...set({ podSelector: foo, policyTypes: ['Egress'] })],
      [
        lonely,
        ...set({
          podSelector: foo,
          policyTypes: ['Egress'],
          egress: [
            {
              to: [
                { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'watch' } } },
              ],
            },
          ],
        }),
      ],
      'opened',
    ],
  ]

  it.each(masks)('%s', (_, before, after, kind) => {
    for (const comparison of [inWorld(before, after), inAllWorlds(before, after)]) {
      expect(comparison.same).toBe(true)
      expect(comparison.masked.map((one) => one.kind)).toEqual([kind])
      for (const one of comparison.masked)
        expect([one.before.allowed, one.after.allowed]).toEqual([false, false])
    }
  })

  it('and not where the other side lets it through', () => {
    const { same, masked } = inWorld(set(toWeb([port(80)])), set(toWeb([])))
    expect([same, masked]).toEqual([false, []])
  })

  it('and knows the pod that nobody shuts', () => {
    const world = {
      ...egressWorld,
      pods: [...egressWorld.pods, pod('web-2', { app: 'web', new: 'x' }, '10.244.0.40', [tcp(81)])],
    }
    const closed = policy('p', {
      podSelector: { ...web, matchExpressions: [{ key: 'new', operator: 'DoesNotExist' }] },
    })
    const before = withPolicies(world, closed, ...set(toWeb([port(80)])))
    const after = withPolicies(world, closed, ...set(toWeb([port(80), port(81)])))
    expect(compare(before, after).differences.map(({ flow }) => flowText(flow))).toEqual([
      'test -> web-2:81/TCP',
    ])
  })
})
