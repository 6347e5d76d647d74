import { createHash } from 'node:crypto'
import type { Pod } from '../../../kube/objects.ts'
import type { Connection, NodeAgent } from '../../ports.ts'
import type { ApiContext } from '../context.ts'
import { infoOf } from '../kinds/built-in-kinds.ts'
import type { ApiRequest } from '../request.ts'
import { errors } from '../status.ts'
import type { Route } from './route.ts'

/** A port forward that may begin: the listener connects its streams. */
export interface PortForward {
  readonly kind: 'port-forward'
  /** What the query names, for clients that cannot name ports later. */
  readonly ports: readonly number[]
  /**
   * Opens a connection inside the pod.
   * @throws PortForwardError
   */
  connect(port: number, signal: AbortSignal): Promise<Connection>
}

/** A connection that could not be opened; message as kubelet and containerd word it. */
export class PortForwardError extends Error {
  override readonly name = 'PortForwardError'
}

/**
 * What `pods/NAME/portforward` asks for.
 * @throws ApiError 400, 404
 */
export function portForwardOf(
  request: ApiRequest,
  { namespace, name = '' }: Route,
  { context, node }: { readonly context: ApiContext; readonly node: NodeAgent },
): PortForward {
  const key = `${namespace ?? 'default'}/${name}`
  const asked = context.store.get('Pod', key)
  if (asked === undefined) throw errors.notFound(infoOf('Pod'), name)
  const { uid } = asked.metadata
  if ((asked as typeof asked & Pod).spec.nodeName === undefined) {
    throw errors.badRequest(`pod ${name} does not have a host assigned`)
  }
  const sandbox = sandboxOf(uid ?? '')
  return {
    kind: 'port-forward',
    ports: portsOf(request.query),
    async connect(port, signal) {
      const failed = (why: string) =>
        new PortForwardError(`error forwarding port ${port} to pod ${sandbox.id}, uid : ${why}`)
      const now = context.store.get('Pod', key)
      if (now === undefined || now.metadata.uid !== uid) {
        throw failed(`network namespace for sandbox "${sandbox.id}" is closed`)
      }
      const pod = now as typeof now & Pod
      const outcome = await node.connectInPod(pod, port, { signal })
      if (outcome?.kind === 'connected') return outcome.connection
      const network = pod.spec.hostNetwork === true ? 'host' : sandbox.network
      const refused = (family: 4 | 6, address: string) =>
        `dial tcp${family} ${address}:${port}: connect: connection refused`
      throw failed(
        `failed to execute portforward in network namespace "${network}": failed to connect to localhost:${port} inside namespace "${sandbox.id}", IPv4: ${refused(4, '127.0.0.1')} IPv6 ${refused(6, '[::1]')} `,
      )
    },
  }
}

/** The pod's sandbox as containerd would name it, always the same for a pod. */
function sandboxOf(uid: string): { readonly id: string; readonly network: string } {
  const id = createHash('sha256').update(uid).digest('hex')
  const parts = [
    id.slice(0, 8),
    id.slice(8, 12),
    id.slice(12, 16),
    id.slice(16, 20),
    id.slice(20, 32),
  ]
  return { id, network: `/var/run/netns/cni-${parts.join('-')}` }
}

/** @throws ApiError 400 */
function portsOf(query: URLSearchParams): readonly number[] {
  return query
    .getAll('ports')
    .flatMap((list) => list.split(','))
    .filter((text) => text !== '')
    .map((text) => {
      const port = Number(text)
      if (!/^\d+$/.test(text) || port < 1 || port > 65_535) {
        throw errors.badRequest(`unable to parse ${JSON.stringify(text)} as a port`)
      }
      return port
    })
}
