import type { Deployment, ReplicaSet, WorkloadCondition } from '../../kube/objects.ts'
import { timeText } from './controller.ts'
import { limitsOf, replicasOf, sum, wantedOf } from './deployment-replicas.ts'

type Status = NonNullable<Deployment['status']>
type Conditions = readonly WorkloadCondition[]

/** A condition without its times. */
export interface NewCondition {
  readonly type: string
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason: string
  readonly message: string
}

/** The condition of that type. */
export function conditionOf(conditions: Conditions, type: string): WorkloadCondition | undefined {
  return conditions.find((condition) => condition.type === type)
}

/** `SetDeploymentCondition`: the list with that condition last, or as it was where nothing changed. */
export function withCondition(conditions: Conditions, next: NewCondition, now: number): Conditions {
  const before = conditionOf(conditions, next.type)
  if (before?.status === next.status && before.reason === next.reason) return conditions
  return renewed(conditions, next, now)
}

/** The list with that condition last, and its time of update now. */
export function renewed(conditions: Conditions, next: NewCondition, now: number): Conditions {
  const before = conditionOf(conditions, next.type)
  const time = timeText(now)
  const { type, status, reason, message } = next
  return [
    ...conditions.filter((condition) => condition.type !== type),
    {
      type,
      status,
      lastUpdateTime: time,
      lastTransitionTime: before?.status === status ? (before.lastTransitionTime ?? time) : time,
      reason,
      message,
    },
  ]
}

/** `calculateStatus`: the numbers, and whether enough pods are available. */
export function countedStatus(
  deployment: Deployment,
  current: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
  now: number,
): Status {
  const sets = current === undefined ? old : [...old, current]
  const wanted = wantedOf(deployment)
  const replicas = sum(sets, (set) => set.status?.replicas ?? 0)
  const ready = sum(sets, (set) => set.status?.readyReplicas ?? 0)
  const available = sum(sets, (set) => set.status?.availableReplicas ?? 0)
  const updated = current?.status?.replicas ?? 0
  // Replica sets that are to be scaled up count as not available yet.
  const missing = Math.max(0, sum(sets, replicasOf) - available)
  const enough = available >= wanted - limitsOf(deployment).unavailable
  return {
    observedGeneration: deployment.metadata.generation ?? 1,
    ...(replicas === 0 ? {} : { replicas }),
    ...(updated === 0 ? {} : { updatedReplicas: updated }),
    ...(ready === 0 ? {} : { readyReplicas: ready }),
    ...(available === 0 ? {} : { availableReplicas: available }),
    ...(missing === 0 ? {} : { unavailableReplicas: missing }),
    conditions: [
      ...withCondition(
        deployment.status?.conditions ?? [],
        enough
          ? {
              type: 'Available',
              status: 'True',
              reason: 'MinimumReplicasAvailable',
              message: 'Deployment has minimum availability.',
            }
          : {
              type: 'Available',
              status: 'False',
              reason: 'MinimumReplicasUnavailable',
              message: 'Deployment does not have minimum availability.',
            },
        now,
      ),
    ],
  }
}

/** `DeploymentComplete`. */
export function isComplete(deployment: Deployment, status: Status): boolean {
  const wanted = wantedOf(deployment)
  return (
    (status.updatedReplicas ?? 0) === wanted &&
    (status.replicas ?? 0) === wanted &&
    (status.availableReplicas ?? 0) === wanted &&
    (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 1)
  )
}

/** `syncRolloutStatus`: the conditions Progressing and ReplicaFailure. */
export function rolloutStatus(
  deployment: Deployment,
  current: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
  now: number,
): Status {
  const status = countedStatus(deployment, current, old, now)
  let conditions: Conditions = status.conditions ?? []
  const progress = conditionOf(conditions, 'Progressing')
  const name = current?.metadata.name
  const subject =
    name === undefined
      ? `Deployment ${JSON.stringify(deployment.metadata.name)}`
      : `ReplicaSet ${JSON.stringify(name)}`
  const settled =
    (status.replicas ?? 0) === (status.updatedReplicas ?? 0) &&
    progress?.reason === 'NewReplicaSetAvailable'
  if (deployment.spec.progressDeadlineSeconds !== undefined && !settled) {
    if (isComplete(deployment, status)) {
      conditions = withCondition(
        conditions,
        {
          type: 'Progressing',
          status: 'True',
          reason: 'NewReplicaSetAvailable',
          message: `${subject} has successfully progressed.`,
        },
        now,
      )
    } else if (isProgressing(deployment, status)) {
      conditions = renewed(
        conditions,
        {
          type: 'Progressing',
          status: 'True',
          reason: 'ReplicaSetUpdated',
          message: `${subject} is progressing.`,
        },
        now,
      )
    } else if (remainingMs(deployment, now) < 0) {
      conditions = withCondition(
        conditions,
        {
          type: 'Progressing',
          status: 'False',
          reason: 'ProgressDeadlineExceeded',
          message: `${subject} has timed out progressing.`,
        },
        now,
      )
    }
  }
  const sets = current === undefined ? old : [current, ...old]
  const failure = sets
    .flatMap((set) => set.status?.conditions ?? [])
    .find((condition) => condition.type === 'ReplicaFailure')
  conditions =
    failure === undefined
      ? conditions.filter((condition) => condition.type !== 'ReplicaFailure')
      : withCondition(
          conditions,
          {
            type: 'ReplicaFailure',
            status: failure.status,
            reason: failure.reason ?? '',
            message: failure.message ?? '',
          },
          now,
        )
  return { ...status, conditions: [...conditions] }
}

/** `DeploymentProgressing`: more new pods, fewer old ones, or more that are ready than before. */
function isProgressing(deployment: Deployment, status: Status): boolean {
  const before = deployment.status ?? {}
  const old = (entry: Status) => (entry.replicas ?? 0) - (entry.updatedReplicas ?? 0)
  return (
    (status.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    old(status) < old(before) ||
    (status.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (status.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  )
}

/** How long a rollout may still go without progress, in milliseconds; never over where nothing is under way. */
export function remainingMs(deployment: Deployment, now: number): number {
  const progress = conditionOf(deployment.status?.conditions ?? [], 'Progressing')
  const limit = deployment.spec.progressDeadlineSeconds
  if (progress === undefined || limit === undefined) return Number.POSITIVE_INFINITY
  if (progress.reason === 'NewReplicaSetAvailable') return Number.POSITIVE_INFINITY
  if (progress.reason === 'ProgressDeadlineExceeded') return -1
  return Date.parse(progress.lastUpdateTime ?? '') + limit * 1000 - now
}
