import { kindOf } from '../../../kube/kinds.ts'
import type { KubeObject, Service, ServicePort } from '../../../kube/objects.ts'
import type { ApiContext } from '../context.ts'
import { errors } from '../status.ts'
import { fieldError } from '../validation/field-error.ts'
import { serviceErrors, serviceUpdateErrors } from '../validation/service.ts'
import type { Strategy } from './strategy.ts'

/** Services: models pkg/registry/core/service, with its allocators of addresses and node ports. */
export const serviceStrategy: Strategy = {
  nameRule: 'dns1035',
  initialStatus: () => ({ loadBalancer: {} }),
  defaults: (object) => defaultService(object as Service),
  admit: (object, context) => allocate(object as Service, undefined, context),
  prepareUpdate: (object, previous, context) => {
    const [next, before] = [object as Service, previous as Service]
    return allocate(keepAllocated(next, before), before, context)
  },
  validate: (object) => serviceErrors(object as Service),
  validateUpdate: (object, previous) => serviceUpdateErrors(object as Service, previous as Service),
  fields: (object) => {
    const { spec } = object as Service
    return { 'spec.clusterIP': spec.clusterIP ?? '', 'spec.type': spec.type ?? '' }
  },
}

function defaultService(service: Service): Service {
  const spec = service.spec ?? {}
  const type = spec.type ?? 'ClusterIP'
  const external = type === 'NodePort' || type === 'LoadBalancer'
  return {
    ...service,
    spec: {
      ...spec,
      type,
      sessionAffinity: spec.sessionAffinity ?? 'None',
      ...(spec.ports === undefined ? {} : { ports: spec.ports.map(defaultPort) }),
      ...(external
        ? { externalTrafficPolicy: spec.externalTrafficPolicy ?? ('Cluster' as const) }
        : {}),
      ...(type === 'ExternalName'
        ? {}
        : { internalTrafficPolicy: spec.internalTrafficPolicy ?? 'Cluster' }),
      ...(type === 'LoadBalancer' ? { allocateLoadBalancerNodePorts: true } : {}),
    },
  }
}

function defaultPort(port: ServicePort): ServicePort {
  const target = port.targetPort
  return {
    ...port,
    protocol: port.protocol ?? 'TCP',
    targetPort: target === undefined || target === 0 || target === '' ? port.port : target,
  }
}

/** An update that leaves out an allocated value keeps it (`patchAllocatedValues`). */
function keepAllocated(service: Service, previous: Service): Service {
  if (service.spec.type === 'ExternalName' || previous.spec.type === 'ExternalName') return service
  const kept = { ...service.spec }
  if (kept.clusterIP === undefined && previous.spec.clusterIP !== undefined) {
    kept.clusterIP = previous.spec.clusterIP
  }
  if (
    kept.clusterIPs === undefined &&
    kept.clusterIP === previous.spec.clusterIP &&
    previous.spec.clusterIPs !== undefined
  ) {
    kept.clusterIPs = previous.spec.clusterIPs
  }
  if (wantsNodePorts(service) && wantsNodePorts(previous) && kept.ports !== undefined) {
    kept.ports = kept.ports.map((port) => {
      const before = previous.spec.ports?.find(
        (other) => other.port === port.port && other.protocol === port.protocol,
      )
      return port.nodePort === undefined && before?.nodePort !== undefined
        ? { ...port, nodePort: before.nodePort }
        : port
    })
  }
  // A service that opens no node ports any more gives back those that it was given (`dropTypeDependentFields`).
  if (!wantsNodePorts(service) && wantsNodePorts(previous) && kept.ports !== undefined) {
    const given = new Set((previous.spec.ports ?? []).map((port) => port.nodePort))
    kept.ports = kept.ports.map(({ nodePort, ...port }) =>
      nodePort === undefined || given.has(nodePort) ? port : { ...port, nodePort },
    )
  }
  return { ...service, spec: kept }
}

function wantsNodePorts(service: Service): boolean {
  return service.spec.type === 'NodePort' || service.spec.type === 'LoadBalancer'
}

