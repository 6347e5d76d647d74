import fc from 'fast-check'
import type {
  LabelSelector,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  Protocol,
} from '../../src/kube/objects.ts'
import type { PolicyPod, PolicyState } from '../../src/policy/types.ts'
import { policy } from './worlds.ts'

/** Small states with everything that can tell two ends apart: few values each, so that they often meet. */
const NAMESPACES = ['default', 'other', 'third']
const APPS = ['a', 'b', 'c']
const PROTOCOLS: readonly Protocol[] = ['TCP', 'UDP', 'SCTP']
const protocol = fc.constantFrom(...PROTOCOLS)
const portName = fc.constantFrom('http', 'dns')
const portNumber = fc.constantFrom(53, 80, 81, 8080)

const podPort = fc
  .record({ name: fc.option(portName, { nil: undefined }), port: portNumber, protocol })
  .map(({ name, ...rest }) => (name === undefined ? rest : { ...rest, name }))

const somePod = fc
  .record({
    namespace: fc.constantFrom(...NAMESPACES),
    app: fc.option(fc.constantFrom(...APPS), { nil: undefined }),
    role: fc.option(fc.constantFrom('x', ''), { nil: undefined }),
    ports: fc.array(podPort, { maxLength: 3 }),
    family: fc.constantFrom('4', '6', '46'),
    host: fc.integer({ min: 0, max: 5 }).map((number) => number === 0),
    node: fc.constantFrom('node-1', 'node-2', undefined),
  })
  .map(({ namespace, app, role, ports, family, host, node }) => (at: number): PolicyPod => {
    const own = [
      ...(family.includes('4') ? [`10.244.${at % 2}.${at + 1}`] : []),
      ...(family.includes('6') ? [`fd00::${at % 2}:${at + 1}`] : []),
    ]
    return {
      namespace,
      name: `pod-${at}`,
      labels: { ...(app === undefined ? {} : { app }), ...(role === undefined ? {} : { role }) },
      ips: host ? [node === 'node-1' ? '172.18.0.2' : '172.18.0.3'] : own,
      ports,
      ...(host ? { hostNetwork: true } : {}),
      ...(node === undefined ? {} : { node }),
    }
  })

const podSelector = fc.oneof<fc.Arbitrary<LabelSelector>[]>(
  fc.constant({}),
  fc.constantFrom(...APPS).map((app) => ({ matchLabels: { app } })),
  fc
    .record({
      key: fc.constantFrom('app', 'role'),
      operator: fc.constantFrom('In' as const, 'NotIn' as const),
      values: fc.subarray(['a', 'b', 'x', ''], { minLength: 1 }),
    })
    .map((requirement) => ({ matchExpressions: [requirement] })),
  fc
    .constantFrom('Exists' as const, 'DoesNotExist' as const)
    .map((operator) => ({ matchExpressions: [{ key: 'role', operator }] })),
)
const namespaceSelector: fc.Arbitrary<LabelSelector> = fc.constantFrom(
  {},
  { matchLabels: { team: 'ops' } },
  { matchLabels: { 'kubernetes.io/metadata.name': 'default' } },
  { matchExpressions: [{ key: 'team', operator: 'NotIn' as const, values: ['ops'] }] },
)
const block: fc.Arbitrary<NetworkPolicyPeer> = fc.constantFrom(
  { ipBlock: { cidr: '0.0.0.0/0' } },
  { ipBlock: { cidr: '10.244.0.0/16', except: ['10.244.1.0/24'] } },
  { ipBlock: { cidr: '10.244.0.0/16', except: ['10.244.0.0/29', '10.244.0.4/30'] } },
  { ipBlock: { cidr: '10.244.0.3/32' } },
  { ipBlock: { cidr: '172.18.0.0/16' } },
  { ipBlock: { cidr: '::/0', except: ['fd00::1:0/112'] } },
  { ipBlock: { cidr: 'fd00::/120' } },
)
const peer = fc.oneof<fc.Arbitrary<NetworkPolicyPeer>[]>(
  podSelector.map((selector) => ({ podSelector: selector })),
  namespaceSelector.map((selector) => ({ namespaceSelector: selector })),
  fc.record({ podSelector, namespaceSelector }),
  block,
)
const port = fc.oneof<fc.Arbitrary<NetworkPolicyPort>[]>(
  fc.record({ port: fc.oneof(portNumber, portName), protocol }),
  fc.record({ port: portName }),
  fc.record({ protocol }),
  fc.constant({ port: 80, endPort: 8000 }),
)
const peers = fc.array(peer, { maxLength: 3 })
const ports = fc.array(port, { maxLength: 3 })

/** A policy named `p`, in one of the namespaces. */
export const randomPolicy: fc.Arbitrary<NetworkPolicy> = fc
  .record({
    namespace: fc.constantFrom(...NAMESPACES),
    podSelector,
    policyTypes: fc.subarray(['Ingress' as const, 'Egress' as const]),
    ingress: fc.array(fc.record({ from: peers, ports }), { maxLength: 2 }),
    egress: fc.array(fc.record({ to: peers, ports }), { maxLength: 2 }),
  })
  .map(({ namespace, ...spec }) => policy(`${namespace}/p`, spec))

/** Pods of three namespaces on two nodes, and policies `p0`, `p1`, … */
export const randomState: fc.Arbitrary<PolicyState> = fc
  .record({
    pods: fc.array(somePod, { minLength: 1, maxLength: 9 }),
    policies: fc.array(randomPolicy, { maxLength: 6 }),
  })
  .map(({ pods, policies }) => ({
    namespaces: [
      { name: 'default', labels: {} },
      { name: 'other', labels: { team: 'ops' } },
      { name: 'third', labels: { team: 'dev' } },
    ],
    pods: pods.map((make, at) => make(at)),
    policies: policies.map((one, at) => ({
      ...one,
      metadata: { ...one.metadata, name: `p${at}` },
    })),
    nodes: [
      { name: 'node-1', addresses: ['172.18.0.2'] },
      { name: 'node-2', addresses: ['172.18.0.3', 'fd00:18::3'] },
    ],
  }))
