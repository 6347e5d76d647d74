import type {
  ClusterRoleBinding,
  HorizontalPodAutoscaler,
  HpaMetric,
  HpaMetricTarget,
  Ingress,
  IngressClass,
  Lease,
  PersistentVolume,
  PersistentVolumeClaim,
  PodDisruptionBudget,
  PriorityClass,
  ResourceQuota,
  RoleBinding,
  StorageClass,
} from '../../../kube/stored-objects.ts'
import { ageColumn, type Column, createdAtColumn, nameColumn } from './column.ts'
import { NONE } from './texts.ts'

const UNSET = '<unset>'

const bindingColumns: readonly Column[] = [
  nameColumn,
  {
    name: 'Role',
    cell: (object) => {
      const { roleRef } = object as RoleBinding | ClusterRoleBinding
      return `${roleRef?.kind ?? ''}/${roleRef?.name ?? ''}`
    },
  },
  ageColumn,
  subjectColumn('Users', 'User'),
  subjectColumn('Groups', 'Group'),
  subjectColumn('ServiceAccounts', 'ServiceAccount'),
]

function subjectColumn(name: string, kind: string): Column {
  return {
    name,
    wide: true,
    cell: (object) =>
      ((object as RoleBinding | ClusterRoleBinding).subjects ?? [])
        .filter((subject) => subject.kind === kind)
        .map((subject) =>
          kind === 'ServiceAccount' && subject.namespace !== undefined
            ? `${subject.namespace}/${subject.name}`
            : (subject.name ?? ''),
        )
        .join(', '),
  }
}

const quotaColumn = (name: string, limits: boolean): Column => ({
  name,
  cell: (object) => {
    const { hard = {}, used = {} } = (object as ResourceQuota).status ?? {}
    return Object.keys(hard)
      .filter((resource) => resource.startsWith('limits') === limits)
      .sort()
      .map((resource) => `${resource}: ${used[resource] ?? '0'}/${hard[resource]}`)
      .join(', ')
  },
})

/** The columns of the kinds that are stored for others to act on: models pkg/printers/internalversion. */
export const storedColumns = {
  ClusterRole: [nameColumn, createdAtColumn],
  ClusterRoleBinding: bindingColumns,
  HorizontalPodAutoscaler: [
    nameColumn,
    {
      name: 'Reference',
      cell: (object) => {
        const target = (object as HorizontalPodAutoscaler).spec?.scaleTargetRef
        return `${target?.kind ?? ''}/${target?.name ?? ''}`
      },
    },
    {
      name: 'Targets',
      cell: (object) => metricsText((object as HorizontalPodAutoscaler).spec?.metrics ?? []),
    },
    {
      name: 'MinPods',
      cell: (object) => String((object as HorizontalPodAutoscaler).spec?.minReplicas ?? UNSET),
    },
    {
      name: 'MaxPods',
      cell: (object) => (object as HorizontalPodAutoscaler).spec?.maxReplicas ?? 0,
    },
    {
      name: 'Replicas',
      cell: (object) => (object as HorizontalPodAutoscaler).status?.currentReplicas ?? 0,
    },
    ageColumn,
  ],
  Ingress: [
    nameColumn,
    { name: 'Class', cell: (object) => (object as Ingress).spec?.ingressClassName ?? NONE },
    { name: 'Hosts', cell: (object) => hostsText(object as Ingress) },
    {
      name: 'Address',
      cell: (object) =>
        ((object as Ingress).status?.loadBalancer?.ingress ?? [])
          .map((entry) => entry.ip ?? entry.hostname ?? '')
          .sort()
          .join(','),
    },
    {
      name: 'Ports',
      cell: (object) => (((object as Ingress).spec?.tls ?? []).length === 0 ? '80' : '80, 443'),
    },
    ageColumn,
  ],
  IngressClass: [
    nameColumn,
    { name: 'Controller', cell: (object) => (object as IngressClass).spec?.controller ?? '' },
    {
      name: 'Parameters',
      cell: (object) => {
        const parameters = (object as IngressClass).spec?.parameters
        if (parameters === undefined) return NONE
        const group = parameters.apiGroup === undefined ? '' : `.${parameters.apiGroup}`
        return `${parameters.kind ?? ''}${group}/${parameters.name ?? ''}`
      },
    },
    ageColumn,
  ],
  Lease: [
    nameColumn,
    { name: 'Holder', cell: (object) => (object as Lease).spec?.holderIdentity ?? '' },
    ageColumn,
  ],
  LimitRange: [nameColumn, createdAtColumn],
  PersistentVolume: [
    nameColumn,
    {
      name: 'Capacity',
      cell: (object) => (object as PersistentVolume).spec?.capacity?.storage ?? '0',
    },
    {
      name: 'Access Modes',
      cell: (object) => modesText((object as PersistentVolume).spec?.accessModes),
    },
    {
      name: 'Reclaim Policy',
      cell: (object) => (object as PersistentVolume).spec?.persistentVolumeReclaimPolicy ?? '',
    },
    {
      name: 'Status',
      cell: (object) =>
        object.metadata.deletionTimestamp === undefined
          ? ((object as PersistentVolume).status?.phase ?? '')
          : 'Terminating',
    },
    {
      name: 'Claim',
      cell: (object) => {
        const claim = (object as PersistentVolume).spec?.claimRef
        return claim === undefined ? '' : `${claim.namespace ?? ''}/${claim.name ?? ''}`
      },
    },
    {
      name: 'StorageClass',
      cell: (object) => (object as PersistentVolume).spec?.storageClassName ?? '',
    },
    {
      name: 'VolumeAttributesClass',
      cell: (object) => (object as PersistentVolume).spec?.volumeAttributesClassName ?? UNSET,
    },
    { name: 'Reason', cell: (object) => (object as PersistentVolume).status?.reason ?? '' },
    ageColumn,
    {
      name: 'VolumeMode',
      wide: true,
      cell: (object) => (object as PersistentVolume).spec?.volumeMode ?? UNSET,
    },
  ],
  PersistentVolumeClaim: [
    nameColumn,
    {
      name: 'Status',
      cell: (object) =>
        object.metadata.deletionTimestamp === undefined
          ? ((object as PersistentVolumeClaim).status?.phase ?? '')
          : 'Terminating',
    },
    { name: 'Volume', cell: (object) => (object as PersistentVolumeClaim).spec?.volumeName ?? '' },
    {
      name: 'Capacity',
      cell: (object) => (object as PersistentVolumeClaim).status?.capacity?.storage ?? '',
    },
    {
      name: 'Access Modes',
      cell: (object) => modesText((object as PersistentVolumeClaim).status?.accessModes),
    },
    {
      name: 'StorageClass',
      cell: (object) => (object as PersistentVolumeClaim).spec?.storageClassName ?? '',
    },
    {
      name: 'VolumeAttributesClass',
      cell: (object) => (object as PersistentVolumeClaim).spec?.volumeAttributesClassName ?? UNSET,
    },
    ageColumn,
    {
      name: 'VolumeMode',
      wide: true,
      cell: (object) => (object as PersistentVolumeClaim).spec?.volumeMode ?? UNSET,
    },
  ],
  PodDisruptionBudget: [
    nameColumn,
    {
      name: 'Min Available',
      cell: (object) => String((object as PodDisruptionBudget).spec?.minAvailable ?? 'N/A'),
    },
    {
      name: 'Max Unavailable',
      cell: (object) => String((object as PodDisruptionBudget).spec?.maxUnavailable ?? 'N/A'),
    },
    {
      name: 'Allowed Disruptions',
      type: 'integer',
      cell: (object) => (object as PodDisruptionBudget).status?.disruptionsAllowed ?? 0,
    },
    ageColumn,
  ],
  PriorityClass: [
    nameColumn,
    { name: 'Value', type: 'integer', cell: (object) => (object as PriorityClass).value ?? 0 },
    {
      name: 'Global-Default',
      type: 'boolean',
      cell: (object) => (object as PriorityClass).globalDefault ?? false,
    },
    ageColumn,
    {
      name: 'PreemptionPolicy',
      cell: (object) => (object as PriorityClass).preemptionPolicy ?? '',
    },
  ],
  ResourceQuota: [nameColumn, ageColumn, quotaColumn('Request', false), quotaColumn('Limit', true)],
  Role: [nameColumn, createdAtColumn],
  RoleBinding: bindingColumns,
  StorageClass: [
    {
      ...nameColumn,
      cell: (object) => {
        const first =
          object.metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true'
        return first ? `${object.metadata.name} (default)` : object.metadata.name
      },
    },
    { name: 'Provisioner', cell: (object) => (object as StorageClass).provisioner ?? '' },
    {
      name: 'ReclaimPolicy',
      cell: (object) => (object as StorageClass).reclaimPolicy ?? 'Delete',
    },
    {
      name: 'VolumeBindingMode',
      cell: (object) => (object as StorageClass).volumeBindingMode ?? 'Immediate',
    },
    {
      name: 'AllowVolumeExpansion',
      cell: (object) => (object as StorageClass).allowVolumeExpansion ?? false,
    },
    ageColumn,
  ],
} satisfies Readonly<Record<string, readonly Column[]>>

