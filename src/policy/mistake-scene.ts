import { matchesSelector } from '../kube/label-selector.ts'
import type { PolicyType } from '../kube/objects.ts'
import type { CompiledPeer, CompiledPolicy, CompiledRule } from './compile.ts'
import type { End } from './ends.ts'
import { type PreparedPolicies, rulesOf } from './evaluate.ts'
import type { Difference, RuleReason, SideVerdict } from './types.ts'
import { witnessLabels } from './witness-name.ts'

/** One side of a difference, with everything that its classification looks at. */
export class Scene {
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

/** Whether a policy selects some pod of the world that the first set isolates in this direction. */
export function alsoIsolated(
  { wanted, actual, direction }: Scene,
  policy: CompiledPolicy,
): boolean {
  return selected(actual, policy).some((end) => wanted.policiesOn(end, direction).length > 0)
}

/** Pods of the world that a policy selects; witnesses carry no name that an API server would take. */
export function selected(
  { state, resolve }: PreparedPolicies,
  policy: CompiledPolicy,
): readonly End[] {
  return state.pods
    .filter(({ name }) => witnessLabels(name, 'pod') === undefined)
    .filter(({ namespace, labels }) => {
      return namespace === policy.namespace && matchesSelector(policy.subject, labels)
    })
    .map(({ namespace, name }) => resolve({ kind: 'pod', namespace, name }))
}

/** Policies of one set that the other does not have as they are. */
export function fresh(set: PreparedPolicies, other: PreparedPolicies): readonly CompiledPolicy[] {
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

export function isReply({ difference: { flow }, wanted }: Scene): boolean {
  const { from, to } = flow
  const source = wanted.resolve(from)
  if (source.kind !== 'pod' || to.kind !== 'pod') return false
  return source.pod.ports.some(({ port, protocol }) =>
    wanted.allows({ from: to, to: from, port, protocol }),
  )
}

export function find(
  set: PreparedPolicies,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): CompiledPolicy | undefined {
  return set.compiled.find((policy) => policy.namespace === namespace && policy.name === name)
}

export function rulesOn(
  set: PreparedPolicies,
  end: End,
  direction: PolicyType,
): readonly CompiledRule[] {
  return set.policiesOn(end, direction).flatMap((policy) => rulesOf(policy, direction) ?? [])
}

export function peersOn(
  set: PreparedPolicies,
  end: End,
  direction: PolicyType,
): readonly CompiledPeer[] {
  return rulesOn(set, end, direction).flatMap(({ peers }) => peers)
}

export function isEmpty(
  selector: { matchLabels?: object; matchExpressions?: unknown[] } | undefined,
) {
  const labels = Object.keys(selector?.matchLabels ?? {}).length
  return labels === 0 && (selector?.matchExpressions ?? []).length === 0
}
