import { matchesSelector } from '../../../kube/label-selector.ts'
import type { Deployment, LabelSelector, PodTemplate, ReplicaSet } from '../../../kube/objects.ts'
import { type FieldError, fieldError } from '../validation/field-error.ts'
import { goIntOrString, goMap, goSelector } from '../validation/go-value.ts'
import { immutableErrors } from '../validation/meta.ts'
import {
  atMostAllErrors,
  intOrPercentErrors,
  isZero,
  nonNegativeErrors,
} from '../validation/numbers.ts'
import { isEmptySelector, selectorErrors } from '../validation/selector.ts'
import { alwaysRestartErrors, defaultTemplate, templateErrors } from './pod-template.ts'
import type { Strategy } from './strategy.ts'

/** Deployments: models pkg/registry/apps/deployment and ValidateDeployment. */
export const deploymentStrategy: Strategy = {
  nameRule: 'subdomain',
  counted: true,
  initialStatus: () => ({}),
  defaults: (object) => {
    const deployment = object as Deployment
    const spec = deployment.spec ?? {}
    const type = spec.strategy?.type ?? 'RollingUpdate'
    return {
      ...object,
      spec: {
        ...spec,
        replicas: spec.replicas ?? 1,
        strategy:
          type === 'RollingUpdate'
            ? {
                type,
                rollingUpdate: {
                  maxSurge: '25%',
                  maxUnavailable: '25%',
                  ...spec.strategy?.rollingUpdate,
                },
              }
            : { ...spec.strategy, type },
        revisionHistoryLimit: spec.revisionHistoryLimit ?? 10,
        progressDeadlineSeconds: spec.progressDeadlineSeconds ?? 600,
        template: defaultTemplate(spec.template),
      },
    }
  },
  validate: (object) => {
    const { spec } = object as Deployment
    const deadline = spec.progressDeadlineSeconds
    return [
      ...nonNegativeErrors(spec.replicas, 'spec.replicas'),
      ...selectorAndTemplateErrors(spec.selector, spec.template),
      ...strategyErrors(spec.strategy),
      ...nonNegativeErrors(spec.minReadySeconds, 'spec.minReadySeconds'),
      ...nonNegativeErrors(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit'),
      ...nonNegativeErrors(deadline, 'spec.progressDeadlineSeconds'),
      ...(deadline !== undefined && deadline <= (spec.minReadySeconds ?? 0)
        ? [
            fieldError.invalid(
              'spec.progressDeadlineSeconds',
              deadline,
              'must be greater than minReadySeconds',
            ),
          ]
        : []),
    ]
  },
  validateUpdate: (object, previous) =>
    selectorUpdateErrors((object as Deployment).spec, (previous as Deployment).spec),
}

/** Replica sets: models pkg/registry/apps/replicaset and ValidateReplicaSet. */
export const replicaSetStrategy: Strategy = {
  nameRule: 'subdomain',
  counted: true,
  initialStatus: () => ({ replicas: 0 }),
  defaults: (object) => {
    const { spec } = object as ReplicaSet
    return {
      ...object,
      spec: {
        ...spec,
        replicas: spec?.replicas ?? 1,
        template: defaultTemplate(spec?.template),
      },
    }
  },
  validate: (object) => {
    const { spec } = object as ReplicaSet
    return [
      ...nonNegativeErrors(spec.replicas, 'spec.replicas'),
      ...nonNegativeErrors(spec.minReadySeconds, 'spec.minReadySeconds'),
      ...selectorAndTemplateErrors(spec.selector, spec.template),
    ]
  },
  validateUpdate: (object, previous) =>
    selectorUpdateErrors((object as ReplicaSet).spec, (previous as ReplicaSet).spec),
  fields: (object) => ({ 'status.replicas': String((object as ReplicaSet).status?.replicas ?? 0) }),
}

/** A workload's selector is fixed once it is there. */
export function selectorUpdateErrors(
  spec: { readonly selector: LabelSelector },
  previous: { readonly selector: LabelSelector },
): readonly FieldError[] {
  return immutableErrors(
    'spec.selector',
    spec.selector,
    previous.selector,
    goSelector(spec.selector),
  )
}

/** The sentence of every workload whose pods would not be its own. */
export function labelMismatch(template: PodTemplate): FieldError {
  return fieldError.invalid(
    'spec.template.metadata.labels',
    goMap(template.metadata?.labels),
    '`selector` does not match template `labels`',
  )
}

function strategyErrors(strategy: Deployment['spec']['strategy']): readonly FieldError[] {
  const at = 'spec.strategy'
  const { type, rollingUpdate } = strategy ?? {}
  if (type === 'Recreate') {
    return rollingUpdate === undefined
      ? []
      : [
          fieldError.forbidden(
            `${at}.rollingUpdate`,
            "may not be specified when strategy `type` is 'Recreate'",
          ),
        ]
  }
  if (type !== 'RollingUpdate') {
    return [fieldError.notSupported(`${at}.type`, type, ['Recreate', 'RollingUpdate'])]
  }
  const { maxSurge, maxUnavailable } = rollingUpdate ?? {}
  return [
    ...intOrPercentErrors(maxUnavailable, `${at}.rollingUpdate.maxUnavailable`),
    ...intOrPercentErrors(maxSurge, `${at}.rollingUpdate.maxSurge`),
    ...(isZero(maxUnavailable) && isZero(maxSurge)
      ? [
          fieldError.invalid(
            `${at}.rollingUpdate.maxUnavailable`,
            goIntOrString(maxUnavailable ?? 0),
            'may not be 0 when `maxSurge` is 0',
          ),
        ]
      : []),
    ...atMostAllErrors(maxUnavailable, `${at}.rollingUpdate.maxUnavailable`),
  ]
}

function selectorAndTemplateErrors(
  selector: LabelSelector | undefined,
  template: PodTemplate,
): readonly FieldError[] {
  const found: FieldError[] = []
  const labels = template.metadata?.labels ?? {}
  if (selector === undefined) found.push(fieldError.required('spec.selector'))
  else {
    const problems = selectorErrors(selector, 'spec.selector')
    found.push(...problems)
    if (isEmptySelector(selector)) {
      found.push(
        fieldError.invalid(
          'spec.selector',
          goSelector(selector),
          'empty selector is invalid for deployment',
        ),
      )
    } else if (problems.length === 0 && !matchesSelector(selector, labels)) {
      found.push(labelMismatch(template))
    }
  }
  const at = 'spec.template'
  return [
    ...found,
    ...templateErrors(template, at),
    ...alwaysRestartErrors(template, at, 'ReplicaSet'),
  ]
}
