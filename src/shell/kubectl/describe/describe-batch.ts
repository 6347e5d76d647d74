import { humanDuration } from '../../../kube/human-duration.ts'
import { selectorText } from '../format-selector.ts'
import { isRecord, number, record, records, text } from '../values.ts'
import { describePodTemplate } from './describe-containers.ts'
import { describeEvents, findEvents } from './describe-events.ts'
import {
  controllerOf,
  DescribeWriter,
  writeAnnotations,
  writeLabels,
  writeNameAndNamespace,
} from './describe-writer.ts'
import type { Describer } from './describer.ts'
import { rfc1123z } from './go-time.ts'

/** `kubectl describe job` (`describeJob`). */
export const describeJob: Describer = async (context, job, options) => {
  const spec = record(job.spec)
  const status = record(job.status)
  const w = new DescribeWriter()
  const optional = (title: string, value: unknown, unit = '') => {
    if (value !== undefined) w.write(0, `${title}:\t${String(value)}${unit}\n`)
  }
  writeNameAndNamespace(w, { ...job.metadata })
  if (isRecord(spec.selector)) w.write(0, `Selector:\t${selectorText(spec.selector)}\n`)
  writeLabels(w, 'Labels', job.metadata.labels)
  writeAnnotations(w, 'Annotations', job.metadata.annotations)
  const controller = controllerOf({ ...job.metadata })
  if (controller !== '') w.write(0, `Controlled By:\t${controller}\n`)
  optional('Parallelism', spec.parallelism)
  w.write(0, `Completions:\t${String(spec.completions ?? '<unset>')}\n`)
  optional('Completion Mode', spec.completionMode)
  optional('Suspend', spec.suspend)
  optional('Backoff Limit', spec.backoffLimit)
  optional('TTL Seconds After Finished', spec.ttlSecondsAfterFinished)
  const started = text(status.startTime)
  const completed = text(status.completionTime)
  if (started !== '') w.write(0, `Start Time:\t${rfc1123z(started)}\n`)
  if (completed !== '') w.write(0, `Completed At:\t${rfc1123z(completed)}\n`)
  if (started !== '' && completed !== '') {
    w.write(0, `Duration:\t${humanDuration(Date.parse(completed) - Date.parse(started))}\n`)
  }
  optional('Active Deadline Seconds', spec.activeDeadlineSeconds, 's')
  const ready = status.ready === undefined ? '' : ` (${number(status.ready)} Ready)`
  w.write(
    0,
    `Pods Statuses:\t${number(status.active)} Active${ready} / ${number(status.succeeded)} Succeeded / ${number(status.failed)} Failed\n`,
  )
  if (spec.completionMode === 'Indexed') {
    w.write(0, `Completed Indexes:\t${text(status.completedIndexes) || '<none>'}\n`)
  }
  describePodTemplate(w, record(spec.template))
  if (options.showEvents) {
    describeEvents(w, await findEvents(context, job, { withKind: true }), context.clock.now())
  }
  return w.finish()
}

/** `kubectl describe cronjob` (`describeCronJob`). */
export const describeCronJob: Describer = async (context, cronJob, options) => {
  const spec = record(cronJob.spec)
  const status = record(cronJob.status)
  const template = record(record(spec.jobTemplate).spec)
  const w = new DescribeWriter()
  const write = (title: string, value: unknown, unit = '') =>
    w.write(0, `${title}:\t${value === undefined ? '<unset>' : `${String(value)}${unit}`}\n`)
  writeNameAndNamespace(w, { ...cronJob.metadata })
  writeLabels(w, 'Labels', cronJob.metadata.labels)
  writeAnnotations(w, 'Annotations', cronJob.metadata.annotations)
  write('Schedule', spec.schedule)
  write('Concurrency Policy', spec.concurrencyPolicy)
  write(
    'Suspend',
    typeof spec.suspend === 'boolean' ? (spec.suspend ? 'True' : 'False') : undefined,
  )
  write('Successful Job History Limit', spec.successfulJobsHistoryLimit)
  write('Failed Job History Limit', spec.failedJobsHistoryLimit)
  write('Starting Deadline Seconds', spec.startingDeadlineSeconds, 's')
  write('Selector', isRecord(template.selector) ? selectorText(template.selector) : undefined)
  write('Parallelism', template.parallelism)
  write('Completions', template.completions)
  if (template.activeDeadlineSeconds !== undefined) {
    write('Active Deadline Seconds', template.activeDeadlineSeconds, 's')
  }
  describePodTemplate(w, record(template.template))
  const last = text(status.lastScheduleTime)
  write('Last Schedule Time', last === '' ? undefined : rfc1123z(last))
  const active = records(status.active).map((one) => text(one.name))
  w.write(0, `Active Jobs:\t${active.length === 0 ? '<none>' : active.join(', ')}\n`)
  if (options.showEvents) {
    describeEvents(w, await findEvents(context, cronJob, { withKind: true }), context.clock.now())
  }
  return w.finish()
}
