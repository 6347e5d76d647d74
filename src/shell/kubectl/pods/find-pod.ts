import type { Pod } from '../../../kube/objects.ts'
import type { KubectlContext } from '../context.ts'
import { selectorText } from '../format-selector.ts'
import { KubectlError } from '../kubectl-error.ts'
import { getTarget, refOf, resolveTargets } from '../targets.ts'
import { record } from '../values.ts'
import { POD_KIND } from './pod-waiting.ts'

/**
 * The pod that words name: `web`, `pod/web`, or `deploy/web`, `svc/web`, which stand for the first pod they
 * select, a ready one first (`polymorphichelpers.AttachablePodForObject`).
 */
export async function findPod(
  context: KubectlContext,
  words: readonly string[],
  doing: 'attach to' | 'get the logs from' = 'attach to',
): Promise<Pod> {
  const [first = '', second] = words
  const word = second === undefined ? first : `${first}/${second}`
  const resolved = await resolveTargets(context, { args: [word], defaultKind: 'pods' })
  const target = resolved.by === 'name' ? resolved.targets[0] : undefined
  if (target === undefined) throw new KubectlError('one pod is needed')
  const { signal } = context
  if (target.kind === POD_KIND) return getTarget<Pod>(context, target)
  const object = await getTarget(context, target)
  const selector = podSelectorOf(object)
  if (selector === undefined) {
    throw new KubectlError(
      `cannot ${doing} *v1.${target.kind.kind}: selector for *v1.${target.kind.kind} not implemented`,
    )
  }
  const namespace = target.namespace ?? context.namespace
  const pods = await context.client.list<Pod>(refOf({ kind: POD_KIND, namespace }), {
    labelSelector: selector,
    signal,
  })
  const forLogs = doing === 'get the logs from'
  const [best] = [...pods.items].sort(forLogs ? byLogging : byReadiness)
  if (best !== undefined && forLogs && pods.items.length > 1) {
    context.err(`Found ${pods.items.length} pods, using pod/${best.metadata.name}\n`)
  }
  if (best !== undefined) return best
  throw new KubectlError(`no pods found in namespace ${JSON.stringify(namespace)} for ${word}`)
}

/** The label selector of a workload or service as the API's query writes it; nothing where it selects no pods. */
function podSelectorOf(object: Record<string, unknown>): string | undefined {
  const { selector } = record(object.spec)
  const isMap = object.kind === 'Service' || object.kind === 'ReplicationController'
  return selectorText(isMap ? { matchLabels: selector } : selector) || undefined
}

/** Running pods, then ready ones, those that are ready for longest, the older (`podutils.ByLogging`). */
function byLogging(a: Pod, b: Pod): number {
  const phase = (pod: Pod) => ['Unknown', 'Pending'].indexOf(pod.status?.phase ?? 'Unknown')
  const ready = (pod: Pod) =>
    pod.status?.conditions?.find((one) => one.type === 'Ready' && one.status === 'True')
  const since = (pod: Pod) => ready(pod)?.lastTransitionTime ?? ''
  const born = (pod: Pod) => pod.metadata.creationTimestamp ?? ''
  const order = (x: string, y: string) => (x < y ? -1 : x > y ? 1 : 0)
  return (
    phase(a) - phase(b) ||
    (ready(a) === undefined ? 1 : 0) - (ready(b) === undefined ? 1 : 0) ||
    order(since(a), since(b)) ||
    order(born(a), born(b)) ||
    order(a.metadata.name, b.metadata.name)
  )
}

/** Ready pods before others, then by name, so that the choice is always the same. */
function byReadiness(a: Pod, b: Pod): number {
  const ready = (pod: Pod) =>
    pod.status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') ? 0 : 1
  return ready(a) - ready(b) || (a.metadata.name < b.metadata.name ? -1 : 1)
}
