import type { Container, Pod, PodTemplate } from '../../kube/objects.ts'
import type { Job } from '../../kube/workload-objects.ts'
import type { ControllerContext } from './controller.ts'
import { podFrom } from './pod-control.ts'
import { isTerminating } from './pod-facts.ts'

/** On a pod that is not yet in its job's numbers. */
export const TRACKING_FINALIZER = 'batch.kubernetes.io/job-tracking'
const INDEX = 'batch.kubernetes.io/job-completion-index'
const FAILURES = 'batch.kubernetes.io/job-index-failure-count'
const IGNORED = 'batch.kubernetes.io/job-index-ignored-failure-count'
const INDEX_VARIABLE = 'JOB_COMPLETION_INDEX'

/** The completion index of a pod of an indexed job. */
export function indexOf(pod: Pod): number | undefined {
  const text = pod.metadata.annotations?.[INDEX]
  return text === undefined ? undefined : Number(text)
}

/** A pod for a job; with an index it learns of it by its name, host name and environment. */
export function jobPod(context: ControllerContext, job: Job, index: number | undefined): Pod {
  const template = index === undefined ? job.spec.template : indexed(job, index)
  const prefix = index === undefined ? `${job.metadata.name}-` : `${job.metadata.name}-${index}-`
  const pod = podFrom(context, job, template, prefix)
  return { ...pod, metadata: { ...pod.metadata, finalizers: [TRACKING_FINALIZER] } }
}

function indexed(job: Job, index: number): PodTemplate {
  const { template } = job.spec
  // A real cluster takes it from the pod's annotation by the downward API, which containers here do not have.
  const withVariable = <T extends Container>(container: T): T => {
    const env = container.env ?? []
    return env.some((entry) => entry.name === INDEX_VARIABLE)
      ? container
      : { ...container, env: [...env, { name: INDEX_VARIABLE, value: String(index) }] }
  }
  const { spec } = template
  return {
    ...template,
    metadata: {
      ...template.metadata,
      labels: { ...template.metadata?.labels, [INDEX]: String(index) },
      annotations: { ...template.metadata?.annotations, [INDEX]: String(index) },
    },
    spec: {
      ...spec,
      hostname: `${job.metadata.name}-${index}`,
      containers: spec.containers.map(withVariable),
      ...(spec.initContainers === undefined
        ? {}
        : { initContainers: spec.initContainers.map(withVariable) }),
    },
  }
}

/** How many pods of the same index failed before this one, those that counted and those that did not. */
export function failureCountOf(pod: Pod): number {
  return Number(pod.metadata.annotations?.[FAILURES] ?? 0) || 0
}

export function ignoredCountOf(pod: Pod): number {
  return Number(pod.metadata.annotations?.[IGNORED] ?? 0) || 0
}

/** A pod of an index that knows how many went before it. */
export function withFailureCounts(pod: Pod, failures: number, ignored: number): Pod {
  const annotations = {
    ...pod.metadata.annotations,
    [FAILURES]: String(failures),
    ...(ignored === 0 ? {} : { [IGNORED]: String(ignored) }),
  }
  return { ...pod, metadata: { ...pod.metadata, annotations } }
}

/** `isPodFailed`: it failed, or it was deleted before it could succeed and the job does not wait for its end. */
export function isPodFailed(pod: Pod, job: Job): boolean {
  if (pod.status?.phase === 'Failed') return true
  if (job.spec.podReplacementPolicy === 'Failed') return false
  return isTerminating(pod) && pod.status?.phase !== 'Succeeded'
}

/** `pastBackoffLimitOnFailure`: how often the containers of running pods were started again. */
export function restartsOf(job: Job, pods: readonly Pod[]): number {
  if (job.spec.template.spec.restartPolicy !== 'OnFailure') return 0
  return pods
    .filter((pod) => pod.status?.phase === 'Running' || pod.status?.phase === 'Pending')
    .flatMap((pod) => [
      ...(pod.status?.containerStatuses ?? []),
      ...(pod.status?.initContainerStatuses ?? []),
    ])
    .reduce((sum, entry) => sum + entry.restartCount, 0)
}
