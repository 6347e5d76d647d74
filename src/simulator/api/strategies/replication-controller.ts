import type { ReplicationController, StoredPodTemplate } from '../../../kube/workload-objects.ts'
import { type FieldError, fieldError } from '../validation/field-error.ts'
import { nonNegativeErrors } from '../validation/numbers.ts'
import { alwaysRestartErrors, defaultTemplate, templateErrors } from './pod-template.ts'
import type { Strategy } from './strategy.ts'
import { labelMismatch } from './workload.ts'

/** Models pkg/registry/core/replicationcontroller, SetDefaults_ReplicationController and ValidateReplicationControllerSpec. */
export const replicationControllerStrategy: Strategy = {
  nameRule: 'subdomain',
  counted: true,
  initialStatus: () => ({ replicas: 0 }),
  defaults: (object) => {
    const { spec, metadata } = object as ReplicationController
    const labels = spec?.template?.metadata?.labels
    const { selector, template, replicas = 1 } = spec ?? {}
    const isNone = (map: object | undefined) => map === undefined || Object.keys(map).length === 0
    return {
      ...object,
      metadata:
        labels !== undefined && isNone(metadata.labels) ? { ...metadata, labels } : metadata,
      spec: {
        ...spec,
        replicas,
        ...(labels !== undefined && isNone(selector) ? { selector: labels } : {}),
        ...(template === undefined ? {} : { template: defaultTemplate(template) }),
      },
    }
  },
  validate: (object) => specErrors((object as ReplicationController).spec),
  fields: (object) => ({
    'status.replicas': String((object as ReplicationController).status?.replicas ?? 0),
  }),
}

function specErrors(spec: ReplicationController['spec']): readonly FieldError[] {
  const { selector = {}, template, replicas, minReadySeconds } = spec
  const at = 'spec.template'
  const labels = template?.metadata?.labels ?? {}
  const isOwn = Object.entries(selector).every(([key, value]) => labels[key] === value)
  return [
    ...nonNegativeErrors(minReadySeconds, 'spec.minReadySeconds'),
    ...(Object.keys(selector).length === 0 ? [fieldError.required('spec.selector')] : []),
    ...nonNegativeErrors(replicas, 'spec.replicas'),
    ...(template === undefined
      ? [fieldError.required(at)]
      : [
          ...(isOwn ? [] : [labelMismatch(template)]),
          ...templateErrors(template, at),
          ...alwaysRestartErrors(template, at, 'ReplicationController'),
        ]),
  ]
}

/** Models pkg/registry/core/podtemplate. */
export const podTemplateStrategy: Strategy = {
  nameRule: 'subdomain',
  counted: true,
  defaults: (object) =>
    Object.assign({}, object, {
      template: defaultTemplate((object as StoredPodTemplate).template),
    }),
  validate: (object) => {
    const { template } = object as StoredPodTemplate
    return template === undefined ? [] : templateErrors(template, 'template')
  },
}
