import type {
  Deployment,
  EndpointSlice,
  Endpoints,
  KubeEvent,
  KubeNode,
  Namespace,
  NetworkPolicy,
  ReplicaSet,
  Service,
} from '../../../kube/objects.ts'
import type { KindName } from '../../ports.ts'
import { ageColumn, ageOf, type Column, createdAtColumn, nameColumn } from './column.ts'
import { podColumns } from './pod-columns.ts'
import { storedColumns } from './stored-columns.ts'
import { containerColumns, mapText, NONE, selectorText } from './texts.ts'
import { workloadColumns } from './workload-columns.ts'

const contentColumns = (field: string): Column => ({
  name: 'Data',
  type: 'integer',
  cell: (object) => {
    const count = (name: string) => {
      const value: unknown = Reflect.get(object, name)
      return typeof value === 'object' && value !== null ? Object.keys(value).length : 0
    }
    return count(field) + count('binaryData')
  },
})

function externalIp(service: Service): string {
  switch (service.spec.type) {
    case 'LoadBalancer':
      return (
        service.status?.loadBalancer?.ingress?.map((entry) => entry.ip ?? '').join(',') ||
        '<pending>'
      )
    case 'ExternalName':
      return service.spec.externalName ?? NONE
    default:
      return NONE
  }
}

function portsText(service: Service): string {
  const ports = service.spec.ports ?? []
  if (ports.length === 0) return NONE
  return ports
    .map((port) =>
      port.nodePort === undefined
        ? `${port.port}/${port.protocol}`
        : `${port.port}:${port.nodePort}/${port.protocol}`,
    )
    .join(',')
}

/** `formatEndpoints`: the first three addresses, then how many more. */
function endpointsText(endpoints: Endpoints): string {
  const all = (endpoints.subsets ?? []).flatMap((subset) => {
    const addresses = subset.addresses ?? []
    return subset.ports === undefined || subset.ports.length === 0
      ? addresses.map((address) => address.ip)
      : subset.ports.flatMap((port) => addresses.map((address) => `${address.ip}:${port.port}`))
  })
  if (all.length === 0) return NONE
  return all.length > 3 ? `${all.slice(0, 3).join(',')} + ${all.length - 3} more...` : all.join(',')
}

function shortList(values: readonly string[]): string {
  if (values.length === 0) return '<unset>'
  return values.length > 3
    ? `${values.slice(0, 3).join(',')} + ${values.length - 3} more...`
    : values.join(',')
}

