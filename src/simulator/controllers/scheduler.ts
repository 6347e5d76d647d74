import type { KubeNode, KubeObject, Pod } from '../../kube/objects.ts'
import type { ObjectChange } from '../ports.ts'
import type { Controller, ControllerContext } from './controller.ts'
import { timeText } from './controller.ts'
import { problemWith } from './node-fit.ts'
import { NodeUsage } from './node-usage.ts'
import { looksAtOthers, type Standing, standingProblem } from './pod-affinity.ts'
import { isFinished, isTerminating } from './pod-facts.ts'
import { isMakingRoom, priorityOf, victimsFor } from './preemption.ts'
import { createWorkQueue } from './work-queue.ts'

/** How long a placement takes on the clock, in milliseconds. */
const SCHEDULING_MS = 1

/** Why a node does not take a pod. */
interface Problem {
  readonly reasons: readonly string[]
  /** Fewer pods on the node would help. */
  readonly resolvable: boolean
}

/**
 * Gives each pod a node that takes it: by its selector and affinity, taints, cordon, requests, ports, other pods and claims. What is worth more
 * may have what is worth less removed. Preferences have nothing to choose from where there is one node. Models the default scheduler.
 */
export function startScheduler(context: ControllerContext): Controller {
  const { objects, clock, events, onDefect } = context
  const usage = new NodeUsage(objects)
  /** Keys of pods that no node took. */
  const refused = new Set<string>()

  const reconcile = (key: string) => {
    const slash = key.indexOf('/')
    const pod = objects.get('Pod', key.slice(0, slash), key.slice(slash + 1))
    if (pod === undefined || !isMine(pod) || isTerminating(pod)) {
      refused.delete(key)
      return
    }
    const nodes = objects.list('Node')
    const unbound = unboundClaim(pod)
    if (unbound !== undefined) {
      refused.add(key)
      refuse(pod, nodes, [unbound], helpless(nodes))
      return
    }
    const others = standingOf(pod, nodes)
    const problems: Problem[] = []
    for (const node of nodes) {
      const problem = problemOn(pod, node, others, [])
      if (problem === undefined) {
        refused.delete(key)
        bind(pod, node.metadata.name)
        return
      }
      problems.push(problem)
    }
    refused.add(key)
    const reasons = new Map<string, number>()
    for (const reason of problems.flatMap((problem) => problem.reasons)) {
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
    }
    refuse(
      pod,
      nodes,
      [...reasons].map(([reason, times]) => `${times} ${reason}`),
      preempt(pod, nodes, problems),
    )
  }

  /** Whether a pod waits for this scheduler, and for nothing else. */
  const isMine = (pod: Pod) => {
    const gates: unknown = pod.spec.schedulingGates
    return (
      pod.spec.nodeName === undefined &&
      (pod.spec.schedulerName ?? 'default-scheduler') === 'default-scheduler' &&
      !(Array.isArray(gates) && gates.length > 0)
    )
  }

  const placed = () =>
    objects.list('Pod').filter((pod) => pod.spec.nodeName !== undefined && !isFinished(pod))

  /** The other pods, where a pod has to look at them: most have not. */
  const standingOf = (pod: Pod, nodes: readonly KubeNode[]): Standing | undefined =>
    usage.hasAntiAffinity || looksAtOthers(pod) || hostPortsOf(pod).length > 0
      ? { pods: placed(), nodes, namespaces: objects.list('Namespace') }
      : undefined

  /** Why a node does not take a pod, without those. */
  const problemOn = (
    pod: Pod,
    node: KubeNode,
    others: Standing | undefined,
    without: readonly Pod[],
  ): Problem | undefined => {
    const problem = problemWith(pod, node)
    if (problem !== undefined) return { reasons: [problem], resolvable: false }
    const standing =
      others === undefined
        ? undefined
        : { ...others, pods: others.pods.filter((other) => !without.includes(other)) }
    if (standing !== undefined && !portsAreFree(pod, node, standing.pods)) {
      return {
        reasons: ["node(s) didn't have free ports for the requested pod ports"],
        resolvable: true,
      }
    }
    const missing = usage.missing(pod, node, without)
    if (missing.length > 0) return { reasons: missing, resolvable: true }
    const misfit = standing === undefined ? undefined : standingProblem(pod, node, standing)
    return misfit === undefined
      ? undefined
      : { reasons: [misfit.reason], resolvable: misfit.resolvable }
  }

  /** Makes room for a pod where that is possible; returns what the scheduler says of it. */
  const preempt = (pod: Pod, nodes: readonly KubeNode[], problems: readonly Problem[]): string => {
    if (pod.spec.preemptionPolicy === 'Never') {
      return 'preemption: not eligible due to preemptionPolicy=Never.'
    }
    const pods = placed()
    if (pod.status?.nominatedNodeName !== undefined && isMakingRoom(pod, pods)) {
      return 'preemption: not eligible due to a terminating pod on the nominated node.'
    }
    const said = new Map<string, number>()
    for (const [index, node] of nodes.entries()) {
      const others: Standing = { pods, nodes, namespaces: objects.list('Namespace') }
      const victims =
        problems[index]?.resolvable === true
          ? victimsFor(
              pod,
              node,
              pods,
              (without) => problemOn(pod, node, others, without) === undefined,
            )
          : undefined
      if (victims !== undefined) {
        for (const victim of victims) evict(victim, pod, node)
        nominate(pod, node)
      }
      const words =
        problems[index]?.resolvable === true
          ? 'No preemption victims found for incoming pod'
          : 'Preemption is not helpful for scheduling'
      said.set(words, (said.get(words) ?? 0) + 1)
    }
    const list = [...said].map(([words, times]) => `${times} ${words}`).sort()
    return `preemption: 0/${nodes.length} nodes are available: ${list.join(', ')}.`
  }

  const evict = (victim: Pod, pod: Pod, node: KubeNode) => {
    const { namespace, name } = victim.metadata
    const current = objects.get('Pod', namespace, name)
    if (current === undefined) return
    objects.updateStatus('Pod', {
      ...current,
      status: {
        ...current.status,
        conditions: [
          ...(current.status?.conditions ?? []),
          {
            type: 'DisruptionTarget',
            status: 'True',
            reason: 'PreemptionByScheduler',
            message: 'default-scheduler: preempting to accommodate a higher priority pod',
            lastProbeTime: null,
            lastTransitionTime: timeText(clock.now()),
          },
        ],
      },
    })
    objects.delete('Pod', namespace, name)
    events.record('default-scheduler', victim, {
      type: 'Normal',
      reason: 'Preempted',
      message: `Preempted by pod ${pod.metadata.uid} on node ${node.metadata.name}`,
    })
  }

  const nominate = (pod: Pod, node: KubeNode) => {
    const { namespace, name } = pod.metadata
    const current = objects.get('Pod', namespace, name)
    if (current === undefined) return
    objects.updateStatus('Pod', {
      ...current,
      status: { ...current.status, nominatedNodeName: node.metadata.name },
    })
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

  const helpless = ({ length }: readonly KubeNode[]) =>
    `preemption: 0/${length} nodes are available: ${length} Preemption is not helpful for scheduling.`

  const refuse = (
    { metadata }: Pod,
    { length }: readonly KubeNode[],
    reasons: readonly string[],
    preemption: string,
  ) => {
    const message =
      length === 0
        ? 'no nodes available to schedule pods'
        : `0/${length} nodes are available: ${[...reasons].sort().join(', ')}. ${preemption}`
    // Making room may have written to it.
    const pod = objects.get('Pod', metadata.namespace, metadata.name)
    if (pod === undefined) return
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
    if (change.kind === 'Pod') {
      usage.apply(change)
      const pod = change.object as KubeObject as Pod
      if (change.type === 'ADDED' || isOpened(change)) add(pod)
      // One that came, went or ended may be what others waited for; one that was only refused is not.
      else if (pod.spec.nodeName !== undefined && isOfInterest(change)) addRefused()
    }
    // A node that changed may take what had to wait.
    if (change.kind === 'Node' && change.type !== 'DELETED') addRefused()
    if (change.kind === 'PersistentVolumeClaim') addRefused()
  })
  const addRefused = () => {
    const priority = (key: string) => {
      const slash = key.indexOf('/')
      const pod = objects.get('Pod', key.slice(0, slash), key.slice(slash + 1))
      return pod === undefined ? 0 : priorityOf(pod)
    }
    const order = [...refused].sort((a, b) => priority(b) - priority(a))
    for (const key of order) queue.addAfter(key, SCHEDULING_MS)
  }
  for (const pod of objects.list('Pod')) if (pod.spec.nodeName === undefined) add(pod)
  return {
    close() {
      stop()
      queue.close()
    },
  }
}

