import type { Clock } from '../../base/clock.ts'
import { type DenySignature, runCanary } from '../../cluster/canary.ts'
import type { Cluster, ClusterKind, OpenOptions } from '../../cluster/provider.ts'
import { createProviders } from '../../cluster/providers.ts'
import type { Lab } from './lab.ts'

/** A cluster that has proved that it enforces policies, and how a denied connection looks on it. */
export interface ProvenCluster {
  readonly cluster: Cluster
  readonly denySignature: DenySignature
}

/**
 * Opens a cluster and proves with pods and policies of its own that it enforces NetworkPolicy. A cluster that does not is closed again.
 *
 * @throws LabError as the provider and the canary do.
 */
export async function openProvenCluster(
  lab: Lab,
  kind: ClusterKind,
  options: OpenOptions & {
    readonly clock: Clock
    readonly keeps?: boolean
    readonly identityFolder?: string | undefined
  },
): Promise<ProvenCluster> {
  const provider = createProviders({
    environment: lab.environment,
    home: lab.home,
    clock: options.clock,
    keeps: options.keeps,
    identityFolder: options.identityFolder,
  })[kind]
  const cluster = await provider.open(options)
  try {
    const canary = await runCanary(cluster.client, {
      signal: options.signal,
      clock: options.clock,
      onAction: options.onAction,
    })
    return { cluster, denySignature: canary.egress }
  } catch (error) {
    await cluster.leave(cluster.leaveChoices[0]?.id ?? 'keep')
    throw error
  }
}
