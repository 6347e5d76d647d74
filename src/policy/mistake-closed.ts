import { rulesOf } from './evaluate.ts'
import { alsoIsolated, find, rulesOn, type Scene } from './mistake-scene.ts'
import type { RuleReason } from './types.ts'

/** The mistake behind a flow that the second set closes. */
export function closedBy(scene: Scene): string {
  if (!scene.before.isolated) return isolatedWrongly(scene)
  const { afterRules, beforeRules, difference, direction } = scene
  const portsMatch = afterRules.filter(({ ports }) => ports.matched)
  const peersMatch = afterRules.filter(({ peers }) => peers.matched)
  if (scene.isDns && portsMatch.length === 0) {
    const isOneProtocol = afterRules.some(({ ports }) =>
      ports.items.some(({ failed, wants }) => failed === 'protocol' && wants.startsWith('53/')),
    )
    return isOneProtocol ? 'dns-one-protocol' : 'dns-missing'
  }
  const otherBefore = direction === 'Egress' ? difference.before.ingress : difference.before.egress
  const otherAfter = direction === 'Egress' ? difference.after.ingress : difference.after.egress
  if (portsMatch.length === 0 && peersMatch.length === 0) {
    if (otherBefore.isolated && otherAfter.isolated && otherAfter.allowed) return 'one-side'
    const wasOpen = beforeRules.some(({ allowed, peers }) => allowed && peers.any)
    return afterRules.length === 0 && wasOpen ? 'empty-means-all' : 'label-logic'
  }
  const [nearPort] = peersMatch
  if (nearPort !== undefined) return closedPort(scene, nearPort)
  return closedPeer(scene, portsMatch)
}

function closedPeer(scene: Scene, rules: readonly RuleReason[]): string {
  const failed = new Set(rules.flatMap(({ peers }) => peers.items.map((item) => item.failed)))
  if (failed.has('cidr') || failed.has('except')) return 'cidr-pods'
  if (failed.has('not-a-pod')) return 'outside-forgotten'
  if (scene.isPeerOfManyKinds(scene.actual) && !scene.isPeerOfManyKinds(scene.wanted))
    return 'and-or'
  return failed.has('namespace') ? 'own-ns-only' : 'label-logic'
}

function closedPort(scene: Scene, rule: RuleReason): string {
  const { flow } = scene.difference
  const failed = new Set(rule.ports.items.map((item) => item.failed))
  if (failed.has('port-name')) return 'port-name'
  const isSamePort = rule.ports.items.some(
    (item) => item.failed === 'protocol' && item.wants.startsWith(`${flow.port}/`),
  )
  if (isSamePort) return scene.isDns ? 'dns-one-protocol' : 'protocol'
  const wantedPorts = rulesOn(scene.wanted, scene.subject, scene.direction).flatMap(
    ({ ports }) => ports,
  )
  const ports = rulesOn(scene.actual, scene.subject, scene.direction).flatMap((one) => one.ports)
  if ([...wantedPorts, ...ports].some(({ endPort }) => endPort !== undefined)) return 'range'
  if (wantedPorts.some(({ port }) => typeof port === 'string')) {
    return failed.has('protocol') && failed.size === 1 ? 'protocol' : 'port-number'
  }
  if (failed.has('protocol') && failed.size === 1) return 'protocol'
  const target = scene.actual.resolve(flow.to)
  const declared = target.kind === 'pod' ? target.pod.ports.map(({ port }) => port) : []
  const isListening = flow.port !== undefined && declared.includes(flow.port)
  const namesOther = ports.some(({ port }) => typeof port === 'number' && !declared.includes(port))
  return isListening && namesOther ? 'service-port' : 'port-number'
}

/** The second set isolates a pod in a direction that the first leaves open. */
function isolatedWrongly(scene: Scene): string {
  const { subject, direction, other, after, before } = scene
  const [reason] = after.policies
  const policy = reason === undefined ? undefined : find(scene.actual, reason.policy)
  if (policy === undefined || subject.kind !== 'pod') return 'too-wide-subject'
  if (before.selected && scene.wanted.policiesOn(subject, other).length > 0) {
    if (rulesOf(policy, other) !== undefined) return 'extra-direction'
    const isUntyped = direction === 'Ingress' && rulesOf(policy, direction)?.length === 0
    return isUntyped ? 'types-missing' : 'wrong-direction'
  }
  if (alsoIsolated(scene, policy)) return 'too-wide-subject'
  const meant = scene.wanted.compiled.filter((one) => rulesOf(one, direction) !== undefined)
  const isElsewhere = meant.every(({ namespace }) => namespace !== policy.namespace)
  if (meant.length > 0 && isElsewhere) return 'wrong-namespace'
  if (meant.length === 0 && rulesOf(policy, other) === undefined) return 'wrong-direction'
  return 'wrong-subject'
}
