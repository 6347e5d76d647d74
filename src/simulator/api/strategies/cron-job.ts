import { CronError, parseCronSchedule } from '../../../kube/cron-schedule.ts'
import type { CronJob } from '../../../kube/workload-objects.ts'
import { type FieldError, fieldError } from '../validation/field-error.ts'
import { goSelector } from '../validation/go-value.ts'
import { nonNegativeErrors } from '../validation/numbers.ts'
import { jobSpecErrors } from './job.ts'
import { defaultTemplate } from './pod-template.ts'
import type { Strategy } from './strategy.ts'

/** The controller adds eleven signs to the name of a job. */
const NAME_LIMIT = 52

/** Cron jobs: models pkg/registry/batch/cronjob, SetDefaults_CronJob and ValidateCronJob. */
export const cronJobStrategy: Strategy = {
  nameRule: 'subdomain',
  counted: true,
  initialStatus: () => ({}),
  defaults: (object) => {
    const { spec } = object as CronJob
    return {
      ...object,
      spec: {
        ...spec,
        schedule: spec?.schedule ?? '',
        concurrencyPolicy: spec?.concurrencyPolicy ?? 'Allow',
        suspend: spec?.suspend ?? false,
        successfulJobsHistoryLimit: spec?.successfulJobsHistoryLimit ?? 3,
        failedJobsHistoryLimit: spec?.failedJobsHistoryLimit ?? 1,
        jobTemplate: {
          ...spec?.jobTemplate,
          metadata: { creationTimestamp: null, ...spec?.jobTemplate?.metadata },
          spec: {
            ...spec?.jobTemplate?.spec,
            template: defaultTemplate(spec?.jobTemplate?.spec?.template),
          },
        },
      },
    }
  },
  validate: (object) => cronJobErrors(object as CronJob),
  validateCreate: ({ metadata }) =>
    metadata.name.length > NAME_LIMIT
      ? [
          fieldError.invalid(
            'metadata.name',
            metadata.name,
            `must be no more than ${NAME_LIMIT} characters`,
          ),
        ]
      : [],
}

function cronJobErrors({ spec }: CronJob): readonly FieldError[] {
  const found: FieldError[] = []
  if (spec.schedule === '') found.push(fieldError.required('spec.schedule'))
  else {
    const problem = problemOf(() => parseCronSchedule(spec.schedule))
    if (problem !== undefined) {
      found.push(fieldError.invalid('spec.schedule', spec.schedule, problem))
    }
    if (spec.schedule.includes('TZ')) {
      found.push(
        fieldError.invalid(
          'spec.schedule',
          spec.schedule,
          'cannot use TZ or CRON_TZ in schedule, use timeZone field instead',
        ),
      )
    }
  }
  found.push(...nonNegativeErrors(spec.startingDeadlineSeconds, 'spec.startingDeadlineSeconds'))
  if (spec.timeZone !== undefined) {
    const problem =
      spec.timeZone === ''
        ? 'timeZone must be nil or non-empty string'
        : spec.timeZone.toLowerCase() === 'local'
          ? 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones'
          : problemOf(() => parseCronSchedule('* * * * *', spec.timeZone))
    if (problem !== undefined) {
      found.push(fieldError.invalid('spec.timeZone', spec.timeZone, problem))
    }
  }
  const policies = ['Allow', 'Forbid', 'Replace']
  if (!policies.includes(spec.concurrencyPolicy ?? '')) {
    found.push(fieldError.notSupported('spec.concurrencyPolicy', spec.concurrencyPolicy, policies))
  }
  const job = spec.jobTemplate.spec
  found.push(...jobSpecErrors(job, 'spec.jobTemplate.spec'))
  if (job.selector !== undefined) {
    found.push(
      fieldError.invalid(
        'spec.jobTemplate.spec.selector',
        goSelector(job.selector),
        '`selector` will be auto-generated',
      ),
    )
  }
  if (job.manualSelector === true) {
    found.push(
      fieldError.notSupported('spec.jobTemplate.spec.manualSelector', true, ['nil', 'false']),
    )
  }
  for (const field of ['successfulJobsHistoryLimit', 'failedJobsHistoryLimit'] as const) {
    found.push(...nonNegativeErrors(spec[field], `spec.${field}`))
  }
  return found
}

function problemOf(parse: () => unknown): string | undefined {
  try {
    parse()
    return undefined
  } catch (error) {
    if (error instanceof CronError) return error.message
    throw error
  }
}
