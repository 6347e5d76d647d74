import type { Pod } from '../../kube/objects.ts'
import type { Job, PodFailureRule } from '../../kube/workload-objects.ts'
import { parseIndexes } from './job-indexes.ts'
import { failureCountOf, isPodFailed } from './job-pods.ts'

/** What the failure policy of a job makes of a pod that failed. */
export interface FailureVerdict {
  readonly action: 'Count' | 'Ignore' | 'FailIndex' | 'FailJob'
  /** Why the job fails. */
  readonly message?: string
}

/** Models pkg/controller/job/pod_failure_policy.go; what no rule matches counts. */
export function verdictOn(pod: Pod, { spec }: Job): FailureVerdict {
  for (const [index, rule] of (spec.podFailurePolicy?.rules ?? []).entries()) {
    const what = matchOf(pod, rule)
    if (what === undefined) continue
    switch (rule.action) {
      case 'FailJob':
        return { action: 'FailJob', message: `${what} matching FailJob rule at index ${index}` }
      case 'Ignore':
      case 'FailIndex':
      case 'Count':
        return { action: rule.action }
    }
  }
  return { action: 'Count' }
}

function matchOf(pod: Pod, { onExitCodes, onPodConditions = [] }: PodFailureRule) {
  const { namespace, name } = pod.metadata
  if (onExitCodes !== undefined) {
    const { containerName, operator, values = [] } = onExitCodes
    for (const status of [
      ...(pod.status?.containerStatuses ?? []),
      ...(pod.status?.initContainerStatuses ?? []),
    ]) {
      if (containerName !== undefined && containerName !== status.name) continue
      const code = status.state?.terminated?.exitCode
      if (code === undefined || code === 0) continue
      if (values.includes(code) === (operator === 'In')) {
        return `Container ${status.name} for pod ${namespace}/${name} failed with exit code ${code}`
      }
    }
    return undefined
  }
  const found = pod.status?.conditions?.find((condition) =>
    onPodConditions.some(
      ({ type, status = 'True' }) => type === condition.type && status === condition.status,
    ),
  )
  return found === undefined ? undefined : `Pod ${namespace}/${name} has condition ${found.type}`
}

/** Whether a pod was the last one that its index may have: models isIndexFailed. */
export function failsIndex(pod: Pod, job: Job): boolean {
  const limit = job.spec.backoffLimitPerIndex
  if (limit === undefined || !isPodFailed(pod, job)) return false
  const { action } = verdictOn(pod, job)
  if (action === 'FailIndex') return true
  return action !== 'Ignore' && failureCountOf(pod) >= limit
}

/** Which rule of its success policy a job has met: models pkg/controller/job/success_policy.go. */
export function metSuccessRule({ spec, status }: Job): string | undefined {
  const done = parseIndexes(status?.completedIndexes)
  const index = (spec.successPolicy?.rules ?? []).findIndex(
    ({ succeededIndexes, succeededCount }) => {
      if (succeededIndexes === undefined) {
        return succeededCount !== undefined && done.length >= succeededCount
      }
      const wanted = parseIndexes(succeededIndexes)
      const met = wanted.filter((entry) => done.includes(entry)).length
      return met >= (succeededCount ?? wanted.length)
    },
  )
  return index === -1 ? undefined : `Matched rules at index ${index}`
}
