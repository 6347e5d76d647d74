import { dnsSubdomainProblems } from '../../../kube/label-validation.ts'
import type { PodSpec } from '../../../kube/objects.ts'
import { containersErrors, ephemeralContainersErrors, initContainersErrors } from './containers.ts'
import { type FieldError, fieldError } from './field-error.ts'
import { isRecord, numberOf } from './json.ts'
import { labelErrors } from './meta.ts'
import { dnsLabelProblems } from './names.ts'
import { nonNegativeErrors } from './numbers.ts'
import { volumesErrors } from './volumes.ts'

const RESTART_POLICIES = ['Always', 'OnFailure', 'Never']
const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']
const MOST_SECONDS = 2_147_483_647

/**
 * `ValidatePodSpec` for the fields that people write, in Kubernetes' order.
 * @param otherVolumes names that count as volumes beside those of the spec
 */
export function podSpecErrors(
  spec: PodSpec,
  at: string,
  otherVolumes: readonly string[] = [],
): readonly FieldError[] {
  const volumes = new Set<string>()
  const found: FieldError[] = [...volumesErrors(spec.volumes, `${at}.volumes`, volumes)]
  for (const name of otherVolumes) volumes.add(name)
  const names = new Set<string>()
  found.push(...containersErrors(spec.containers, `${at}.containers`, names, volumes))
  found.push(
    ...initContainersErrors(spec.initContainers ?? [], `${at}.initContainers`, names, volumes),
  )
  found.push(
    ...ephemeralContainersErrors(
      spec.ephemeralContainers ?? [],
      `${at}.ephemeralContainers`,
      [...spec.containers, ...(spec.initContainers ?? [])].map(({ name }) => name),
      volumes,
    ),
  )
  found.push(...oneOf(`${at}.restartPolicy`, spec.restartPolicy, RESTART_POLICIES))
  found.push(...oneOf(`${at}.dnsPolicy`, spec.dnsPolicy, DNS_POLICIES))
  if (isRecord(spec.nodeSelector)) {
    const labels = Object.entries(spec.nodeSelector).map(([key, text]) => [key, String(text)])
    found.push(...labelErrors(Object.fromEntries(labels), `${at}.nodeSelector`))
  }
  const account = spec.serviceAccountName ?? ''
  for (const problem of account === '' ? [] : dnsSubdomainProblems(account)) {
    found.push(fieldError.invalid(`${at}.serviceAccountName`, account, problem))
  }
  const node = spec.nodeName ?? ''
  for (const problem of node === '' ? [] : dnsSubdomainProblems(node)) {
    found.push(fieldError.invalid(`${at}.nodeName`, node, problem))
  }
  const deadline = numberOf(spec, 'activeDeadlineSeconds')
  if (deadline !== undefined && (deadline < 1 || deadline > MOST_SECONDS)) {
    found.push(
      fieldError.invalid(
        `${at}.activeDeadlineSeconds`,
        deadline,
        `must be between 1 and ${MOST_SECONDS}, inclusive`,
      ),
    )
  }
  for (const name of ['hostname', 'subdomain'] as const) {
    const value = spec[name] ?? ''
    for (const problem of value === '' ? [] : dnsLabelProblems(value)) {
      found.push(fieldError.invalid(`${at}.${name}`, value, problem))
    }
  }
  found.push(...tolerationErrors(spec.tolerations, `${at}.tolerations`))
  found.push(
    ...nonNegativeErrors(spec.terminationGracePeriodSeconds, `${at}.terminationGracePeriodSeconds`),
  )
  return found
}

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

/** `ValidateTolerations`. */
function tolerationErrors(tolerations: unknown, at: string): readonly FieldError[] {
  const found: FieldError[] = []
  for (const [index, toleration] of (Array.isArray(tolerations) ? tolerations : []).entries()) {
    if (!isRecord(toleration)) continue
    const place = `${at}[${index}]`
    const { key = '', operator = 'Equal', value = '', effect = '' } = toleration
    if (key === '' && operator !== 'Exists') {
      found.push(
        fieldError.invalid(
          `${place}.operator`,
          operator,
          'operator must be Exists when `key` is empty, which means "match all values and all keys"',
        ),
      )
    }
    if (toleration.tolerationSeconds !== undefined && effect !== 'NoExecute') {
      found.push(
        fieldError.invalid(
          `${place}.effect`,
          effect,
          "effect must be 'NoExecute' when `tolerationSeconds` is set",
        ),
      )
    }
    if (operator === 'Exists') {
      if (value !== '') {
        found.push(
          fieldError.invalid(
            `${place}.operator`,
            value,
            "value must be empty when `operator` is 'Exists'",
          ),
        )
      }
    } else if (operator !== 'Equal') {
      found.push(fieldError.notSupported(`${place}.operator`, operator, ['Equal', 'Exists']))
    }
    if (effect !== '' && !EFFECTS.includes(String(effect))) {
      found.push(fieldError.notSupported(`${place}.effect`, effect, EFFECTS))
    }
  }
  return found
}

/** A required choice among words. */
function oneOf(
  field: string,
  value: string | undefined,
  supported: readonly string[],
): readonly FieldError[] {
  if (value === undefined || value === '') return [fieldError.required(field)]
  return supported.includes(value) ? [] : [fieldError.notSupported(field, value, supported)]
}
