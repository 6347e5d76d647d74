import { isLess } from '../../../kube/pod-resources.ts'
import type {
  HorizontalPodAutoscaler,
  LimitRange,
  LimitRangeItem,
  PodDisruptionBudget,
  PriorityClass,
  ResourceQuota,
} from '../../../kube/stored-objects.ts'
import { type FieldError, fieldError } from '../validation/field-error.ts'
import { immutableErrors } from '../validation/meta.ts'
import { atMostAllErrors, intOrPercentErrors } from '../validation/numbers.ts'
import { selectorErrors } from '../validation/selector.ts'
import type { Strategy } from './strategy.ts'

/** Disruption budgets: models pkg/registry/policy and ValidatePodDisruptionBudget. */
export const disruptionBudgetStrategy: Strategy = {
  nameRule: 'subdomain',
  counted: true,
  initialStatus: () => ({
    currentHealthy: 0,
    desiredHealthy: 0,
    disruptionsAllowed: 0,
    expectedPods: 0,
  }),
  validate: (object) => {
    const { spec = {} } = object as PodDisruptionBudget
    const found: FieldError[] = []
    if (spec.minAvailable !== undefined && spec.maxUnavailable !== undefined) {
      found.push(
        fieldError.invalid('spec', spec, 'minAvailable and maxUnavailable cannot be both set'),
      )
    }
    for (const field of ['minAvailable', 'maxUnavailable'] as const) {
      found.push(...intOrPercentErrors(spec[field], `spec.${field}`))
      found.push(...atMostAllErrors(spec[field], `spec.${field}`))
    }
    const policies = ['AlwaysAllow', 'IfHealthyBudget']
    const policy = spec.unhealthyPodEvictionPolicy
    if (policy !== undefined && !policies.includes(policy)) {
      found.push(fieldError.notSupported('spec.unhealthyPodEvictionPolicy', policy, policies))
    }
    return spec.selector === undefined
      ? found
      : [...found, ...selectorErrors(spec.selector, 'spec.selector')]
  },
}

/** Autoscalers, which are stored and never scale: models SetDefaults and ValidateHorizontalPodAutoscaler. */
export const autoscalerStrategy: Strategy = {
  nameRule: 'subdomain',
  initialStatus: () => ({ currentMetrics: null, desiredReplicas: 0 }),
  defaults: (object) => {
    const { spec } = object as HorizontalPodAutoscaler
    const metrics = spec?.metrics ?? []
    return {
      ...object,
      spec: {
        ...spec,
        minReplicas: spec?.minReplicas ?? 1,
        metrics:
          metrics.length > 0
            ? metrics
            : [
                {
                  type: 'Resource',
                  resource: {
                    name: 'cpu',
                    target: { type: 'Utilization', averageUtilization: 80 },
                  },
                },
              ],
      },
    }
  },
  validate: (object) => {
    const { spec = {} } = object as HorizontalPodAutoscaler
    const { minReplicas = 1, maxReplicas = 0, scaleTargetRef = {} } = spec
    const found: FieldError[] = []
    if (minReplicas < 1) {
      found.push(
        fieldError.invalid('spec.minReplicas', minReplicas, 'must be greater than or equal to 1'),
      )
    }
    if (maxReplicas < 1) {
      found.push(fieldError.invalid('spec.maxReplicas', maxReplicas, 'must be greater than 0'))
    }
    if (maxReplicas < minReplicas) {
      found.push(
        fieldError.invalid(
          'spec.maxReplicas',
          maxReplicas,
          'must be greater than or equal to `minReplicas`',
        ),
      )
    }
    for (const field of ['kind', 'name'] as const) {
      if ((scaleTargetRef[field] ?? '') === '') {
        found.push(fieldError.required(`spec.scaleTargetRef.${field}`))
      }
    }
    return found
  },
}

/** Quotas: models ValidateResourceQuota. */
export const resourceQuotaStrategy: Strategy = {
  nameRule: 'subdomain',
  initialStatus: () => ({}),
  validate: (object) =>
    Object.entries((object as ResourceQuota).spec?.hard ?? {}).flatMap(([name, value]) =>
      String(value).startsWith('-')
        ? [fieldError.invalid(`spec.hard[${name}]`, value, 'must be greater than or equal to 0')]
        : [],
    ),
}

/** Limits for namespaces: models SetDefaults_LimitRangeItem and ValidateLimitRange. */
export const limitRangeStrategy: Strategy = {
  nameRule: 'subdomain',
  defaults: (object) => {
    const { spec } = object as LimitRange
    return { ...object, spec: { ...spec, limits: (spec?.limits ?? []).map(defaultLimits) } }
  },
  validate: (object) => {
    const seen = new Set<string>()
    return ((object as LimitRange).spec?.limits ?? []).flatMap((item, index) => {
      const { type = '' } = item
      const at = `spec.limits[${index}]`
      if (type === '') return [fieldError.required(`${at}.type`)]
      const again = seen.has(type)
      seen.add(type)
      return again ? [fieldError.duplicate(`${at}.type`, type)] : orderErrors(item, at)
    })
  },
}

