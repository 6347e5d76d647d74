import type { Pod } from '../../kube/objects.ts'
import type { Controller, ControllerContext } from './controller.ts'
import { timeText } from './controller.ts'
import { problemWith } from './node-fit.ts'
import { isTerminating } from './pod-facts.ts'
import { createWorkQueue } from './work-queue.ts'

/** How long a placement takes on the clock, in milliseconds. */
const SCHEDULING_MS = 1

/**
 * Gives each pod the one node, unless its node selector, its node affinity, a taint, a cordon or an unbound claim forbids it. Resources,
 * affinity between pods and preemption are not simulated.
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
    const unbound = unboundClaim(pod)
    if (unbound !== undefined) {
      refuse(pod, nodes.length, unbound)
      return
    }
    const reasons = new Map<string, number>()
    for (const node of nodes) {
      const problem = problemWith(pod, node)
      if (problem === undefined) {
        bind(pod, node.metadata.name)
        return
      }
      reasons.set(problem, (reasons.get(problem) ?? 0) + 1)
    }
    refuse(
      pod,
      nodes.length,
      [...reasons]
        .map(([reason, times]) => `${times} ${reason}`)
        .sort()
        .join(', '),
    )
  }

  /** Why the claims of a pod keep it waiting: nothing here provides volumes. */
  const unboundClaim = (pod: Pod): string | undefined => {
    for (const name of claimNames(pod)) {
      const claim = objects.get('PersistentVolumeClaim', pod.metadata.namespace, name)
      if (claim === undefined) return `persistentvolumeclaim ${JSON.stringify(name)} not found`
      if (isTerminating(claim)) {
        return `persistentvolumeclaim ${JSON.stringify(name)} is being deleted`
      }
      if (claim.status?.phase !== 'Bound') return 'pod has unbound immediate PersistentVolumeClaims'
    }
    return undefined
  }

  const bind = (pod: Pod, nodeName: string) => {
    objects.bind(pod, nodeName)
    events.record('default-scheduler', pod, {
      type: 'Normal',
      reason: 'Scheduled',
      message: `Successfully assigned ${pod.metadata.namespace}/${pod.metadata.name} to ${nodeName}`,
    })
  }

  const refuse = (pod: Pod, count: number, list: string) => {
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
            lastProbeTime: null,
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

  const queue = createWorkQueue({ clock, reconcile, onDefect })
  const add = (pod: { metadata: { namespace?: string; name: string } }) =>
    queue.addAfter(`${pod.metadata.namespace ?? 'default'}/${pod.metadata.name}`, SCHEDULING_MS)
  const stop = objects.onChange((change) => {
    if (change.kind === 'Pod' && change.type === 'ADDED') add(change.object)
    // A node that changed may take what had to wait.
    if (change.kind === 'Node' && change.type !== 'DELETED') addWaiting()
    if (change.kind === 'PersistentVolumeClaim') addWaiting()
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

function claimNames(pod: Pod): readonly string[] {
  const volumes: unknown = pod.spec.volumes
  return (Array.isArray(volumes) ? volumes : []).flatMap((volume: unknown) => {
    const claim: unknown =
      typeof volume === 'object' && volume !== null
        ? Reflect.get(volume, 'persistentVolumeClaim')
        : undefined
    return typeof claim === 'object' && claim !== null
      ? [String(Reflect.get(claim, 'claimName'))]
      : []
  })
}
