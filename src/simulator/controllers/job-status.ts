import type { Job, JobCondition } from '../../kube/workload-objects.ts'

export type JobStatus = NonNullable<Job['status']>

/** Why a job ends. */
export interface Ending {
  readonly type: 'Complete' | 'Failed'
  readonly reason: string
  readonly message: string
}

/** The condition of that type, where it holds; `Suspended` also where it does not. */
export function conditionOf(status: JobStatus | undefined, type: string): JobCondition | undefined {
  const found = status?.conditions?.find((condition) => condition.type === type)
  return found?.status === 'True' || type === 'Suspended' ? found : undefined
}

/** The conditions of a job with that one last. */
export function withCondition(
  status: JobStatus,
  type: string,
  value: 'True' | 'False',
  reason: string,
  message: string,
  now: string,
): JobCondition[] {
  const next: JobCondition = {
    type,
    status: value,
    lastProbeTime: now,
    lastTransitionTime: now,
    reason,
    message,
  }
  return [...(status.conditions ?? []).filter((condition) => condition.type !== type), next]
}
