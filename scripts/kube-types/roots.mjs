/** Schemas of what is served and what requests carry; everything they refer to comes along. */
const api = (group, version, ...kinds) =>
  kinds.map((kind) => `io.k8s.api.${group}.${version}.${kind}`)

export const ROOTS = [
  ...api(
    'core',
    'v1',
    'Binding',
    'ConfigMap',
    'Endpoints',
    'Event',
    'LimitRange',
    'Namespace',
    'Node',
    'PersistentVolume',
    'PersistentVolumeClaim',
    'Pod',
    'PodTemplate',
    'ReplicationController',
    'ResourceQuota',
    'Secret',
    'Service',
    'ServiceAccount',
  ),
  ...api(
    'apps',
    'v1',
    'ControllerRevision',
    'DaemonSet',
    'Deployment',
    'ReplicaSet',
    'StatefulSet',
  ),
  ...api('authentication', 'v1', 'SelfSubjectReview', 'TokenRequest', 'TokenReview'),
  ...api(
    'authorization',
    'v1',
    'LocalSubjectAccessReview',
    'SelfSubjectAccessReview',
    'SelfSubjectRulesReview',
    'SubjectAccessReview',
  ),
  ...api('autoscaling', 'v1', 'HorizontalPodAutoscaler', 'Scale'),
  ...api('autoscaling', 'v2', 'HorizontalPodAutoscaler'),
  ...api('batch', 'v1', 'CronJob', 'Job'),
  ...api('coordination', 'v1', 'Lease'),
  ...api('discovery', 'v1', 'EndpointSlice'),
  ...api('events', 'v1', 'Event'),
  ...api('networking', 'v1', 'Ingress', 'IngressClass', 'NetworkPolicy'),
  ...api('policy', 'v1', 'Eviction', 'PodDisruptionBudget'),
  ...api('rbac', 'v1', 'ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'),
  ...api('scheduling', 'v1', 'PriorityClass'),
  ...api('storage', 'v1', 'StorageClass'),
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition',
]

/** Not objects of their own: bodies of DELETE, answers, patches. */
export const META = ['DeleteOptions', 'ListMeta', 'Patch', 'Status'].map(
  (kind) => `io.k8s.apimachinery.pkg.apis.meta.v1.${kind}`,
)