const SHORT_MODES: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
}

/** `GetAccessModesAsString`. */
function modesText(modes: readonly string[] | undefined): string {
  return Object.entries(SHORT_MODES)
    .filter(([mode]) => modes?.includes(mode) === true)
    .map(([, short]) => short)
    .join(',')
}

/** `formatHosts`: the first three, then how many more. */
function hostsText(ingress: Ingress): string {
  const rules = ingress.spec?.rules ?? []
  const hosts = rules.map((rule) => rule.host ?? '').filter((host) => host !== '')
  if (hosts.length === 0) return '*'
  const text = hosts.slice(0, 3).join(',')
  return hosts.length >= 3 && rules.length > 3 ? `${text} + ${rules.length - 3} more...` : text
}

/** `formatHPAMetrics` without current values: nothing is measured here. */
function metricsText(metrics: readonly HpaMetric[]): string {
  if (metrics.length === 0) return NONE
  const texts = metrics.map((metric) => {
    switch (metric.type) {
      case 'Resource':
        return resourceText(metric.resource)
      case 'ContainerResource':
        return resourceText(metric.containerResource)
      case 'Pods':
        return `<unknown>/${metric.pods?.target?.averageValue ?? ''}`
      case 'Object':
        return valueText(metric.object?.target)
      case 'External':
        return valueText(metric.external?.target)
      default:
        return '<unknown type>'
    }
  })
  const text = texts.slice(0, 2).join(', ')
  return texts.length > 2 ? `${text} + ${texts.length - 2} more...` : text
}

function resourceText(source: HpaMetric['resource']): string {
  const { averageValue, averageUtilization } = source?.target ?? {}
  const target =
    averageValue ?? (averageUtilization === undefined ? '<auto>' : `${averageUtilization}%`)
  return `${source?.name ?? ''}: <unknown>/${target}`
}

function valueText(target: HpaMetricTarget | undefined): string {
  return target?.averageValue === undefined
    ? `<unknown>/${target?.value ?? ''}`
    : `<unknown>/${target.averageValue} (avg)`
}
