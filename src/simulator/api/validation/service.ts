import { dnsSubdomainProblems } from '../../../kube/label-validation.ts'
import type { Service } from '../../../kube/objects.ts'
import { type FieldError, fieldError } from './field-error.ts'
import { labelErrors } from './meta.ts'
import { addressProblems, dnsLabelProblems, portNameProblems, portNumberProblems } from './names.ts'

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']
const PROTOCOLS = ['SCTP', 'TCP', 'UDP']

/** `ValidateService` for ports, type, selector and addresses. */
export function serviceErrors(service: Service): readonly FieldError[] {
  const { spec } = service
  const found: FieldError[] = []
  const ports = spec.ports ?? []
  const headless = spec.clusterIP === 'None'
  if (ports.length === 0 && !headless && spec.type !== 'ExternalName') {
    found.push(fieldError.required('spec.ports'))
  }
  if (spec.type === 'ExternalName') {
    const name = (spec.externalName ?? '').replace(/\.$/, '')
    if (name === '') found.push(fieldError.required('spec.externalName'))
    else {
      for (const problem of dnsSubdomainProblems(name)) {
        found.push(fieldError.invalid('spec.externalName', name, problem))
      }
    }
  }
  const names = new Set<string>()
  const seen = new Set<string>()
  for (const [index, port] of ports.entries()) {
    const at = `spec.ports[${index}]`
    if (port.name === undefined) {
      if (ports.length > 1) found.push(fieldError.required(`${at}.name`))
    } else {
      for (const problem of dnsLabelProblems(port.name)) {
        found.push(fieldError.invalid(`${at}.name`, port.name, problem))
      }
      if (names.has(port.name)) found.push(fieldError.duplicate(`${at}.name`, port.name))
      names.add(port.name)
    }
    for (const problem of portNumberProblems(port.port ?? 0)) {
      found.push(fieldError.invalid(`${at}.port`, port.port ?? 0, problem))
    }
    if (port.protocol !== undefined && !PROTOCOLS.includes(port.protocol)) {
      found.push(fieldError.notSupported(`${at}.protocol`, port.protocol, PROTOCOLS))
    }
    const problems =
      typeof port.targetPort === 'string'
        ? portNameProblems(port.targetPort)
        : portNumberProblems(port.targetPort ?? port.port ?? 0)
    for (const problem of problems) {
      found.push(fieldError.invalid(`${at}.targetPort`, port.targetPort, problem))
    }
    const key = `${port.protocol}/${port.port}`
    if (seen.has(key)) {
      found.push(fieldError.duplicate(at, { port: port.port, protocol: port.protocol }))
    }
    seen.add(key)
  }
  found.push(...labelErrors(spec.selector ?? {}, 'spec.selector'))
  if (!['ClientIP', 'None'].includes(spec.sessionAffinity ?? 'None')) {
    found.push(
      fieldError.notSupported('spec.sessionAffinity', spec.sessionAffinity, ['ClientIP', 'None']),
    )
  }
  if (!TYPES.includes(spec.type ?? 'ClusterIP')) {
    found.push(fieldError.notSupported('spec.type', spec.type, TYPES))
  }
  if (spec.type !== 'ClusterIP' && spec.type !== 'ExternalName' && headless) {
    found.push(
      fieldError.invalid(
        'spec.clusterIPs[0]',
        'None',
        `may not be set to 'None' for ${spec.type} services`,
      ),
    )
  }
  if (spec.clusterIP !== undefined && !headless) {
    for (const problem of addressProblems(spec.clusterIP)) {
      found.push(fieldError.invalid('spec.clusterIPs[0]', spec.clusterIP, problem))
    }
  }
  return found
}

/** What may not change: an address that was given once. */
export function serviceUpdateErrors(service: Service, previous: Service): readonly FieldError[] {
  const before = previous.spec.clusterIP
  if (
    before === undefined ||
    service.spec.type === 'ExternalName' ||
    previous.spec.type === 'ExternalName' ||
    service.spec.clusterIP === before
  ) {
    return []
  }
  return [
    fieldError.invalid(
      'spec.clusterIPs[0]',
      [service.spec.clusterIP ?? ''],
      'may not change once set',
    ),
  ]
}
