import { describe, expect, it } from 'vitest'
import { describeSide, describeVerdict } from '../../src/policy/describe.ts'
import { evaluate } from '../../src/policy/evaluate.ts'
import type { PolicyState } from '../../src/policy/types.ts'
import { egressWorld, flow, pod, policy, tcp, withPolicies } from './worlds.ts'

const foo = { matchLabels: { app: 'foo' } }
const anyDns = policy('foo-deny-egress', {
  podSelector: foo,
  policyTypes: ['Egress'],
  egress: [
    {
      ports: [
        { port: 53, protocol: 'UDP' },
        { port: 53, protocol: 'TCP' },
      ],
    },
  ],
})

function judge(state: PolicyState, text: string) {
  const verdict = evaluate(state, flow(text))
  return {
    allowed: verdict.allowed,
    egress: describeSide(verdict.egress, verdict.flow).text,
    ingress: describeSide(verdict.ingress, verdict.flow).text,
    verdict,
  }
}

describe('a verdict', () => {
  it('names the ports that may leave and the port of the flow', () => {
    expect(judge(withPolicies(egressWorld, anyDns), 'test -> web:80/TCP')).toMatchObject({
      allowed: false,
      egress: 'foo-deny-egress lets out 53/UDP and 53/TCP; this is 80/TCP',
      ingress: 'no policy selects web',
    })
  })

  it('names the policy that has no rule', () => {
    const denied = policy('foo-deny-egress', { podSelector: foo, policyTypes: ['Egress'] })
    expect(judge(withPolicies(egressWorld, denied), 'test -> web:80/TCP').egress).toBe(
      'foo-deny-egress has no egress rule: nothing may leave',
    )
  })

  it('names the rule that allows, counted from 1', () => {
    const state = withPolicies(egressWorld, anyDns)
    expect(judge(state, 'test -> watch/lighthouse:53/TCP')).toMatchObject({
      allowed: true,
      egress: 'rule 1 of foo-deny-egress lets out traffic to anyone on 53/TCP',
    })
  })

  it('says what a peer asked for and what the pod has', () => {
    const allow = policy('api-allow', {
      podSelector: { matchLabels: { app: 'web' } },
      ingress: [
        { from: [{ podSelector: { matchLabels: { app: 'shop' } } }], ports: [{ port: 80 }] },
        { from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.244.0.0/16'] } }] },
      ],
    })
    const { verdict, ingress } = judge(withPolicies(egressWorld, allow), 'bar -> web:80/TCP')
    expect(ingress).toBe(
      'rule 1 of api-allow lets in pods with app=shop in default; the port matches, the pod label app is bar, wanted shop',
    )
    const [reason] = verdict.ingress.policies
    expect(reason?.subject).toBe('app=web')
    expect(reason?.rules[0]?.peers).toMatchObject({ any: false, matched: false })
    expect(reason?.rules[0]?.ports).toMatchObject({ any: false, matched: true, matchedIndex: 0 })
    expect(reason?.rules[0]?.peers.items[0]).toMatchObject({ failed: 'pod-labels', matched: false })
    expect(reason?.rules[1]?.peers.items[0]).toMatchObject({
      failed: 'except',
      detail: '10.244.0.14 is in an exception of 10.0.0.0/8',
    })
  })

  it('tells a pod that is selected for the other direction only', () => {
    expect(judge(withPolicies(egressWorld, anyDns), 'bar -> foo-srv:80/TCP').ingress).toBe(
      'no policy selects foo-srv for ingress',
    )
  })

  it('is written in lines that a person can read', () => {
    const verdict = evaluate(withPolicies(egressWorld, anyDns), flow('test -> web:80/TCP'))
    expect(describeVerdict(verdict)).toEqual([
      'Leaving test: denied, foo-deny-egress lets out 53/UDP and 53/TCP; this is 80/TCP.',
      'Entering web: allowed, no policy selects web.',
      'Both sides have to allow a connection.',
    ])
  })
})

describe('what the specification leaves open', () => {
  const closed = policy('closed', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] })

  it('lets a pod reach itself by its own address, and polices it through its Service', () => {
    const state = withPolicies(egressWorld, closed)
    expect(judge(state, 'web -> web:80/TCP')).toMatchObject({ allowed: true })
    const viaService = evaluate(state, { ...flow('web -> web:80/TCP'), viaService: true })
    expect(viaService.allowed).toBe(false)
    expect(viaService.egress.choice).toContain('through its Service')
  })

  it('takes the own address of a pod for the pod', () => {
    const state = withPolicies(egressWorld, closed)
    expect(judge(state, 'web -> 10.244.0.12:80/TCP').verdict.egress.exempt).toBe('itself')
  })

  it('always lets the own node in, and no other node', () => {
    const nodes = [
      { name: 'node-1', addresses: ['172.18.0.2'] },
      { name: 'node-2', addresses: ['172.18.0.3'] },
    ]
    const state = withPolicies({ ...egressWorld, nodes }, closed)
    expect(judge(state, 'node:node-1 -> web:80/TCP').verdict.ingress.exempt).toBe('own-node')
    expect(judge(state, '172.18.0.2 -> web:80/TCP').allowed).toBe(true)
    expect(judge(state, 'node:node-2 -> web:80/TCP').allowed).toBe(false)
    expect(judge(state, 'web -> node:node-1:10250/TCP').verdict.egress.choice).toContain('own node')
  })

  it('takes a pod on the network of its node for the node', () => {
    const host = { ...pod('host', { app: 'foo' }, '172.18.0.3'), hostNetwork: true, node: 'node-2' }
    const fromFoo = policy('p', { podSelector: {}, ingress: [{ from: [{ podSelector: foo }] }] })
    const state = withPolicies({ ...egressWorld, pods: [...egressWorld.pods, host] }, fromFoo)
    expect(
      judge(state, 'host -> web:80/TCP').verdict.ingress.policies[0]?.rules[0]?.peers,
    ).toMatchObject({
      matched: false,
      items: [{ failed: 'host-network' }],
    })
    expect(judge(state, 'web -> host:80/TCP').verdict.ingress.exempt).toBe('host-network')
    const byAddress = policy('q', {
      podSelector: {},
      ingress: [{ from: [{ ipBlock: { cidr: '172.18.0.3/32' } }] }],
    })
    const withBlock = withPolicies({ ...egressWorld, pods: [...egressWorld.pods, host] }, byAddress)
    expect(judge(withBlock, 'host -> web:80/TCP').allowed).toBe(true)
  })

  it('lets ping through by a rule without ports only', () => {
    const anyPort = policy('p', {
      podSelector: foo,
      policyTypes: ['Egress'],
      egress: [{ to: [{ podSelector: {} }] }],
    })
    expect(judge(withPolicies(egressWorld, anyPort), 'test -> web/ICMP').allowed).toBe(true)
    const pinged = judge(withPolicies(egressWorld, anyDns), 'test -> web/ICMP')
    expect(pinged.allowed).toBe(false)
    expect(pinged.egress).toBe('foo-deny-egress lets out 53/UDP and 53/TCP; this is ICMP')
    expect(pinged.verdict.egress.choice).toContain('ping')
  })

  it('looks port names up on the destination, with their protocol', () => {
    const world = {
      ...egressWorld,
      pods: [...egressWorld.pods, pod('v2', { app: 'v2' }, '10.244.0.40', [tcp(9090, 'http')])],
    }
    const byName = policy('p', {
      podSelector: foo,
      policyTypes: ['Egress'],
      egress: [{ ports: [{ port: 'http' }, { port: 'dns' }] }],
    })
    const state = withPolicies(world, byName)
    expect(judge(state, 'test -> v2:9090/TCP').allowed).toBe(true)
    expect(judge(state, 'test -> kube-system/coredns-1:53/UDP')).toMatchObject({ allowed: false })
    expect(judge(state, 'test -> 203.0.113.7:9090/TCP').egress).toContain('not a pod')
  })

  it('refuses a flow of a pod that is not there', () => {
    expect(() => evaluate(egressWorld, flow('nobody -> web:80/TCP'))).toThrow(
      'There is no pod default/nobody.',
    )
  })
})
