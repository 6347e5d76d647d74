import type { Container, PodSpec } from '../../../kube/objects.ts'
import { type FieldError, fieldError } from './field-error.ts'
import { labelErrors } from './meta.ts'
import { dnsLabelProblems, envNameProblems, portNameProblems, portNumberProblems } from './names.ts'

const PROTOCOLS = ['SCTP', 'TCP', 'UDP']

/** `ValidatePodSpec` for the fields that people write: containers, ports, env, volumes, policies. */
export function podSpecErrors(
  spec: PodSpec,
  at: string,
  otherVolumes: readonly string[] = [],
): readonly FieldError[] {
  const found: FieldError[] = []
  const volumes = listOf(spec.volumes)
  const volumeNames = new Set<string>()
  for (const [index, volume] of volumes.entries()) {
    found.push(...volumeErrors(volume, `${at}.volumes[${index}]`, volumeNames))
  }
  for (const name of otherVolumes) volumeNames.add(name)
  if (spec.containers.length === 0) found.push(fieldError.required(`${at}.containers`))
  const names = new Set<string>()
  for (const [index, container] of spec.containers.entries()) {
    found.push(...containerErrors(container, `${at}.containers[${index}]`, names, volumeNames))
  }
  for (const [index, container] of (spec.initContainers ?? []).entries()) {
    found.push(...containerErrors(container, `${at}.initContainers[${index}]`, names, volumeNames))
  }
  found.push(...oneOf(`${at}.restartPolicy`, spec.restartPolicy, ['Always', 'OnFailure', 'Never']))
  found.push(
    ...oneOf(`${at}.dnsPolicy`, spec.dnsPolicy, [
      'ClusterFirst',
      'ClusterFirstWithHostNet',
      'Default',
      'None',
    ]),
  )
  if (isRecord(spec.nodeSelector)) {
    found.push(...labelErrors(stringsOf(spec.nodeSelector), `${at}.nodeSelector`))
  }
  for (const name of ['hostname', 'subdomain'] as const) {
    const value = spec[name]
    if (value === undefined) continue
    for (const problem of dnsLabelProblems(value))
      found.push(fieldError.invalid(`${at}.${name}`, value, problem))
  }
  return found
}

function containerErrors(
  container: Container,
  at: string,
  names: Set<string>,
  volumes: ReadonlySet<string>,
): readonly FieldError[] {
  const found: FieldError[] = []
  const name = container.name ?? ''
  if (name === '') {
    found.push(fieldError.required(`${at}.name`))
  } else {
    for (const problem of dnsLabelProblems(name))
      found.push(fieldError.invalid(`${at}.name`, name, problem))
    if (names.has(name)) found.push(fieldError.duplicate(`${at}.name`, name))
    names.add(name)
  }
  const image = container.image ?? ''
  if (image === '') found.push(fieldError.required(`${at}.image`))
  else if (image.trim() !== image) {
    found.push(
      fieldError.invalid(`${at}.image`, image, 'must not have leading or trailing whitespace'),
    )
  }
  const portNames = new Set<string>()
  for (const [index, port] of (container.ports ?? []).entries()) {
    const place = `${at}.ports[${index}]`
    if (port.name !== undefined) {
      const problems = portNameProblems(port.name)
      for (const problem of problems)
        found.push(fieldError.invalid(`${place}.name`, port.name, problem))
      if (problems.length === 0 && portNames.has(port.name)) {
        found.push(fieldError.duplicate(`${place}.name`, port.name))
      }
      portNames.add(port.name)
    }
    if (port.containerPort === undefined) found.push(fieldError.required(`${place}.containerPort`))
    else {
      for (const problem of portNumberProblems(port.containerPort)) {
        found.push(fieldError.invalid(`${place}.containerPort`, port.containerPort, problem))
      }
    }
    if (port.protocol !== undefined && !PROTOCOLS.includes(port.protocol)) {
      found.push(fieldError.notSupported(`${place}.protocol`, port.protocol, PROTOCOLS))
    }
  }
  for (const [index, variable] of (container.env ?? []).entries()) {
    const place = `${at}.env[${index}]`
    if ((variable.name ?? '') === '') found.push(fieldError.required(`${place}.name`))
    else {
      for (const problem of envNameProblems(variable.name)) {
        found.push(fieldError.invalid(`${place}.name`, variable.name, problem))
      }
    }
  }
  for (const [index, mount] of listOf(Reflect.get(container, 'volumeMounts')).entries()) {
    const place = `${at}.volumeMounts[${index}]`
    const volume = textOf(mount, 'name')
    const path = textOf(mount, 'mountPath')
    if (volume === '') found.push(fieldError.required(`${place}.name`))
    else if (!volumes.has(volume)) found.push(fieldError.notFound(`${place}.name`, volume))
    if (path === '') found.push(fieldError.required(`${place}.mountPath`))
  }
  found.push(
    ...oneOf(`${at}.imagePullPolicy`, container.imagePullPolicy, [
      'Always',
      'IfNotPresent',
      'Never',
    ]),
  )
  found.push(...resourceErrors(container.resources, `${at}.resources`))
  return found
}

function resourceErrors(resources: unknown, at: string): readonly FieldError[] {
  if (!isRecord(resources)) return []
  const found: FieldError[] = []
  const limits = isRecord(resources.limits) ? resources.limits : {}
  const requests = isRecord(resources.requests) ? resources.requests : {}
  for (const [name, value] of Object.entries(limits)) {
    if (String(value).startsWith('-')) {
      found.push(
        fieldError.invalid(`${at}.limits[${name}]`, value, 'must be greater than or equal to 0'),
      )
    }
  }
  for (const [name, value] of Object.entries(requests)) {
    const limit = limits[name]
    if (limit !== undefined && amountOf(value) > amountOf(limit)) {
      found.push(
        fieldError.invalid(
          `${at}.requests`,
          value,
          `must be less than or equal to ${name} limit of ${String(limit)}`,
        ),
      )
    }
  }
  return found
}

const SUFFIXES: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
}

function amountOf(quantity: unknown): number {
  const match = /^([+-]?[0-9.]+)(.*)$/.exec(String(quantity))
  const suffix = match?.[2] ?? ''
  const factor = Object.hasOwn(SUFFIXES, suffix) ? (SUFFIXES[suffix] ?? 1) : Number(`1${suffix}`)
  return Number(match?.[1]) * factor
}

function volumeErrors(volume: unknown, at: string, names: Set<string>): readonly FieldError[] {
  const name = textOf(volume, 'name')
  if (name === '') return [fieldError.required(`${at}.name`)]
  const found = dnsLabelProblems(name).map((problem) =>
    fieldError.invalid(`${at}.name`, name, problem),
  )
  if (names.has(name)) found.push(fieldError.duplicate(`${at}.name`, name))
  names.add(name)
  return found
}

/** A required choice among words. */
function oneOf(
  field: string,
  value: string | undefined,
  supported: readonly string[],
): readonly FieldError[] {
  if (value === undefined) return [fieldError.required(field)]
  return supported.includes(value) ? [] : [fieldError.notSupported(field, value, supported)]
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function stringsOf(value: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(value).map(([key, text]) => [key, String(text)]))
}

function textOf(value: unknown, field: string): string {
  const inner: unknown = isRecord(value) ? value[field] : undefined
  return typeof inner === 'string' ? inner : ''
}
