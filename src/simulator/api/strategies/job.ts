import { matchesSelector } from '../../../kube/label-selector.ts'
import { dnsSubdomainProblems } from '../../../kube/label-validation.ts'
import { sameJson } from '../../../kube/same-json.ts'
import type { Job, JobSpec, PodFailureRule } from '../../../kube/workload-objects.ts'
import { type FieldError, fieldError } from '../validation/field-error.ts'
import { goMap, goSelector } from '../validation/go-value.ts'
import { immutableErrors } from '../validation/meta.ts'
import { dnsLabelProblems } from '../validation/names.ts'
import { nonNegativeErrors } from '../validation/numbers.ts'
import { selectorErrors } from '../validation/selector.ts'
import { failurePolicyErrors, successPolicyErrors } from './job-policies.ts'
import { defaultTemplate, templateErrors } from './pod-template.ts'
import type { Strategy } from './strategy.ts'

const LEGACY_UID = 'controller-uid'
const LEGACY_NAME = 'job-name'
const UID = 'batch.kubernetes.io/controller-uid'
const NAME = 'batch.kubernetes.io/job-name'

/** Jobs: models pkg/registry/batch/job, SetDefaults_Job and ValidateJob. */
export const jobStrategy: Strategy = {
  nameRule: 'subdomain',
  counted: true,
  initialStatus: () => ({}),
  defaults: (object) =>
    withLabels({ ...(object as Job), spec: defaultJobSpec((object as Job).spec) }),
  prepareCreate: (object) => withLabels(withSelector(object as Job)),
  validate: (object) => {
    const { spec } = object as Job
    const labels = spec.template.metadata?.labels ?? {}
    return [
      ...jobSpecErrors(spec, 'spec'),
      ...(spec.selector === undefined
        ? [fieldError.required('spec.selector')]
        : selectorErrors(spec.selector, 'spec.selector')),
      ...(spec.selector !== undefined && matchesSelector(spec.selector, labels)
        ? []
        : [
            fieldError.invalid(
              'spec.template.metadata.labels',
              goMap(spec.template.metadata?.labels),
              '`selector` does not match template `labels`',
            ),
          ]),
    ]
  },
  validateCreate: (object) => {
    const { spec, metadata } = object as Job
    const last = `${metadata.name}-${(spec.completions ?? 1) - 1}`
    return spec.completionMode === 'Indexed' &&
      (spec.completions ?? 0) > 0 &&
      dnsLabelProblems(last).length > 0
      ? [
          fieldError.invalid(
            'metadata.name',
            metadata.name,
            `will not able to create pod with invalid DNS label: ${last}`,
          ),
        ]
      : []
  },
  validateUpdate: (object, previous) => updateErrors(object as Job, previous as Job),
  fields: (object) => ({ 'status.successful': String((object as Job).status?.succeeded ?? 0) }),
}

