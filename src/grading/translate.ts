import type { EndpointSlice, Service } from '../kube/objects.ts'
import type { Endpoint, Flow } from '../policy/types.ts'
import type { ClusterState } from './cluster-state.ts'

/** Where a connection to an address and port arrives, after a Service picked a pod. */
export type Translated =
  /** Every flow that the Service may make of it; one where there is no choice. */
  | { readonly kind: 'flows'; readonly to: readonly Pick<Flow, 'to' | 'port' | 'viaService'>[] }
  /** A Service without a ready endpoint: kube-proxy rejects at once. */
  | { readonly kind: 'rejected' }
  /** A Service address and a port that it does not have: nobody answers. */
  | { readonly kind: 'nowhere' }

/**
 * Translates an address as kube-proxy does, in its iptables mode: cluster addresses become ready pods and their ports; ICMP
 * to a cluster address is answered by nobody.
 */
export function translate(
  address: string,
  port: number | undefined,
  protocol: Flow['protocol'],
  state: ClusterState,
): Translated {
  const service = state.services.find(({ spec }) => addressesOf(spec).includes(address))
  if (service === undefined) {
    const to: Endpoint = { kind: 'address', address }
    return { kind: 'flows', to: [{ to, ...(port === undefined ? {} : { port }) }] }
  }
  const entry = (service.spec.ports ?? []).find(
    (one) => one.port === port && (one.protocol ?? 'TCP') === protocol,
  )
  if (entry === undefined) return { kind: 'nowhere' }
  const to = readyEndpoints(service, entry.name, state.endpointSlices)
  return to.length === 0 ? { kind: 'rejected' } : { kind: 'flows', to }
}

function addressesOf(spec: Service['spec']): readonly string[] {
  return spec.clusterIPs ?? (spec.clusterIP === undefined ? [] : [spec.clusterIP])
}

function readyEndpoints(
  { metadata }: Service,
  portName: string | undefined,
  slices: readonly EndpointSlice[],
): readonly Pick<Flow, 'to' | 'port' | 'viaService'>[] {
  return slices
    .filter(
      (slice) =>
        slice.metadata.namespace === metadata.namespace &&
        slice.metadata.labels?.['kubernetes.io/service-name'] === metadata.name,
    )
    .flatMap(({ endpoints, ports }) => {
      const port = ports.find(({ name = '' }) => name === (portName ?? ''))?.port
      return (endpoints ?? [])
        .filter(({ conditions }) => conditions?.ready !== false)
        .flatMap(({ addresses }) => addresses.slice(0, 1))
        .map((address) => ({
          to: { kind: 'address' as const, address },
          ...(port === undefined ? {} : { port }),
          viaService: true,
        }))
    })
}
