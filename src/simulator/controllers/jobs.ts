import type { Pod } from '../../kube/objects.ts'
import type { Job, JobCondition } from '../../kube/workload-objects.ts'
import type { Controller, ControllerContext } from './controller.ts'
import { timeText } from './controller.ts'
import { formatIndexes, parseIndexes } from './job-indexes.ts'
import { indexOf, isPodFailed, jobPod, restartsOf, TRACKING_FINALIZER } from './job-pods.ts'
import {
  claim,
  controllerOf,
  createPod,
  deletePod,
  hasHome,
  keyOf,
  splitKey,
} from './pod-control.ts'
import { byWorth, isActive, isFinished, isReady, isTerminating, sameContent } from './pod-facts.ts'
import { createWorkQueue, isRefusal } from './work-queue.ts'

const COMPONENT = 'job-controller'
/** How long a job waits before it replaces a pod that failed; twice as long after each one more. */
const FIRST_BACK_OFF_MS = 10_000
const LAST_BACK_OFF_MS = 600_000

type Status = NonNullable<Job['status']>
interface Ending {
  readonly type: 'Complete' | 'Failed'
  readonly reason: string
  readonly message: string
}

/**
 * Runs pods until enough of them have succeeded. A pod carries a finalizer until it is counted, so that none is forgotten and none counted
 * twice. Models pkg/controller/job and pkg/controller/ttlafterfinished.
 */
