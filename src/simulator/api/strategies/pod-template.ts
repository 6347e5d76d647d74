import type { PodTemplate } from '../../../kube/objects.ts'
import { type FieldError, fieldError } from '../validation/field-error.ts'
import { annotationErrors, labelErrors } from '../validation/meta.ts'
import { podSpecErrors } from '../validation/pod-spec.ts'
import { defaultPodSpec } from './pod-defaults.ts'

/** What the server writes into the pod template of a workload. */
export function defaultTemplate(template: PodTemplate | undefined): PodTemplate {
  return {
    ...template,
    metadata: { creationTimestamp: null, ...template?.metadata },
    spec: defaultPodSpec(template?.spec ?? { containers: [] }),
  }
}

/** `ValidatePodTemplateSpec`. `volumes` are names that count as volumes beside those of the template. */
export function templateErrors(
  template: PodTemplate,
  at: string,
  volumes: readonly string[] = [],
): readonly FieldError[] {
  return [
    ...labelErrors(template.metadata?.labels ?? {}, `${at}.labels`),
    ...annotationErrors(template.metadata?.annotations ?? {}, `${at}.annotations`),
    ...podSpecErrors(template.spec, `${at}.spec`, volumes),
  ]
}

/** The rule of every workload but jobs: its pods are started again for ever. `kind` is what the sentence says. */
export function alwaysRestartErrors(
  template: PodTemplate,
  at: string,
  kind: string,
): readonly FieldError[] {
  const { restartPolicy, activeDeadlineSeconds } = template.spec
  return [
    ...(restartPolicy === 'Always'
      ? []
      : [fieldError.notSupported(`${at}.spec.restartPolicy`, restartPolicy, ['Always'])]),
    ...(activeDeadlineSeconds === undefined
      ? []
      : [
          fieldError.forbidden(
            `${at}.spec.activeDeadlineSeconds`,
            `activeDeadlineSeconds in ${kind} is not Supported`,
          ),
        ]),
  ]
}
