import type { EndpointSlice, Protocol, Service } from '../../kube/objects.ts'
import { parseAddress } from '../../policy/address.ts'
import type { Endpoint, PolicyState } from '../../policy/types.ts'
import { KubectlError } from '../kubectl/kubectl-error.ts'

/** Where a connection ends after service translation. */
export interface ResolvedEnd {
  readonly endpoint: Endpoint
  /** The port there. */
  readonly port: number
  /** How it was found, where that is worth saying: `service web sends port 80 to pod web-1, port 8080`. */
  readonly note?: string
}

export interface World {
  readonly state: PolicyState
  readonly services: readonly Service[]
  readonly slices: readonly EndpointSlice[]
}

/** The pod or address that starts a connection: `test`, `ns/test`, `10.0.0.1`. @throws KubectlError */
export function resolveSource(world: World, typed: string, home: string): Endpoint {
  if (parseAddress(typed) !== undefined) return addressEnd(world, typed)
  const name = typed.replace(/^pods?\//, '')
  const pod = findPod(world, name, home)
  if (pod !== undefined) return pod
  throw new KubectlError(`there is no pod ${name} with an address in namespace ${home}`)
}

/** The other end: a pod, `service/web`, or an address. @throws KubectlError */
export function resolveDestination(
  world: World,
  typed: string,
  port: number,
  protocol: Protocol,
  home: string,
): ResolvedEnd {
  if (parseAddress(typed) !== undefined) {
    const service = world.services.find((one) => one.spec.clusterIP === typed)
    if (service !== undefined) return behindService(world, service, port, protocol)
    return { endpoint: addressEnd(world, typed), port }
  }
  const forced = /^(?:services?|svc)\/(.+)$/.exec(typed)?.[1]
  if (forced === undefined) {
    const pod = findPod(world, typed.replace(/^pods?\//, ''), home)
    if (pod !== undefined) return { endpoint: pod, port }
  }
  const name = forced ?? typed
  const [namespace, own] = name.includes('/') ? (name.split('/') as [string, string]) : [home, name]
  const service = world.services.find(
    (one) => one.metadata.name === own && (one.metadata.namespace ?? 'default') === namespace,
  )
  if (service !== undefined) return behindService(world, service, port, protocol)
  if (typed.includes('.')) {
    throw new KubectlError(
      `${typed} is a name that only a pod can look up. Ask from a pod with nslookup ${typed}, then name its address here`,
    )
  }
  throw new KubectlError(`there is no pod and no service ${own} in namespace ${namespace}`)
}

function findPod(world: World, name: string, home: string): Endpoint | undefined {
  const [namespace, own] = name.includes('/') ? (name.split('/') as [string, string]) : [home, name]
  const pod = world.state.pods.find((one) => one.name === own && one.namespace === namespace)
  return pod === undefined ? undefined : { kind: 'pod', namespace, name: own }
}

function addressEnd(world: World, address: string): Endpoint {
  const pod = world.state.pods.find((one) => one.ips.includes(address) && one.hostNetwork !== true)
  return pod === undefined
    ? { kind: 'address', address }
    : { kind: 'pod', namespace: pod.namespace, name: pod.name }
}

/** Looking up a headless service gives the pods themselves: no port is translated. */
function behindHeadless(world: World, service: Service, port: number): ResolvedEnd {
  const { name, namespace = 'default' } = service.metadata
  const address = world.slices
    .filter(
      ({ metadata }) =>
        metadata.namespace === namespace &&
        metadata.labels?.['kubernetes.io/service-name'] === name,
    )
    .flatMap(({ endpoints }) => endpoints)
    .find(({ conditions }) => conditions?.ready !== false)?.addresses[0]
  if (address === undefined) {
    throw new KubectlError(`no ready pod stands behind service ${name}, so its name leads nowhere`)
  }
  const endpoint = addressEnd(world, address)
  const shown = endpoint.kind === 'pod' ? `pod ${endpoint.name}` : address
  return { endpoint, port, note: `Service ${name} is headless: its name leads to ${shown} itself.` }
}

function behindService(
  world: World,
  service: Service,
  port: number,
  protocol: Protocol,
): ResolvedEnd {
  const { name, namespace = 'default' } = service.metadata
  if (service.spec.clusterIP === 'None') return behindHeadless(world, service, port)
  const declared = service.spec.ports?.find(
    (one) => one.port === port && (one.protocol ?? 'TCP') === protocol,
  )
  if (declared === undefined) {
    const ports = (service.spec.ports ?? []).map((one) => `${one.port}/${one.protocol ?? 'TCP'}`)
    throw new KubectlError(
      `service ${name} has no port ${port}/${protocol}; it has ${ports.join(', ') || 'none'}`,
    )
  }
  const slice = world.slices.find(
    (one) =>
      one.metadata.namespace === namespace &&
      one.metadata.labels?.['kubernetes.io/service-name'] === name &&
      one.ports.some((its) => (its.name ?? '') === (declared.name ?? '')),
  )
  const ready = slice?.endpoints.find((one) => one.conditions?.ready !== false)
  const address = ready?.addresses[0]
  const target = slice?.ports.find((its) => (its.name ?? '') === (declared.name ?? ''))?.port
  if (address === undefined || target === undefined) {
    throw new KubectlError(
      `no ready pod stands behind service ${name}, so a connection to it is refused before any policy is asked`,
    )
  }
  const endpoint = addressEnd(world, address)
  const shown = endpoint.kind === 'pod' ? `pod ${endpoint.name}` : address
  return {
    endpoint,
    port: target,
    note: `Service ${name} sends port ${port} to ${shown}, port ${target}. Policies see that port.`,
  }
}
