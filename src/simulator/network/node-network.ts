import type { Pod } from '../../kube/objects.ts'
import type { NodeDialer, PodNetwork, PodNetworks } from '../ports.ts'

export interface NodeIdentity {
  readonly name: string
  readonly address: string
}

/** The node's own place on the network, taken when it is first needed: like a pod that shares the node's. */
export function nodeNetwork(networks: PodNetworks, node: NodeIdentity): () => PodNetwork {
  const self: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: node.name, namespace: 'kube-system' },
    spec: { containers: [], hostNetwork: true, nodeName: node.name },
    status: { hostIP: node.address, podIP: node.address },
  }
  let attached: PodNetwork | undefined
  return () => {
    attached ??= networks.attach(self)
    return attached
  }
}

/** Opens connections from the node. */
export function createNodeDialer(networks: PodNetworks, node: NodeIdentity): NodeDialer {
  const network = nodeNetwork(networks, node)
  return { connect: (to, options) => network().connect(to, options) }
}
