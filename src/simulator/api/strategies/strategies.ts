import type { KubeEvent, KubeNode, Namespace, NetworkPolicy } from '../../../kube/objects.ts'
import {
  defaultNetworkPolicy,
  networkPolicyWarnings,
  validateNetworkPolicy,
} from '../../../policy/validate.ts'
import type { KindName } from '../../ports.ts'
import { configMapStrategy, secretStrategy } from './config.ts'
import { cronJobStrategy } from './cron-job.ts'
import { customResourceDefinitionStrategy } from './custom-resource-definition.ts'
import { daemonSetStrategy } from './daemon-set.ts'
import { endpointSliceStrategy, endpointsStrategy } from './endpoints.ts'
import { ingressClassStrategy, ingressStrategy } from './ingress.ts'
import { jobStrategy } from './job.ts'
import { podStrategy } from './pod.ts'
import {
  autoscalerStrategy,
  disruptionBudgetStrategy,
  leaseStrategy,
  limitRangeStrategy,
  priorityClassStrategy,
  resourceQuotaStrategy,
} from './policies.ts'
import {
  clusterRoleBindingStrategy,
  clusterRoleStrategy,
  roleBindingStrategy,
  roleStrategy,
} from './rbac.ts'
import { podTemplateStrategy, replicationControllerStrategy } from './replication-controller.ts'
import { serviceStrategy } from './service.ts'
import { controllerRevisionStrategy, statefulSetStrategy } from './stateful-set.ts'
import { claimStrategy, storageClassStrategy, volumeStrategy } from './storage.ts'
import type { Strategy } from './strategy.ts'
import { deploymentStrategy, replicaSetStrategy } from './workload.ts'

const namespaceStrategy: Strategy = {
  nameRule: 'label',
  initialStatus: () => ({ phase: 'Active' }),
  // The server sets this label and restores it: namespace selectors rely on it.
  defaults: (object) => ({
    ...object,
    metadata: {
      ...object.metadata,
      labels: { ...object.metadata.labels, 'kubernetes.io/metadata.name': object.metadata.name },
    },
  }),
  admit: (object) => ({ ...object, spec: { finalizers: ['kubernetes'] } }),
  prepareUpdate: (object, previous) => ({ ...object, spec: (previous as Namespace).spec }),
  fields: (object) => ({ 'status.phase': (object as Namespace).status?.phase ?? '' }),
}

const networkPolicyStrategy: Strategy = {
  nameRule: 'subdomain',
  counted: true,
  defaults: (object) => ({ ...object, ...defaultNetworkPolicy(object as NetworkPolicy) }),
  validate: (object) => validateNetworkPolicy(object as NetworkPolicy),
  warnings: (object) => networkPolicyWarnings(object as NetworkPolicy),
}

const eventStrategy: Strategy = {
  nameRule: 'subdomain',
  fields: (object) => {
    const event = object as KubeEvent
    const involved = event.involvedObject ?? {}
    return {
      'involvedObject.kind': involved.kind ?? '',
      'involvedObject.namespace': involved.namespace ?? '',
      'involvedObject.name': involved.name ?? '',
      'involvedObject.uid': involved.uid ?? '',
      'involvedObject.apiVersion': involved.apiVersion ?? '',
      'involvedObject.resourceVersion': involved.resourceVersion ?? '',
      'involvedObject.fieldPath': involved.fieldPath ?? '',
      reason: event.reason ?? '',
      reportingComponent: event.reportingComponent ?? '',
      source: event.source?.component ?? event.reportingComponent ?? '',
      type: event.type ?? '',
    }
  },
}

const nodeStrategy: Strategy = {
  nameRule: 'subdomain',
  fields: (object) => ({
    'spec.unschedulable': String((object as KubeNode).spec?.unschedulable ?? false),
  }),
}

/** One strategy for each kind; a missing one does not compile. */
export const STRATEGIES: Readonly<Record<KindName, Strategy>> = {
  ClusterRole: clusterRoleStrategy,
  ClusterRoleBinding: clusterRoleBindingStrategy,
  ConfigMap: configMapStrategy,
  ControllerRevision: controllerRevisionStrategy,
  CustomResourceDefinition: customResourceDefinitionStrategy,
  CronJob: cronJobStrategy,
  DaemonSet: daemonSetStrategy,
  Deployment: deploymentStrategy,
  EndpointSlice: endpointSliceStrategy,
  Endpoints: endpointsStrategy,
  Event: eventStrategy,
  HorizontalPodAutoscaler: autoscalerStrategy,
  Ingress: ingressStrategy,
  IngressClass: ingressClassStrategy,
  Job: jobStrategy,
  Lease: leaseStrategy,
  LimitRange: limitRangeStrategy,
  Namespace: namespaceStrategy,
  NetworkPolicy: networkPolicyStrategy,
  Node: nodeStrategy,
  PersistentVolume: volumeStrategy,
  PersistentVolumeClaim: claimStrategy,
  Pod: podStrategy,
  PodDisruptionBudget: disruptionBudgetStrategy,
  PodTemplate: podTemplateStrategy,
  PriorityClass: priorityClassStrategy,
  ReplicaSet: replicaSetStrategy,
  ReplicationController: replicationControllerStrategy,
  ResourceQuota: resourceQuotaStrategy,
  Role: roleStrategy,
  RoleBinding: roleBindingStrategy,
  Secret: secretStrategy,
  Service: serviceStrategy,
  ServiceAccount: { nameRule: 'subdomain' },
  StatefulSet: statefulSetStrategy,
  StorageClass: storageClassStrategy,
}

/** Whether a kind's name is one that the cluster stores. */
export function isKindName(kind: string): kind is KindName {
  return Object.hasOwn(STRATEGIES, kind)
}
