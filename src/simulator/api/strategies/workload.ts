import { matchesSelector } from '../../../kube/label-selector.ts'
import type { Deployment, LabelSelector, PodTemplate, ReplicaSet } from '../../../kube/objects.ts'
import { type FieldError, fieldError } from '../validation/field-error.ts'
import { immutableErrors, labelErrors } from '../validation/meta.ts'
import { podSpecErrors } from '../validation/pod-spec.ts'
import { selectorErrors } from '../validation/selector.ts'
import { defaultPodSpec } from './pod-defaults.ts'
import type { Strategy } from './strategy.ts'

/** Deployments: models pkg/registry/apps/deployment. */
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
    return [
      ...countErrors(spec.replicas, 'spec.replicas'),
      ...selectorAndTemplateErrors(spec.selector, spec.template),
      ...(['RollingUpdate', 'Recreate'].includes(spec.strategy?.type ?? '')
        ? []
        : [
            fieldError.notSupported('spec.strategy.type', spec.strategy?.type, [
              'Recreate',
              'RollingUpdate',
            ]),
          ]),
    ]
  },
  validateUpdate: (object, previous) =>
    immutableErrors(
      'spec.selector',
      (object as Deployment).spec.selector,
      (previous as Deployment).spec.selector,
    ),
}

/** Replica sets: models pkg/registry/apps/replicaset. */
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
        selector: spec?.selector ?? { matchLabels: { ...spec?.template?.metadata?.labels } },
        template: defaultTemplate(spec?.template),
      },
    }
  },
  validate: (object) => {
    const { spec } = object as ReplicaSet
    return [
      ...countErrors(spec.replicas, 'spec.replicas'),
      ...selectorAndTemplateErrors(spec.selector, spec.template),
    ]
  },
  validateUpdate: (object, previous) =>
    immutableErrors(
      'spec.selector',
      (object as ReplicaSet).spec.selector,
      (previous as ReplicaSet).spec.selector,
    ),
  fields: (object) => ({ 'status.replicas': String((object as ReplicaSet).status?.replicas ?? 0) }),
}

function defaultTemplate(template: PodTemplate | undefined): PodTemplate {
  return {
    ...template,
    metadata: { ...template?.metadata },
    spec: defaultPodSpec(template?.spec ?? { containers: [] }),
  }
}

function countErrors(value: number | undefined, field: string): readonly FieldError[] {
  return value !== undefined && value < 0
    ? [fieldError.invalid(field, value, 'must be greater than or equal to 0')]
    : []
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
    const empty =
      Object.keys(selector.matchLabels ?? {}).length === 0 &&
      (selector.matchExpressions ?? []).length === 0
    if (empty) {
      found.push(
        fieldError.invalid('spec.selector', selector, 'empty selector is invalid for deployment'),
      )
    } else if (problems.length === 0 && !matchesSelector(selector, labels)) {
      found.push(
        fieldError.invalid(
          'spec.template.metadata.labels',
          labels,
          '`selector` does not match template `labels`',
        ),
      )
    }
  }
  found.push(...labelErrors(labels, 'spec.template.metadata.labels'))
  found.push(...podSpecErrors(template.spec, 'spec.template.spec'))
  if (template.spec.restartPolicy !== 'Always') {
    found.push(
      fieldError.notSupported('spec.template.spec.restartPolicy', template.spec.restartPolicy, [
        'Always',
      ]),
    )
  }
  return found
}
