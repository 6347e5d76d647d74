import { describe, expect, it } from 'vitest'
import type { EndpointSlice, NetworkPolicy, Service } from '../../src/kube/objects.ts'
import { describeVerdict } from '../../src/policy/describe.ts'
import type { Endpoint, PolicyState } from '../../src/policy/types.ts'
import { judgeEnd } from '../../src/shell/commands/judge-end.ts'
import { resolveDestination, type World } from '../../src/shell/commands/resolve-end.ts'

const pod = (name: string, ips: string[], labels: Record<string, string>, node: string) => ({
  namespace: 'default',
  name,
  labels,
  ips,
  ports: [{ name: 'http', port: 8080, protocol: 'TCP' as const }],
  node,
})
const service = (spec: Service['spec'], balancer?: string): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default' },
  spec: { ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }], ...spec },
  ...(balancer === undefined ? {} : { status: { loadBalancer: { ingress: [{ ip: balancer }] } } }),
})
const slice = (
  addressType: 'IPv4' | 'IPv6',
  ...endpoints: EndpointSlice['endpoints']
): EndpointSlice => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: {
    name: `web-${addressType}`,
    namespace: 'default',
    labels: { 'kubernetes.io/service-name': 'web' },
  },
  addressType,
  endpoints,
  ports: [{ port: 8080, protocol: 'TCP' }],
})
const policy = (spec: NetworkPolicy['spec']): NetworkPolicy => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'p', namespace: 'default' },
  spec,
})

const state: PolicyState = {
  namespaces: [{ name: 'default', labels: {} }],
  pods: [
    pod('web-1', ['10.244.1.2', 'fd00::12'], { app: 'web', track: 'stable' }, 'node-1'),
    pod('web-2', ['10.244.2.2', 'fd00::22'], { app: 'web', track: 'canary' }, 'node-2'),
    pod('client', ['10.244.1.9'], { app: 'client' }, 'node-1'),
  ],
  nodes: [
    { name: 'node-1', addresses: ['172.18.0.2'] },
    { name: 'node-2', addresses: ['172.18.0.3'] },
  ],
  policies: [],
}
const slices = [
  slice(
    'IPv4',
    { addresses: ['10.244.1.2'], nodeName: 'node-1' },
    { addresses: ['10.244.2.2'], nodeName: 'node-2' },
  ),
  slice('IPv6', { addresses: ['fd00::12'], nodeName: 'node-1' }),
]
const CLIENT: Endpoint = { kind: 'pod', namespace: 'default', name: 'client' }
const OUTSIDE: Endpoint = { kind: 'address', address: '203.0.113.7' }

function ask(
  typed: string,
  options: {
    readonly service?: Service
    readonly port?: number
    readonly from?: Endpoint
    readonly policies?: readonly NetworkPolicy[]
  } = {},
) {
  const { from = CLIENT, port = 80, policies = [] } = options
  const world: World = {
    state,
    services: [options.service ?? service({ clusterIP: '10.96.0.7' })],
    slices,
  }
  const end = resolveDestination(world, typed, port, 'TCP', 'default', from)
  const { verdict, notes } = judgeEnd({ ...state, policies }, from, end, 'TCP')
  return { end, verdict, notes, text: [...notes, ...describeVerdict(verdict)].join('\n') }
}

const onPort = (port: number) =>
  policy({ podSelector: { matchLabels: { app: 'web' } }, ingress: [{ ports: [{ port }] }] })

describe('a connection through a Service', () => {
  it('is judged with the port of the pod, whatever address of the Service was named', () => {
    const dual = service({ clusterIP: '10.96.0.7', clusterIPs: ['10.96.0.7', 'fd00:96::7'] })
    for (const typed of ['service/web', '10.96.0.7', 'fd00:96:0::7']) {
      const { end, verdict } = ask(typed, { service: dual, policies: [onPort(8080)] })
      expect(end).toMatchObject({ port: 8080, endpoint: { name: 'web-1' } })
      expect(verdict.allowed).toBe(true)
      expect(ask(typed, { service: dual, policies: [onPort(80)] }).verdict.allowed).toBe(false)
    }
    expect(ask('fd00:96::7', { service: dual }).end.family).toBe(6)
  })

  it('tells when another of its pods gives another answer', () => {
    const stable = policy({ podSelector: { matchLabels: { track: 'canary' } } })
    const { verdict, text } = ask('service/web', { policies: [stable] })
    expect(verdict.allowed).toBe(true)
    expect(text).toContain(
      'The service picks one of 2 pods for each connection, and those to pod web-2 are denied: it works now and then.',
    )
    expect(ask('service/web', { policies: [onPort(80)] }).text).not.toContain('now and then')
  })

  it('limits a pod that reaches itself that way, and not one that names its own address', () => {
    const closed = policy({ podSelector: { matchLabels: { app: 'web' } } })
    const from: Endpoint = { kind: 'pod', namespace: 'default', name: 'web-1' }
    const hairpin = ask('service/web', { from, policies: [closed] })
    expect(hairpin.verdict.allowed).toBe(false)
    expect(hairpin.text).toContain('through its Service')
    expect(ask('10.244.1.2', { from, policies: [closed] }).verdict.allowed).toBe(true)
    const headless = service({ clusterIP: 'None' })
    const own = ask('service/web', { from, policies: [closed], service: headless })
    expect(own.verdict.allowed, 'the name leads to the own address').toBe(true)
  })

  it('without a name to follow is refused with what to name instead', () => {
    const named = service({ type: 'ExternalName', externalName: 'db.example.com', ports: [] })
    expect(() => ask('service/web', { service: named })).toThrow(
      'service web is another name for db.example.com: explain that, or its address',
    )
  })

  it('headless keeps the port that was named', () => {
    const { end, text } = ask('service/web', { service: service({ clusterIP: 'None' }) })
    expect(end).toMatchObject({ port: 80, endpoint: { name: 'web-1' } })
    expect(text).toContain('Service web is headless')
  })
})

