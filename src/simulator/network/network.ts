import type { Clock } from '../../base/clock.ts'
import type { Pod } from '../../kube/objects.ts'
import type { AttachedPodNetwork, ClusterView, PodNetworks } from '../ports.ts'
import { createEndpointPicker } from './endpoint-picker.ts'
import { createPolicyJudge, type Judge } from './judge.ts'
import type { Host, NetworkCore } from './network-core.ts'
import { OUTSIDE_WORLD, type OutsideHost } from './outside-world.ts'
import { attachOutside, attachPod } from './pod-attachment.ts'
import type { NodeAddress } from './routes.ts'

export interface NetworkOptions {
  readonly view: ClusterView
  readonly clock: Clock
  /** Addresses of the nodes. @default what the pods' `status.hostIP` says */
  readonly nodes?: () => readonly NodeAddress[]
  /** @default OUTSIDE_WORLD */
  readonly world?: readonly OutsideHost[]
  /** @default the policy engine on the live objects */
  readonly judge?: Judge
}

/** The pods' networks, and a place outside the cluster to look at it from. */
export interface ClusterNetwork extends PodNetworks {
  /** A machine outside the cluster: it reaches the nodes and the services that are published, no pod and no ClusterIP. */
  attachOutside(address: string): AttachedPodNetwork
}

/** The range that Linux takes the ports of clients from. */
const FIRST_EPHEMERAL_PORT = 32_768
const LAST_EPHEMERAL_PORT = 60_999

/**
 * The network of one simulated cluster. Policies judge each new connection on the live objects; a connection that
 * is set up lives on. Denied packets are dropped without a word, as kindnet, Calico and Cilium do.
 */
export function createNetwork(options: NetworkOptions): ClusterNetwork {
  const { view, clock } = options
  const hosts = new Map<string, Host>()
  const outside = new Map<string, AttachedPodNetwork>()
  let port = FIRST_EPHEMERAL_PORT

  const core: NetworkCore = {
    view,
    clock,
    world: options.world ?? OUTSIDE_WORLD,
    judge: options.judge ?? createPolicyJudge(),
    hosts,
    nodes: () => options.nodes?.() ?? nodesOf(view.pods()),
    jitter: createJitter(),
    pickEndpoint: createEndpointPicker(clock),
    ephemeralPort: () => {
      port = port >= LAST_EPHEMERAL_PORT ? FIRST_EPHEMERAL_PORT : port + 1
      return port
    },
    outside: (address) => {
      const known = outside.get(address) ?? attachOutside(core, address)
      outside.set(address, known)
      return known
    },
  }
  return {
    attach: (pod) => attachPod(core, pod),
    attachOutside: (address) => attachOutside(core, address),
  }
}

function nodesOf(pods: readonly Pod[]): NodeAddress[] {
  const byName = new Map<string, string>()
  for (const pod of pods) {
    if (pod.spec.nodeName !== undefined && pod.status?.hostIP !== undefined) {
      byName.set(pod.spec.nodeName, pod.status.hostIP)
    }
  }
  return [...byName].map(([name, address]) => ({ name, addresses: [address] }))
}

/** Varies a delay by up to a half, the same way in every run. */
function createJitter(): (baseMs: number) => number {
  let state = 0x2545_f491
  return (baseMs) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return baseMs * (1 + state / 0x2_0000_0000)
  }
}
