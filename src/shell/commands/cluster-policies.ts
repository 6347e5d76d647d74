import type { EndpointSlice, Namespace, NetworkPolicy, Pod, Service } from '../../kube/objects.ts'
import { type NodeAddresses, toPolicyState } from '../../policy/policy-state.ts'
import type { PolicyState } from '../../policy/types.ts'
import type { KubectlCall } from '../kubectl/kubectl.ts'
import { loadManifests } from '../kubectl/manifests.ts'
import { addSource } from '../kubectl/print-error.ts'
import { targetOf } from '../kubectl/targets.ts'
import { isNetworkPolicy } from './is-network-policy.ts'

type ClusterAccess = Pick<KubectlCall, 'client' | 'signal'>

/** What the cluster has that decides about connections, read through its API. */
export async function readPolicyState(call: ClusterAccess): Promise<PolicyState> {
  const options = { signal: call.signal }
  const core = (plural: string) => ({ apiVersion: 'v1', plural })
  const [namespaces, pods, nodes, policies] = await Promise.all([
    call.client.list<Namespace>(core('namespaces'), options),
    call.client.list<Pod>(core('pods'), options),
    call.client.list<NodeAddresses>(core('nodes'), options),
    call.client.list<NetworkPolicy>(
      { apiVersion: 'networking.k8s.io/v1', plural: 'networkpolicies' },
      options,
    ),
  ])
  return toPolicyState({
    namespaces: namespaces.items,
    // A pod that is over sends and receives nothing.
    pods: pods.items.filter(
      ({ status }) => status?.phase !== 'Succeeded' && status?.phase !== 'Failed',
    ),
    nodes: nodes.items,
    policies: policies.items,
  })
}

/** Services and what stands behind them. */
export async function readServices(call: ClusterAccess): Promise<{
  readonly services: readonly Service[]
  readonly slices: readonly EndpointSlice[]
}> {
  const options = { signal: call.signal }
  const [services, slices] = await Promise.all([
    call.client.list<Service>({ apiVersion: 'v1', plural: 'services' }, options),
    call.client.list<EndpointSlice>(
      { apiVersion: 'discovery.k8s.io/v1', plural: 'endpointslices' },
      options,
    ),
  ])
  return { services: services.items, slices: slices.items }
}

/**
 * The policies of a manifest as the cluster would store them: a dry run checks them and fills in what they leave out.
 * Other objects of the file are left out.
 */
export async function readPolicyFile(
  call: KubectlCall,
  name: string,
): Promise<readonly NetworkPolicy[]> {
  const context = { ...call, enforceNamespace: false }
  const policies: NetworkPolicy[] = []
  for (const { object, source } of await loadManifests(context, [name], { recursive: false })) {
    const target = await targetOf(context, object, source)
    if (target.kind.kind !== 'NetworkPolicy' || target.object === undefined) continue
    const { name: own } = target.object.metadata
    // Another name, so that a policy of this one that is there already is not in the way.
    const asked = {
      ...target.object,
      metadata: { ...target.object.metadata, name: `${own}-compared` },
    }
    const stored = await call.client
      .create(asked, { dryRun: true, fieldValidation: 'Strict', signal: call.signal })
      .catch((error: unknown) => {
        throw addSource('reading', source, error)
      })
    const named = { ...stored, metadata: { ...stored.metadata, name: own } }
    if (isNetworkPolicy(named)) policies.push(named)
  }
  return policies
}
