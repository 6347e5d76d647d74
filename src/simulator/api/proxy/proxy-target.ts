import type { Endpoints, Pod, Service } from '../../../kube/objects.ts'
import type { ApiContext } from '../context.ts'
import { infoOf } from '../kinds/built-in-kinds.ts'
import { errors } from '../status.ts'
import type { ProxyRoute } from './proxy-route.ts'

/** Where a proxied request goes. */
export interface ProxyTarget {
  readonly address: string
  readonly port: number
  readonly isTls: boolean
  /** As a URL names it: without the port where none was given. */
  readonly host: string
}

/**
 * Who answers behind a pod or a service. Models ResourceLocation of pkg/registry/core/pod and pkg/registry/core/service/storage.
 * @throws ApiError 400, 404, 503
 */
export function proxyTargetOf(route: ProxyRoute, context: ApiContext): ProxyTarget {
  const { served, name: id } = route
  const what = served.info.singular
  const { scheme, name, port } = splitSchemeNamePort(id)
  if (name === '' || !['', 'http', 'https'].includes(scheme)) {
    throw errors.badRequest(`invalid ${what} request ${JSON.stringify(id)}`)
  }
  const isTls = scheme === 'https'
  const at = (address: string, number: string): ProxyTarget => ({
    address,
    port: number === '' ? (isTls ? 443 : 80) : portNumber(number),
    isTls,
    host: number === '' ? address : `${address}:${number}`,
  })
  const key = `${route.namespace ?? ''}/${name}`
  return served.stored === 'Pod'
    ? podTarget(key, name, port, context, at)
    : serviceTarget(key, { id, name, port }, context, at)
}

type At = (address: string, port: string) => ProxyTarget

/** `name`, `name:port` or `scheme:name:port`; no name where it is none of them. */
function splitSchemeNamePort(id: string) {
  const parts = id.split(':')
  const [first = '', second = '', third = ''] = parts
  if (parts.length > 3) return { scheme: '', name: '', port: '' }
  return parts.length === 3
    ? { scheme: first, name: second, port: third }
    : { scheme: '', name: first, port: second }
}

/** The ports that Go knows by name wherever it runs. */
const NAMED_PORTS: ReadonlyMap<string, number> = new Map([
  ['http', 80],
  ['https', 443],
])

/** @throws ApiError 503 with what Go's dialer says to a port that there is not */
function portNumber(text: string): number {
  const isNumber = /^\d+$/.test(text)
  const port = isNumber ? Number(text) : NAMED_PORTS.get(text)
  if (port !== undefined && port < 65_536) return port
  throw errors.serviceUnavailable(
    `error trying to reach service: dial tcp: ${
      isNumber ? `address ${text}: invalid port` : `lookup tcp/${text}: unknown port`
    }`,
  )
}

function podTarget(
  key: string,
  name: string,
  port: string,
  context: ApiContext,
  at: At,
): ProxyTarget {
  const found = context.store.get('Pod', key)
  if (found === undefined) throw errors.notFound(infoOf('Pod'), name)
  const pod = found as typeof found & Pod
  const address = pod.status?.podIP
  if (address === undefined) throw errors.badRequest('address not allowed')
  const first = pod.spec.containers.find(({ ports = [] }) => ports.length > 0)?.ports?.[0]
  return at(address, port === '' ? String(first?.containerPort ?? '') : port)
}

function serviceTarget(
  key: string,
  { id, name, port }: { readonly id: string; readonly name: string; readonly port: string },
  context: ApiContext,
  at: At,
): ProxyTarget {
  const { store } = context
  let portName = port
  if (/^[+-]?\d+$/.test(port)) {
    const found = store.get('Service', key)
    if (found === undefined) throw errors.notFound(infoOf('Service'), name)
    const service = found as typeof found & Service
    const declared = service.spec.ports?.find((candidate) => candidate.port === Number(port))
    if (declared === undefined) {
      throw errors.serviceUnavailable(
        `no service port ${Number(port)} found for service ${JSON.stringify(name)}`,
      )
    }
    portName = declared.name ?? ''
  }
  const found = store.get('Endpoints', key)
  if (found === undefined) throw errors.notFound(infoOf('Endpoints'), name)
  const { subsets = [] } = found as typeof found & Endpoints
  if (subsets.length === 0) {
    throw errors.serviceUnavailable(`no endpoints available for service ${JSON.stringify(name)}`)
  }
  const endpoints = subsets.flatMap(({ addresses = [], ports = [] }) => {
    const own = ports.find((candidate) => (candidate.name ?? '') === portName)
    return own === undefined ? [] : addresses.map(({ ip }) => ({ ip, port: own.port }))
  })
  // Any of them, as the real one throws dice.
  const endpoint = endpoints[(context.randomBytes(1)[0] ?? 0) % Math.max(1, endpoints.length)]
  if (endpoint === undefined) {
    throw errors.serviceUnavailable(`no endpoints available for service ${JSON.stringify(id)}`)
  }
  return at(endpoint.ip, String(endpoint.port))
}