export function startJobController(context: ControllerContext): Controller {
  const { objects, clock, events, onDefect } = context

  const reconcile = (key: string) => {
    const { namespace, name } = splitKey(key)
    const job = objects.get('Job', namespace, name)
    if (job === undefined) {
      releaseOrphans(namespace)
      return
    }
    if (isTerminating(job)) {
      for (const pod of podsOf(job)) if (isDone(pod)) uncount(pod)
      return
    }
    if (conditionOf(job.status, 'Complete') ?? conditionOf(job.status, 'Failed')) {
      // What still ran when the job ended is counted no more.
      for (const pod of podsOf(job)) if (isDone(pod)) uncount(pod)
      expire(job)
      return
    }
    if (!hasHome(context, namespace)) return
    const started = start(job)
    const counted = count(started)
    const refusal = act(counted)
    if (refusal !== undefined) throw refusal
  }

  const podsOf = (job: Job): Pod[] =>
    job.spec.selector === undefined ? [] : claim(context, 'Pod', job, job.spec.selector)

  /** A pod of a job that is gone may go as well. */
  const releaseOrphans = (namespace: string) => {
    for (const pod of objects.list('Pod', namespace)) {
      if (!(pod.metadata.finalizers ?? []).includes(TRACKING_FINALIZER)) continue
      const owner = controllerOf(pod)
      const home = owner === undefined ? undefined : objects.get('Job', namespace, owner.name)
      if (home === undefined || home.metadata.uid !== owner?.uid) uncount(pod)
    }
  }

  /** Takes the finalizer away: the pod is in the numbers now. */
  const uncount = (pod: Pod) => {
    const { finalizers = [], ...metadata } = pod.metadata
    if (!finalizers.includes(TRACKING_FINALIZER)) return
    const left = finalizers.filter((entry) => entry !== TRACKING_FINALIZER)
    objects.update('Pod', {
      ...pod,
      metadata: left.length === 0 ? metadata : { ...metadata, finalizers: left },
    })
  }

  const write = (job: Job, status: Status): Job => {
    const fresh = objects.get('Job', job.metadata.namespace, job.metadata.name)
    if (fresh === undefined || sameContent(status, fresh.status)) return fresh ?? job
    return objects.updateStatus('Job', { ...fresh, status })
  }

  /** The start time, and the condition Suspended. */
  const start = (job: Job): Job => {
    const { status = {} } = job
    const now = timeText(clock.now())
    const suspended = conditionOf(status, 'Suspended')
    if (job.spec.suspend === true) {
      if (suspended?.status === 'True') return job
      const { startTime: _start, ...rest } = status
      tell(job, 'Normal', 'Suspended', 'Job suspended')
      return write(job, {
        ...rest,
        conditions: withCondition(
          status,
          'Suspended',
          'True',
          'JobSuspended',
          'Job suspended',
          now,
        ),
      })
    }
    let next: Status = status
    if (suspended?.status === 'True') {
      tell(job, 'Normal', 'Resumed', 'Job resumed')
      next = {
        ...next,
        startTime: now,
        conditions: withCondition(status, 'Suspended', 'False', 'JobResumed', 'Job resumed', now),
      }
    }
    if (next.startTime === undefined) next = { ...next, startTime: now }
    return next === status ? job : write(job, next)
  }

  /** Adds the pods that ended since the last time to the numbers. */
  const count = (job: Job): Job => {
    const status = job.status ?? {}
    let [succeeded, failed] = [status.succeeded ?? 0, status.failed ?? 0]
    const indexed = job.spec.completionMode === 'Indexed'
    const indexes = new Set(parseIndexes(status.completedIndexes))
    const ended = podsOf(job).filter(
      (pod) => isDone(pod) && (pod.metadata.finalizers ?? []).includes(TRACKING_FINALIZER),
    )
    for (const pod of ended) {
      if (pod.status?.phase === 'Succeeded') {
        if (!indexed) succeeded += 1
        const index = indexOf(pod)
        if (indexed && index !== undefined && index < (job.spec.completions ?? 0)) {
          indexes.add(index)
        }
      } else failed += 1
    }
    if (indexed) succeeded = indexes.size
    const next = write(job, {
      ...status,
      ...(succeeded === 0 ? {} : { succeeded }),
      ...(failed === 0 ? {} : { failed }),
      ...(indexes.size === 0 ? {} : { completedIndexes: formatIndexes([...indexes]) }),
    })
    for (const pod of ended) uncount(pod)
    return next
  }

  /** Ends the job, or makes and removes pods; then writes the numbers. Returns why the API refused a pod. */
  const act = (job: Job): Error | undefined => {
    const pods = podsOf(job)
    const active = pods.filter(isActive)
    const ending = pendingEnding(job) ?? endingOf(job, pods, active)
    let refusal: Error | undefined
    if (ending !== undefined) {
      for (const pod of active) deletePod(context, COMPONENT, job, pod)
    } else {
      try {
        manage(job, pods, active)
      } catch (error) {
        if (!isRefusal(error)) throw error
        refusal = error
      }
    }
    conclude(job, ending)
    return refusal
  }

  /** Why the job ends now. */
  const endingOf = (job: Job, pods: readonly Pod[], active: readonly Pod[]): Ending | undefined => {
    const { backoffLimit = 6, activeDeadlineSeconds, completions } = job.spec
    const { failed = 0, succeeded = 0, startTime } = job.status ?? {}
    const restarts = restartsOf(job, pods)
    if (
      failed > backoffLimit ||
      (restarts > 0 && (backoffLimit === 0 || restarts >= backoffLimit))
    ) {
      return {
        type: 'Failed',
        reason: 'BackoffLimitExceeded',
        message: 'Job has reached the specified backoff limit',
      }
    }
    if (activeDeadlineSeconds !== undefined && startTime !== undefined) {
      const left = Date.parse(startTime) + activeDeadlineSeconds * 1000 - clock.now()
      if (left <= 0) {
        return {
          type: 'Failed',
          reason: 'DeadlineExceeded',
          message: 'Job was active longer than specified deadline',
        }
      }
      queue.addAfter(keyOf(job), left)
    }
    const complete =
      completions === undefined
        ? succeeded > 0 && active.length === 0
        : succeeded >= completions && job.spec.suspend !== true
    return complete
      ? {
          type: 'Complete',
          reason: 'CompletionsReached',
          message: 'Reached expected number of succeeded pods',
        }
      : undefined
  }

  /** `manageJob`. */
  const manage = (job: Job, pods: readonly Pod[], active: readonly Pod[]) => {
    if (job.spec.suspend === true) {
      for (const pod of active) deletePod(context, COMPONENT, job, pod)
      return
    }
    const { parallelism = 1, completions } = job.spec
    const succeeded = job.status?.succeeded ?? 0
    const wanted =
      completions === undefined
        ? succeeded > 0
          ? active.length
          : parallelism
        : Math.min(parallelism, Math.max(0, completions - succeeded))
    for (const pod of [...active].sort(byWorth).slice(0, Math.max(0, active.length - wanted))) {
      deletePod(context, COMPONENT, job, pod)
    }
    const going =
      job.spec.podReplacementPolicy === 'Failed'
        ? pods.filter((pod) => isTerminating(pod) && !isFinished(pod)).length
        : 0
    const missing = wanted - active.length - going
    if (missing <= 0) return
    const wait = backOffMs(pods)
    if (wait > 0) {
      queue.addAfter(keyOf(job), wait)
      return
    }
    const indexes = freeIndexes(job, active, missing)
    for (let made = 0; made < missing; made += 1) {
      const index = indexes?.[made]
      if (indexes !== undefined && index === undefined) return
      createPod(context, COMPONENT, job, jobPod(context, job, index))
    }
  }

  const freeIndexes = (job: Job, active: readonly Pod[], most: number) => {
    if (job.spec.completionMode !== 'Indexed') return undefined
    const taken = new Set([
      ...parseIndexes(job.status?.completedIndexes),
      ...active.map((pod) => indexOf(pod)),
    ])
    const free: number[] = []
    for (let index = 0; index < (job.spec.completions ?? 0) && free.length < most; index += 1) {
      if (!taken.has(index)) free.push(index)
    }
    return free
  }

  /** How long a pod that failed keeps its place empty. */
  const backOffMs = (pods: readonly Pod[]): number => {
    const ends = pods.flatMap((pod) => {
      if (!isFinished(pod)) return []
      const at = (pod.status?.containerStatuses ?? [])
        .map((entry) => Date.parse(entry.state?.terminated?.finishedAt ?? ''))
        .filter((time) => !Number.isNaN(time))
      const time = Math.max(...at, Date.parse(pod.metadata.creationTimestamp ?? '') || 0)
      return [{ failed: pod.status?.phase === 'Failed', time }]
    })
    const lastSuccess = Math.max(0, ...ends.filter((end) => !end.failed).map((end) => end.time))
    const since = ends.filter((end) => end.failed && end.time > lastSuccess)
    if (since.length === 0) return 0
    const delay = Math.min(FIRST_BACK_OFF_MS * 2 ** (since.length - 1), LAST_BACK_OFF_MS)
    return Math.max(...since.map((end) => end.time)) + delay - clock.now()
  }

  /** An end that waits for the last pod to go. */
  const pendingEnding = (job: Job): Ending | undefined => {
    const target = conditionOf(job.status, 'FailureTarget')
    const met = conditionOf(job.status, 'SuccessCriteriaMet')
    const found = target ?? met
    if (found === undefined) return undefined
    return {
      type: target === undefined ? 'Complete' : 'Failed',
      reason: found.reason ?? '',
      message: found.message ?? '',
    }
  }

  const conclude = (job: Job, ending: Ending | undefined) => {
    const fresh = objects.get('Job', job.metadata.namespace, job.metadata.name)
    if (fresh === undefined) return
    const pods = podsOf(fresh)
    const active = pods.filter(isActive)
    const terminating = pods.filter((pod) => isTerminating(pod) && !isFinished(pod)).length
    const { active: _active, ...rest } = fresh.status ?? {}
    const now = timeText(clock.now())
    let status: Status = {
      ...rest,
      ...(active.length === 0 ? {} : { active: active.length }),
      ready: active.filter(isReady).length,
      terminating,
      uncountedTerminatedPods: {},
    }
    if (ending !== undefined) {
      const { type, reason, message } = ending
      const early = type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget'
      if (conditionOf(status, early) === undefined) {
        status = {
          ...status,
          conditions: withCondition(status, early, 'True', reason, message, now),
        }
      }
      if (active.length === 0 && terminating === 0) {
        status = {
          ...status,
          conditions: withCondition(status, type, 'True', reason, message, now),
          ...(type === 'Complete' ? { completionTime: now } : {}),
        }
        if (type === 'Complete') tell(job, 'Normal', 'Completed', 'Job completed')
        else tell(job, 'Warning', reason, message)
      }
    }
    write(fresh, status)
  }

  /** A finished job with a time to live is deleted, with its pods. */
  const expire = (job: Job) => {
    const { ttlSecondsAfterFinished } = job.spec
    if (ttlSecondsAfterFinished === undefined) return
    const ended = conditionOf(job.status, 'Complete') ?? conditionOf(job.status, 'Failed')
    const at = Date.parse(ended?.lastTransitionTime ?? '') + ttlSecondsAfterFinished * 1000
    const left = at - clock.now()
    if (left > 0) queue.addAfter(keyOf(job), left)
    else {
      objects.delete('Job', job.metadata.namespace, job.metadata.name, {
        propagationPolicy: 'Foreground',
      })
    }
  }

  const tell = (job: Job, type: 'Normal' | 'Warning', reason: string, message: string) =>
    events.record(COMPONENT, job, { type, reason, message })

  const queue = createWorkQueue({ clock, reconcile, onDefect })
  const stop = objects.onChange((change) => {
    const { kind, object } = change
    if (kind === 'Job') queue.add(keyOf(object))
    if (kind !== 'Pod') return
    const owner = controllerOf(object)
    const namespace = object.metadata.namespace ?? 'default'
    if (owner?.kind === 'Job') queue.add(`${namespace}/${owner.name}`)
    else if ((object.metadata.finalizers ?? []).includes(TRACKING_FINALIZER)) {
      // Let go by its job: nobody will count it.
      queue.add(`${namespace}/`)
    }
  })
  for (const job of objects.list('Job')) queue.add(keyOf(job))
  return {
    close() {
      stop()
      queue.close()
    },
  }
}

/** Whether a pod will not run any more, so that it can be counted. */
function isDone(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || isPodFailed(pod)
}

function conditionOf(status: Status | undefined, type: string): JobCondition | undefined {
  const found = status?.conditions?.find((condition) => condition.type === type)
  return found?.status === 'True' || type === 'Suspended' ? found : undefined
}

function withCondition(
  status: Status,
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
