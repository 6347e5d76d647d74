import {
  assembleCluster,
  type SimulatedCluster,
  type SimulatedClusterOptions,
} from './assemble-cluster.ts'
import { createNetwork } from './network/network.ts'
import { createNodeDialer, nodeNetwork } from './network/node-network.ts'
import { createNodeProbe } from './network/node-probe.ts'
import { createContainerRuntime } from './pods/container-runtime.ts'
import { NODE_IP, NODE_NAME } from './seed/seed-objects.ts'

export type { Certificate } from './api/certificate.ts'
export type { ListenOptions } from './api/listen.ts'
export type { ApiRequest, ApiResponse } from './api/request.ts'
export type { SimulatedCluster, SimulatedClusterOptions } from './assemble-cluster.ts'
export { decodeSavedCluster, type SavedCluster } from './saved-cluster.ts'

/**
 * A Kubernetes cluster in this process: one node, CoreDNS, an API that `listen` opens, and a network that enforces
 * NetworkPolicy. It runs until `close`.
 */
export function createSimulatedCluster(options: SimulatedClusterOptions): SimulatedCluster {
  return assembleCluster(options, (view, clock) => {
    const network = createNetwork({ view, clock })
    const node = { name: NODE_NAME, address: NODE_IP }
    return {
      runtime: createContainerRuntime({ network, clock, view }),
      probe: createNodeProbe(network, node),
      dialer: createNodeDialer(network, node),
      listenOnNode: (port, accept) => {
        nodeNetwork(network, node)().listen(port, 'TCP', accept, '1/kube-apiserver')
      },
    }
  })
}