function allocate(service: Service, previous: Service | undefined, context: ApiContext): Service {
  if (service.spec.type === 'ExternalName') {
    const { clusterIP: _ip, clusterIPs: _ips, ...spec } = service.spec
    return { ...service, spec }
  }
  const others = context.store
    .list('Service')
    .map((other) => other as KubeObject as Service)
    .filter((other) => other.metadata.uid !== previous?.metadata.uid || previous === undefined)
  const clusterIP = service.spec.clusterIP ?? freeAddress(others)
  const info = kindOf(service)
  if (
    info !== undefined &&
    clusterIP !== 'None' &&
    clusterIP !== previous?.spec.clusterIP &&
    service.spec.clusterIP !== undefined
  ) {
    const problem = !isServiceAddress(clusterIP)
      ? 'failed to allocate IP ' +
        `${clusterIP}: the provided IP (${clusterIP}) is not in the valid range. The range of valid IPs is 10.96.0.0/16`
      : others.some((other) => other.spec.clusterIP === clusterIP)
        ? `failed to allocate IP ${clusterIP}: provided IP is already allocated`
        : undefined
    if (problem !== undefined) {
      throw errors.invalid(info, service.metadata.name, [
        fieldError.invalid('spec.clusterIPs', [clusterIP], problem),
      ])
    }
  }
  return {
    ...service,
    spec: {
      ...service.spec,
      clusterIP,
      clusterIPs: service.spec.clusterIPs ?? [clusterIP],
      ipFamilies: service.spec.ipFamilies ?? ['IPv4'],
      ipFamilyPolicy: service.spec.ipFamilyPolicy ?? 'SingleStack',
      ...(service.spec.ports === undefined
        ? {}
        : { ports: withNodePorts(service, others, context) }),
    },
  }
}

function isServiceAddress(address: string): boolean {
  const parts = /^10\.96\.(\d{1,3})\.(\d{1,3})$/.exec(address)
  return parts !== null && Number(parts[1]) < 256 && Number(parts[2]) < 256
}

/**
 * The next address of 10.96.0.0/16. Kubernetes takes a random one from the upper part; here it follows from the services that are
 * there, so that the same steps give the same addresses.
 */
function freeAddress(others: readonly Service[]): string {
  const taken = new Set(others.map((other) => other.spec.clusterIP))
  for (let index = 256; index < 65_535; index += 1) {
    const mixed = 256 + ((index * 40_503) % 65_279)
    const address = `10.96.${mixed >> 8}.${mixed & 255}`
    if (!taken.has(address) && (mixed & 255) !== 0 && (mixed & 255) !== 255) return address
  }
  return 'None'
}

function withNodePorts(
  service: Service,
  others: readonly Service[],
  context: ApiContext,
): ServicePort[] {
  const ports = service.spec.ports ?? []
  if (!wantsNodePorts(service)) return [...ports]
  const taken = new Set(
    others.flatMap((other) => other.spec.ports ?? []).map((port) => port.nodePort),
  )
  for (const port of ports) taken.add(port.nodePort)
  const info = kindOf(service)
  return ports.map((port, index) => {
    if (port.nodePort !== undefined) {
      const used = others.some((other) =>
        other.spec.ports?.some(
          (entry) => entry.nodePort === port.nodePort && entry.protocol === port.protocol,
        ),
      )
      const outside = port.nodePort < 30_000 || port.nodePort > 32_767
      if (info !== undefined && (used || outside)) {
        throw errors.invalid(info, service.metadata.name, [
          fieldError.invalid(
            `spec.ports[${index}].nodePort`,
            port.nodePort,
            outside
              ? 'provided port is not in the valid range. The range of valid ports is 30000-32767'
              : 'provided port is already allocated',
          ),
        ])
      }
      return port
    }
    const [high = 0, low = 0] = context.randomBytes(2)
    let nodePort = 30_000 + (((high << 8) | low) % 2_768)
    while (taken.has(nodePort)) nodePort = nodePort === 32_767 ? 30_000 : nodePort + 1
    taken.add(nodePort)
    return { ...port, nodePort }
  })
}
