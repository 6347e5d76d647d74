import { matchesSelector } from '../kube/label-selector.ts'
import type { NetworkPolicy, PolicyType, Service } from '../kube/objects.ts'
import { type CompiledPolicy, type CompiledRule, compilePolicy, peerFailure } from './compile.ts'
import type { End } from './ends.ts'
import { type PreparedPolicies, prepare } from './evaluate.ts'
import type { LintFinding, LintId, LintWorld } from './lint.ts'
import type { Endpoint, PolicyPod } from './types.ts'

/** A world, read once for all checks. */
export interface LintScene {
  readonly world: LintWorld
  readonly prepared: PreparedPolicies
  readonly pods: readonly LintPod[]
  /** Without pods nothing can be said about what selectors match. */
  readonly hasPods: boolean
}

export interface LintPod {
  readonly pod: PolicyPod
  readonly end: End
  readonly endpoint: Endpoint
}

/** A rule with what it is about in this world. */
export interface LintRule {
  readonly direction: PolicyType
  readonly rule: CompiledRule
  readonly path: readonly (string | number)[]
  /** Pods that the policy selects. */
  readonly subjects: readonly LintPod[]
  /** Pods that match a peer; all where there is none. */
  readonly peers: readonly LintPod[]
  /** Where connections of this rule end: subjects of ingress, peers of egress. */
  readonly destinations: readonly LintPod[]
}

export function readScene(world: LintWorld): LintScene {
  const prepared = prepare(world.state)
  const pods = world.state.pods.map((pod) => {
    const endpoint: Endpoint = { kind: 'pod', namespace: pod.namespace, name: pod.name }
    return { pod, endpoint, end: prepared.resolve(endpoint) }
  })
  return { world, prepared, pods, hasPods: pods.length > 0 }
}

/** The pods that a policy selects: those on their node's network are never among them. */
export function subjectsOf(policy: CompiledPolicy, { pods }: LintScene): readonly LintPod[] {
  return pods.filter(
    ({ pod }) =>
      pod.hostNetwork !== true &&
      pod.namespace === policy.namespace &&
      matchesSelector(policy.subject, pod.labels),
  )
}

/** The rules of a policy that count, ingress first. */
export function lintRules(policy: NetworkPolicy, scene: LintScene): readonly LintRule[] {
  const compiled = compilePolicy(policy)
  const subjects = subjectsOf(compiled, scene)
  return (['Ingress', 'Egress'] as const).flatMap((direction) => {
    const field = direction === 'Ingress' ? 'ingress' : 'egress'
    return (compiled[field] ?? []).map((rule) => {
      const peers = scene.pods.filter(
        ({ end }) =>
          rule.peers.length === 0 ||
          rule.peers.some((peer) => peerFailure(peer, end) === undefined),
      )
      return {
        direction,
        rule,
        path: ['spec', field, rule.index],
        subjects,
        peers,
        destinations: direction === 'Ingress' ? subjects : peers,
      }
    })
  })
}

export function finding(
  id: LintId,
  policy: NetworkPolicy,
  path: LintFinding['path'],
  words: Pick<LintFinding, 'found' | 'consequence' | 'repair'>,
): LintFinding {
  const { name, namespace = 'default' } = policy.metadata
  return { id, policy: { namespace, name }, path, ...words }
}

/** The services that lead to a pod. */
export function servicesOf(pod: PolicyPod, { world }: LintScene): readonly Service[] {
  return world.services.filter(({ metadata, spec }) => {
    const { selector } = spec
    return (
      selector != null &&
      Object.keys(selector).length > 0 &&
      (metadata.namespace ?? 'default') === pod.namespace &&
      matchesSelector({ matchLabels: selector }, pod.labels)
    )
  })
}

/** `a`, `a and b`, `a, b and 3 more`. */
export function some(names: readonly string[]): string {
  const unique = [...new Set(names)]
  if (unique.length <= 2) return unique.join(' and ')
  return `${unique.slice(0, 2).join(', ')} and ${unique.length - 2} more`
}

export function podName({ pod }: LintPod): string {
  return `${pod.namespace}/${pod.name}`
}

/** `the ingress rule 2`. */
export function ruleText({ direction, rule }: Pick<LintRule, 'direction' | 'rule'>): string {
  return `${direction === 'Ingress' ? 'Ingress' : 'Egress'} rule ${rule.index + 1}`
}
