import type { Pod } from '../../kube/objects.ts'
import type { ClusterView, PodNetwork } from '../ports.ts'
import { NODE_NAME_SERVER } from './outside-world.ts'

/** Where kind and kubeadm put kube-dns; used until the service is there. */
const CLUSTER_DNS = '10.96.0.10'

/** The name servers of a pod by its dnsPolicy, with its dnsConfig added (kubelet: pkg/kubelet/network/dns). */
export function resolverOf(view: ClusterView, pod: Pod): PodNetwork['resolver'] {
  const base = byPolicy(view, pod)
  const config = pod.spec.dnsConfig
  if (config === undefined) return base
  const nameservers = [
    ...(base.nameserver === '' ? [] : [base.nameserver]),
    ...(config.nameservers ?? []),
  ]
  const options = (config.options ?? []).filter(({ name }) => name !== 'ndots')
  const ndots = config.options?.find(({ name }) => name === 'ndots')?.value
  return {
    nameserver: nameservers[0] ?? '',
    nameservers: [...new Set(nameservers)].slice(0, 3),
    search: [...new Set([...base.search, ...(config.searches ?? [])])],
    ndots: ndots === undefined ? base.ndots : Number(ndots),
    options: options.map(({ name = '', value }) =>
      value === undefined ? name : `${name}:${value}`,
    ),
  }
}

function byPolicy(view: ClusterView, pod: Pod): PodNetwork['resolver'] {
  const policy = pod.spec.dnsPolicy ?? 'ClusterFirst'
  if (policy === 'None') return { nameserver: '', search: [], ndots: 1 }
  const usesNode =
    policy === 'Default' || (pod.spec.hostNetwork === true && policy !== 'ClusterFirstWithHostNet')
  if (usesNode) return { nameserver: NODE_NAME_SERVER, search: [], ndots: 1 }
  const dns = view
    .services()
    .find(({ metadata }) => metadata.name === 'kube-dns' && metadata.namespace === 'kube-system')
  const namespace = pod.metadata.namespace ?? 'default'
  return {
    nameserver: dns?.spec.clusterIP ?? CLUSTER_DNS,
    search: [`${namespace}.svc.cluster.local`, 'svc.cluster.local', 'cluster.local'],
    ndots: 5,
  }
}
