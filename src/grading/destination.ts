import { parseAddress } from '../policy/address.ts'
import type { ClusterState } from './cluster-state.ts'

/** What `to` of a probe means: a name to look up, an address, or the sentence why neither. */
export type Destination =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'unknown'; readonly reason: string }

/**
 * Resolves `to` of a probe: `web` and `www.example.com` are names as typed; `service/web`, `service/NS/web`, `pod/web`,
 * `pod/NS/web` and `pod/NS/label=value` stand for the address that the API has at this moment.
 */
export function resolveDestination(to: string, home: string, state: ClusterState): Destination {
  if (parseAddress(to) !== undefined) return { kind: 'address', address: to }
  const [kind, ...rest] = to.split('/')
  if (rest.length === 0 || (kind !== 'service' && kind !== 'pod')) return { kind: 'name', name: to }
  const { namespace, name } = namedIn(rest.join('/'), home)
  return kind === 'service'
    ? serviceAddress(namespace, name, state)
    : podAddress(namespace, name, state)
}

/** `web` or `shop/web`, and labels that may have a `/` of their own: `shop/app.kubernetes.io/name=web`. */
function namedIn(text: string, home: string): { namespace: string; name: string } {
  const slash = text.indexOf('/')
  const isLabelOnly = slash !== -1 && text.slice(0, slash).includes('.')
  if (slash === -1 || isLabelOnly) return { namespace: home, name: text }
  return { namespace: text.slice(0, slash), name: text.slice(slash + 1) }
}

function serviceAddress(namespace: string, name: string, state: ClusterState): Destination {
  const service = state.services.find(
    ({ metadata }) => metadata.namespace === namespace && metadata.name === name,
  )
  if (service === undefined) {
    return { kind: 'unknown', reason: `There is no service ${name} in namespace ${namespace}.` }
  }
  const { clusterIP } = service.spec
  if (clusterIP !== undefined && clusterIP !== '' && clusterIP !== 'None') {
    return { kind: 'address', address: clusterIP }
  }
  // A headless service has the addresses of its pods.
  const address = state.endpointSlices
    .filter(({ metadata }) => metadata.namespace === namespace)
    .filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === name)
    .flatMap(({ endpoints }) => endpoints)
    .find(({ conditions }) => conditions?.ready !== false)?.addresses[0]
  return address === undefined
    ? { kind: 'unknown', reason: `Service ${namespace}/${name} has no address.` }
    : { kind: 'address', address }
}

function podAddress(namespace: string, name: string, state: ClusterState): Destination {
  const labels = name.includes('=') ? parseLabels(name) : undefined
  const pod = state.pods.find(
    ({ metadata, status }) =>
      metadata.namespace === namespace &&
      status?.phase === 'Running' &&
      metadata.deletionTimestamp === undefined &&
      (labels === undefined
        ? metadata.name === name
        : labels.every(([key, value]) => metadata.labels?.[key] === value)),
  )
  const address = pod?.status?.podIP
  if (address !== undefined) return { kind: 'address', address }
  const who = labels === undefined ? `${namespace}/${name}` : `with ${name} in ${namespace}`
  return { kind: 'unknown', reason: `There is no running pod ${who}.` }
}

/** `a=b,c=d`. */
export function parseLabels(text: string): readonly (readonly [string, string])[] {
  return text.split(',').map((pair) => {
    const at = pair.indexOf('=')
    return [pair.slice(0, at), pair.slice(at + 1)] as const
  })
}
