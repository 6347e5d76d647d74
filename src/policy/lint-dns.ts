import type { NetworkPolicy, Protocol } from '../kube/objects.ts'
import { parseAddress } from './address.ts'
import {
  type CompiledPolicy,
  type CompiledRule,
  compilePolicy,
  peerFailure,
  portFailure,
} from './compile.ts'
import type { End } from './ends.ts'
import type { LintFinding } from './lint.ts'
import { finding, type LintPod, type LintScene, podName, some, subjectsOf } from './lint-scene.ts'

/** Ports on which a cluster's DNS listens: the usual one, and OpenShift's. */
export const DNS_PORTS: readonly number[] = [53, 5353]

/** Whether pods that may connect somewhere can look up names, all policies together. */
export function lintDns(policy: NetworkPolicy, scene: LintScene): readonly LintFinding[] {
  const compiled = compilePolicy(policy)
  const rules = compiled.egress ?? []
  if (rules.length === 0) return []
  const ends = dnsEnds(scene)
  const lacks: Record<Protocol, LintPod[]> = { UDP: [], TCP: [], SCTP: [] }
  const neither: LintPod[] = []
  const judge = (all: readonly CompiledPolicy[], pod: LintPod | undefined) => {
    const udp = allowsDns(all, 'UDP', ends)
    const tcp = allowsDns(all, 'TCP', ends)
    return { udp, tcp, pod }
  }
  const subjects = subjectsOf(compiled, scene).filter((one) => !isDnsPod(one))
  for (const subject of subjects) {
    const { udp, tcp } = judge(scene.prepared.policiesOn(subject.end, 'Egress'), subject)
    if (!udp && !tcp) neither.push(subject)
    else if (!udp) lacks.UDP.push(subject)
    else if (!tcp) lacks.TCP.push(subject)
  }
  const alone = scene.hasPods ? undefined : judge(alike(compiled, scene), undefined)
  const who = (pods: readonly LintPod[]) =>
    pods.length === 0 ? 'The selected pods' : some(pods.map(podName))
  const path = ['spec', 'egress']
  if (neither.length > 0 || (alone !== undefined && !alone.udp && !alone.tcp)) {
    return [
      finding('egress-without-dns', policy, path, {
        found: `${who(neither)} may connect to some ends, and not to the cluster's DNS.`,
        consequence:
          'Names cannot be looked up: a client that is given a name waits and fails, although its rule is right.',
        repair:
          'Allow port 53, UDP and TCP, to pods with k8s-app: kube-dns in namespace kube-system.',
      }),
    ]
  }
  // Only the policy that opens DNS can be repaired.
  const opens = (protocol: Protocol) => allowsDns([compiled], protocol, ends)
  const at = (protocol: Protocol) => {
    const index = rules.find((rule) => ruleAllows(rule, protocol, ends))?.index
    return index === undefined ? path : [...path, index]
  }
  if ((lacks.TCP.length > 0 || (alone?.udp && !alone.tcp)) && opens('UDP')) {
    return [
      finding('dns-udp-only', policy, at('UDP'), {
        found: `${who(lacks.TCP)} may ask the DNS over UDP only.`,
        consequence: 'It works until an answer is too large for UDP and is asked again over TCP.',
        repair: 'Add port 53 with protocol: TCP.',
      }),
    ]
  }
  if ((lacks.UDP.length > 0 || (alone?.tcp && !alone.udp)) && opens('TCP')) {
    return [
      finding('dns-tcp-only', policy, at('TCP'), {
        found: `${who(lacks.UDP)} may ask the DNS over TCP only.`,
        consequence:
          'Clients ask over UDP first, so names cannot be looked up. A port without protocol is a TCP port.',
        repair: 'Add port 53 with protocol: UDP.',
      }),
    ]
  }
  return []
}

/** Policies that surely govern the same pods, where pods are not known. */
function alike(policy: CompiledPolicy, { prepared }: LintScene): readonly CompiledPolicy[] {
  const own = JSON.stringify(policy.subject)
  return prepared.compiled.filter(
    ({ namespace, subject }) =>
      namespace === policy.namespace && [own, '{}'].includes(JSON.stringify(subject)),
  )
}

function allowsDns(
  policies: readonly CompiledPolicy[],
  protocol: Protocol,
  ends: readonly End[],
): boolean {
  return policies.some(({ egress = [] }) => egress.some((rule) => ruleAllows(rule, protocol, ends)))
}

function ruleAllows(rule: CompiledRule, protocol: Protocol, ends: readonly End[]): boolean {
  return ends.some(
    (end) =>
      (rule.peers.length === 0 ||
        rule.peers.some((peer) => peerFailure(peer, end) === undefined)) &&
      (rule.ports.length === 0 ||
        rule.ports.some((entry) =>
          DNS_PORTS.some((port) => portFailure(entry, { protocol, port }, end) === undefined),
        )),
  )
}

/** The DNS of the world, else one as clusters have it; and the address of a cache on each node. */
export function dnsEnds({ pods }: LintScene): readonly End[] {
  const real = pods.filter(isDnsPod).map(({ end }) => end)
  return [...(real.length > 0 ? real : [USUAL_DNS]), NODE_CACHE]
}

export function isDnsPod({ pod }: LintPod): boolean {
  return pod.labels['k8s-app'] === 'kube-dns' && pod.namespace === 'kube-system'
}

export const USUAL_DNS: Extract<End, { kind: 'pod' }> = {
  kind: 'pod',
  pod: {
    namespace: 'kube-system',
    name: 'coredns',
    labels: { 'k8s-app': 'kube-dns' },
    ips: ['10.244.0.2'],
    ports: [
      { name: 'dns', port: 53, protocol: 'UDP' },
      { name: 'dns-tcp', port: 53, protocol: 'TCP' },
    ],
  },
  namespaceLabels: { 'kubernetes.io/metadata.name': 'kube-system' },
  addresses: addressesOf('10.244.0.2'),
}

/** NodeLocal DNSCache listens there. */
const NODE_CACHE: End = {
  kind: 'address',
  text: '169.254.20.10',
  addresses: addressesOf('169.254.20.10'),
}

function addressesOf(text: string) {
  return [parseAddress(text)].filter((address) => address !== undefined)
}
