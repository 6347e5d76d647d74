import type { Container } from '../../../kube/objects.ts'
import { type FieldError, fieldError } from './field-error.ts'
import { fieldOf, isRecord, listOf, textOf } from './json.ts'
import {
  configKeyProblems,
  dnsLabelProblems,
  envNameProblems,
  portNameProblems,
  portNumberProblems,
} from './names.ts'
import { handlerErrors, probeErrors } from './probes.ts'
import { resourceErrors } from './resources.ts'
import { mountErrors } from './volumes.ts'

const PROTOCOLS = ['SCTP', 'TCP', 'UDP']
const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never']
const PROBES = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const

/** `validateContainers`: the containers that make up a pod. */
export function containersErrors(
  containers: readonly Container[],
  at: string,
  names: Set<string>,
  volumes: ReadonlySet<string>,
): readonly FieldError[] {
  if (containers.length === 0) return [fieldError.required(at)]
  const found: FieldError[] = []
  for (const [index, container] of containers.entries()) {
    const place = `${at}[${index}]`
    found.push(...containerErrors(container, place, volumes))
    found.push(...nameTaken(container, place, names))
    found.push(...lifecycleErrors(container, `${place}.lifecycle`))
    for (const probe of PROBES) {
      found.push(...probeErrors(fieldOf(container, probe), probe, `${place}.${probe}`))
    }
    if (fieldOf(container, 'restartPolicy') !== undefined) {
      found.push(
        fieldError.forbidden(`${place}.restartPolicy`, 'may not be set for non-init containers'),
      )
    }
  }
  return found
}

/** `validateInitContainers`. Only those that go on running may be probed. */
export function initContainersErrors(
  containers: readonly (Container & { readonly restartPolicy?: string })[],
  at: string,
  names: Set<string>,
  volumes: ReadonlySet<string>,
): readonly FieldError[] {
  const found: FieldError[] = []
  for (const [index, container] of containers.entries()) {
    const place = `${at}[${index}]`
    found.push(...containerErrors(container, place, volumes))
    found.push(...nameTaken(container, place, names))
    const policy = container.restartPolicy
    if (policy !== undefined && policy !== 'Always') {
      found.push(fieldError.notSupported(`${place}.restartPolicy`, policy, ['Always']))
    }
    for (const field of ['lifecycle', ...PROBES] as const) {
      const value = fieldOf(container, field)
      if (value === undefined) continue
      if (policy !== 'Always') {
        found.push(
          fieldError.forbidden(
            `${place}.${field}`,
            'may not be set for init containers without restartPolicy=Always',
          ),
        )
      } else if (field !== 'lifecycle') {
        found.push(...probeErrors(value, field, `${place}.${field}`))
      } else found.push(...lifecycleErrors(container, `${place}.lifecycle`))
    }
  }
  return found
}

/** Fields that an ephemeral container may not have, in the order of the type. */
const NOT_EPHEMERAL = [
  'ports',
  'resources',
  'resizePolicy',
  'restartPolicy',
  ...PROBES,
  'lifecycle',
] as const

/** `validateEphemeralContainers`. `others`: the names of the pod's other containers. */
export function ephemeralContainersErrors(
  containers: readonly Container[],
  at: string,
  others: readonly string[],
  volumes: ReadonlySet<string>,
): readonly FieldError[] {
  const found: FieldError[] = []
  const names = new Set(others)
  const words = 'cannot be set for an Ephemeral Container'
  for (const [index, container] of containers.entries()) {
    const place = `${at}[${index}]`
    found.push(...containerErrors(container, place, volumes))
    found.push(
      ...imageErrors([container], at).map((error) => ({ ...error, field: `${place}.image` })),
    )
    found.push(...nameTaken(container, place, names))
    const target = textOf(container, 'targetContainerName')
    if (target !== '' && !others.includes(target)) {
      found.push(fieldError.notFound(`${place}.targetContainerName`, target))
    }
    for (const field of NOT_EPHEMERAL) {
      if (isGiven(fieldOf(container, field), field))
        found.push(fieldError.forbidden(`${place}.${field}`, words))
    }
    for (const [mount, entry] of listOf(fieldOf(container, 'volumeMounts')).entries()) {
      for (const field of ['subPath', 'subPathExpr'] as const) {
        if (textOf(entry, field) !== '') {
          found.push(fieldError.forbidden(`${place}.volumeMounts[${mount}].${field}`, words))
        }
      }
    }
  }
  return found
}

/** Whether a field is more than Go's zero value of its type; of the structures only `resources` is no pointer. */
function isGiven(value: unknown, field: string): boolean {
  if (Array.isArray(value)) return value.length > 0
  return field === 'resources' && isRecord(value)
    ? Object.keys(value).length > 0
    : value !== undefined
}

/** `validateContainersOnlyForPod`: what is asked of pods and not of templates. */
export function imageErrors(containers: readonly Container[], at: string): readonly FieldError[] {
  return containers.flatMap(({ image = '' }, index) =>
    image.trim() === image
      ? []
      : [
          fieldError.invalid(
            `${at}[${index}].image`,
            image,
            'must not have leading or trailing whitespace',
          ),
        ],
  )
}

