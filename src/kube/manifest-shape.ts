import type { AnyKubeObject } from './objects.ts'

/** What a value has to be. Only the fields that decide about connections are listed. */
type Shape =
  | 'text'
  | 'number'
  | 'switch'
  | 'number or text'
  | { readonly list: Shape }
  | { readonly map: Shape }
  | { readonly fields: Readonly<Record<string, Shape>>; readonly closed?: boolean }

interface Misfit {
  readonly path: readonly (string | number)[]
  readonly message: string
}

const LABELS: Shape = { map: 'text' }
const METADATA: Shape = { fields: { name: 'text', namespace: 'text', labels: LABELS } }
const SELECTOR: Shape = {
  closed: true,
  fields: {
    matchLabels: LABELS,
    matchExpressions: {
      list: { closed: true, fields: { key: 'text', operator: 'text', values: { list: 'text' } } },
    },
  },
}
const PEERS: Shape = {
  list: {
    closed: true,
    fields: {
      podSelector: SELECTOR,
      namespaceSelector: SELECTOR,
      ipBlock: { closed: true, fields: { cidr: 'text', except: { list: 'text' } } },
    },
  },
}
const PORTS: Shape = {
  list: {
    closed: true,
    fields: { protocol: 'text', port: 'number or text', endPort: 'number' },
  },
}
const POLICY_SPEC: Shape = {
  closed: true,
  fields: {
    podSelector: SELECTOR,
    policyTypes: { list: 'text' },
    ingress: { list: { closed: true, fields: { from: PEERS, ports: PORTS } } },
    egress: { list: { closed: true, fields: { to: PEERS, ports: PORTS } } },
  },
}
const CONTAINERS: Shape = {
  list: {
    fields: {
      ports: { list: { fields: { name: 'text', containerPort: 'number', protocol: 'text' } } },
    },
  },
}
const POD_SPEC: Shape = {
  fields: {
    containers: CONTAINERS,
    initContainers: CONTAINERS,
    hostNetwork: 'switch',
    nodeName: 'text',
  },
}
const TEMPLATE: Shape = { fields: { metadata: METADATA, spec: POD_SPEC } }
const WORKLOAD: Shape = { fields: { replicas: 'number', template: TEMPLATE } }
const JOB: Shape = { fields: { parallelism: 'number', template: TEMPLATE } }

/** Shapes of `spec` by kind. */
const SPECS: Readonly<Record<string, Shape>> = {
  NetworkPolicy: POLICY_SPEC,
  Pod: POD_SPEC,
  Deployment: WORKLOAD,
  ReplicaSet: WORKLOAD,
  ReplicationController: WORKLOAD,
  StatefulSet: WORKLOAD,
  DaemonSet: WORKLOAD,
  Job: JOB,
  CronJob: { fields: { jobTemplate: { fields: { spec: JOB } } } },
  Service: {
    fields: {
      type: 'text',
      clusterIP: 'text',
      selector: LABELS,
      ports: {
        list: {
          fields: { name: 'text', port: 'number', targetPort: 'number or text', protocol: 'text' },
        },
      },
    },
  },
}

/** Kinds whose `spec` says nothing when it is missing. */
const NEEDS_SPEC = new Set(Object.keys(SPECS).filter((kind) => kind !== 'NetworkPolicy'))