function nodeStatus(node: KubeNode): string {
  const ready = node.status?.conditions?.find((condition) => condition.type === 'Ready')
  const words = [ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady']
  if (node.spec.unschedulable === true) words.push('SchedulingDisabled')
  return words.join(',')
}

const ROLE_LABEL = 'node-role.kubernetes.io/'

function addressOf(node: KubeNode, type: string): string {
  return node.status?.addresses?.find((entry) => entry.type === type)?.address ?? NONE
}

/** The columns of every kind; a missing one does not compile. */
export const COLUMNS: Readonly<Record<KindName, readonly Column[]>> = {
  ...workloadColumns,
  ...storedColumns,
  CustomResourceDefinition: [nameColumn, createdAtColumn],
  ConfigMap: [nameColumn, contentColumns('data'), ageColumn],
  Deployment: [
    nameColumn,
    {
      name: 'Ready',
      cell: (object) => {
        const { spec, status } = object as Deployment
        return `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`
      },
    },
    {
      name: 'Up-to-date',
      type: 'integer',
      cell: (object) => (object as Deployment).status?.updatedReplicas ?? 0,
    },
    {
      name: 'Available',
      type: 'integer',
      cell: (object) => (object as Deployment).status?.availableReplicas ?? 0,
    },
    ageColumn,
    ...containerColumns((object) => (object as Deployment).spec.template.spec),
    {
      name: 'Selector',
      wide: true,
      cell: (object) => selectorText((object as Deployment).spec.selector),
    },
  ],
  EndpointSlice: [
    nameColumn,
    { name: 'AddressType', cell: (object) => (object as EndpointSlice).addressType },
    {
      name: 'Ports',
      cell: (object) =>
        shortList(((object as EndpointSlice).ports ?? []).map((port) => String(port.port ?? '*'))),
    },
    {
      name: 'Endpoints',
      cell: (object) =>
        shortList(((object as EndpointSlice).endpoints ?? []).flatMap((entry) => entry.addresses)),
    },
    ageColumn,
  ],
  Endpoints: [
    nameColumn,
    { name: 'Endpoints', cell: (object) => endpointsText(object as Endpoints) },
    ageColumn,
  ],
  Event: [
    {
      name: 'Last Seen',
      cell: (object, now) => {
        const event = object as KubeEvent
        return ageOf(event.lastTimestamp ?? event.firstTimestamp ?? event.eventTime, now)
      },
    },
    { name: 'Type', cell: (object) => (object as KubeEvent).type ?? '' },
    { name: 'Reason', cell: (object) => (object as KubeEvent).reason ?? '' },
    {
      name: 'Object',
      cell: (object) => {
        const { kind, name } = (object as KubeEvent).involvedObject ?? {}
        return `${(kind ?? '').toLowerCase()}/${name ?? ''}`
      },
    },
    {
      name: 'Subobject',
      wide: true,
      cell: (object) => (object as KubeEvent).involvedObject?.fieldPath ?? '',
    },
    {
      name: 'Source',
      wide: true,
      cell: (object) => {
        const { source, reportingComponent } = object as KubeEvent
        return [source?.component ?? reportingComponent ?? '', source?.host ?? '']
          .filter((part) => part !== '')
          .join(', ')
      },
    },
    { name: 'Message', cell: (object) => ((object as KubeEvent).message ?? '').trim() },
    {
      name: 'First Seen',
      wide: true,
      cell: (object, now) => ageOf((object as KubeEvent).firstTimestamp, now),
    },
    {
      name: 'Count',
      type: 'integer',
      wide: true,
      cell: (object) => (object as KubeEvent).count ?? 1,
    },
    { ...nameColumn, wide: true },
  ],
  Namespace: [
    nameColumn,
    { name: 'Status', cell: (object) => (object as Namespace).status?.phase ?? '' },
    ageColumn,
  ],
  NetworkPolicy: [
    nameColumn,
    {
      name: 'Pod-Selector',
      cell: (object) => selectorText((object as NetworkPolicy).spec.podSelector),
    },
    ageColumn,
  ],
  Node: [
    nameColumn,
    { name: 'Status', cell: (object) => nodeStatus(object as KubeNode) },
    {
      name: 'Roles',
      cell: (object) =>
        Object.keys(object.metadata.labels ?? {})
          .filter((label) => label.startsWith(ROLE_LABEL))
          .map((label) => label.slice(ROLE_LABEL.length))
          .sort()
          .join(',') || NONE,
    },
    ageColumn,
    {
      name: 'Version',
      cell: (object) => (object as KubeNode).status?.nodeInfo?.kubeletVersion ?? '',
    },
    {
      name: 'Internal-IP',
      wide: true,
      cell: (object) => addressOf(object as KubeNode, 'InternalIP'),
    },
    {
      name: 'External-IP',
      wide: true,
      cell: (object) => addressOf(object as KubeNode, 'ExternalIP'),
    },
    {
      name: 'OS-Image',
      wide: true,
      cell: (object) => (object as KubeNode).status?.nodeInfo?.osImage ?? '',
    },
    {
      name: 'Kernel-Version',
      wide: true,
      cell: (object) => (object as KubeNode).status?.nodeInfo?.kernelVersion ?? '',
    },
    {
      name: 'Container-Runtime',
      wide: true,
      cell: (object) => (object as KubeNode).status?.nodeInfo?.containerRuntimeVersion ?? '',
    },
  ],
  Pod: podColumns,
  ReplicaSet: [
    nameColumn,
    {
      name: 'Desired',
      type: 'integer',
      cell: (object) => (object as ReplicaSet).spec.replicas ?? 0,
    },
    {
      name: 'Current',
      type: 'integer',
      cell: (object) => (object as ReplicaSet).status?.replicas ?? 0,
    },
    {
      name: 'Ready',
      type: 'integer',
      cell: (object) => (object as ReplicaSet).status?.readyReplicas ?? 0,
    },
    ageColumn,
    ...containerColumns((object) => (object as ReplicaSet).spec.template.spec),
    {
      name: 'Selector',
      wide: true,
      cell: (object) => selectorText((object as ReplicaSet).spec.selector),
    },
  ],
  Secret: [
    nameColumn,
    { name: 'Type', cell: (object) => String(Reflect.get(object, 'type') ?? '') },
    contentColumns('data'),
    ageColumn,
  ],
  Service: [
    nameColumn,
    { name: 'Type', cell: (object) => (object as Service).spec.type ?? '' },
    { name: 'Cluster-IP', cell: (object) => (object as Service).spec.clusterIP ?? NONE },
    { name: 'External-IP', cell: (object) => externalIp(object as Service) },
    { name: 'Port(s)', cell: (object) => portsText(object as Service) },
    ageColumn,
    { name: 'Selector', wide: true, cell: (object) => mapText((object as Service).spec.selector) },
  ],
  ServiceAccount: [
    nameColumn,
    {
      name: 'Secrets',
      type: 'integer',
      cell: (object) => {
        const secrets: unknown = Reflect.get(object, 'secrets')
        return Array.isArray(secrets) ? secrets.length : 0
      },
    },
    ageColumn,
  ],
}
