import type { Pod } from '../../kube/objects.ts'
import { sameJson } from '../../kube/same-json.ts'
import type { Job } from '../../kube/workload-objects.ts'
import type { Controller, ControllerContext } from './controller.ts'
import { timeText } from './controller.ts'
import { backOffMs, indexBackOffMs } from './job-back-off.ts'
import { formatIndexes, parseIndexes } from './job-indexes.ts'
import {
  failureCountOf,
  ignoredCountOf,
  indexOf,
  isPodFailed,
  jobPod,
  restartsOf,
  TRACKING_FINALIZER,
  withFailureCounts,
} from './job-pods.ts'
import { failsIndex, metSuccessRule, verdictOn } from './job-policies.ts'
import { conditionOf, type Ending, type JobStatus, withCondition } from './job-status.ts'
import {
  claim,
  controllerOf,
  createPod,
  deletePod,
  hasHome,
  keyOf,
  splitKey,
} from './pod-control.ts'
import { byWorth, isActive, isFinished, isReady, isTerminating } from './pod-facts.ts'
import { createWorkQueue, isRefusal } from './work-queue.ts'

const COMPONENT = 'job-controller'

/** What a job says that is run by this controller. */
const MANAGER = 'kubernetes.io/job-controller'

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
    // Somebody else's job is not even looked at.
    if ((job.spec.managedBy ?? MANAGER) !== MANAGER) return
    if (isTerminating(job)) {
      for (const pod of podsOf(job)) if (isDone(pod, job)) uncount(pod)
      return
    }
    if (conditionOf(job.status, 'Complete') ?? conditionOf(job.status, 'Failed')) {
      // What still ran when the job ended is counted no more.
      for (const pod of podsOf(job)) if (isDone(pod, job)) uncount(pod)
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

  const write = (job: Job, status: JobStatus): Job => {
    const fresh = objects.get('Job', job.metadata.namespace, job.metadata.name)
    if (fresh === undefined || sameJson(status, fresh.status)) return fresh ?? job
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
    let next: JobStatus = status
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
    const failedIndexes = new Set(parseIndexes(status.failedIndexes))
    let conditions = status.conditions
    const ended = podsOf(job).filter(
      (pod) => isDone(pod, job) && (pod.metadata.finalizers ?? []).includes(TRACKING_FINALIZER),
    )
    for (const pod of ended) {
      if (pod.status?.phase === 'Succeeded') {
        if (!indexed) succeeded += 1
        const index = indexOf(pod)
        if (indexed && index !== undefined && index < (job.spec.completions ?? 0)) {
          indexes.add(index)
        }
        continue
      }
      const { action, message } = verdictOn(pod, job)
      if (action !== 'Ignore') failed += 1
      const index = indexOf(pod)
      if (index !== undefined && failsIndex(pod, job)) failedIndexes.add(index)
      if (message !== undefined && conditionOf(status, 'FailureTarget') === undefined) {
        conditions = withCondition(
          status,
          'FailureTarget',
          'True',
          'PodFailurePolicy',
          message,
          timeText(clock.now()),
        )
      }
    }
    if (indexed) succeeded = indexes.size
    const next = write(job, {
      ...status,
      ...(succeeded === 0 ? {} : { succeeded }),
      ...(failed === 0 ? {} : { failed }),
      ...(indexes.size === 0 ? {} : { completedIndexes: formatIndexes([...indexes]) }),
      ...(job.spec.backoffLimitPerIndex === undefined
        ? {}
        : { failedIndexes: formatIndexes([...failedIndexes]) }),
      ...(conditions === undefined ? {} : { conditions }),
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
    const lost = parseIndexes(job.status?.failedIndexes).length
    const { maxFailedIndexes } = job.spec
    if (maxFailedIndexes !== undefined && lost > maxFailedIndexes) {
      return {
        type: 'Failed',
        reason: 'MaxFailedIndexesExceeded',
        message: 'Job has exceeded the specified maximal number of failed indexes',
      }
    }
    if (lost > 0 && completions !== undefined && lost + succeeded >= completions) {
      return { type: 'Failed', reason: 'FailedIndexes', message: 'Job has failed indexes' }
    }
    const met = metSuccessRule(job)
    if (met !== undefined) return { type: 'Complete', reason: 'SuccessPolicy', message: met }
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
    if (job.spec.backoffLimitPerIndex !== undefined) {
      replaceIndexes(job, pods, active, missing)
      return
    }
    const wait = backOffMs(pods, clock.now())
    if (wait > 0) {
      queue.addAfter(keyOf(job), wait)
      return
    }
    const indexes =
      job.spec.completionMode === 'Indexed' ? freeIndexes(job, pods, active) : undefined
    for (let made = 0; made < missing; made += 1) {
      const index = indexes?.[made]
      if (indexes !== undefined && index === undefined) return
      createPod(context, COMPONENT, job, jobPod(context, job, index))
    }
  }

  /** Where each index has failures of its own, each one waits for itself. */
  const replaceIndexes = (
    job: Job,
    pods: readonly Pod[],
    active: readonly Pod[],
    missing: number,
  ) => {
    let left = missing
    for (const index of freeIndexes(job, pods, active)) {
      if (left === 0) return
      const [last] = pods
        .filter((pod) => indexOf(pod) === index && isPodFailed(pod, job))
        .sort((a, b) => failuresOf(b) - failuresOf(a))
      const pod = jobPod(context, job, index)
      if (last === undefined) {
        createPod(context, COMPONENT, job, withFailureCounts(pod, 0, 0))
        left -= 1
        continue
      }
      const wait = indexBackOffMs(last, failuresOf(last) + 1, clock.now())
      if (wait > 0) {
        queue.addAfter(keyOf(job), wait)
        continue
      }
      const isIgnored = verdictOn(last, job).action === 'Ignore'
      const [failures, ignored] = [failureCountOf(last), ignoredCountOf(last)]
      createPod(
        context,
        COMPONENT,
        job,
        isIgnored
          ? withFailureCounts(pod, failures, ignored + 1)
          : withFailureCounts(pod, failures + 1, ignored),
      )
      left -= 1
    }
  }

  /** The indexes that still need a pod, lowest first. */
  const freeIndexes = (
    job: Job,
    pods: readonly Pod[],
    active: readonly Pod[],
  ): readonly number[] => {
    const taken = new Set([
      ...parseIndexes(job.status?.completedIndexes),
      ...parseIndexes(job.status?.failedIndexes),
      ...active.map(indexOf),
      // A pod that has to fail before it is replaced keeps its index meanwhile.
      ...(job.spec.podReplacementPolicy === 'Failed'
        ? pods.filter((pod) => isTerminating(pod) && !isFinished(pod)).map(indexOf)
        : []),
    ])
    const all = Array.from({ length: job.spec.completions ?? 0 }, (_, index) => index)
    return all.filter((index) => !taken.has(index))
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
    let status: JobStatus = {
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
function isDone(pod: Pod, job: Job): boolean {
  return pod.status?.phase === 'Succeeded' || isPodFailed(pod, job)
}

/** How many pods of an index failed before this one. */
function failuresOf(pod: Pod): number {
  return failureCountOf(pod) + ignoredCountOf(pod)
}
