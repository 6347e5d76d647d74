import type { Pod } from '../../kube/objects.ts'
import type { Controller, ControllerContext } from './controller.ts'
import { timeText } from './controller.ts'
import { createWorkQueue } from './work-queue.ts'

/** How long a placement takes on the clock, in milliseconds. */
const SCHEDULING_MS = 1

/**
 * Gives each pod the one node, unless its node selector or a cordon forbids it. Resources, affinity and taints are not simulated.
 * Models the default scheduler.
 */
export function startScheduler(context: ControllerContext): Controller {
  const { objects, clock, events, onDefect } = context

  const reconcile = (key: string) => {
    const slash = key.indexOf('/')
    const pod = objects.get('Pod', key.slice(0, slash), key.slice(slash + 1))
    if (pod === undefined || pod.spec.nodeName !== undefined) return
    if (pod.metadata.deletionTimestamp !== undefined) return
    const nodes = objects.list('Node')
    const reasons = new Map<string, number>()
    for (const node of nodes) {
      const problem = problemWith(pod, node.spec.unschedulable === true, node.metadata.labels ?? {})
      if (problem === undefined) {
        bind(pod, node.metadata.name)
        return
      }
      reasons.set(problem, (reasons.get(problem) ?? 0) + 1)
    }
    refuse(pod, nodes.length, reasons)
  }

  const bind = (pod: Pod, nodeName: string) => {
    objects.bind(pod, nodeName)
    events.record('default-scheduler', pod, {
      type: 'Normal',
      reason: 'Scheduled',
      message: `Successfully assigned ${pod.metadata.namespace}/${pod.metadata.name} to ${nodeName}`,
    })
  }

  const refuse = (pod: Pod, count: number, reasons: ReadonlyMap<string, number>) => {
    const list = [...reasons].map(([reason, times]) => `${times} ${reason}`).join(', ')
    const message =
      count === 0
        ? 'no nodes available to schedule pods'
        : `0/${count} nodes are available: ${list}. preemption: 0/${count} nodes are available: ${count} Preemption is not helpful for scheduling.`
    const known = pod.status?.conditions?.find((condition) => condition.type === 'PodScheduled')
    if (known?.message === message) return
    objects.updateStatus('Pod', {
      ...pod,
      status: {
        ...pod.status,
        conditions: [
          {
            type: 'PodScheduled',
            status: 'False',
            reason: 'Unschedulable',
            message,
            lastTransitionTime: timeText(clock.now()),
          },
        ],
      },
    })
    events.record('default-scheduler', pod, {
      type: 'Warning',
      reason: 'FailedScheduling',
      message,
    })
  }

  const queue = createWorkQueue({ after: clock.after, reconcile, onDefect })
  const add = (pod: { metadata: { namespace?: string; name: string } }) =>
    queue.addAfter(`${pod.metadata.namespace ?? 'default'}/${pod.metadata.name}`, SCHEDULING_MS)
  const stop = objects.onChange((change) => {
    if (change.kind === 'Pod' && change.type === 'ADDED') add(change.object)
    // A node that changed may take what had to wait.
    if (change.kind === 'Node' && change.type !== 'DELETED') addWaiting()
  })
  const addWaiting = () => {
    for (const pod of objects.list('Pod')) if (pod.spec.nodeName === undefined) add(pod)
  }
  addWaiting()
  return {
    close() {
      stop()
      queue.close()
    },
  }
}

/** Why a node does not take a pod, in the scheduler's words. */
function problemWith(
  pod: Pod,
  unschedulable: boolean,
  labels: Readonly<Record<string, string>>,
): string | undefined {
  if (unschedulable) return 'node(s) were unschedulable'
  const selector: unknown = pod.spec.nodeSelector
  if (typeof selector !== 'object' || selector === null) return undefined
  const fits = Object.entries(selector).every(([key, value]) => labels[key] === value)
  return fits ? undefined : "node(s) didn't match Pod's node affinity/selector"
}