/** What a container gets that names nothing follows from what it may have. */
function defaultLimits(item: LimitRangeItem): LimitRangeItem {
  if (item.type !== 'Container') return item
  const limits = { ...item.max, ...item.default }
  const requests = { ...item.min, ...limits, ...item.defaultRequest }
  return {
    ...item,
    ...(Object.keys(limits).length === 0 ? {} : { default: limits }),
    ...(Object.keys(requests).length === 0 ? {} : { defaultRequest: requests }),
  }
}

/** The amounts of one item, least first, as they must not overtake each other. */
function orderErrors(item: LimitRangeItem, at: string): readonly FieldError[] {
  const { min = {}, max = {}, default: limit = {}, defaultRequest: request = {} } = item
  const names = [...new Set([min, max, limit, request].flatMap((list) => Object.keys(list)))]
  const rules = [
    { low: min, lowText: 'min', high: max, highText: 'max', field: 'min', shown: min },
    {
      low: min,
      lowText: 'min',
      high: request,
      highText: 'default request',
      field: 'defaultRequest',
      shown: request,
    },
    {
      low: request,
      lowText: 'default request',
      high: max,
      highText: 'max',
      field: 'defaultRequest',
      shown: request,
    },
    {
      low: request,
      lowText: 'default request',
      high: limit,
      highText: 'default limit',
      field: 'defaultRequest',
      shown: request,
    },
    { low: min, lowText: 'min', high: limit, highText: 'default', field: 'default', shown: min },
    { low: limit, lowText: 'default', high: max, highText: 'max', field: 'default', shown: max },
  ]
  return names.sort().flatMap((name) =>
    rules.flatMap(({ low, lowText, high, highText, field, shown }) => {
      const [less, more] = [low[name], high[name]]
      if (less === undefined || more === undefined || !isLess(more, less)) return []
      const why = `${lowText} value ${less} is greater than ${highText} value ${more}`
      return [fieldError.invalid(`${at}.${field}[${name}]`, shown[name], why)]
    }),
  )
}

const HIGHEST = 1_000_000_000

function isSystemPriority(name: string): boolean {
  return name === 'system-node-critical' || name === 'system-cluster-critical'
}

/** Priority classes: models pkg/registry/scheduling/priorityclass. */
export const priorityClassStrategy: Strategy = {
  nameRule: 'subdomain',
  protectedBecause: ({ metadata }) =>
    isSystemPriority(metadata.name)
      ? 'this is a system priority class and cannot be deleted'
      : undefined,
  counted: true,
  defaults: (object) => ({
    ...object,
    value: (object as PriorityClass).value ?? 0,
    preemptionPolicy: (object as PriorityClass).preemptionPolicy ?? 'PreemptLowerPriority',
  }),
  validate: (object) => {
    const { value = 0, preemptionPolicy } = object as PriorityClass
    const { name } = object.metadata
    const policies = ['Never', 'PreemptLowerPriority']
    const system = isSystemPriority(name)
    return [
      ...(name.startsWith('system-') && !system
        ? [
            fieldError.forbidden(
              'metadata.name',
              'priority class names with `system-` prefix are reserved for system use only. error: ' +
                `${name} is not a known system priority class`,
            ),
          ]
        : []),
      ...(!system && value > HIGHEST
        ? [
            fieldError.forbidden(
              'value',
              `maximum allowed value of a user defined priority is ${HIGHEST}`,
            ),
          ]
        : []),
      ...(policies.includes(preemptionPolicy ?? '')
        ? []
        : [fieldError.notSupported('preemptionPolicy', preemptionPolicy, policies)]),
    ]
  },
  validateUpdate: (object, previous) => {
    const [next, before] = [object as PriorityClass, previous as PriorityClass]
    return [
      ...(next.value === before.value
        ? []
        : [fieldError.forbidden('value', 'may not be changed in an update.')]),
      ...immutableErrors('preemptionPolicy', next.preemptionPolicy, before.preemptionPolicy),
    ]
  },
}

/** Leases: models ValidateLease. */
export const leaseStrategy: Strategy = {
  nameRule: 'subdomain',
  validate: (object) => {
    const spec: unknown = Reflect.get(object, 'spec')
    const seconds: unknown =
      typeof spec === 'object' && spec !== null
        ? Reflect.get(spec, 'leaseDurationSeconds')
        : undefined
    return typeof seconds === 'number' && seconds <= 0
      ? [fieldError.invalid('spec.leaseDurationSeconds', seconds, 'must be greater than 0')]
      : []
  },
}
