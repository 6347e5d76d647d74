import { type KubeClient, KubeStatusError } from '../kube/client.ts'
import type {
  AnyKubeObject,
  EndpointSlice,
  Namespace,
  NetworkPolicy,
  Pod,
  Service,
} from '../kube/objects.ts'
import { type NodeAddresses, toPolicyState } from '../policy/policy-state.ts'
import type { PolicyState } from '../policy/types.ts'
import { ownSignal } from './own-signal.ts'

/** What grading knows of a cluster at one moment, read through the API. */
export interface ClusterState {
  readonly policy: PolicyState
  readonly pods: readonly Pod[]
  readonly services: readonly Service[]
  readonly endpointSlices: readonly EndpointSlice[]
}

/** Reads the state once for many checks. */
export interface StateReader {
  /** The state that was read first, or read again last. */
  read(signal: AbortSignal): Promise<ClusterState>
  /** Forgets it: the next `read` asks the cluster. */
  forget(): void
}

export function createStateReader(client: KubeClient): StateReader {
  let known: Promise<ClusterState> | undefined
  return {
    read: (signal) => {
      known ??= readClusterState(client, signal)
      // A reading that failed is not kept, or one abort would spoil all later ones.
      known.catch(() => {
        known = undefined
      })
      return known
    },
    forget: () => {
      known = undefined
    },
  }
}

/** Reads everything that decides about connections. Nodes are left out where the cluster does not show them. */
export async function readClusterState(
  client: KubeClient,
  signal: AbortSignal,
): Promise<ClusterState> {
  const list = async <T extends AnyKubeObject | Pod>(apiVersion: string, plural: string) =>
    (await client.list<T & AnyKubeObject>({ apiVersion, plural }, { signal: ownSignal(signal) }))
      .items
  const [namespaces, pods, services, slices, policies, nodes] = await Promise.all([
    list<Namespace & AnyKubeObject>('v1', 'namespaces'),
    list<Pod & AnyKubeObject>('v1', 'pods'),
    list<Service & AnyKubeObject>('v1', 'services'),
    list<EndpointSlice & AnyKubeObject>('discovery.k8s.io/v1', 'endpointslices'),
    list<NetworkPolicy & AnyKubeObject>('networking.k8s.io/v1', 'networkpolicies'),
    readNodes(client, signal),
  ])
  // A pod that is over sends nothing and receives nothing.
  const living = pods.filter(
    ({ status }) => status?.phase !== 'Succeeded' && status?.phase !== 'Failed',
  )
  return {
    policy: toPolicyState({ namespaces, pods: living, policies, nodes }),
    pods,
    services,
    endpointSlices: slices,
  }
}

async function readNodes(
  client: KubeClient,
  signal: AbortSignal,
): Promise<readonly NodeAddresses[]> {
  try {
    const { items } = await client.list<NodeAddresses>(
      { apiVersion: 'v1', plural: 'nodes' },
      { signal: ownSignal(signal) },
    )
    return items
  } catch (error) {
    if (error instanceof KubeStatusError && (error.code === 403 || error.code === 404)) return []
    throw error
  }
}
