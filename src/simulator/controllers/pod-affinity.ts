import { matchesSelector } from '../../kube/label-selector.ts'
import type { KubeNode, LabelSelector, Namespace, Pod } from '../../kube/objects.ts'
import { matchesNode } from './node-fit.ts'
import { isTerminating } from './pod-facts.ts'

/** Where pods stand now, for those who want to stand beside others, or apart from them. */
export interface Standing {
  /** Those that have a node and have not ended. */
  readonly pods: readonly Pod[]
  readonly nodes: readonly KubeNode[]
  readonly namespaces: readonly Namespace[]
}

interface AffinityTerm {
  readonly labelSelector?: LabelSelector
  readonly namespaces?: readonly string[]
  readonly namespaceSelector?: LabelSelector
  readonly topologyKey: string
}

interface SpreadConstraint {
  readonly maxSkew: number
  readonly minDomains?: number
  readonly topologyKey: string
  readonly whenUnsatisfiable?: string
  readonly labelSelector?: LabelSelector
}

/** Why a node does not suit a pod because of other pods; whether it would without them. */
export interface Misfit {
  readonly reason: string
  /** Other pods would have to go for it. */
  readonly resolvable: boolean
}

/** Whether a pod says whom it will not stand beside. */
export function hasAntiAffinity(pod: Pod): boolean {
  return termsOf(pod, 'podAntiAffinity').length > 0
}

/** Whether other pods matter to where a pod may stand. */
export function looksAtOthers(pod: Pod): boolean {
  return (
    hasAntiAffinity(pod) || termsOf(pod, 'podAffinity').length > 0 || constraintsOf(pod).length > 0
  )
}

/** Models the scheduler plugins PodTopologySpread and InterPodAffinity. */
export function standingProblem(pod: Pod, node: KubeNode, standing: Standing): Misfit | undefined {
  return spreadProblem(pod, node, standing) ?? affinityProblem(pod, node, standing)
}

function affinityProblem(pod: Pod, node: KubeNode, standing: Standing): Misfit | undefined {
  const { pods, nodes, namespaces } = standing
  const labels = node.metadata.labels ?? {}
  /** Whether some pod that a term means stands in the same part of the cluster as the node. */
  const isBeside = (term: AffinityTerm, owner: Pod, others: readonly Pod[]) => {
    const place = labels[term.topologyKey]
    return (
      place !== undefined &&
      others.some(
        (other) =>
          means(term, owner, other, namespaces) &&
          nodeOf(other, nodes)?.metadata.labels?.[term.topologyKey] === place,
      )
    )
  }
  for (const term of termsOf(pod, 'podAffinity')) {
    const isMet =
      isBeside(term, pod, pods) ||
      // The first of a group that wants to stand together would wait for ever.
      (labels[term.topologyKey] !== undefined &&
        means(term, pod, pod, namespaces) &&
        !pods.some((other) => means(term, pod, other, namespaces)))
    if (!isMet) return { reason: "node(s) didn't match pod affinity rules", resolvable: false }
  }
  if (termsOf(pod, 'podAntiAffinity').some((term) => isBeside(term, pod, pods))) {
    return { reason: "node(s) didn't match pod anti-affinity rules", resolvable: true }
  }
  const isUnwanted = pods.some((other) =>
    termsOf(other, 'podAntiAffinity').some((term) => {
      const place = nodeOf(other, nodes)?.metadata.labels?.[term.topologyKey]
      return (
        place !== undefined &&
        place === labels[term.topologyKey] &&
        means(term, other, pod, namespaces)
      )
    }),
  )
  return isUnwanted
    ? { reason: "node(s) didn't satisfy existing pods anti-affinity rules", resolvable: true }
    : undefined
}

function spreadProblem(pod: Pod, node: KubeNode, { pods, nodes }: Standing): Misfit | undefined {
  const constraints = constraintsOf(pod)
  const keys = constraints.map((constraint) => constraint.topologyKey)
  for (const constraint of constraints) {
    const { topologyKey, labelSelector, maxSkew, minDomains = 1 } = constraint
    const reason = "node(s) didn't match pod topology spread constraints"
    const place = node.metadata.labels?.[topologyKey]
    if (place === undefined) {
      return { reason: `${reason} (missing required label)`, resolvable: false }
    }
    const isMeant = (other: Pod) =>
      labelSelector !== undefined && matchesSelector(labelSelector, other.metadata.labels ?? {})
    const counts = new Map<string, number>()
    for (const other of nodes) {
      const labels = other.metadata.labels ?? {}
      const domain = labels[topologyKey]
      if (domain === undefined || !keys.every((key) => labels[key] !== undefined)) continue
      if (!matchesNode(pod.spec, other)) continue
      const here = pods.filter(
        (one) =>
          one.spec.nodeName === other.metadata.name &&
          one.metadata.namespace === pod.metadata.namespace &&
          !isTerminating(one) &&
          isMeant(one),
      )
      counts.set(domain, (counts.get(domain) ?? 0) + here.length)
    }
    const least = counts.size < minDomains ? 0 : Math.min(...counts.values())
    const skew = (counts.get(place) ?? 0) + (isMeant(pod) ? 1 : 0) - least
    if (skew > maxSkew) return { reason, resolvable: true }
  }
  return undefined
}

/** Whether a term of one pod means another one. */
function means(
  term: AffinityTerm,
  owner: Pod,
  other: Pod,
  namespaces: readonly Namespace[],
): boolean {
  const { labelSelector, namespaceSelector, namespaces: names = [] } = term
  if (labelSelector === undefined) return false
  const home = other.metadata.namespace ?? 'default'
  const isAt =
    names.includes(home) ||
    (namespaceSelector !== undefined &&
      matchesSelector(
        namespaceSelector,
        namespaces.find((namespace) => namespace.metadata.name === home)?.metadata.labels ?? {},
      )) ||
    (names.length === 0 &&
      namespaceSelector === undefined &&
      home === (owner.metadata.namespace ?? 'default'))
  return isAt && matchesSelector(labelSelector, other.metadata.labels ?? {})
}

function nodeOf(pod: Pod, nodes: readonly KubeNode[]): KubeNode | undefined {
  return nodes.find((node) => node.metadata.name === pod.spec.nodeName)
}

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution'

// The schema of pods has decoded these.
function termsOf(pod: Pod, which: 'podAffinity' | 'podAntiAffinity'): readonly AffinityTerm[] {
  const affinity = pod.spec.affinity as
    | Partial<Record<typeof which, Partial<Record<typeof REQUIRED, readonly AffinityTerm[]>>>>
    | undefined
  return affinity?.[which]?.[REQUIRED] ?? []
}

function constraintsOf(pod: Pod): readonly SpreadConstraint[] {
  const all = pod.spec.topologySpreadConstraints as readonly SpreadConstraint[] | undefined
  return (all ?? []).filter(({ whenUnsatisfiable }) => whenUnsatisfiable !== 'ScheduleAnyway')
}
