import { matchesSelector } from '../../../kube/label-selector.ts'
import type { KubeObject } from '../../../kube/objects.ts'
import { sameJson } from '../../../kube/same-json.ts'
import type {
  ClaimTemplate,
  ControllerRevision,
  StatefulSet,
} from '../../../kube/workload-objects.ts'
import { type FieldError, fieldError } from '../validation/field-error.ts'
import { goSelector } from '../validation/go-value.ts'
import { nonNegativeErrors } from '../validation/numbers.ts'
import { isEmptySelector, selectorErrors } from '../validation/selector.ts'
import { alwaysRestartErrors, defaultTemplate, templateErrors } from './pod-template.ts'
import type { Strategy } from './strategy.ts'
import { labelMismatch } from './workload.ts'

/** Stateful sets: models pkg/registry/apps/statefulset, SetDefaults_StatefulSet and ValidateStatefulSet. */
export const statefulSetStrategy: Strategy = {
  nameRule: 'subdomain',
  counted: true,
  initialStatus: () => ({ replicas: 0, availableReplicas: 0 }),
  defaults: (object) => {
    const set = object as StatefulSet
    const { spec } = set
    const type = spec?.updateStrategy?.type ?? 'RollingUpdate'
    return {
      ...object,
      spec: {
        ...spec,
        replicas: spec?.replicas ?? 1,
        serviceName: spec?.serviceName ?? '',
        podManagementPolicy: spec?.podManagementPolicy ?? 'OrderedReady',
        updateStrategy:
          type === 'RollingUpdate'
            ? { type, rollingUpdate: { partition: 0, ...spec?.updateStrategy?.rollingUpdate } }
            : { ...spec?.updateStrategy, type },
        persistentVolumeClaimRetentionPolicy: {
          whenDeleted: 'Retain',
          whenScaled: 'Retain',
          ...spec?.persistentVolumeClaimRetentionPolicy,
        },
        revisionHistoryLimit: spec?.revisionHistoryLimit ?? 10,
        ...(spec?.volumeClaimTemplates === undefined
          ? {}
          : { volumeClaimTemplates: spec.volumeClaimTemplates.map(defaultClaimTemplate) }),
        template: defaultTemplate(spec?.template),
      },
    }
  },
  validate: (object) => statefulSetErrors(object as StatefulSet),
  validateUpdate: (object, previous) =>
    updateErrors(object as StatefulSet, previous as StatefulSet),
}

/** Controller revisions: models pkg/registry/apps/controllerrevision. */
export const controllerRevisionStrategy: Strategy = {
  nameRule: 'subdomain',
  validate: (object) => {
    const { data, revision } = object as ControllerRevision
    return [
      ...(data === undefined ? [fieldError.required('data', 'data is mandatory')] : []),
      ...nonNegativeErrors(revision, 'revision'),
    ]
  },
  validateUpdate: (object, previous) =>
    sameJson((object as ControllerRevision).data, (previous as ControllerRevision).data)
      ? []
      : [fieldError.invalid('data', (object as ControllerRevision).data, 'field is immutable')],
}

function defaultClaimTemplate(claim: ClaimTemplate): ClaimTemplate {
  return {
    ...claim,
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { creationTimestamp: null, ...claim.metadata },
    spec: { ...claim.spec, volumeMode: claim.spec?.volumeMode ?? 'Filesystem' },
    status: { ...claim.status, phase: claim.status?.phase ?? 'Pending' },
  }
}

function statefulSetErrors({ spec }: StatefulSet): readonly FieldError[] {
  const found: FieldError[] = []
  const { selector, template } = spec
  if (!['OrderedReady', 'Parallel'].includes(spec.podManagementPolicy ?? '')) {
    found.push(
      fieldError.invalid(
        'spec.podManagementPolicy',
        spec.podManagementPolicy,
        "must be 'OrderedReady' or 'Parallel'",
      ),
    )
  }
  found.push(...strategyErrors(spec))
  for (const field of ['whenDeleted', 'whenScaled'] as const) {
    const value = spec.persistentVolumeClaimRetentionPolicy?.[field]
    if (value !== 'Retain' && value !== 'Delete') {
      found.push(
        fieldError.notSupported(`spec.persistentVolumeClaimRetentionPolicy.${field}`, value, [
          'Retain',
          'Delete',
        ]),
      )
    }
  }
  found.push(...nonNegativeErrors(spec.replicas, 'spec.replicas'))
  found.push(...nonNegativeErrors(spec.minReadySeconds, 'spec.minReadySeconds'))
  found.push(...nonNegativeErrors(spec.ordinals?.start, 'spec.ordinals.start'))
  if (selector === undefined) found.push(fieldError.required('spec.selector'))
  else {
    found.push(...selectorErrors(selector, 'spec.selector'))
    if (isEmptySelector(selector)) {
      found.push(
        fieldError.invalid(
          'spec.selector',
          goSelector(selector),
          'empty selector is invalid for statefulset',
        ),
      )
    } else if (!matchesSelector(selector, template.metadata?.labels ?? {})) {
      found.push(labelMismatch(template))
    }
  }
  const at = 'spec.template'
  const claims = (spec.volumeClaimTemplates ?? []).map((claim) => claim.metadata?.name ?? '')
  found.push(...templateErrors(template, at, claims))
  found.push(...alwaysRestartErrors(template, at, 'StatefulSet'))
  return found
}

function strategyErrors({ updateStrategy }: StatefulSet['spec']): readonly FieldError[] {
  const at = 'spec.updateStrategy'
  const { type, rollingUpdate } = updateStrategy ?? {}
  if (type === 'RollingUpdate') {
    return nonNegativeErrors(rollingUpdate?.partition, `${at}.rollingUpdate.partition`)
  }
  if (type !== 'OnDelete') {
    return [fieldError.invalid(at, updateStrategy, "must be 'RollingUpdate' or 'OnDelete'")]
  }
  return rollingUpdate === undefined
    ? []
    : [
        fieldError.invalid(
          `${at}.rollingUpdate`,
          rollingUpdate,
          "only allowed for updateStrategy 'RollingUpdate'",
        ),
      ]
}

const UPDATE_RULE =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
const MUTABLE = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
]

function updateErrors(set: StatefulSet, previous: StatefulSet): readonly FieldError[] {
  const fixed = (object: KubeObject & { spec: object }) =>
    Object.fromEntries(Object.entries(object.spec).filter(([field]) => !MUTABLE.includes(field)))
  return sameJson(fixed(set), fixed(previous)) ? [] : [fieldError.forbidden('spec', UPDATE_RULE)]
}