/** `SetDefaults_Job`. */
export function defaultJobSpec(spec: JobSpec | undefined): JobSpec {
  const neither = spec?.completions === undefined && spec?.parallelism === undefined
  return {
    ...spec,
    parallelism: spec?.parallelism ?? 1,
    ...(neither ? { completions: 1 } : {}),
    backoffLimit: spec?.backoffLimit ?? (spec?.backoffLimitPerIndex === undefined ? 6 : 2147483647),
    completionMode: spec?.completionMode ?? 'NonIndexed',
    suspend: spec?.suspend ?? false,
    manualSelector: spec?.manualSelector ?? false,
    ...(spec?.podFailurePolicy === undefined
      ? {}
      : { podFailurePolicy: { rules: (spec.podFailurePolicy.rules ?? []).map(withStatuses) } }),
    podReplacementPolicy:
      spec?.podReplacementPolicy ??
      (spec?.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed'),
    template: defaultTemplate(spec?.template),
  }
}

/** A condition is there unless the rule says otherwise (`SetDefaults_PodFailurePolicyOnPodConditionsPattern`). */
function withStatuses(rule: PodFailureRule): PodFailureRule {
  return rule.onPodConditions === undefined
    ? rule
    : {
        ...rule,
        onPodConditions: rule.onPodConditions.map((pattern) => ({
          ...pattern,
          status: pattern.status ?? 'True',
        })),
      }
}

/** A name with a domain: `example.com/queue`. */
function managerErrors(name: string, at: string): readonly FieldError[] {
  const [domain = '', path, ...more] = name.split('/')
  const found =
    path === undefined || path === '' || more.length > 0
      ? [fieldError.invalid(at, name, 'must be a domain-prefixed path (such as "acme.io/foo")')]
      : dnsSubdomainProblems(domain).map((problem) => fieldError.invalid(at, domain, problem))
  return name.length > 63
    ? [
        ...found,
        {
          reason: 'FieldValueTooLong',
          field: at,
          message: `Too long: may not be more than 63 bytes`,
        },
      ]
    : found
}

/** A job without labels has those of its template. */
function withLabels(job: Job): Job {
  const { labels } = job.spec.template.metadata ?? {}
  if (labels === undefined || Object.keys(job.metadata.labels ?? {}).length > 0) return job
  return { ...job, metadata: { ...job.metadata, labels: { ...labels } } }
}

/** `generateSelector`: a job's pods are told from all others by its uid. */
function withSelector(job: Job): Job {
  if (job.spec.manualSelector === true) return job
  const { name, uid = '' } = job.metadata
  const { template } = job.spec
  return {
    ...job,
    spec: {
      ...job.spec,
      selector: {
        ...job.spec.selector,
        matchLabels: { ...job.spec.selector?.matchLabels, [UID]: uid },
      },
      template: {
        ...template,
        metadata: {
          ...template.metadata,
          labels: {
            ...template.metadata?.labels,
            [LEGACY_UID]: uid,
            [LEGACY_NAME]: name,
            [UID]: uid,
            [NAME]: name,
          },
        },
      },
    },
  }
}

/** `validateJobSpec`: what a job and the template of a cron job have in common. */
export function jobSpecErrors(spec: JobSpec, at: string): readonly FieldError[] {
  const indexed = spec.completionMode === 'Indexed'
  const found: FieldError[] = [
    ...nonNegativeErrors(spec.parallelism, `${at}.parallelism`),
    ...nonNegativeErrors(spec.completions, `${at}.completions`),
    ...nonNegativeErrors(spec.activeDeadlineSeconds, `${at}.activeDeadlineSeconds`),
    ...nonNegativeErrors(spec.backoffLimit, `${at}.backoffLimit`),
    ...nonNegativeErrors(spec.ttlSecondsAfterFinished, `${at}.ttlSecondsAfterFinished`),
    ...nonNegativeErrors(spec.backoffLimitPerIndex, `${at}.backoffLimitPerIndex`),
    ...nonNegativeErrors(spec.maxFailedIndexes, `${at}.maxFailedIndexes`),
  ]
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined) {
    found.push(
      fieldError.required(`${at}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified'),
    )
  }
  if (spec.completionMode !== undefined && !indexed && spec.completionMode !== 'NonIndexed') {
    found.push(
      fieldError.notSupported(`${at}.completionMode`, spec.completionMode, [
        'NonIndexed',
        'Indexed',
      ]),
    )
  }
  if (indexed) {
    if (spec.completions === undefined) {
      found.push(fieldError.required(`${at}.completions`, 'when completion mode is Indexed'))
    }
    if ((spec.parallelism ?? 0) > 100_000) {
      found.push(
        fieldError.invalid(
          `${at}.parallelism`,
          spec.parallelism,
          'must be less than or equal to 100000 when completion mode is Indexed',
        ),
      )
    }
  } else {
    for (const field of ['backoffLimitPerIndex', 'maxFailedIndexes'] as const) {
      if (spec[field] !== undefined) {
        found.push(
          fieldError.invalid(`${at}.${field}`, spec[field], 'requires indexed completion mode'),
        )
      }
    }
  }
  if (spec.podFailurePolicy !== undefined) {
    found.push(...failurePolicyErrors(spec, `${at}.podFailurePolicy`))
  }
  if (spec.successPolicy !== undefined) {
    found.push(
      ...(indexed
        ? successPolicyErrors(spec, `${at}.successPolicy`)
        : [
            fieldError.invalid(
              `${at}.successPolicy`,
              spec.successPolicy,
              'requires indexed completion mode',
            ),
          ]),
    )
  }
  if (spec.managedBy !== undefined) found.push(...managerErrors(spec.managedBy, `${at}.managedBy`))
  const replacement = spec.podReplacementPolicy
  if (
    replacement !== undefined &&
    replacement !== 'Failed' &&
    spec.podFailurePolicy !== undefined
  ) {
    found.push(fieldError.notSupported(`${at}.podReplacementPolicy`, replacement, ['Failed']))
  } else if (
    replacement !== undefined &&
    !['Failed', 'TerminatingOrFailed'].includes(replacement)
  ) {
    found.push(
      fieldError.notSupported(`${at}.podReplacementPolicy`, replacement, [
        'Failed',
        'TerminatingOrFailed',
      ]),
    )
  }
  found.push(...templateErrors(spec.template, `${at}.template`))
  const { restartPolicy } = spec.template.spec
  const place = `${at}.template.spec.restartPolicy`
  if (restartPolicy === undefined || restartPolicy === 'Always') {
    found.push(fieldError.required(place, 'valid values: "OnFailure", "Never"'))
  } else if (restartPolicy !== 'OnFailure' && restartPolicy !== 'Never') {
    found.push(fieldError.notSupported(place, restartPolicy, ['OnFailure', 'Never']))
  } else if (spec.podFailurePolicy !== undefined && restartPolicy !== 'Never') {
    const why = 'only "Never" is supported when podFailurePolicy is specified'
    found.push(fieldError.invalid(place, restartPolicy, why))
  }
  return found
}

function updateErrors({ spec }: Job, { spec: previous, status }: Job): readonly FieldError[] {
  const indexed = spec.completionMode === 'Indexed'
  const found: FieldError[] = []
  if (!sameJson(spec.completions, previous.completions)) {
    if (!indexed) {
      found.push(fieldError.invalid('spec.completions', spec.completions, 'field is immutable'))
    } else if (spec.completions !== spec.parallelism) {
      found.push(
        fieldError.invalid(
          'spec.completions',
          spec.completions,
          'can only be modified in tandem with spec.parallelism',
        ),
      )
    }
  }
  found.push(
    ...immutableErrors(
      'spec.selector',
      spec.selector,
      previous.selector,
      goSelector(spec.selector),
    ),
  )
  // Where a job that is suspended and has not started runs may still be changed.
  const open = previous.suspend === true && status?.startTime === undefined
  const fixed = (object: JobSpec): unknown =>
    open
      ? {
          ...object.template,
          metadata: { ...object.template.metadata, labels: undefined, annotations: undefined },
          spec: {
            ...object.template.spec,
            nodeSelector: undefined,
            tolerations: undefined,
            schedulingGates: undefined,
          },
        }
      : object.template
  if (!sameJson(fixed(spec), fixed(previous))) {
    found.push(fieldError.invalid('spec.template', spec.template, 'field is immutable'))
  }
  found.push(
    ...immutableErrors('spec.completionMode', spec.completionMode, previous.completionMode),
    ...immutableErrors('spec.podFailurePolicy', spec.podFailurePolicy, previous.podFailurePolicy),
    ...immutableErrors('spec.successPolicy', spec.successPolicy, previous.successPolicy),
    ...immutableErrors('spec.managedBy', spec.managedBy, previous.managedBy),
    ...immutableErrors(
      'spec.backoffLimitPerIndex',
      spec.backoffLimitPerIndex,
      previous.backoffLimitPerIndex,
    ),
  )
  return found
}
