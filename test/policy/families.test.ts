import { describe, expect, it } from 'vitest'
import { compare } from '../../src/policy/compare.ts'
import { describeDifference } from '../../src/policy/describe.ts'
import { evaluate, prepare } from '../../src/policy/evaluate.ts'
import { matrix, reachMatrix } from '../../src/policy/matrix.ts'
import { ReachMatrix } from '../../src/policy/reach-matrix.ts'
import type { Endpoint, Flow, PolicyState } from '../../src/policy/types.ts'
import { pod, policy, tcp, withPolicies } from './worlds.ts'

/** Two pods of each kind of addresses, two nodes, and nobody isolated. */
const world: PolicyState = {
  namespaces: [{ name: 'default', labels: {} }],
  pods: [
    pod('four', { app: 'four' }, '10.244.0.4', [tcp(80)]),
    pod('six', { app: 'six' }, 'fd00::6', [tcp(80)]),
    { ...pod('one', { app: 'one' }, '10.244.0.1', [tcp(80)]), ips: ['10.244.0.1', 'fd00::1'] },
    { ...pod('two', { app: 'two' }, '10.244.0.2', [tcp(80)]), ips: ['10.244.0.2', 'fd00::2'] },
    { ...pod('none', { app: 'none' }, '10.244.0.5', [tcp(80)]), ips: [] },
  ],
  policies: [],
  nodes: [
    { name: 'both', addresses: ['172.18.0.3', 'fd00:18::3'] },
    { name: 'old', addresses: ['172.18.0.2'] },
  ],
}

const leaving = (app: string, ...cidrs: string[]) =>
  policy(`leaving-${app}`, {
    podSelector: { matchLabels: { app } },
    policyTypes: ['Egress'],
    egress: cidrs.map((cidr) => ({ to: [{ ipBlock: { cidr } }] })),
  })
const entering = (app: string, ...cidrs: string[]) =>
  policy(`entering-${app}`, {
    podSelector: { matchLabels: { app } },
    ingress: cidrs.map((cidr) => ({ from: [{ ipBlock: { cidr } }] })),
  })

/** `one`, `node/both` or an address. */
function end(text: string): Endpoint {
  const node = /^node\/(.+)$/.exec(text)?.[1]
  if (node !== undefined) return { kind: 'node', name: node }
  if (/[.:]/.test(text)) return { kind: 'address', address: text }
  return { kind: 'pod', namespace: 'default', name: text }
}

/** What each way to a verdict says of a connection over port 80: they have to say one thing. */
function verdict(state: PolicyState, from: string, to: string, family?: 4 | 6): boolean {
  const target = {
    to: end(to),
    protocol: 'TCP' as const,
    port: 80,
    ...(family === undefined ? {} : { family }),
  }
  const flow: Flow = { from: end(from), ...target }
  const prepared = prepare(state)
  const { allowed, egress, ingress } = prepared.evaluate(flow)
  expect(egress.allowed && ingress.allowed, 'both sides').toBe(allowed)
  expect(prepared.allows(flow), 'allows').toBe(allowed)
  const [row] = matrix(state, [target], [flow.from])
  expect(row?.cells[0]?.allowed, 'matrix').toBe(allowed)
  const open = prepare({ ...state, policies: [] })
  const first = new ReachMatrix(open)
  const changed = state.policies.reduce((last, one) => last.withPolicy(one), open)
  const next = first.with(changed)
  const [i, j] = [from, to].map((name) => world.pods.findIndex((one) => one.name === name))
  if (i !== undefined && j !== undefined && i >= 0 && j >= 0) {
    const http = next.points.findIndex(({ protocol, port }) => protocol === 'TCP' && port === 80)
    expect(next.allows(i, j, http, family), 'after the change').toBe(allowed)
  }
  return allowed
}

describe('a pod of two families is seen by the address of the family in use', () => {
  it.each([
    // To a pod of one family there is only that one.
    ['one', 'four', '10.244.0.0/16', true],
    ['one', 'four', 'fd00::/64', false],
    ['one', 'six', 'fd00::/64', true],
    ['one', 'six', '10.244.0.0/16', false],
    ['four', 'two', '10.244.0.0/16', true],
    ['four', 'two', 'fd00::/64', false],
    // An address says which, also where it belongs to a pod that has another.
    ['one', '10.244.0.2', '10.244.0.0/16', true],
    ['one', '10.244.0.2', 'fd00::/64', false],
    ['one', 'fd00::2', 'fd00::/64', true],
    ['one', 'fd00::2', '10.244.0.0/16', false],
    ['10.244.0.1', 'two', 'fd00::/64', false],
    // Between two pods of both families either will do.
    ['one', 'two', '10.244.0.0/16', true],
    ['one', 'two', 'fd00::/64', true],
    ['one', 'two', '203.0.113.0/24', false],
  ])('%s -> %s, let in from %s: %s', (from, to, cidr, allowed) => {
    const target = to === 'four' || to === 'six' ? to : 'two'
    expect(verdict(withPolicies(world, entering(target, cidr)), from, to)).toBe(allowed)
  })

  it.each([
    ['one', 'node/both', '172.18.0.0/16', true],
    ['one', 'node/both', 'fd00:18::/64', true],
    ['one', 'node/old', '172.18.0.0/16', true],
    ['one', 'node/old', 'fd00:18::/64', false],
    ['one', 'fd00:18::3', '172.18.0.0/16', false],
    ['one', '203.0.113.7', '0.0.0.0/0', true],
    ['one', '203.0.113.7', '::/0', false],
    ['one', '2001:db8::7', '::/0', true],
  ])('%s -> %s, let out to %s: %s', (from, to, cidr, allowed) => {
    expect(verdict(withPolicies(world, leaving('one', cidr)), from, to)).toBe(allowed)
  })

  it('a node of both families comes in by the one that its target has', () => {
    const inFrom = (cidr: string, app: string) =>
      verdict(withPolicies(world, entering(app, cidr)), 'node/both', app)
    expect([inFrom('fd00:18::/64', 'four'), inFrom('172.18.0.0/16', 'four')]).toEqual([false, true])
    expect([inFrom('fd00:18::/64', 'two'), inFrom('172.18.0.0/16', 'two')]).toEqual([true, true])
  })
})

