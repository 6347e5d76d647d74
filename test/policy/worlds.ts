import type { NetworkPolicy, PolicyType } from '../../src/kube/objects.ts'
import type { Flow, PolicyPod, PolicyState } from '../../src/policy/types.ts'

/** Small worlds for tests of policies. */
export function pod(
  id: string,
  labels: Record<string, string>,
  ip: string,
  ports: PolicyPod['ports'] = [],
): PolicyPod {
  const [namespace = 'default', name = id] = id.includes('/') ? id.split('/') : ['default', id]
  return { namespace, name, labels, ips: [ip], ports, node: 'node-1' }
}

export const tcp = (port: number, name?: string) =>
  ({ port, protocol: 'TCP', ...(name === undefined ? {} : { name }) }) as const
export const udp = (port: number, name?: string) =>
  ({ port, protocol: 'UDP', ...(name === undefined ? {} : { name }) }) as const

export function policy(
  id: string,
  spec: NetworkPolicy['spec'] & { policyTypes?: PolicyType[] },
): NetworkPolicy {
  const [namespace, name] = id.includes('/') ? id.split('/') : ['default', id]
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: name ?? id, namespace: namespace ?? 'default' },
    spec,
  }
}

/** The world of "deny egress": a server, callers, other pods that answer on port 53, and the DNS pods. */
export const egressWorld: PolicyState = {
  namespaces: [
    { name: 'default', labels: {} },
    { name: 'kube-system', labels: {} },
    { name: 'watch', labels: {} },
  ],
  pods: [
    pod('web', { app: 'web' }, '10.244.0.12', [tcp(80)]),
    pod('test', { app: 'foo' }, '10.244.0.13'),
    pod('bar', { app: 'bar' }, '10.244.0.14'),
    pod('foo-srv', { app: 'foo' }, '10.244.0.15', [tcp(80)]),
    pod('watch/lighthouse', { app: 'lighthouse' }, '10.244.0.16', [tcp(80), tcp(53), udp(53)]),
    pod('watch/decoy-dns', { 'k8s-app': 'kube-dns' }, '10.244.0.17', [tcp(53), udp(53)]),
    pod('kube-system/sys-dns', { 'k8s-app': 'node-dns' }, '10.244.0.18', [tcp(53), udp(53)]),
    pod('kube-system/coredns-1', { 'k8s-app': 'kube-dns' }, '10.244.0.2', [
      udp(53, 'dns'),
      tcp(53, 'dns-tcp'),
      tcp(9153, 'metrics'),
    ]),
  ],
  policies: [],
  nodes: [{ name: 'node-1', addresses: ['172.18.0.2'] }],
}

/** The same world with these policies. */
export function withPolicies(state: PolicyState, ...policies: NetworkPolicy[]): PolicyState {
  return { ...state, policies }
}

/** `test -> web:80/TCP` as a flow; pods as `ns/name`, addresses as they are. */
export function flow(text: string): Flow {
  const match = /^(\S+) -> (\S+?)(?::(\d+))?\/(TCP|UDP|SCTP|ICMP)$/.exec(text)
  if (match === null) throw new Error(`not a flow: ${text}`)
  const [, from = '', to = '', port, protocol] = match
  return {
    from: end(from),
    to: end(to),
    ...(port === undefined ? {} : { port: Number(port) }),
    protocol: protocol as Flow['protocol'],
  }
}

function end(text: string): Flow['from'] {
  if (/^[\d.]+$/.test(text)) return { kind: 'address', address: text }
  if (text.startsWith('node:')) return { kind: 'node', name: text.slice(5) }
  const [namespace = 'default', name = ''] = text.includes('/')
    ? text.split('/')
    : ['default', text]
  return { kind: 'pod', namespace, name }
}
