import { dnsSubdomainProblems } from '../../../kube/label-validation.ts'
import type { Service, ServicePort } from '../../../kube/objects.ts'
import { type FieldError, fieldError } from './field-error.ts'
import { GoText } from './go-value.ts'
import { labelErrors } from './meta.ts'
import { addressProblems, dnsLabelProblems, portNumberProblems } from './names.ts'
import { portErrors } from './probes.ts'

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']
const PROTOCOLS = ['SCTP', 'TCP', 'UDP']
/** The kubelet's port may not be opened to the outside. */
const KUBELET_PORT = 10_250

/** `ValidateService` for ports, type, selector and addresses, in Kubernetes' order. */
export function serviceErrors(service: Service): readonly FieldError[] {
  const { spec } = service
  const found: FieldError[] = []
  const ports = spec.ports ?? []
  const headless = spec.clusterIP === 'None'
  if (ports.length === 0 && !headless && spec.type !== 'ExternalName') {
    found.push(fieldError.required('spec.ports'))
  }
  found.push(...typeErrors(service, headless))
  const names = new Set<string>()
  for (const [index, port] of ports.entries()) {
    found.push(...servicePortErrors(port, `spec.ports[${index}]`, ports.length > 1, names))
  }
  found.push(...labelErrors(spec.selector ?? {}, 'spec.selector'))
  const affinities = ['ClientIP', 'None']
  if (!affinities.includes(spec.sessionAffinity ?? 'None')) {
    found.push(fieldError.notSupported('spec.sessionAffinity', spec.sessionAffinity, affinities))
  }
  if (spec.clusterIP !== undefined && spec.clusterIP !== '' && !headless) {
    for (const problem of addressProblems(spec.clusterIP)) {
      found.push(fieldError.invalid('spec.clusterIPs[0]', spec.clusterIP, problem))
    }
  }
  if (!TYPES.includes(spec.type ?? 'ClusterIP')) {
    found.push(fieldError.notSupported('spec.type', spec.type, TYPES))
  }
  if (spec.type === 'ClusterIP') {
    for (const [index, port] of ports.entries()) {
      if ((port.nodePort ?? 0) === 0) continue
      found.push(
        fieldError.forbidden(
          `spec.ports[${index}].nodePort`,
          "may not be used when `type` is 'ClusterIP'",
        ),
      )
    }
  }
  const nodePorts = new Set<string>()
  for (const [index, port] of ports.entries()) {
    if ((port.nodePort ?? 0) === 0) continue
    const key = `${port.protocol}/${port.nodePort}`
    if (nodePorts.has(key)) {
      found.push(fieldError.duplicate(`spec.ports[${index}].nodePort`, port.nodePort))
    }
    nodePorts.add(key)
  }
  const seen = new Set<string>()
  for (const [index, port] of ports.entries()) {
    const key = `${port.protocol}/${port.port}`
    if (seen.has(key)) found.push(fieldError.duplicate(`spec.ports[${index}]`, goPort(port)))
    seen.add(key)
  }
  return found
}

/** The key that Kubernetes compares ports by: a `core.ServicePort` of protocol and number alone. */
function goPort({ protocol, port }: ServicePort): GoText {
  return new GoText(
    `core.ServicePort{Name:"", Protocol:${JSON.stringify(protocol ?? '')}, AppProtocol:(*string)(nil), Port:${port}, TargetPort:intstr.IntOrString{Type:0, IntVal:0, StrVal:""}, NodePort:0}`,
  )
}

function typeErrors({ spec }: Service, headless: boolean): readonly FieldError[] {
  const found: FieldError[] = []
  if (spec.type === 'LoadBalancer') {
    for (const [index, { port }] of (spec.ports ?? []).entries()) {
      if (port !== KUBELET_PORT) continue
      found.push(
        fieldError.invalid(
          `spec.ports[${index}]`,
          port,
          `may not expose port ${KUBELET_PORT} externally since it is used by kubelet`,
        ),
      )
    }
  }
  if (headless && (spec.type === 'LoadBalancer' || spec.type === 'NodePort')) {
    found.push(
      fieldError.invalid(
        'spec.clusterIPs[0]',
        'None',
        `may not be set to 'None' for ${spec.type} services`,
      ),
    )
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
  return found
}

/** `validateServicePort`. */
function servicePortErrors(
  port: ServicePort,
  at: string,
  named: boolean,
  names: Set<string>,
): readonly FieldError[] {
  const found: FieldError[] = []
  const { name = '' } = port
  if (name === '') {
    if (named) found.push(fieldError.required(`${at}.name`))
  } else {
    for (const problem of dnsLabelProblems(name)) {
      found.push(fieldError.invalid(`${at}.name`, name, problem))
    }
    if (names.has(name)) found.push(fieldError.duplicate(`${at}.name`, name))
    names.add(name)
  }
  for (const problem of portNumberProblems(port.port ?? 0)) {
    found.push(fieldError.invalid(`${at}.port`, port.port ?? 0, problem))
  }
  if (port.protocol !== undefined && !PROTOCOLS.includes(port.protocol)) {
    found.push(fieldError.notSupported(`${at}.protocol`, port.protocol, PROTOCOLS))
  }
  return [...found, ...portErrors(port.targetPort ?? port.port ?? 0, `${at}.targetPort`)]
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
