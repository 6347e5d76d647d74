import type { LabelSelector, Pod } from '../../../kube/objects.ts'
import type { KubectlContext } from '../context.ts'
import { KubectlError } from '../kubectl-error.ts'
import { refOf, resolveTargets } from '../targets.ts'
import { isRecord, record, records, stringMap, strings, text } from '../values.ts'
import { POD_KIND } from './pod-waiting.ts'

/**
 * The pod that words name: `web`, `pod/web`, or `deploy/web`, `svc/web`, which stand for the first pod they
 * select, a ready one first (`polymorphichelpers.AttachablePodForObject`).
 */
export async function findPod(context: KubectlContext, words: readonly string[]): Promise<Pod> {
  const [first = '', second] = words
  const word = second === undefined ? first : `${first}/${second}`
  const resolved = await resolveTargets(context, { args: [word], defaultKind: 'pods' })
  const target = resolved.by === 'name' ? resolved.targets[0] : undefined
  if (target === undefined) throw new KubectlError('one pod is needed')
  const { signal } = context
  if (target.kind === POD_KIND) return context.client.get<Pod>(refOf(target), { signal })
  const object = await context.client.get(refOf(target), { signal })
  const selector = podSelectorOf(object)
  if (selector === undefined) {
    throw new KubectlError(
      `cannot attach to *v1.${target.kind.kind}: pods cannot be selected by it`,
    )
  }
  const namespace = target.namespace ?? context.namespace
  const pods = await context.client.list<Pod>(refOf({ kind: POD_KIND, namespace }), {
    labelSelector: selector,
    signal,
  })
  const [best] = [...pods.items].sort(byReadiness)
  if (best !== undefined) return best
  throw new KubectlError(`no pods found in namespace ${JSON.stringify(namespace)} for ${word}`)
}

/** The label selector of a workload or service as the API's query writes it. */
export function podSelectorOf(object: Record<string, unknown>): string | undefined {
  const selector = record(object.spec).selector
  if (!isRecord(selector)) return undefined
  if (object.kind === 'Service' || object.kind === 'ReplicationController') {
    return labelQuery({ matchLabels: { ...stringMap(selector) } })
  }
  const requirements = records(selector.matchExpressions).map((requirement) => ({
    key: text(requirement.key),
    operator: text(requirement.operator),
    values: [...strings(requirement.values)],
  }))
  const labels = Object.entries(stringMap(selector.matchLabels)).map(
    ([key, value]) => `${key}=${value}`,
  )
  return [...labels, ...requirements.map(requirementText)].join(',')
}

function labelQuery(selector: LabelSelector): string | undefined {
  const pairs = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`)
  return pairs.length === 0 ? undefined : pairs.join(',')
}

function requirementText(requirement: {
  readonly key: string
  readonly operator: string
  readonly values: readonly string[]
}): string {
  switch (requirement.operator) {
    case 'In':
      return `${requirement.key} in (${requirement.values.join(',')})`
    case 'NotIn':
      return `${requirement.key} notin (${requirement.values.join(',')})`
    case 'DoesNotExist':
      return `!${requirement.key}`
    default:
      return requirement.key
  }
}

/** Ready pods before others, then by name, so that the choice is always the same. */
function byReadiness(a: Pod, b: Pod): number {
  const ready = (pod: Pod) =>
    pod.status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') ? 0 : 1
  return ready(a) - ready(b) || (a.metadata.name < b.metadata.name ? -1 : 1)
}
