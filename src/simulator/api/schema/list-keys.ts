import type { ListMerge } from './schema.ts'

/**
 * The lists that merge by key, as the API's types mark them: `patch` is `patchMergeKey` of strategic merge patch, `keys` are
 * `listMapKey`s. From k8s.io/api core/v1, apps/v1, meta/v1 types.go. Every other list is replaced whole.
 */
const by = (key: string): ListMerge => ({ patchKey: key, listKeys: [key] })
const SET: ListMerge = { patchKey: '', listKeys: [] }

export const LIST_KEYS: Readonly<Record<string, ListMerge>> = {
  'ObjectMeta.finalizers': SET,
  'ObjectMeta.ownerReferences': by('uid'),
  'PodSpec.containers': by('name'),
  'PodSpec.initContainers': by('name'),
  'PodSpec.ephemeralContainers': by('name'),
  'PodSpec.volumes': by('name'),
  'PodSpec.imagePullSecrets': by('name'),
  'PodSpec.hostAliases': by('ip'),
  'PodSpec.resourceClaims': by('name'),
  'PodSpec.schedulingGates': by('name'),
  'PodSpec.topologySpreadConstraints': {
    patchKey: 'topologyKey',
    listKeys: ['topologyKey', 'whenUnsatisfiable'],
  },
  'Container.ports': { patchKey: 'containerPort', listKeys: ['containerPort', 'protocol'] },
  'Container.env': by('name'),
  'Container.volumeMounts': by('mountPath'),
  'Container.volumeDevices': by('devicePath'),
  'EphemeralContainer.ports': {
    patchKey: 'containerPort',
    listKeys: ['containerPort', 'protocol'],
  },
  'EphemeralContainer.env': by('name'),
  'EphemeralContainer.volumeMounts': by('mountPath'),
  'EphemeralContainer.volumeDevices': by('devicePath'),
  'ResourceRequirements.claims': { listKeys: ['name'] },
  'ProjectedVolumeSource.sources': {},
  'PodStatus.conditions': by('type'),
  'PodStatus.podIPs': by('ip'),
  'PodStatus.hostIPs': { patchKey: 'ip' },
  'ServiceSpec.ports': { patchKey: 'port', listKeys: ['port', 'protocol'] },
  'ServiceStatus.conditions': by('type'),
  'ServiceAccount.secrets': by('name'),
  'NamespaceStatus.conditions': by('type'),
  'NodeStatus.conditions': by('type'),
  'NodeStatus.addresses': by('type'),
  'NodeSpec.podCIDRs': SET,
  'DeploymentStatus.conditions': by('type'),
  'DaemonSetStatus.conditions': by('type'),
  'StatefulSetStatus.conditions': by('type'),
  'JobStatus.conditions': { patchKey: 'type' },
  'CronJobStatus.active': {},
  'PersistentVolumeClaimStatus.conditions': by('type'),
  'PodDisruptionBudgetStatus.conditions': by('type'),
  'HorizontalPodAutoscalerStatus.conditions': by('type'),
  'ReplicaSetStatus.conditions': by('type'),
  'EndpointSlice.endpoints': {},
}
