import { matchesSelector } from '../../../kube/label-selector.ts'
import { sameJson } from '../../../kube/same-json.ts'
import type { DaemonSet } from '../../../kube/workload-objects.ts'
import { type FieldError, fieldError } from '../validation/field-error.ts'
import { goIntOrString, goSelector } from '../validation/go-value.ts'
import {
  atMostAllErrors,
  intOrPercentErrors,
  isZero,
  nonNegativeErrors,
} from '../validation/numbers.ts'
import { isEmptySelector, selectorErrors } from '../validation/selector.ts'
import { alwaysRestartErrors, defaultTemplate, templateErrors } from './pod-template.ts'
import type { Strategy } from './strategy.ts'
import { labelMismatch, selectorUpdateErrors } from './workload.ts'

/** Counts the changes of template and strategy; older than controller revisions, and still written. */
const GENERATION = 'deprecated.daemonset.template.generation'

/** Daemon sets: models pkg/registry/apps/daemonset, SetDefaults_DaemonSet and ValidateDaemonSet. */
export const daemonSetStrategy: Strategy = {
  nameRule: 'subdomain',
  counted: true,
  initialStatus: () => ({
    currentNumberScheduled: 0,
    desiredNumberScheduled: 0,
    numberMisscheduled: 0,
    numberReady: 0,
  }),
  defaults: (object) => {
    const { spec } = object as DaemonSet
    const type = spec?.updateStrategy?.type ?? 'RollingUpdate'
    return {
      ...object,
      spec: {
        ...spec,
        updateStrategy:
          type === 'RollingUpdate'
            ? {
                type,
                rollingUpdate: {
                  maxSurge: 0,
                  maxUnavailable: 1,
                  ...spec?.updateStrategy?.rollingUpdate,
                },
              }
            : { ...spec?.updateStrategy, type },
        revisionHistoryLimit: spec?.revisionHistoryLimit ?? 10,
        template: defaultTemplate(spec?.template),
      },
    }
  },
  prepareCreate: (object) => withGeneration(object as DaemonSet, 1),
  prepareUpdate: (object, previous) => {
    const [set, before] = [object as DaemonSet, previous as DaemonSet]
    const count = Number(before.metadata.annotations?.[GENERATION] ?? 1)
    const next = { ...set.spec, template: defaultTemplate(set.spec?.template) }
    const changed =
      !sameJson(next.template, before.spec.template) ||
      (next.updateStrategy !== undefined &&
        !sameJson(next.updateStrategy, before.spec.updateStrategy))
    return withGeneration(set, changed ? count + 1 : count)
  },
  validate: (object) => daemonSetErrors(object as DaemonSet),
  validateUpdate: (object, previous) =>
    selectorUpdateErrors((object as DaemonSet).spec, (previous as DaemonSet).spec),
}

function withGeneration(set: DaemonSet, count: number): DaemonSet {
  return {
    ...set,
    metadata: {
      ...set.metadata,
      annotations: { ...set.metadata.annotations, [GENERATION]: String(count) },
    },
  }
}

function daemonSetErrors({ spec }: DaemonSet): readonly FieldError[] {
  const found: FieldError[] = []
  const { selector, template } = spec
  if (selector !== undefined) found.push(...selectorErrors(selector, 'spec.selector'))
  if (selector === undefined || !matchesSelector(selector, template.metadata?.labels ?? {})) {
    found.push(labelMismatch(template))
  }
  if (selector !== undefined && isEmptySelector(selector)) {
    found.push(
      fieldError.invalid(
        'spec.selector',
        goSelector(selector),
        'empty selector is invalid for daemonset',
      ),
    )
  }
  const at = 'spec.template'
  return [
    ...found,
    ...templateErrors(template, at),
    ...alwaysRestartErrors(template, at, 'DaemonSet'),
    ...nonNegativeErrors(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...strategyErrors(spec),
    ...nonNegativeErrors(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit'),
  ]
}

function strategyErrors({ updateStrategy }: DaemonSet['spec']): readonly FieldError[] {
  const { type, rollingUpdate } = updateStrategy ?? {}
  if (type === 'OnDelete') return []
  if (type !== 'RollingUpdate') {
    return [fieldError.notSupported('spec.updateStrategy', type, ['RollingUpdate', 'OnDelete'])]
  }
  const at = 'spec.updateStrategy.rollingUpdate'
  const { maxSurge, maxUnavailable } = rollingUpdate ?? {}
  const found: FieldError[] = [
    ...intOrPercentErrors(maxUnavailable, `${at}.maxUnavailable`),
    ...atMostAllErrors(maxUnavailable, `${at}.maxUnavailable`),
    ...intOrPercentErrors(maxSurge, `${at}.maxSurge`),
    ...atMostAllErrors(maxSurge, `${at}.maxSurge`),
  ]
  if (!isZero(maxUnavailable) && !isZero(maxSurge)) {
    found.push(
      fieldError.invalid(
        `${at}.maxSurge`,
        goIntOrString(maxSurge ?? 0),
        'may not be set when maxUnavailable is non-zero',
      ),
    )
  }
  if (isZero(maxUnavailable) && isZero(maxSurge)) {
    found.push(fieldError.required(`${at}.maxUnavailable`, 'cannot be 0 when maxSurge is 0'))
  }
  return found
}
