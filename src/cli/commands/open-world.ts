import { LabError } from '../../base/errors.ts'
import { readKubeconfigs } from '../../cluster/context/kubeconfigs.ts'
import { type KubeClientOptions, openKubeClient } from '../../cluster/kube-client.ts'
import { KubeStatusError } from '../../kube/client.ts'
import { openSignals } from '../../platform/signals.ts'
import { readPolicyState, readServices } from '../../shell/commands/cluster-policies.ts'
import { parseClusterKind } from '../wire/cluster-kind.ts'
import { findKubeconfigOf } from '../wire/kubeconfig-path.ts'
import { findLab } from '../wire/lab.ts'
import { loadSettings } from '../wire/settings.ts'
import { readManifestFiles } from './manifest-files.ts'
import {
  InventedAddresses,
  type PolicyWorld,
  withPoliciesOf,
  worldOfManifests,
} from './policy-world.ts'

/** Where the commands about policies take objects from. */
export interface WorldOptions {
  /** `-f`, as often as it was given. */
  readonly filename?: readonly string[]
  readonly context?: string
  readonly cluster?: string
}

/**
 * The world that the options name: manifests alone; a cluster alone; or a cluster with the policies of manifests applied.
 * Without an option it is the lab's cluster.
 *
 * @throws LabError ERR_USAGE for files that cannot be read, ERR_CLUSTER_UNREACHABLE for a cluster that does not answer
 */
export async function openWorld(
  options: WorldOptions,
  addresses = new InventedAddresses(),
): Promise<PolicyWorld> {
  const { filename = [], context, cluster } = options
  if (context !== undefined && cluster !== undefined && cluster !== 'context') {
    throw new LabError('ERR_USAGE', 'Name a --context or a --cluster, not both.')
  }
  const wantsCluster = filename.length === 0 || context !== undefined || cluster !== undefined
  if (!wantsCluster) return worldOfManifests(await readManifestFiles(filename), addresses)
  const manifests = filename.length === 0 ? [] : await readManifestFiles(filename)
  const world = await worldOfCluster(await clientOptions(options))
  return manifests.length === 0 ? world : withPoliciesOf(world, manifests)
}

async function clientOptions({ context, cluster }: WorldOptions): Promise<KubeClientOptions> {
  const lab = findLab()
  if (context !== undefined) {
    const found = await readKubeconfigs(lab.environment.kubeconfigPaths)
    const content = found.extract(context)
    if (content !== undefined) return { kubeconfig: { text: JSON.stringify(content) } }
    const names = found.contexts.map(({ name }) => name)
    throw new LabError('ERR_UNKNOWN_CLUSTER', `Your kubeconfig has no context "${context}".`, {
      next: [names.length === 0 ? 'It has no contexts.' : `It has: ${names.join(', ')}.`],
    })
  }
  const word =
    cluster ??
    lab.environment.lab.cluster ??
    (await loadSettings(lab)).settings.cluster ??
    'simulated'
  const kind = parseClusterKind(word, '--cluster')
  const kubeconfig = await findKubeconfigOf(kind, lab.home)
  if (kubeconfig !== undefined) return { kubeconfig }
  throw new LabError('ERR_CLUSTER_UNREACHABLE', 'The lab has no cluster of that kind now.', {
    next: [
      `Open the lab first: netpol-lab start --cluster ${kind}`,
      'Or look at manifests without a cluster: -f FILE',
    ],
  })
}

async function worldOfCluster(options: KubeClientOptions): Promise<PolicyWorld> {
  const client = await openKubeClient(options)
  const signals = openSignals({ source: process, onSecondSignal: () => process.exit(130) })
  try {
    const access = { client, signal: signals.signal }
    const [state, found] = await Promise.all([readPolicyState(access), readServices(access)])
    return {
      state,
      ...found,
      workloads: new Map(),
      unknownNamespaces: [],
      invented: new Set(),
      placeOf: () => undefined,
    }
  } catch (error) {
    if (!(error instanceof KubeStatusError)) throw error
    throw new LabError('ERR_CLUSTER_UNREACHABLE', 'The cluster does not show what is needed.', {
      why: error.message,
      next: ['You need the right to list namespaces, pods, nodes, services and network policies.'],
      cause: error,
    })
  } finally {
    client.close()
    await signals.close()
  }
}

/** What is not known about a world and may change an answer, for stderr. */
export function worldNotes(world: PolicyWorld): readonly string[] {
  const asksLabels = world.state.policies.some((policy) =>
    [...(policy.spec?.ingress ?? []), ...(policy.spec?.egress ?? [])].some((rule) =>
      [...('from' in rule ? (rule.from ?? []) : []), ...('to' in rule ? (rule.to ?? []) : [])].some(
        ({ namespaceSelector }) =>
          [
            ...Object.keys(namespaceSelector?.matchLabels ?? {}),
            ...(namespaceSelector?.matchExpressions ?? []).map(({ key }) => key),
          ].some((key) => key !== 'kubernetes.io/metadata.name'),
      ),
    ),
  )
  if (!asksLabels || world.unknownNamespaces.length === 0) return []
  const names = world.unknownNamespaces.join(', ')
  return [
    `No file has the labels of namespace ${names}: it counts as having none but its name. Add its manifest.`,
  ]
}
