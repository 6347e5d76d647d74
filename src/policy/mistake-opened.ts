import { matchesSelector } from '../kube/label-selector.ts'
import { containsAddress } from './address.ts'
import type { CompiledPolicy, CompiledRule } from './compile.ts'
import { rulesOf } from './evaluate.ts'
import {
  alsoIsolated,
  find,
  fresh,
  isEmpty,
  isReply,
  peersOn,
  rulesOn,
  type Scene,
  selected,
} from './mistake-scene.ts'
import type { RuleReason } from './types.ts'

/** The mistake behind a flow that the second set opens. */
export function openedBy(scene: Scene): string {
  if (!scene.after.isolated) return notIsolated(scene)
  for (const { policy, rules } of scene.after.policies) {
    const rule = rules.find(({ allowed }) => allowed)
    if (rule === undefined) continue
    const compiled = find(scene.actual, policy)
    const rulesThere = compiled === undefined ? [] : (rulesOf(compiled, scene.direction) ?? [])
    return openedByRule(scene, rule, rulesThere)
  }
  return 'label-logic'
}

/** The second set lets everything through because no policy isolates the pod there. */
function notIsolated(scene: Scene): string {
  const { subject, direction, other } = scene
  if (subject.kind !== 'pod') return 'wrong-subject'
  const { namespace, labels } = subject.pod
  const mine = fresh(scene.actual, scene.wanted)
  const selecting = mine.filter(
    (policy) => policy.namespace === namespace && matchesSelector(policy.subject, labels),
  )
  const turned = selecting.find((policy) => rulesOf(policy, direction) === undefined)
  if (turned !== undefined) {
    const isUntyped = direction === 'Egress' && rulesOf(turned, other)?.length === 0
    return isUntyped ? 'types-missing' : 'wrong-direction'
  }
  const selectsPods = (policy: CompiledPolicy) => selected(scene.actual, policy).length > 0
  const here = mine.filter((policy) => policy.namespace === namespace)
  const elsewhere = mine.filter((policy) => policy.namespace !== namespace)
  if (here.some((policy) => !selectsPods(policy))) return 'no-pod-selected'
  if (here.some((policy) => alsoIsolated(scene, policy))) return 'too-narrow-subject'
  if (here.length > 0) return 'wrong-subject'
  if (elsewhere.some((policy) => matchesSelector(policy.subject, labels))) return 'wrong-namespace'
  if (mine.length > 0) return 'wrong-namespace'
  // Both sets share what stands in other namespaces: one that would select the pod there was meant for it here.
  const isMisplaced = scene.actual.compiled.some(
    (policy) =>
      policy.namespace !== namespace &&
      !isEmpty(policy.subject) &&
      rulesOf(policy, direction) !== undefined &&
      matchesSelector(policy.subject, labels),
  )
  return isMisplaced ? 'wrong-namespace' : 'deny-thinking'
}

function openedByRule(scene: Scene, rule: RuleReason, siblings: readonly CompiledRule[]): string {
  const { beforeRules, difference } = scene
  const { peers, ports } = rule
  const hasOpenSibling = siblings.some(
    ({ index, peers: list }) => index !== rule.index && list.length === 0,
  )
  const hasPortlessSibling = siblings.some(
    ({ index, ports: list }) => index !== rule.index && list.length === 0,
  )
  if (peers.any && ports.any) return 'empty-means-all'
  const wantedBoth = beforeRules.some((one) => !one.peers.any && !one.ports.any)
  if (peers.any) {
    if (wantedBoth && hasPortlessSibling) return 'rule-split'
    if (beforeRules.some((one) => one.peers.any)) return portMistake(scene, rule, siblings)
    return scene.isDns ? 'dns-wide' : 'peer-missing'
  }
  const samePeer = beforeRules.filter((one) => one.peers.matched && !one.ports.matched)
  const samePort = beforeRules.filter((one) => one.ports.matched && !one.peers.matched)
  if (ports.any) {
    if (wantedBoth && hasOpenSibling) return 'rule-split'
    if (samePeer.length > 0) return 'port-wide'
    return peerMistake(scene, rule, siblings)
  }
  if (samePeer.length > 0) {
    if (samePort.some((one) => !samePeer.includes(one))) return 'rule-product'
    return portMistake(scene, rule, siblings)
  }
  if (samePort.length === 0 && isReply(scene)) return 'reply-rule'
  if (samePort.length === 0 && beforeRules.length === 0 && difference.flow.to.kind === 'pod') {
    return isReply(scene) ? 'reply-rule' : peerMistake(scene, rule, siblings)
  }
  return peerMistake(scene, rule, siblings)
}

/** The peer that let somebody in who should stay out. */
function peerMistake(scene: Scene, rule: RuleReason, siblings: readonly CompiledRule[]): string {
  const list = siblings.find(({ index }) => index === rule.index)?.peers ?? []
  const peer = list[rule.peers.matchedIndex ?? 0]
  if (peer === undefined) return 'too-wide-peer'
  if (peer.kind === 'block') {
    const excepted = peersOn(scene.wanted, scene.subject, scene.direction).some(
      (one) =>
        one.kind === 'block' &&
        one.excepts.some((cidr) => scene.peer.addresses.some((at) => containsAddress(cidr, at))),
    )
    if (excepted) return scene.peer.kind === 'pod' ? 'cidr-pods' : 'except-given-back'
    return scene.peer.kind === 'pod' ? 'cidr-pods' : 'outside-opened'
  }
  const isSplit = peer.podSelector === undefined || peer.namespaceSelector === undefined
  const others = siblings.flatMap(({ peers }) => peers).filter((one) => one !== peer)
  const hasOtherHalf = others.some(
    (one) =>
      one.kind === 'selectors' &&
      (peer.podSelector === undefined) !== (one.podSelector === undefined),
  )
  if (isSplit && hasOtherHalf && scene.isPeerOfManyKinds(scene.wanted)) return 'and-or'
  if (peer.namespaceSelector !== undefined && isEmpty(peer.namespaceSelector)) return 'any-ns'
  if (scene.isDns && peer.podSelector === undefined) return 'dns-wide'
  if (peer.namespaceSelector === undefined && isEmpty(peer.podSelector)) return 'too-wide-peer'
  return 'label-logic'
}

/** The ports entry that let more through than was wanted for the same peer. */
function portMistake(scene: Scene, rule: RuleReason, siblings: readonly CompiledRule[]): string {
  const list = siblings.find(({ index }) => index === rule.index)?.ports ?? []
  const entry = list[rule.ports.matchedIndex ?? 0]
  const wantedPorts = rulesOn(scene.wanted, scene.subject, scene.direction).flatMap(
    ({ ports }) => ports,
  )
  if (entry === undefined || entry.port === undefined) return 'port-wide'
  if (entry.endPort !== undefined || wantedPorts.some(({ endPort }) => endPort !== undefined)) {
    return 'range'
  }
  if (wantedPorts.some(({ port }) => port === entry.port)) return 'protocol'
  const isNamed = typeof entry.port === 'string'
  if (wantedPorts.some(({ port }) => (typeof port === 'string') !== isNamed)) return 'port-number'
  return 'port-wide'
}