describe('both sides judge one connection', () => {
  const apart = withPolicies(world, leaving('one', '10.244.0.0/16'), entering('two', 'fd00::/64'))

  it('so what leaves by one family only and comes in by the other only is denied', () => {
    expect(verdict(apart, 'one', 'two')).toBe(false)
    expect(verdict(apart, 'one', 'two', 4)).toBe(false)
    expect(verdict(apart, 'one', 'two', 6)).toBe(false)
  })

  it('and says so of the first family of the destination, where none is let through', () => {
    const { egress, ingress } = evaluate(apart, {
      from: end('one'),
      to: end('two'),
      protocol: 'TCP',
    })
    expect([egress.allowed, ingress.allowed]).toEqual([true, false])
    expect(ingress.policies[0]?.rules[0]?.peers.items[0]?.detail).toBe(
      '10.244.0.1 is outside fd00::/64',
    )
  })

  it('but one family that both let through is enough', () => {
    const six = withPolicies(
      world,
      leaving('one', 'fd00::/64'),
      entering('two', 'fd00::/64', '10.9.0.0/16'),
    )
    expect(verdict(six, 'one', 'two')).toBe(true)
    expect(verdict(six, 'one', 'two', 4)).toBe(false)
    expect(verdict(six, 'one', 'two', 6)).toBe(true)
  })

  it('and ends without a family in common are judged by what they have', () => {
    const state = withPolicies(
      world,
      entering('six', '10.244.0.0/16'),
      leaving('none', 'fd00::/64'),
    )
    expect(verdict(state, 'four', 'six')).toBe(true)
    expect(verdict(state, 'none', 'two')).toBe(true)
    expect(verdict(state, 'none', 'four')).toBe(false)
  })

  it('the matrix counts such pairs once', () => {
    const reach = reachMatrix(apart)
    const open = reach.points.map((_, point) =>
      reach.ends.flatMap((_end, from) =>
        reach.ends.map((_other, to): number =>
          from !== to && reach.allows(from, to, point) ? 1 : 0,
        ),
      ),
    )
    expect(reach.counts()).toEqual(open.map((cells) => cells.reduce((sum, one) => sum + one, 0)))
  })
})

describe('compare goes by families', () => {
  const both = withPolicies(world, entering('two', '10.244.0.0/16', 'fd00::/64'))

  it('a family that was shut is a difference, though the other still gets through', () => {
    const { differences } = compare(both, withPolicies(world, entering('two', '10.244.0.0/16')))
    expect(differences.map(({ kind, flow }) => [kind, flow.to])).toEqual([['closed', end('two')]])
    const [first] = differences
    expect(first?.flow.from).toEqual(end('six'))
  })

  it('with an example that says its family where both ends have two', () => {
    const few = {
      ...world,
      pods: world.pods.filter(({ name }) => name === 'one' || name === 'two'),
    }
    const { differences } = compare(
      { ...few, policies: both.policies },
      withPolicies(few, entering('two', '10.244.0.0/16')),
    )
    expect(differences.map(({ flow }) => flow)).toEqual([
      { from: end('one'), to: end('two'), family: 6, protocol: 'TCP', port: 80 },
    ])
    expect(differences.map((one) => describeDifference(one))[0]).toMatch(
      /^closes one -> two:80\/TCP over IPv6: /,
    )
  })

  it.each(['this-world', 'all-worlds'] as const)(
    'two sets that no connection of one family tells apart are the same: %s',
    (scope) => {
      const apart = policy('apart', {
        podSelector: {},
        policyTypes: ['Ingress', 'Egress'],
        ingress: [{ from: [{ ipBlock: { cidr: '0.0.0.0/0' } }] }],
        egress: [{ to: [{ ipBlock: { cidr: '::/0' } }] }],
      })
      // Outside addresses are not limited, so pods still reach IPv6 ones and are reached by IPv4 ones.
      const same = policy('apart', {
        podSelector: {},
        policyTypes: ['Ingress', 'Egress'],
        ingress: [
          { from: [{ ipBlock: { cidr: '0.0.0.0/1' } }, { ipBlock: { cidr: '128.0.0.0/1' } }] },
        ],
        egress: [{ to: [{ ipBlock: { cidr: '::/0' } }] }],
      })
      expect(compare(withPolicies(world, apart), withPolicies(world, same), { scope })).toEqual({
        same: true,
        differences: [],
        masked: [],
      })
    },
  )
})
