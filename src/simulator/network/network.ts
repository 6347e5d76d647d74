import type { Clock } from '../../base/clock.ts'
import type { Pod, Service } from '../../kube/objects.ts'
import type { ClusterView, PodNetworks } from '../ports.ts'
import { createPolicyJudge, type Judge } from './judge.ts'
import type { Host, NetworkCore } from './network-core.ts'
import { OUTSIDE_WORLD, type OutsideHost } from './outside-world.ts'
import { attachPod } from './pod-attachment.ts'
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

/** The range that Linux takes the ports of clients from. */
const FIRST_EPHEMERAL_PORT = 32_768
const LAST_EPHEMERAL_PORT = 60_999

/**
 * The network of one simulated cluster. Policies judge each new connection on the live objects; a connection that
 * is set up lives on. Denied packets are dropped without a word, as kindnet, Calico and Cilium do.
 */
export function createNetwork(options: NetworkOptions): PodNetworks {
  const { view, clock } = options
  const hosts = new Map<string, Host>()
  const rotation = new Map<string, number>()
  let port = FIRST_EPHEMERAL_PORT

  const core: NetworkCore = {
    view,
    clock,
    world: options.world ?? OUTSIDE_WORLD,
    judge: options.judge ?? createPolicyJudge(),
    hosts,
    nodes: () => options.nodes?.() ?? nodesOf(view.pods()),
    jitter: createJitter(),
    pickEndpoint: (from) => (service: Service, count: number) => {
      if (service.spec.sessionAffinity === 'ClientIP') return hash(from) % count
      const key = `${service.metadata.namespace}/${service.metadata.name}`
      const turn = rotation.get(key) ?? 0
      rotation.set(key, turn + 1)
      return turn % count
    },
    ephemeralPort: () => {
      port = port >= LAST_EPHEMERAL_PORT ? FIRST_EPHEMERAL_PORT : port + 1
      return port
    },
  }
  return { attach: (pod) => attachPod(core, pod) }
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

function hash(text: string): number {
  let value = 5381
  for (const char of text) value = (value * 33 + (char.codePointAt(0) ?? 0)) >>> 0
  return value
}

/** Varies a delay by up to a half, the same way in every run. */
function createJitter(): (baseMs: number) => number {
  let state = 0x2545_f491
  return (baseMs) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return baseMs * (1 + state / 0x2_0000_0000)
  }
}
