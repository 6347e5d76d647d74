import type {
  KubeObject,
  LabelSelector,
  ObjectMeta,
  PodTemplate,
  ReplicaSet,
  TemplateMeta,
  WorkloadCondition,
} from './objects.ts'
import type { PersistentVolumeClaim } from './stored-objects.ts'

/**
 * The workloads beside deployments and replica sets, as plain data: k8s.io/api apps/v1 and batch/v1. Only the fields that
 * some part of the lab uses are typed.
 */
/** What each pod of a stateful set gets a claim from. */
export interface ClaimTemplate extends Omit<PersistentVolumeClaim, 'metadata'> {
  metadata: TemplateMeta & { name: string }
}

export interface StatefulSet extends KubeObject {
  kind: 'StatefulSet'
  spec: {
    replicas?: number
    selector: LabelSelector
    template: PodTemplate
    serviceName?: string
    podManagementPolicy?: 'OrderedReady' | 'Parallel'
    updateStrategy?: {
      type?: 'RollingUpdate' | 'OnDelete'
      rollingUpdate?: { partition?: number; maxUnavailable?: number | string }
    }
    ordinals?: { start?: number }
    volumeClaimTemplates?: ClaimTemplate[]
    persistentVolumeClaimRetentionPolicy?: { whenDeleted?: string; whenScaled?: string }
    minReadySeconds?: number
    revisionHistoryLimit?: number
  }
  status?: {
    observedGeneration?: number
    replicas?: number
    readyReplicas?: number
    currentReplicas?: number
    updatedReplicas?: number
    availableReplicas?: number
    currentRevision?: string
    updateRevision?: string
    collisionCount?: number
  }
}

export interface DaemonSet extends KubeObject {
  kind: 'DaemonSet'
  spec: {
    selector: LabelSelector
    template: PodTemplate
    updateStrategy?: {
      type?: 'RollingUpdate' | 'OnDelete'
      rollingUpdate?: { maxSurge?: number | string; maxUnavailable?: number | string }
    }
    minReadySeconds?: number
    revisionHistoryLimit?: number
  }
  status?: {
    observedGeneration?: number
    currentNumberScheduled?: number
    desiredNumberScheduled?: number
    numberMisscheduled?: number
    numberReady?: number
    numberAvailable?: number
    numberUnavailable?: number
    updatedNumberScheduled?: number
  }
}

/** A state that a set had: what `kubectl rollout history` and `undo` read. */
export interface ControllerRevision extends KubeObject {
  kind: 'ControllerRevision'
  data?: unknown
  revision: number
}

/** What a failed pod of a job means, by its exit code or its conditions. */
export interface PodFailureRule {
  action?: string
  onExitCodes?: { containerName?: string; operator?: string; values?: number[] }
  onPodConditions?: { type?: string; status?: string }[]
}

/** What is enough of an indexed job. */
export interface SuccessRule {
  succeededIndexes?: string
  succeededCount?: number
}

export interface JobSpec {
  parallelism?: number
  completions?: number
  completionMode?: 'NonIndexed' | 'Indexed'
  backoffLimit?: number
  backoffLimitPerIndex?: number
  maxFailedIndexes?: number
  activeDeadlineSeconds?: number
  ttlSecondsAfterFinished?: number
  suspend?: boolean
  manualSelector?: boolean
  selector?: LabelSelector
  podReplacementPolicy?: string
  podFailurePolicy?: { rules?: PodFailureRule[] }
  successPolicy?: { rules?: SuccessRule[] }
  /** Who runs the job, where it is not Kubernetes. */
  managedBy?: string
  template: PodTemplate
}

export interface JobCondition extends WorkloadCondition {
  lastProbeTime?: string
}

export interface Job extends KubeObject {
  kind: 'Job'
  spec: JobSpec
  status?: {
    active?: number
    ready?: number
    terminating?: number
    succeeded?: number
    failed?: number
    completedIndexes?: string
    failedIndexes?: string
    startTime?: string
    completionTime?: string
    uncountedTerminatedPods?: { succeeded?: string[]; failed?: string[] }
    conditions?: JobCondition[]
  }
}

export interface CronJob extends KubeObject {
  kind: 'CronJob'
  spec: {
    schedule: string
    timeZone?: string
    startingDeadlineSeconds?: number
    concurrencyPolicy?: 'Allow' | 'Forbid' | 'Replace'
    suspend?: boolean
    successfulJobsHistoryLimit?: number
    failedJobsHistoryLimit?: number
    jobTemplate: { metadata?: Partial<ObjectMeta>; spec: JobSpec }
  }
  status?: {
    active?: {
      apiVersion?: string
      kind?: string
      name?: string
      namespace?: string
      uid?: string
      resourceVersion?: string
    }[]
    lastScheduleTime?: string
    lastSuccessfulTime?: string
  }
}

/** A template by itself: `kind: PodTemplate`. */
export interface StoredPodTemplate extends KubeObject {
  kind: 'PodTemplate'
  template?: PodTemplate
}

/** What replica sets were before they had a selector with expressions. */
export interface ReplicationController extends KubeObject {
  kind: 'ReplicationController'
  spec: {
    replicas?: number
    selector?: Record<string, string>
    template?: PodTemplate
    minReadySeconds?: number
  }
  status?: NonNullable<ReplicaSet['status']>
}
