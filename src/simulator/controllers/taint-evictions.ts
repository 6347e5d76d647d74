import type { KubeNode, Pod } from '../../kube/objects.ts'
import type { Controller, ControllerContext } from './controller.ts'
import { timeText } from './controller.ts'
import { type Taint, taintsOf, tolerations } from './node-fit.ts'
import { keyOf, splitKey } from './pod-control.ts'
import { isFinished, isTerminating } from './pod-facts.ts'
import { createWorkQueue } from './work-queue.ts'

const COMPONENT = 'taint-eviction-controller'

/**
 * Removes pods from a node with a taint `NoExecute` that they do not tolerate, or no longer. Models pkg/controller/tainteviction.
 */
export function startTaintEvictions(context: ControllerContext): Controller {
  const { objects, clock, events, onDefect } = context
  /** When pods that tolerate a taint for a while have to go, by their keys; milliseconds. */
  const due = new Map<string, number>()

  const reconcile = (key: string) => {
    const { namespace, name } = splitKey(key)
    const pod = objects.get('Pod', namespace, name)
    const node =
      pod?.spec.nodeName === undefined
        ? undefined
        : objects.get('Node', undefined, pod.spec.nodeName)
    if (pod === undefined || node === undefined || isTerminating(pod) || isFinished(pod)) {
      due.delete(key)
      return
    }
    const left = secondsLeft(pod, node)
    if (left === Number.POSITIVE_INFINITY) {
      if (due.delete(key)) tell(pod, 'Cancelling deletion of Pod')
      return
    }
    const now = clock.now()
    const at = due.get(key) ?? now + left * 1000
    if (at > now) {
      due.set(key, at)
      queue.addAfter(key, at - now)
      return
    }
    due.delete(key)
    tell(pod, 'Marking for deletion Pod')
    objects.updateStatus('Pod', {
      ...pod,
      status: {
        ...pod.status,
        conditions: [
          ...(pod.status?.conditions ?? []).filter(({ type }) => type !== 'DisruptionTarget'),
          {
            type: 'DisruptionTarget',
            status: 'True',
            reason: 'DeletionByTaintManager',
            message: 'Taint manager: deleting due to NoExecute taint',
            lastProbeTime: null,
            lastTransitionTime: timeText(now),
          },
        ],
      },
    })
    objects.delete('Pod', namespace, name)
  }

  const tell = (pod: Pod, words: string) =>
    events.record(COMPONENT, pod, {
      type: 'Normal',
      reason: 'TaintManagerEviction',
      message: `${words} ${keyOf(pod)}`,
    })

  const queue = createWorkQueue({ clock, reconcile, onDefect })
  const addAll = (node: KubeNode) => {
    for (const pod of objects.list('Pod')) {
      if (pod.spec.nodeName === node.metadata.name) queue.add(keyOf(pod))
    }
  }
  const isTainted = (node: KubeNode | undefined) => node !== undefined && executing(node).length > 0
  const stop = objects.onChange(({ kind, type, object, previous }) => {
    if (kind === 'Node' && type !== 'DELETED') {
      const node = objects.get('Node', undefined, object.metadata.name)
      if (node === undefined) return
      // A node without such taints has nothing to say, unless it had some.
      if (isTainted(node) || due.size > 0) addAll(node)
    }
    if (kind !== 'Pod') return
    if (type === 'DELETED') due.delete(keyOf(object))
    else if (specOf(object) !== specOf(previous)) {
      const nodeName = Reflect.get(Object(specOf(object)), 'nodeName')
      if (typeof nodeName === 'string' && isTainted(objects.get('Node', undefined, nodeName))) {
        queue.add(keyOf(object))
      }
    }
  })
  for (const node of objects.list('Node')) if (isTainted(node)) addAll(node)
  return {
    close() {
      stop()
      queue.close()
    },
  }
}

function specOf(object: object | undefined): unknown {
  return object === undefined ? undefined : Reflect.get(object, 'spec')
}

function executing(node: KubeNode): readonly Taint[] {
  return taintsOf(node).filter((taint) => taint.effect === 'NoExecute')
}

/** For how long a pod may stay: 0 where it does not tolerate a taint, without end where it tolerates all of them. */
function secondsLeft(pod: Pod, node: KubeNode): number {
  let least = Number.POSITIVE_INFINITY
  for (const taint of executing(node)) {
    const tolerating = tolerations(pod.spec, taint)
    if (tolerating.length === 0) return 0
    for (const { tolerationSeconds } of tolerating) {
      if (typeof tolerationSeconds === 'number') {
        least = Math.min(least, Math.max(0, tolerationSeconds))
      }
    }
  }
  return least
}