/** Whether a pod's gates were taken away. */
function isOpened({ type, object, previous }: ObjectChange): boolean {
  const gates = (pod: KubeObject | undefined) => (pod as Pod | undefined)?.spec.schedulingGates
  return type === 'MODIFIED' && gates(previous) !== undefined && gates(object) === undefined
}

/** Whether a change of a pod that has its node may let others in. */
function isOfInterest({ type, object, previous }: ObjectChange): boolean {
  const [after, before] = [object as KubeObject as Pod, previous as KubeObject as Pod | undefined]
  return (
    type === 'DELETED' ||
    before?.spec.nodeName !== after.spec.nodeName ||
    before?.status?.phase !== after.status?.phase ||
    before?.metadata.labels !== after.metadata.labels
  )
}

interface HostPort {
  readonly port: number
  readonly protocol: string
  readonly address: string
}

/** Ports of the node itself that a pod takes. */
function hostPortsOf(pod: Pod): readonly HostPort[] {
  return pod.spec.containers.flatMap((container) =>
    (container.ports ?? []).flatMap((entry) => {
      const { protocol = 'TCP' } = entry
      const [port, address]: unknown[] = [
        Reflect.get(entry, 'hostPort'),
        Reflect.get(entry, 'hostIP'),
      ]
      return typeof port === 'number' && port > 0
        ? [{ port, protocol, address: typeof address === 'string' ? address : '0.0.0.0' }]
        : []
    }),
  )
}

/** Models the scheduler plugin NodePorts. */
function portsAreFree(pod: Pod, node: KubeNode, pods: readonly Pod[]): boolean {
  const wanted = hostPortsOf(pod)
  if (wanted.length === 0) return true
  const taken = pods
    .filter((other) => other.spec.nodeName === node.metadata.name)
    .flatMap(hostPortsOf)
  return !wanted.some((want) =>
    taken.some(
      (have) =>
        have.port === want.port &&
        have.protocol === want.protocol &&
        (have.address === want.address || have.address === '0.0.0.0' || want.address === '0.0.0.0'),
    ),
  )
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
