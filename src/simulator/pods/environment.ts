import { expandReferences } from '../../kube/expand-references.ts'
import type { Container, Pod, Service } from '../../kube/objects.ts'
import type { ClusterView } from '../ports.ts'

/** Variables of a process that nobody changes. It weighs half of what a `Map` does, and every container of a cluster has one. */
export class Environment implements ReadonlyMap<string, string> {
  /** Name, value, name, value. */
  private readonly flat: readonly string[]

  /** @param entries each name once */
  constructor(entries: ReadonlyMap<string, string>) {
    // A copy is as large as it is; a list that grew has room left over.
    this.flat = [...entries].flat().slice()
  }

  get size(): number {
    return this.flat.length / 2
  }

  get(name: string): string | undefined {
    for (let at = 0; at < this.flat.length; at += 2) {
      if (this.flat[at] === name) return this.flat[at + 1]
    }
    return undefined
  }

  has(name: string): boolean {
    return this.get(name) !== undefined
  }

  *entries(): MapIterator<[string, string]> {
    for (let at = 0; at < this.flat.length; at += 2) {
      yield [this.flat[at] ?? '', this.flat[at + 1] ?? '']
    }
  }

  *keys(): MapIterator<string> {
    for (const [name] of this) yield name
  }

  *values(): MapIterator<string> {
    for (const [, value] of this) yield value
  }

  [Symbol.iterator](): MapIterator<[string, string]> {
    return this.entries()
  }

  forEach(callback: (value: string, name: string, map: ReadonlyMap<string, string>) => void): void {
    for (const [name, value] of this) callback(value, name, this)
  }
}

/**
 * Variables as a container gets them: the image's, the services of its namespace, its own. `references` are those that its spec may
 * name as `$(NAME)`; the image's are none of them.
 */
export function environmentOf(
  pod: Pod,
  spec: Container,
  imageEnv: Readonly<Record<string, string>>,
  hostname: string,
  view: ClusterView,
): { readonly env: Environment; readonly references: Map<string, string> } {
  const references = new Map<string, string>()
  for (const service of view.services()) {
    const master =
      service.metadata.name === 'kubernetes' && service.metadata.namespace === 'default'
    const near =
      service.metadata.namespace === pod.metadata.namespace && pod.spec.enableServiceLinks !== false
    if (master || near)
      for (const [name, value] of serviceVariables(service)) references.set(name, value)
  }
  for (const { name, value } of spec.env ?? []) {
    references.set(
      name,
      expandReferences(value ?? '', (key) => references.get(key)),
    )
  }
  const env = new Map<string, string>(Object.entries(imageEnv))
  env.set('HOSTNAME', hostname)
  if (spec.tty) env.set('TERM', 'xterm')
  for (const [name, value] of references) env.set(name, value)
  if (!env.has('HOME')) env.set('HOME', '/root')
  return { env: new Environment(env), references }
}

/** Of each service as it is now: all containers of a namespace get the same texts. */
const KNOWN = new WeakMap<Service, readonly (readonly [string, string])[]>()

function serviceVariables(service: Service): readonly (readonly [string, string])[] {
  const known = KNOWN.get(service) ?? makeServiceVariables(service)
  KNOWN.set(service, known)
  return known
}

/** `WEB_SERVICE_HOST` and its kin (kubernetes pkg/kubelet/envvars). */
function makeServiceVariables(service: Service): [string, string][] {
  const address = service.spec.clusterIP
  const [firstPort] = service.spec.ports ?? []
  if (address === undefined || address === '' || address === 'None' || firstPort === undefined)
    return []
  const prefix = service.metadata.name.toUpperCase().replaceAll('-', '_')
  const variables: [string, string][] = [
    [`${prefix}_SERVICE_HOST`, address],
    [`${prefix}_SERVICE_PORT`, String(firstPort.port)],
  ]
  for (const port of service.spec.ports ?? []) {
    if (port.name === undefined) continue
    variables.push([
      `${prefix}_SERVICE_PORT_${port.name.toUpperCase().replaceAll('-', '_')}`,
      String(port.port),
    ])
  }
  const url = (port: { readonly port: number; readonly protocol?: string }) =>
    `${(port.protocol ?? 'TCP').toLowerCase()}://${address}:${port.port}`
  variables.push([`${prefix}_PORT`, url(firstPort)])
  for (const port of service.spec.ports ?? []) {
    const protocol = port.protocol ?? 'TCP'
    const key = `${prefix}_PORT_${port.port}_${protocol}`
    variables.push(
      [key, url(port)],
      [`${key}_PROTO`, protocol.toLowerCase()],
      [`${key}_PORT`, String(port.port)],
      [`${key}_ADDR`, address],
    )
  }
  return variables
}
