import { matchesSelector } from '../../kube/label-selector.ts'
import type { EndpointSlice, Endpoints, Pod, Service, ServicePort } from '../../kube/objects.ts'
import { sameJson } from '../../kube/same-json.ts'
import type { Controller, ControllerContext } from './controller.ts'
import { nameSuffix } from './controller.ts'
import { isReady, isTerminating } from './pod-facts.ts'
import { createWorkQueue } from './work-queue.ts'

const SERVICE_LABEL = 'kubernetes.io/service-name'
const MANAGER = 'endpointslice-controller.k8s.io'

/**
 * Keeps the endpoint slices and the older endpoints of each service with a selector. One slice is made for each set of target ports, as
 * named target ports may differ from pod to pod. Models pkg/controller/endpointslice and pkg/controller/endpoint.
 */
export function startEndpointsController(context: ControllerContext): Controller {
  const { objects, clock, onDefect } = context

  const reconcile = (key: string) => {
    const slash = key.indexOf('/')
    const [namespace, name] = [key.slice(0, slash), key.slice(slash + 1)]
    const service = objects.get('Service', namespace, name)
    const slices = objects
      .list('EndpointSlice', namespace)
      .filter(
        (slice) =>
          slice.metadata.labels?.[SERVICE_LABEL] === name &&
          slice.metadata.labels?.['endpointslice.kubernetes.io/managed-by'] === MANAGER,
      )
    if (service === undefined) {
      for (const slice of slices) objects.delete('EndpointSlice', namespace, slice.metadata.name)
      if (objects.get('Endpoints', namespace, name) !== undefined) {
        objects.delete('Endpoints', namespace, name)
      }
      return
    }
    if (service.spec.selector === undefined || service.spec.type === 'ExternalName') return
    const home = objects.get('Namespace', undefined, namespace)
    if (home === undefined || isTerminating(home)) return
    const pods = objects
      .list('Pod', namespace)
      .filter((pod) =>
        matchesSelector({ matchLabels: { ...service.spec.selector } }, pod.metadata.labels ?? {}),
      )
      .filter(isAddressable)
    writeSlices(service, pods, slices)
    writeEndpoints(service, pods)
  }

  const writeSlices = (
    service: Service,
    pods: readonly Pod[],
    existing: readonly EndpointSlice[],
  ) => {
    const wanted = new Map<string, { ports: EndpointSlice['ports']; pods: Pod[] }>()
    for (const pod of pods) {
      const ports = portsFor(service, pod)
      const id = JSON.stringify(ports)
      const group = wanted.get(id) ?? { ports, pods: [] }
      group.pods.push(pod)
      wanted.set(id, group)
    }
    // A service without pods has one empty slice.
    if (wanted.size === 0) wanted.set('[]', { ports: [], pods: [] })
    const spare = [...existing]
    for (const [id, group] of wanted) {
      const at = Math.max(
        0,
        spare.findIndex((slice) => JSON.stringify(slice.ports ?? []) === id),
      )
      const slice = spare.splice(at, 1)[0]
      const content = {
        addressType: 'IPv4' as const,
        endpoints: group.pods.map((pod) => endpointOf(service, pod)),
        ports: group.ports,
      }
      if (slice === undefined) objects.create('EndpointSlice', newSlice(service, content))
      else if (!sameJson({ ...slice, ...content }, slice)) {
        objects.update('EndpointSlice', { ...slice, ...content })
      }
    }
    for (const slice of spare) {
      objects.delete('EndpointSlice', slice.metadata.namespace, slice.metadata.name)
    }
  }

  const newSlice = (
    service: Service,
    content: Pick<EndpointSlice, 'addressType' | 'endpoints' | 'ports'>,
  ): EndpointSlice => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${service.metadata.name}-${nameSuffix(context.randomBytes)}`,
      generateName: `${service.metadata.name}-`,
      ...(service.metadata.namespace === undefined
        ? {}
        : { namespace: service.metadata.namespace }),
      labels: {
        ...service.metadata.labels,
        'endpointslice.kubernetes.io/managed-by': MANAGER,
        [SERVICE_LABEL]: service.metadata.name,
        ...(service.spec.clusterIP === 'None' ? { 'service.kubernetes.io/headless': '' } : {}),
      },
      ownerReferences: [
        {
          apiVersion: 'v1',
          kind: 'Service',
          name: service.metadata.name,
          uid: service.metadata.uid ?? '',
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    ...content,
  })

  const writeEndpoints = (service: Service, pods: readonly Pod[]) => {
    const subsets = subsetsOf(service, pods)
    const { namespace, name } = service.metadata
    const existing = objects.get('Endpoints', namespace, name)
    const next: Endpoints = {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: existing?.metadata ?? {
        name,
        ...(namespace === undefined ? {} : { namespace }),
        labels: { ...service.metadata.labels },
      },
      ...(subsets.length === 0 ? {} : { subsets }),
    }
    if (existing === undefined) objects.create('Endpoints', next)
    else if (!sameJson(next, existing)) objects.update('Endpoints', next)
  }

  const queue = createWorkQueue({ clock, reconcile, onDefect })
  const addServicesOf = (namespace: string | undefined) => {
    for (const service of objects.list('Service', namespace)) add(service)
  }
  const add = (service: { metadata: { namespace?: string; name: string } }) =>
    queue.add(`${service.metadata.namespace ?? 'default'}/${service.metadata.name}`)
  const stop = objects.onChange((change) => {
    if (change.kind === 'Service') add(change.object)
    if (change.kind === 'Pod') addServicesOf(change.object.metadata.namespace)
  })
  addServicesOf(undefined)
  return {
    close() {
      stop()
      queue.close()
    },
  }
}

function isAddressable(pod: Pod): boolean {
  const phase = pod.status?.phase
  return pod.status?.podIP !== undefined && phase !== 'Succeeded' && phase !== 'Failed'
}

function endpointOf(service: Service, pod: Pod): EndpointSlice['endpoints'][number] {
  const serving = isReady(pod)
  const terminating = isTerminating(pod)
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating)
  return {
    addresses: [pod.status?.podIP ?? ''],
    conditions: { ready, serving, terminating },
    ...(pod.spec.nodeName === undefined ? {} : { nodeName: pod.spec.nodeName }),
    // A pod has a name of its own below its governing service (shouldSetHostname).
    ...(pod.spec.hostname !== undefined && pod.spec.subdomain === service.metadata.name
      ? { hostname: pod.spec.hostname }
      : {}),
    targetRef: {
      kind: 'Pod',
      name: pod.metadata.name,
      ...(pod.metadata.namespace === undefined ? {} : { namespace: pod.metadata.namespace }),
      ...(pod.metadata.uid === undefined ? {} : { uid: pod.metadata.uid }),
    },
  }
}

/** The ports of a service at one pod: a named target port that the pod does not have is left out. */
function portsFor(service: Service, pod: Pod): EndpointSlice['ports'] {
  return (service.spec.ports ?? []).flatMap((port) => {
    const number = targetPort(port, pod)
    if (number === undefined) return []
    return [{ name: port.name ?? '', port: number, protocol: port.protocol ?? ('TCP' as const) }]
  })
}

/** `FindPort`: the number of a service port at a pod. */
function targetPort(port: ServicePort, pod: Pod): number | undefined {
  const target = port.targetPort ?? port.port
  if (typeof target === 'number') return target
  const sidecars = (pod.spec.initContainers ?? []).filter((init) => init.restartPolicy === 'Always')
  for (const container of [...pod.spec.containers, ...sidecars]) {
    for (const entry of container.ports ?? []) {
      if (entry.name === target && (entry.protocol ?? 'TCP') === (port.protocol ?? 'TCP')) {
        return entry.containerPort
      }
    }
  }
  return undefined
}

function subsetsOf(service: Service, pods: readonly Pod[]): NonNullable<Endpoints['subsets']> {
  const groups = new Map<string, NonNullable<Endpoints['subsets']>[number]>()
  for (const pod of pods) {
    const publishes = service.spec.publishNotReadyAddresses === true
    if (isTerminating(pod) && !publishes) continue
    const ports = portsFor(service, pod).map((port) => ({
      ...(port.name === undefined || port.name === '' ? {} : { name: port.name }),
      port: port.port ?? 0,
      protocol: port.protocol ?? ('TCP' as const),
    }))
    if (ports.length === 0 && service.spec.clusterIP !== 'None') continue
    const id = JSON.stringify(ports)
    const group = groups.get(id) ?? (ports.length === 0 ? {} : { ports })
    const entry = endpointOf(service, pod)
    const address = {
      ip: pod.status?.podIP ?? '',
      ...(entry.hostname === undefined ? {} : { hostname: entry.hostname }),
      ...(entry.nodeName === undefined ? {} : { nodeName: entry.nodeName }),
      ...(entry.targetRef === undefined ? {} : { targetRef: entry.targetRef }),
    }
    const list = isReady(pod) || publishes ? 'addresses' : 'notReadyAddresses'
    groups.set(id, { ...group, [list]: [...(group[list] ?? []), address] })
  }
  return [...groups.values()].map((group) => ({
    ...group,
    ...(group.addresses === undefined ? {} : { addresses: byAddress(group.addresses) }),
    ...(group.notReadyAddresses === undefined
      ? {}
      : { notReadyAddresses: byAddress(group.notReadyAddresses) }),
  }))
}

/** By the letters of the address, as SortSubsets of k8s.io/endpointslice does it: 10.244.0.10 before 10.244.0.9. */
function byAddress<T extends { readonly ip: string }>(addresses: readonly T[]): T[] {
  return [...addresses].sort((left, right) =>
    left.ip < right.ip ? -1 : left.ip > right.ip ? 1 : 0,
  )
}
