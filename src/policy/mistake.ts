import { matchesSelector } from '../kube/label-selector.ts'
import type { PolicyType } from '../kube/objects.ts'
import { containsAddress } from './address.ts'
import type { CompiledPeer, CompiledPolicy, CompiledRule } from './compile.ts'
import type { End } from './ends.ts'
import { type PreparedPolicies, rulesOf } from './evaluate.ts'
import type { Difference, RuleReason, SideVerdict } from './types.ts'
import { witnessLabels } from './witness-name.ts'

/**
 * Which mistake of the course a difference most likely shows. A guess from who is too open or too closed, on which side, and which
 * part of a rule did it; lessons put their own sentence first where they recognise more.
 */
export function mistakeOf(
  difference: Omit<Difference, 'mistake'>,
  wanted: PreparedPolicies,
  actual: PreparedPolicies,
): string {
  const { kind, before, after } = difference
  for (const direction of ['Egress', 'Ingress'] as const) {
    const side = direction === 'Egress' ? 'egress' : 'ingress'
    if (before[side].allowed === after[side].allowed) continue
    if (after[side].allowed !== (kind === 'opened')) continue
    const scene = new Scene(direction, difference, wanted, actual)
    return kind === 'opened' ? opened(scene) : closed(scene)
  }
  return 'label-logic'
}

/** One side of a difference, with everything that its classification looks at. */
class Scene {
  readonly direction: PolicyType
  readonly difference: Omit<Difference, 'mistake'>
  readonly wanted: PreparedPolicies
  readonly actual: PreparedPolicies
  readonly before: SideVerdict
  readonly after: SideVerdict
  readonly subject: End
  readonly peer: End

  constructor(
    direction: PolicyType,
    difference: Omit<Difference, 'mistake'>,
    wanted: PreparedPolicies,
    actual: PreparedPolicies,
  ) {
    const { before, after, flow } = difference
    this.direction = direction
    this.difference = difference
    this.wanted = wanted
    this.actual = actual
    this.before = direction === 'Egress' ? before.egress : before.ingress
    this.after = direction === 'Egress' ? after.egress : after.ingress
    this.subject = actual.resolve(direction === 'Egress' ? flow.from : flow.to)
    this.peer = actual.resolve(direction === 'Egress' ? flow.to : flow.from)
  }

  get beforeRules(): readonly RuleReason[] {
    return this.before.policies.flatMap(({ rules }) => rules)
  }

  get afterRules(): readonly RuleReason[] {
    return this.after.policies.flatMap(({ rules }) => rules)
  }

  /** A DNS question to somebody: the flow that egress lessons stumble over. */
  get isDns(): boolean {
    return this.direction === 'Egress' && this.difference.flow.port === 53
  }

  get other(): PolicyType {
    return this.direction === 'Egress' ? 'Ingress' : 'Egress'
  }

  isPeerOfManyKinds(set: PreparedPolicies): boolean {
    return peersOn(set, this.subject, this.direction).some(
      (peer) =>
        peer.kind === 'selectors' &&
        peer.podSelector !== undefined &&
        peer.namespaceSelector !== undefined,
    )
  }
}

function opened(scene: Scene): string {
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

function closed(scene: Scene): string {
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

/** Whether a policy selects some pod of the world that the first set isolates in this direction. */
function alsoIsolated({ wanted, actual, direction }: Scene, policy: CompiledPolicy): boolean {
  return selected(actual, policy).some((end) => wanted.policiesOn(end, direction).length > 0)
}

/** Pods of the world that a policy selects; witnesses carry no name that an API server would take. */
function selected({ state, resolve }: PreparedPolicies, policy: CompiledPolicy): readonly End[] {
  return state.pods
    .filter(({ name }) => witnessLabels(name, 'pod') === undefined)
    .filter(({ namespace, labels }) => {
      return namespace === policy.namespace && matchesSelector(policy.subject, labels)
    })
    .map(({ namespace, name }) => resolve({ kind: 'pod', namespace, name }))
}

/** Policies of one set that the other does not have as they are. */
function fresh(set: PreparedPolicies, other: PreparedPolicies): readonly CompiledPolicy[] {
  const known = new Set(other.state.policies.map((policy) => contentOf(policy)))
  return set.compiled.filter(
    ({ namespace, name }) =>
      !set.state.policies.some(
        (policy) =>
          policy.metadata.name === name &&
          (policy.metadata.namespace ?? 'default') === namespace &&
          known.has(contentOf(policy)),
      ),
  )
}

function contentOf({
  metadata,
  spec,
}: {
  metadata: { namespace?: string }
  spec: unknown
}): string {
  return JSON.stringify([metadata.namespace, spec])
}

function isReply({ difference: { flow }, wanted }: Scene): boolean {
  const { from, to } = flow
  const source = wanted.resolve(from)
  if (source.kind !== 'pod' || to.kind !== 'pod') return false
  return source.pod.ports.some(({ port, protocol }) =>
    wanted.allows({ from: to, to: from, port, protocol }),
  )
}

function find(
  set: PreparedPolicies,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): CompiledPolicy | undefined {
  return set.compiled.find((policy) => policy.namespace === namespace && policy.name === name)
}

function rulesOn(set: PreparedPolicies, end: End, direction: PolicyType): readonly CompiledRule[] {
  return set.policiesOn(end, direction).flatMap((policy) => rulesOf(policy, direction) ?? [])
}

function peersOn(set: PreparedPolicies, end: End, direction: PolicyType): readonly CompiledPeer[] {
  return rulesOn(set, end, direction).flatMap(({ peers }) => peers)
}

function isEmpty(selector: { matchLabels?: object; matchExpressions?: unknown[] } | undefined) {
  const labels = Object.keys(selector?.matchLabels ?? {}).length
  return labels === 0 && (selector?.matchExpressions ?? []).length === 0
}