/** The object of a document, and what of it does not fit. */
export function shapeProblems(value: unknown): {
  readonly object: AnyKubeObject | undefined
  readonly problems: readonly Misfit[]
} {
  if (!isFields(value)) {
    return { object: undefined, problems: [{ path: [], message: 'This is no Kubernetes object.' }] }
  }
  const { apiVersion, kind, metadata } = value
  const problems: Misfit[] = []
  const missing = (what: string) => problems.push({ path: [], message: `It has no ${what}.` })
  if (typeof apiVersion !== 'string' || apiVersion === '') missing('apiVersion')
  if (typeof kind !== 'string' || kind === '') missing('kind')
  const name = isFields(metadata) ? metadata.name : undefined
  if (typeof name !== 'string' || name === '') missing('metadata.name')
  if (
    problems.length > 0 ||
    typeof apiVersion !== 'string' ||
    typeof kind !== 'string' ||
    typeof name !== 'string'
  )
    return { object: undefined, problems }
  check(metadata, METADATA, ['metadata'], problems)
  const spec = SPECS[kind]
  if (spec !== undefined && Object.hasOwn(SPECS, kind)) {
    if (value.spec == null && NEEDS_SPEC.has(kind)) missing('spec')
    check(value.spec, spec, ['spec'], problems)
    if (problems.length === 0) problems.push(...missingParts(kind, value.spec))
  }
  const meta = isFields(metadata) ? metadata : {}
  return { object: { ...value, apiVersion, kind, metadata: { ...meta, name } }, problems }
}

/** Pods without containers and ports without a number cannot be judged. */
function missingParts(kind: string, spec: unknown): readonly Misfit[] {
  if (kind === 'NetworkPolicy' || kind === 'Service') return []
  const [holder, path] =
    kind === 'Pod'
      ? [spec, ['spec']]
      : kind === 'CronJob'
        ? [
            at(spec, ['jobTemplate', 'spec', 'template', 'spec']),
            ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
          ]
        : [at(spec, ['template', 'spec']), ['spec', 'template', 'spec']]
  const containers = at(holder, ['containers'])
  if (!Array.isArray(containers) || containers.length === 0) {
    return [{ path, message: 'Its pods have no containers.' }]
  }
  return containers.flatMap((container: unknown, index) => {
    const ports = at(container, ['ports'])
    if (!Array.isArray(ports)) return []
    return ports.flatMap((port: unknown, each) =>
      at(port, ['containerPort']) === undefined
        ? [
            {
              path: [...path, 'containers', index, 'ports', each],
              message: 'A port needs a containerPort.',
            },
          ]
        : [],
    )
  })
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => (isFields(inner) ? inner[key] : undefined), value)
}

/** `null` counts as left out, as for the API server. */
function check(value: unknown, shape: Shape, path: Misfit['path'], problems: Misfit[]): void {
  if (value == null) return
  const wanted = (what: string) =>
    problems.push({
      path,
      message: `${pathText(path)} has to be ${what}, and is ${typeText(value)}.`,
    })
  if (typeof shape === 'string') {
    if (shape === 'text' && typeof value !== 'string') wanted('text')
    if (shape === 'switch' && typeof value !== 'boolean') wanted('true or false')
    if (shape === 'number' && !Number.isInteger(value)) wanted('a whole number')
    if (shape === 'number or text' && typeof value !== 'string' && !Number.isInteger(value))
      wanted('a whole number or a name')
    return
  }
  if ('list' in shape) {
    if (!Array.isArray(value)) wanted('a list')
    else
      for (const [index, item] of value.entries())
        check(item, shape.list, [...path, index], problems)
    return
  }
  if (!isFields(value)) {
    wanted('a mapping')
    return
  }
  if ('map' in shape) {
    for (const [key, item] of Object.entries(value))
      check(item, shape.map, [...path, key], problems)
    return
  }
  for (const [key, item] of Object.entries(value)) {
    const inner = Object.hasOwn(shape.fields, key) ? shape.fields[key] : undefined
    if (inner !== undefined) check(item, inner, [...path, key], problems)
    else if (shape.closed === true) {
      problems.push({
        path: [...path, key],
        message: `There is no field ${pathText([...path, key])}; here may stand ${Object.keys(shape.fields).join(', ')}.`,
      })
    }
  }
}

/** `spec.ingress[0].from`. */
function pathText(path: Misfit['path']): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .slice(1)
}

function typeText(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a mapping'
  return JSON.stringify(value)
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
