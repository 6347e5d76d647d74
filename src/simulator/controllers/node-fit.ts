import type { KubeNode, Pod, PodSpec } from '../../kube/objects.ts'

/** One taint of a node. */
export interface Taint {
  readonly key: string
  readonly value?: string
  readonly effect: string
}

/** What a cordon means to the scheduler: a taint that pods may tolerate. */
const CORDON: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }

/** Why a node does not take a pod, in the scheduler's words; `undefined` where it does. */
export function problemWith(pod: Pod, node: KubeNode): string | undefined {
  if (node.spec.unschedulable === true && !tolerates(pod.spec, CORDON)) {
    return 'node(s) were unschedulable'
  }
  const taint = taintsOf(node).find(
    (entry) =>
      (entry.effect === 'NoSchedule' || entry.effect === 'NoExecute') &&
      !tolerates(pod.spec, entry),
  )
  if (taint !== undefined) {
    return `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`
  }
  return matchesNode(pod.spec, node)
    ? undefined
    : "node(s) didn't match Pod's node affinity/selector"
}

/** The taints that keep pods away from a node. */
export function taintsOf(node: KubeNode): readonly Taint[] {
  return records(node.spec.taints).map((taint) => ({
    key: String(taint.key ?? ''),
    effect: String(taint.effect ?? ''),
    ...(taint.value === undefined ? {} : { value: String(taint.value) }),
  }))
}

/** `ToleratesTaint`. */
export function tolerates(spec: PodSpec, taint: Taint): boolean {
  return tolerations(spec, taint).length > 0
}

/** The tolerations of a pod that speak of a taint. */
export function tolerations(spec: PodSpec, taint: Taint): readonly Record<string, unknown>[] {
  return records(spec.tolerations).filter((toleration) => {
    const { key = '', operator = 'Equal', value = '', effect = '' } = toleration
    if (effect !== '' && effect !== taint.effect) return false
    if (key !== '' && key !== taint.key) return false
    if (operator === 'Exists') return true
    return key !== '' && value === (taint.value ?? '')
  })
}

/** Node selector and required node affinity. */
export function matchesNode(spec: PodSpec, node: KubeNode): boolean {
  const labels = node.metadata.labels ?? {}
  const selector = recordOf(spec.nodeSelector)
  if (!Object.entries(selector).every(([key, value]) => labels[key] === value)) return false
  const required = recordOf(
    recordOf(recordOf(spec.affinity).nodeAffinity).requiredDuringSchedulingIgnoredDuringExecution,
  )
  const terms = records(required.nodeSelectorTerms)
  if (Object.keys(required).length === 0) return true
  return terms.some((term) => {
    const expressions = records(term.matchExpressions)
    const fields = records(term.matchFields)
    if (expressions.length + fields.length === 0) return false
    return (
      expressions.every((entry) => holds(entry, labels[String(entry.key)])) &&
      fields.every((entry) => entry.key === 'metadata.name' && holds(entry, node.metadata.name))
    )
  })
}

function holds(requirement: Record<string, unknown>, value: string | undefined): boolean {
  const values = Array.isArray(requirement.values) ? requirement.values.map(String) : []
  switch (requirement.operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
      return value !== undefined && Number(value) > Number(values[0])
    case 'Lt':
      return value !== undefined && Number(value) < Number(values[0])
    default:
      return false
  }
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}

function records(value: unknown): readonly Record<string, unknown>[] {
  return Array.isArray(value) ? value.map(recordOf) : []
}