/** `validateContainerCommon`. */
function containerErrors(
  container: Container,
  at: string,
  volumes: ReadonlySet<string>,
): readonly FieldError[] {
  const found: FieldError[] = []
  const { name = '', image = '' } = container
  if (name === '') found.push(fieldError.required(`${at}.name`))
  else {
    for (const problem of dnsLabelProblems(name)) {
      found.push(fieldError.invalid(`${at}.name`, name, problem))
    }
  }
  if (image === '') found.push(fieldError.required(`${at}.image`))
  const message = container.terminationMessagePolicy
  if (message !== undefined && message !== 'File' && message !== 'FallbackToLogsOnError') {
    found.push(
      fieldError.notSupported(`${at}.terminationMessagePolicy`, message, [
        'FallbackToLogsOnError',
        'File',
      ]),
    )
  }
  found.push(...portsErrors(container, `${at}.ports`))
  found.push(...envErrors(container, `${at}.env`))
  found.push(...mountErrors(fieldOf(container, 'volumeMounts'), `${at}.volumeMounts`, volumes))
  const pull = container.imagePullPolicy
  if (pull === undefined) found.push(fieldError.required(`${at}.imagePullPolicy`))
  else if (!PULL_POLICIES.includes(pull)) {
    found.push(fieldError.notSupported(`${at}.imagePullPolicy`, pull, PULL_POLICIES))
  }
  found.push(...resourceErrors(container.resources, `${at}.resources`))
  return found
}

function nameTaken(
  { name = '' }: Container,
  at: string,
  names: Set<string>,
): readonly FieldError[] {
  const taken = names.has(name)
  names.add(name)
  return taken ? [fieldError.duplicate(`${at}.name`, name)] : []
}

function lifecycleErrors(container: Container, at: string): readonly FieldError[] {
  const lifecycle = fieldOf(container, 'lifecycle')
  return ['postStart', 'preStop'].flatMap((hook) => {
    const handler = fieldOf(lifecycle, hook)
    return handler === undefined ? [] : handlerErrors(handler, `${at}.${hook}`)
  })
}

/** `validateContainerPorts`. */
function portsErrors(container: Container, at: string): readonly FieldError[] {
  const found: FieldError[] = []
  const names = new Set<string>()
  for (const [index, port] of (container.ports ?? []).entries()) {
    const place = `${at}[${index}]`
    if (port.name !== undefined && port.name !== '') {
      const problems = portNameProblems(port.name)
      for (const problem of problems) {
        found.push(fieldError.invalid(`${place}.name`, port.name, problem))
      }
      if (problems.length === 0 && names.has(port.name)) {
        found.push(fieldError.duplicate(`${place}.name`, port.name))
      }
      names.add(port.name)
    }
    const number = port.containerPort ?? 0
    if (number === 0) found.push(fieldError.required(`${place}.containerPort`))
    else {
      for (const problem of portNumberProblems(number)) {
        found.push(fieldError.invalid(`${place}.containerPort`, number, problem))
      }
    }
    const host = fieldOf(port, 'hostPort')
    if (typeof host === 'number' && host !== 0) {
      for (const problem of portNumberProblems(host)) {
        found.push(fieldError.invalid(`${place}.hostPort`, host, problem))
      }
    }
    if (port.protocol !== undefined && !PROTOCOLS.includes(port.protocol)) {
      found.push(fieldError.notSupported(`${place}.protocol`, port.protocol, PROTOCOLS))
    }
  }
  return found
}

const SOURCES = ['fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef'] as const

/** `ValidateEnv`. */
function envErrors(container: Container, at: string): readonly FieldError[] {
  const found: FieldError[] = []
  for (const [index, variable] of (container.env ?? []).entries()) {
    const place = `${at}[${index}]`
    const name = variable.name ?? ''
    if (name === '') found.push(fieldError.required(`${place}.name`))
    else {
      for (const problem of envNameProblems(name)) {
        found.push(fieldError.invalid(`${place}.name`, name, problem))
      }
    }
    const source = fieldOf(variable, 'valueFrom')
    if (isRecord(source)) found.push(...sourceErrors(source, variable, `${place}.valueFrom`))
  }
  for (const [index, source] of listOf(fieldOf(container, 'envFrom')).entries()) {
    const place = `${at}From[${index}]`
    const kinds = ['configMapRef', 'secretRef'].filter(
      (kind) => fieldOf(source, kind) !== undefined,
    )
    for (const kind of kinds) {
      if (textOf(fieldOf(source, kind), 'name') === '') {
        found.push(fieldError.required(`${place}.${kind}.name`))
      }
    }
    if (kinds.length !== 1) {
      const words =
        kinds.length === 0
          ? 'must specify one of'
          : 'may not have more than one field specified at a time'
      found.push(
        fieldError.invalid(
          place,
          '',
          kinds.length === 0 ? `${words}: \`configMapRef\` or \`secretRef\`` : words,
        ),
      )
    }
  }
  return found
}

function sourceErrors(
  source: Record<string, unknown>,
  variable: unknown,
  at: string,
): readonly FieldError[] {
  const kinds = SOURCES.filter((kind) => source[kind] !== undefined)
  const found: FieldError[] = []
  for (const kind of kinds) {
    const reference = source[kind]
    if (kind === 'configMapKeyRef' || kind === 'secretKeyRef') {
      const key = textOf(reference, 'key')
      if (textOf(reference, 'name') === '') found.push(fieldError.required(`${at}.${kind}.name`))
      if (key === '') found.push(fieldError.required(`${at}.${kind}.key`))
      else {
        for (const problem of configKeyProblems(key)) {
          found.push(fieldError.invalid(`${at}.${kind}.key`, key, problem))
        }
      }
    } else if (kind === 'fieldRef' && textOf(reference, 'fieldPath') === '') {
      found.push(fieldError.required(`${at}.fieldRef.fieldPath`))
    }
  }
  if (kinds.length === 0) {
    found.push(
      fieldError.invalid(
        at,
        '',
        'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`',
      ),
    )
  } else if (textOf(variable, 'value') !== '') {
    found.push(fieldError.invalid(at, '', 'may not be specified when `value` is not empty'))
  } else if (kinds.length > 1) {
    found.push(fieldError.invalid(at, '', 'may not have more than one field specified at a time'))
  }
  return found
}
