import type { NetworkPolicy } from '../kube/objects.ts'
import { namedPorts } from './compile.ts'
import type { LintFinding } from './lint.ts'
import {
  finding,
  type LintPod,
  type LintRule,
  type LintScene,
  lintRules,
  podName,
  ruleText,
  some,
} from './lint-scene.ts'
import type { Flow } from './types.ts'

/** Pods of each side that are looked at: the answer for many is the one for a few. */
const MOST_PODS = 20
const MOST_PORTS = 4

/** Rules for pods whose other side lets none of it through. */
export function lintSides(policy: NetworkPolicy, scene: LintScene): readonly LintFinding[] {
  return lintRules(policy, scene).flatMap((rule) => {
    if (rule.rule.peers.length === 0) return []
    const flows = flowsOf(rule)
    if (flows.length === 0 || flows.some((flow) => scene.prepared.allows(flow))) return []
    const other = rule.direction === 'Ingress' ? 'Egress' : 'Ingress'
    const blockers = rule.peers
      .slice(0, MOST_PODS)
      .flatMap(({ end }) => scene.prepared.policiesOn(end, other))
    // Without policies on the other side it is this side that does not hold, so the policy is not in force.
    if (blockers.length === 0) return []
    const isIngress = rule.direction === 'Ingress'
    return [
      finding('one-side-only', policy, rule.path, {
        found: `${ruleText(rule)} lets ${isIngress ? 'in' : 'out'} connections ${isIngress ? 'from' : 'to'} ${some(rule.peers.map(podName))}, and there ${some(blockers.map(({ name }) => name))} ${isIngress ? 'lets them out' : 'lets them in'} on no port of it.`,
        consequence: 'Both sides have to allow a connection, so none of these is made.',
        repair: `Allow it on the other side, too: ${isIngress ? 'an egress' : 'an ingress'} rule for ${some(rule.peers.map(podName))}.`,
      }),
    ]
  })
}

function flowsOf(rule: LintRule): readonly Flow[] {
  const flows: Flow[] = []
  for (const subject of rule.subjects.slice(0, MOST_PODS)) {
    for (const peer of rule.peers.slice(0, MOST_PODS)) {
      if (subject.end === peer.end || peer.end.kind !== 'pod') continue
      const [from, to] = rule.direction === 'Ingress' ? [peer, subject] : [subject, peer]
      for (const port of portsOf(rule, to).slice(0, MOST_PORTS)) {
        flows.push({ from: from.endpoint, to: to.endpoint, ...port })
      }
    }
  }
  return flows
}

/** Ports that the rule allows on a pod. */
function portsOf(
  { rule }: LintRule,
  { end, pod }: LintPod,
): readonly Required<Pick<Flow, 'port' | 'protocol'>>[] {
  const declared = pod.ports.map(({ port, protocol }) => ({ port, protocol }))
  if (rule.ports.length === 0) {
    return declared.length > 0 ? declared : [{ port: 80, protocol: 'TCP' }]
  }
  return rule.ports.flatMap((entry) => {
    const { port, protocol } = entry
    if (typeof port === 'string')
      return namedPorts(entry, end).map((number) => ({ port: number, protocol }))
    if (port !== undefined) return [{ port, protocol }]
    const own = declared.filter((one) => one.protocol === protocol)
    return own.length > 0 ? own : [{ port: 80, protocol }]
  })
}
