import { parseCronSchedule } from '../../kube/cron-schedule.ts'
import { sameJson } from '../../kube/same-json.ts'
import type { CronJob, Job } from '../../kube/workload-objects.ts'
import type { Controller, ControllerContext } from './controller.ts'
import { timeText } from './controller.ts'
import { controllerOf, controllerReference, hasHome, keyOf, splitKey } from './pod-control.ts'
import { isTerminating } from './pod-facts.ts'
import { createWorkQueue, isRefusal } from './work-queue.ts'

const COMPONENT = 'cronjob-controller'
const TIMESTAMP = 'batch.kubernetes.io/cronjob-scheduled-timestamp'
/** More missed times than this are not made up for one by one. */
const MOST_MISSED = 100

/** Makes jobs by the clock. Models pkg/controller/cronjob. */
export function startCronJobController(context: ControllerContext): Controller {
  const { objects, clock, events, onDefect } = context

  const reconcile = (key: string) => {
    const { namespace, name } = splitKey(key)
    const cron = objects.get('CronJob', namespace, name)
    if (cron === undefined || isTerminating(cron) || !hasHome(context, namespace)) return
    const seen = lookAtJobs(cron)
    if (seen.spec.suspend === true) return
    const due = schedule(seen)
    if (due !== undefined) run(seen, due)
  }

  const jobsOf = (cron: CronJob): Job[] =>
    objects
      .list('Job', cron.metadata.namespace)
      .filter((job) => controllerOf(job)?.uid === cron.metadata.uid)

  const write = (cron: CronJob, status: NonNullable<CronJob['status']>): CronJob => {
    const fresh = objects.get('CronJob', cron.metadata.namespace, cron.metadata.name)
    if (fresh === undefined || sameJson(status, fresh.status)) return fresh ?? cron
    return objects.updateStatus('CronJob', { ...fresh, status })
  }

  /** What became of the jobs: the list of active ones, the last success, and old ones go. */
  const lookAtJobs = (cron: CronJob): CronJob => {
    const jobs = jobsOf(cron)
    let active = cron.status?.active ?? []
    let success = cron.status?.lastSuccessfulTime
    for (const job of jobs) {
      const end = endOf(job)
      if (end === undefined) continue
      const { uid } = job.metadata
      if (active.some((entry) => entry.uid === uid)) {
        active = active.filter((entry) => entry.uid !== uid)
        tell(
          cron,
          'SawCompletedJob',
          `Saw completed job: ${job.metadata.name}, condition: ${end.type}`,
        )
      }
      const time = job.status?.completionTime
      if (end.type === 'Complete' && time !== undefined && (success ?? '') < time) success = time
    }
    for (const entry of active) {
      if (jobs.some((job) => job.metadata.uid === entry.uid)) continue
      active = active.filter((other) => other !== entry)
      tell(cron, 'MissingJob', `Active job went missing: ${entry.name}`)
    }
    prune(cron, jobs, 'Complete', cron.spec.successfulJobsHistoryLimit ?? 3)
    prune(cron, jobs, 'Failed', cron.spec.failedJobsHistoryLimit ?? 1)
    const { active: _active, ...rest } = cron.status ?? {}
    return write(cron, {
      ...rest,
      ...(active.length === 0 ? {} : { active }),
      ...(success === undefined ? {} : { lastSuccessfulTime: success }),
    })
  }

  const prune = (cron: CronJob, jobs: readonly Job[], type: string, limit: number) => {
    const ended = jobs
      .filter((job) => endOf(job)?.type === type && !isTerminating(job))
      .sort((a, b) => ((a.status?.startTime ?? '') < (b.status?.startTime ?? '') ? -1 : 1))
    for (const job of ended.slice(0, Math.max(0, ended.length - limit))) remove(cron, job)
  }

  const remove = (cron: CronJob, job: Job) => {
    objects.delete('Job', job.metadata.namespace, job.metadata.name)
    tell(cron, 'SuccessfulDelete', `Deleted job ${job.metadata.name}`)
  }

  /** The latest time that has come and was not used yet; asks to be called again at the next one. */
  const schedule = (cron: CronJob): number | undefined => {
    const times = parseCronSchedule(cron.spec.schedule, cron.spec.timeZone)
    const now = clock.now()
    const { startingDeadlineSeconds } = cron.spec
    let from = Date.parse(cron.status?.lastScheduleTime ?? cron.metadata.creationTimestamp ?? '')
    if (startingDeadlineSeconds !== undefined) {
      from = Math.max(from, now - startingDeadlineSeconds * 1000)
    }
    let due: number | undefined
    let missed = 0
    for (let next = times.next(from); next !== undefined && next <= now; missed += 1) {
      due = next
      next = times.next(missed < MOST_MISSED ? next : Math.max(next, now - 60_000))
    }
    if (missed > MOST_MISSED) {
      tell(
        cron,
        'TooManyMissedTimes',
        'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew',
        'Warning',
      )
    }
    const after = times.next(now)
    if (after !== undefined) queue.addAfter(keyOf(cron), after - now)
    return due
  }

  const run = (cron: CronJob, due: number) => {
    const active = jobsOf(cron).filter((job) => endOf(job) === undefined)
    if (cron.spec.concurrencyPolicy === 'Forbid' && active.length > 0) {
      tell(
        cron,
        'JobAlreadyActive',
        'Not starting job because prior execution is running and concurrency policy is Forbid',
      )
      return
    }
    if (cron.spec.concurrencyPolicy === 'Replace') {
      for (const job of active) remove(cron, job)
    }
    const wanted = jobOf(cron, due)
    const { namespace, name } = wanted.metadata
    if (objects.get('Job', namespace, name) !== undefined) return
    let job: Job
    try {
      job = objects.create('Job', wanted)
    } catch (error) {
      if (isRefusal(error)) {
        tell(cron, 'FailedCreate', `Error creating job: ${error.message}`, 'Warning')
      }
      throw error
    }
    tell(cron, 'SuccessfulCreate', `Created job ${name}`)
    const reference = {
      apiVersion: 'batch/v1',
      kind: 'Job',
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(job.metadata.uid === undefined ? {} : { uid: job.metadata.uid }),
      ...(job.metadata.resourceVersion === undefined
        ? {}
        : { resourceVersion: job.metadata.resourceVersion }),
    }
    const fresh = objects.get('CronJob', cron.metadata.namespace, cron.metadata.name) ?? cron
    const kept = cron.spec.concurrencyPolicy === 'Replace' ? [] : (fresh.status?.active ?? [])
    write(fresh, {
      ...fresh.status,
      active: [...kept, reference],
      lastScheduleTime: timeText(due),
    })
  }

  const jobOf = (cron: CronJob, due: number): Job => {
    const { jobTemplate } = cron.spec
    const { metadata } = jobTemplate
    return {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {
        ...(metadata?.labels === undefined ? {} : { labels: { ...metadata.labels } }),
        annotations: { ...metadata?.annotations, [TIMESTAMP]: timeText(due) },
        // The minutes since the epoch, so that one time makes one job.
        name: `${cron.metadata.name}-${Math.floor(due / 60_000)}`,
        ...(cron.metadata.namespace === undefined ? {} : { namespace: cron.metadata.namespace }),
        ownerReferences: [controllerReference(cron)],
      },
      spec: jobTemplate.spec,
    }
  }

  const tell = (
    cron: CronJob,
    reason: string,
    message: string,
    type: 'Normal' | 'Warning' = 'Normal',
  ) => events.record(COMPONENT, cron, { type, reason, message })

  const queue = createWorkQueue({ clock, reconcile, onDefect })
  const stop = objects.onChange((change) => {
    if (change.kind === 'CronJob' && change.type !== 'DELETED') queue.add(keyOf(change.object))
    const owner = change.kind === 'Job' ? controllerOf(change.object) : undefined
    if (owner?.kind === 'CronJob') {
      queue.add(`${change.object.metadata.namespace ?? 'default'}/${owner.name}`)
    }
  })
  for (const cron of objects.list('CronJob')) queue.add(keyOf(cron))
  return {
    close() {
      stop()
      queue.close()
    },
  }
}

/** The condition by which a job ended. */
function endOf(job: Job): { readonly type: string } | undefined {
  return job.status?.conditions?.find(
    ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
  )
}
