import type { KubeObject, LabelSelector, WorkloadCondition } from './objects.ts'

/**
 * Kinds that a cluster stores for others to act on (volumes, ingresses, roles, budgets, quotas), as plain data: k8s.io/api
 * core/v1, networking/v1, rbac/v1, policy/v1, autoscaling/v2, scheduling/v1, storage/v1, coordination/v1. Only the fields that
 * some part of the lab uses are typed.
 */
export interface PersistentVolumeClaim extends KubeObject {
  kind: 'PersistentVolumeClaim'
  spec?: {
    accessModes?: string[]
    resources?: { requests?: Record<string, string>; limits?: Record<string, string> }
    storageClassName?: string
    volumeAttributesClassName?: string
    volumeMode?: string
    volumeName?: string
    selector?: LabelSelector
  }
  status?: {
    phase?: string
    accessModes?: string[]
    capacity?: Record<string, string>
  }
}

export interface PersistentVolume extends KubeObject {
  kind: 'PersistentVolume'
  spec?: {
    accessModes?: string[]
    capacity?: Record<string, string>
    claimRef?: { name?: string; namespace?: string }
    persistentVolumeReclaimPolicy?: string
    storageClassName?: string
    volumeAttributesClassName?: string
    volumeMode?: string
    [source: string]: unknown
  }
  status?: { phase?: string; reason?: string }
}

export interface IngressBackend {
  service?: { name?: string; port?: { name?: string; number?: number } }
  resource?: { apiGroup?: string; kind?: string; name?: string }
}

export interface Ingress extends KubeObject {
  kind: 'Ingress'
  spec?: {
    ingressClassName?: string
    defaultBackend?: IngressBackend
    tls?: { hosts?: string[]; secretName?: string }[]
    rules?: {
      host?: string
      http?: { paths?: { path?: string; pathType?: string; backend?: IngressBackend }[] }
    }[]
  }
  status?: { loadBalancer?: { ingress?: { ip?: string; hostname?: string }[] } }
}

export interface IngressClass extends KubeObject {
  kind: 'IngressClass'
  spec?: {
    controller?: string
    parameters?: {
      apiGroup?: string
      kind?: string
      name?: string
      namespace?: string
      scope?: string
    }
  }
}

export interface PolicyRule {
  verbs?: string[]
  apiGroups?: string[]
  resources?: string[]
  resourceNames?: string[]
  nonResourceURLs?: string[]
}

export interface Role extends KubeObject {
  kind: 'Role'
  rules?: PolicyRule[]
}

export interface ClusterRole extends KubeObject {
  kind: 'ClusterRole'
  rules?: PolicyRule[]
  aggregationRule?: { clusterRoleSelectors?: LabelSelector[] }
}

export interface RbacSubject {
  kind?: string
  apiGroup?: string
  name?: string
  namespace?: string
}

interface Binding extends KubeObject {
  roleRef?: { apiGroup?: string; kind?: string; name?: string }
  subjects?: RbacSubject[]
}

export interface RoleBinding extends Binding {
  kind: 'RoleBinding'
}

export interface ClusterRoleBinding extends Binding {
  kind: 'ClusterRoleBinding'
}

export interface PodDisruptionBudget extends KubeObject {
  kind: 'PodDisruptionBudget'
  spec?: {
    minAvailable?: number | string
    maxUnavailable?: number | string
    selector?: LabelSelector
    unhealthyPodEvictionPolicy?: string
  }
  status?: {
    observedGeneration?: number
    currentHealthy?: number
    desiredHealthy?: number
    disruptionsAllowed?: number
    expectedPods?: number
    conditions?: {
      type: string
      status: string
      reason: string
      message: string
      lastTransitionTime: string
      observedGeneration?: number
    }[]
  }
}

export interface HpaMetricTarget {
  type?: string
  averageUtilization?: number
  averageValue?: string
  value?: string
}

export interface HpaMetric {
  type?: string
  resource?: { name?: string; target?: HpaMetricTarget }
  containerResource?: { name?: string; target?: HpaMetricTarget }
  pods?: { metric?: { name?: string }; target?: HpaMetricTarget }
  object?: { metric?: { name?: string }; target?: HpaMetricTarget }
  external?: { metric?: { name?: string }; target?: HpaMetricTarget }
}

export interface HorizontalPodAutoscaler extends KubeObject {
  kind: 'HorizontalPodAutoscaler'
  spec?: {
    scaleTargetRef?: { apiVersion?: string; kind?: string; name?: string }
    minReplicas?: number
    maxReplicas?: number
    metrics?: HpaMetric[]
  }
  status?: {
    currentReplicas?: number
    desiredReplicas?: number
    lastScaleTime?: string
    conditions?: WorkloadCondition[]
  }
}

/** Which pods a quota counts. */
export interface QuotaScope {
  scopeName?: string
  operator?: string
  values?: string[]
}

export interface ResourceQuota extends KubeObject {
  kind: 'ResourceQuota'
  spec?: {
    hard?: Record<string, string>
    scopes?: string[]
    scopeSelector?: { matchExpressions?: QuotaScope[] }
  }
  status?: { hard?: Record<string, string>; used?: Record<string, string> }
}

export interface LimitRangeItem {
  type?: string
  min?: Record<string, string>
  max?: Record<string, string>
  default?: Record<string, string>
  defaultRequest?: Record<string, string>
  maxLimitRequestRatio?: Record<string, string>
}

export interface LimitRange extends KubeObject {
  kind: 'LimitRange'
  spec?: { limits?: LimitRangeItem[] }
}

export interface PriorityClass extends KubeObject {
  kind: 'PriorityClass'
  value?: number
  globalDefault?: boolean
  preemptionPolicy?: string
  description?: string
}

export interface StorageClass extends KubeObject {
  kind: 'StorageClass'
  provisioner?: string
  reclaimPolicy?: string
  volumeBindingMode?: string
  allowVolumeExpansion?: boolean
  parameters?: Record<string, string>
}

export interface Lease extends KubeObject {
  kind: 'Lease'
  spec?: {
    holderIdentity?: string
    leaseDurationSeconds?: number
    acquireTime?: string
    renewTime?: string
  }
}
