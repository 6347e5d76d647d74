import type { Pod, PodPhase, PodStatus } from '../../../kube/objects.ts'
import { type ContainerSlot, isInitialized, statusOf } from './container-slot.ts'

type Condition = NonNullable<PodStatus['conditions']>[number]

export interface PodFacts {
  readonly pod: Pod
  readonly slots: readonly ContainerSlot[]
  readonly hostIP: string
  readonly podIP: string | undefined
  readonly startTime: string
  /** RFC 3339, for conditions that change now. */
  readonly now: string
  /** Its containers have stopped and will not start again. */
  readonly ended?: boolean
}

/** The status of a pod as its kubelet reports it: models generateAPIPodStatus. */
export function podStatusOf(facts: PodFacts): PodStatus {
  const { pod, slots, podIP } = facts
  const inits = slots.filter((slot) => slot.init)
  const apps = slots.filter((slot) => !slot.init && !slot.ephemeral)
  const added = slots.filter((slot) => slot.ephemeral)
  const reached = phaseOf(pod, slots)
  // What was stopped before it could succeed has failed: whoever holds a finalizer waits for a phase that is final.
  const phase = facts.ended === true && reached !== 'Succeeded' ? 'Failed' : reached
  const before = pod.status
  return {
    phase,
    conditions: conditionsOf(facts, phase, inits, apps),
    hostIP: facts.hostIP,
    hostIPs: [{ ip: facts.hostIP }],
    ...(podIP === undefined ? {} : { podIP, podIPs: [{ ip: podIP }] }),
    startTime: facts.startTime,
    ...(inits.length === 0 ? {} : { initContainerStatuses: inits.map(statusOf) }),
    containerStatuses: apps.map(statusOf),
    ...(added.length === 0 ? {} : { ephemeralContainerStatuses: added.map(statusOf) }),
    qosClass: before?.qosClass ?? 'BestEffort',
  }
}

/** Models getPhase of pkg/kubelet/kubelet_pods.go. */
export function phaseOf(pod: Pod, slots: readonly ContainerSlot[]): PodPhase {
  const policy = pod.spec.restartPolicy ?? 'Always'
  const inits = slots.filter((slot) => slot.init)
  const failedInit = inits.some(
    (slot) => !slot.sidecar && (slot.state.terminated?.exitCode ?? 0) !== 0,
  )
  if (failedInit && policy === 'Never') return 'Failed'
  if (!inits.every(isInitialized)) return 'Pending'
  const apps = slots.filter((slot) => !slot.init && !slot.ephemeral)
  let running = 0
  let waiting = 0
  let stopped = 0
  let succeeded = 0
  for (const { state, lastState } of apps) {
    if (state.running !== undefined) running += 1
    else if (state.terminated !== undefined) {
      stopped += 1
      if (state.terminated.exitCode === 0) succeeded += 1
    } else if (lastState.terminated !== undefined) stopped += 1
    else waiting += 1
  }
  if (waiting > 0) return 'Pending'
  if (running > 0) return 'Running'
  if (stopped === 0) return 'Pending'
  if (policy === 'Always') return 'Running'
  // A pod has not ended before its sidecars have.
  if (inits.some((slot) => slot.sidecar && slot.state.running !== undefined)) return 'Running'
  if (stopped === succeeded) return 'Succeeded'
  return policy === 'Never' ? 'Failed' : 'Running'
}

const OWN_CONDITIONS: ReadonlySet<string> = new Set([
  'PodReadyToStartContainers',
  'Initialized',
  'Ready',
  'ContainersReady',
  'PodScheduled',
])

function conditionsOf(
  facts: PodFacts,
  phase: PodPhase,
  inits: readonly ContainerSlot[],
  apps: readonly ContainerSlot[],
): Condition[] {
  const before = facts.pod.status?.conditions ?? []
  const made = (type: string, good: boolean, reason?: string, message?: string): Condition => {
    const status = good ? 'True' : 'False'
    const same = before.find((condition) => condition.type === type && condition.status === status)
    return {
      type,
      status,
      lastProbeTime: null,
      lastTransitionTime: same?.lastTransitionTime ?? facts.now,
      ...(good && reason !== 'PodCompleted' ? {} : reason === undefined ? {} : { reason }),
      ...(message === undefined || good ? {} : { message }),
    }
  }
  const completed = phase === 'Succeeded'
  const failed = phase === 'Failed'
  const unready = [...inits.filter((slot) => slot.sidecar), ...apps]
    .filter((slot) => !slot.ready)
    .map((slot) => slot.container.name)
  const pendingInits = inits
    .filter((slot) => !isInitialized(slot))
    .map((slot) => slot.container.name)
  const readyReason = completed ? 'PodCompleted' : failed ? 'PodFailed' : 'ContainersNotReady'
  const readyMessage =
    completed || failed ? undefined : `containers with unready status: [${unready.join(' ')}]`
  const ready = unready.length === 0 && pendingInits.length === 0
  return [
    made('PodReadyToStartContainers', facts.podIP !== undefined && !completed && !failed),
    made(
      'Initialized',
      pendingInits.length === 0,
      completed ? 'PodCompleted' : 'ContainersNotInitialized',
      `containers with incomplete status: [${pendingInits.join(' ')}]`,
    ),
    made('Ready', ready, readyReason, readyMessage),
    made('ContainersReady', ready, readyReason, readyMessage),
    made('PodScheduled', true),
    // What others say of a pod is theirs.
    ...before.filter((condition) => !OWN_CONDITIONS.has(condition.type)),
  ]
}
