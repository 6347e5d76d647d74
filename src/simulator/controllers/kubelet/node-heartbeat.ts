import type { KubeNode } from '../../../kube/objects.ts'
import type { Lease } from '../../../kube/stored-objects.ts'
import { type Controller, type ControllerContext, timeText } from '../controller.ts'
import { isRefusal } from '../work-queue.ts'

export const LEASE_NAMESPACE = 'kube-node-lease'
const LEASE_SECONDS = 40
/** A quarter of its duration, as pkg/kubelet has it. */
const RENEW_MS = 10_000
/** `nodeStatusReportFrequency`: how often a node whose conditions stay the same says so. */
const REPORT_MS = 300_000

/**
 * Says on the clock that the node is alive: renews its lease and, more rarely, the heartbeats of its conditions. Models
 * k8s.io/component-helpers/apimachinery/lease and pkg/kubelet/kubelet_node_status.go.
 */
export function startNodeHeartbeat(
  options: Pick<ControllerContext, 'objects' | 'clock' | 'onDefect'> & {
    readonly nodeName: string
  },
): Controller {
  const { objects, clock, nodeName } = options
  let closed = false
  let cancel = () => {}
  let reportedMs = Number.NEGATIVE_INFINITY

  const renew = (node: KubeNode, now: number) => {
    const renewTime = new Date(now).toISOString().replace('Z', '000Z')
    const { uid = '' } = node.metadata
    const lease: Lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: {
        name: nodeName,
        namespace: LEASE_NAMESPACE,
        ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: nodeName, uid }],
      },
      spec: { holderIdentity: nodeName, leaseDurationSeconds: LEASE_SECONDS, renewTime },
    }
    const known = objects.get('Lease', LEASE_NAMESPACE, nodeName)
    if (known === undefined) objects.create('Lease', lease)
    else objects.update('Lease', { ...known, spec: { ...known.spec, ...lease.spec } })
  }
  const report = (node: KubeNode, now: number) => {
    if (now - reportedMs < REPORT_MS) return
    reportedMs = now
    const { conditions } = node.status ?? {}
    if (!Array.isArray(conditions)) return
    const lastHeartbeatTime = timeText(now)
    objects.updateStatus('Node', {
      ...node,
      status: {
        ...node.status,
        conditions: conditions.map((condition) => ({ ...condition, lastHeartbeatTime })),
      },
    })
  }
  const beat = () => {
    if (closed) return
    cancel = clock.after(RENEW_MS, beat, { background: true })
    const node = objects.get('Node', undefined, nodeName)
    // Nobody registers a node again that was deleted.
    if (node === undefined) return
    const now = clock.now()
    try {
      renew(node, now)
      report(node, now)
    } catch (error) {
      // The namespace may be gone: the next beat tries again.
      if (!isRefusal(error)) options.onDefect(error)
    }
  }
  beat()
  return {
    close() {
      closed = true
      cancel()
    },
  }
}
