import type { Container, KubeObject, Namespace, NetworkPolicy, Pod } from '../kube/objects.ts'
import type { PolicyPod, PolicyState } from './types.ts'

/** A node as far as policies care. */
export interface NodeAddresses extends KubeObject {
  readonly status?: {
    readonly addresses?: readonly { readonly type: string; readonly address: string }[]
  }
}

/** The objects of a cluster that decide about connections. */
export interface PolicyObjects {
  readonly namespaces: readonly Namespace[]
  readonly pods: readonly Pod[]
  readonly policies: readonly NetworkPolicy[]
  readonly nodes?: readonly NodeAddresses[]
}

/**
 * The policy view of Kubernetes objects. Pods without an address are left out: nothing can match them. Where an address was
 * given twice, the running pod comes before one that is over.
 */
export function toPolicyState(objects: PolicyObjects): PolicyState {
  const pods = objects.pods.map(toPolicyPod).filter(({ ips }) => ips.length > 0)
  const order = new Map(
    objects.pods.map((pod) => [`${pod.metadata.namespace}/${pod.metadata.name}`, rank(pod)]),
  )
  const rankOf = ({ namespace, name }: PolicyPod) => order.get(`${namespace}/${name}`) ?? 0
  const nodes = (objects.nodes ?? []).map(({ metadata, status }) => ({
    name: metadata.name,
    addresses: (status?.addresses ?? [])
      .filter(({ type }) => type === 'InternalIP' || type === 'ExternalIP')
      .map(({ address }) => address),
  }))
  return {
    namespaces: objects.namespaces.map(({ metadata }) => ({
      name: metadata.name,
      labels: { ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name },
    })),
    pods: pods.toSorted((a, b) => rankOf(a) - rankOf(b)),
    policies: objects.policies,
    nodes,
  }
}

/** One pod as policies see it. */
export function toPolicyPod(pod: Pod): PolicyPod {
  const { metadata, spec, status } = pod
  const ips = (status?.podIPs ?? []).map(({ ip }) => ip)
  const [first] = ips
  if (status?.podIP !== undefined && first === undefined) ips.push(status.podIP)
  // Restartable init containers live as long as the pod, so the names of their ports count.
  const sidecars = (spec.initContainers ?? []).filter(
    ({ restartPolicy }) => restartPolicy === 'Always',
  )
  return {
    namespace: metadata.namespace ?? 'default',
    name: metadata.name,
    labels: metadata.labels ?? {},
    ips,
    ports: [...spec.containers, ...sidecars].flatMap(declaredPorts),
    ...(spec.hostNetwork === true ? { hostNetwork: true } : {}),
    ...(spec.nodeName === undefined ? {} : { node: spec.nodeName }),
  }
}

function declaredPorts(container: Pick<Container, 'ports'>): PolicyPod['ports'] {
  return (container.ports ?? []).map(({ name, containerPort, protocol }) => ({
    ...(name === undefined ? {} : { name }),
    port: containerPort,
    protocol: protocol ?? 'TCP',
  }))
}

function rank({ status }: Pod): number {
  if (status?.phase === 'Running') return 0
  return status?.phase === 'Succeeded' || status?.phase === 'Failed' ? 2 : 1
}