describe('a port of a node that belongs to a Service', () => {
  const fromClient = policy({
    podSelector: { matchLabels: { app: 'web' } },
    ingress: [{ from: [{ ipBlock: { cidr: '203.0.113.0/24' } }] }],
  })
  const fromNode = policy({
    podSelector: { matchLabels: { app: 'web' } },
    ingress: [{ from: [{ ipBlock: { cidr: '172.18.0.3/32' } }] }],
  })
  const open = (change: Service['spec'] = {}) =>
    service({ type: 'NodePort', clusterIP: '10.96.0.7', ...change })

  it.each(['node/node-2', '172.18.0.3'])(
    'leads to its pods with the node as sender: %s',
    (typed) => {
      const asked = { service: open(), port: 30080, from: OUTSIDE }
      const denied = ask(typed, { ...asked, policies: [fromClient] })
      expect(denied.end).toMatchObject({ port: 8080, endpoint: { name: 'web-1' } })
      expect(denied.verdict.allowed, 'the block of the caller does not match').toBe(false)
      expect(denied.text).toContain("Node node-2 puts its own address in place of the sender's")
      expect(ask(typed, { ...asked, policies: [fromNode] }).verdict.allowed).toBe(true)
    },
  )

  it('is open where the node is that of the pod: its own node may always reach it', () => {
    const { verdict } = ask('node/node-1', {
      service: open(),
      port: 30080,
      from: OUTSIDE,
      policies: [fromNode],
    })
    expect(verdict).toMatchObject({ allowed: true, ingress: { exempt: 'own-node' } })
  })

  it('keeps the sender with externalTrafficPolicy: Local, and picks pods of that node only', () => {
    const local = open({ externalTrafficPolicy: 'Local' })
    const asked = { service: local, port: 30080, from: OUTSIDE, policies: [fromClient] }
    const { end, verdict } = ask('node/node-2', asked)
    expect(end.endpoint).toMatchObject({ name: 'web-2' })
    expect(verdict.allowed).toBe(true)
  })

  it('that no Service has is the node itself', () => {
    expect(ask('172.18.0.3', { port: 10250, service: open() }).end.endpoint).toEqual({
      kind: 'address',
      address: '172.18.0.3',
    })
  })

  it('needs egress to the pods behind it, not to the node', () => {
    const toNode = policy({
      podSelector: { matchLabels: { app: 'client' } },
      policyTypes: ['Egress'],
      egress: [{ to: [{ ipBlock: { cidr: '172.18.0.0/16' } }] }],
    })
    const { verdict } = ask('node/node-2', { service: open(), port: 30080, policies: [toNode] })
    expect(verdict.egress.allowed).toBe(false)
  })
})

describe('the address of a load balancer', () => {
  const balanced = (change: Service['spec'] = {}) =>
    service({ type: 'LoadBalancer', clusterIP: '10.96.0.7', ...change }, '198.51.100.4')
  const fromClient = policy({
    podSelector: { matchLabels: { app: 'web' } },
    ingress: [{ from: [{ ipBlock: { cidr: '203.0.113.0/24' } }] }],
  })

  it('leads a pod of the cluster straight to the pods', () => {
    const { end, text } = ask('198.51.100.4', { service: balanced() })
    expect(end).toMatchObject({ port: 8080, endpoint: { name: 'web-1' } })
    expect(text).not.toContain('puts its own address')
  })

  it('rewrites who comes from outside, unless it is Local', () => {
    const asked = { from: OUTSIDE, policies: [fromClient] }
    const denied = ask('198.51.100.4', { ...asked, service: balanced() })
    expect(denied.verdict.allowed).toBe(false)
    expect(denied.text).toContain('Node node-2 puts its own address')
    const local = balanced({ externalTrafficPolicy: 'Local' })
    expect(ask('198.51.100.4', { ...asked, service: local }).verdict.allowed).toBe(true)
  })
})
