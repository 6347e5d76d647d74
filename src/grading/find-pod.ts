import type { KubeClient } from '../kube/client.ts'
import type { Pod } from '../kube/objects.ts'
import type { ProbeSource } from '../lessons/model.ts'
import { inMotion, waitWhile } from './in-motion.ts'

/** A pod to probe from, or the sentence why there is none. */
export type FoundPod =
  | { readonly kind: 'found'; readonly pod: Pod }
  | { readonly kind: 'missing'; readonly reason: string }

/** Finds the pod that a probe runs in, and waits a moment for one that is about to run. @param known pods that were read just now */
export async function findPod(
  client: KubeClient,
  source: ProbeSource,
  signal: AbortSignal,
  known: readonly Pod[] = [],
): Promise<FoundPod> {
  const { namespace } = source
  const running = known.find((pod) => isRunning(pod) && isMeant(pod, source))
  if (running !== undefined) return { kind: 'found', pod: running }
  const labelSelector = Object.entries(source.labels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(',')
  const name = source.pod ?? (await firstRunning(client, namespace, labelSelector, signal))
  if (name === undefined) {
    const reason = `No running pod of namespace ${namespace} carries ${labelSelector}.`
    return { kind: 'missing', reason }
  }
  const ref = { apiVersion: 'v1', plural: 'pods', namespace, name }
  const pod = await waitWhile<Pod>(client, ref, (one) => isStarting(one), signal)
  if (pod === undefined) {
    return { kind: 'missing', reason: `There is no pod ${name} in namespace ${namespace}.` }
  }
  if (pod.status?.phase !== 'Running') {
    const phase = pod.status?.phase ?? 'not started'
    return { kind: 'missing', reason: `Pod ${namespace}/${name} is ${phase}, not Running.` }
  }
  return { kind: 'found', pod }
}

function isRunning({ metadata, status }: Pod): boolean {
  return status?.phase === 'Running' && metadata.deletionTimestamp === undefined
}

function isMeant({ metadata }: Pod, { namespace, pod, labels = {} }: ProbeSource): boolean {
  if (metadata.namespace !== namespace) return false
  if (pod !== undefined) return metadata.name === pod
  return Object.entries(labels).every(([key, value]) => metadata.labels?.[key] === value)
}

async function firstRunning(
  client: KubeClient,
  namespace: string,
  labelSelector: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { items } = await client.list<Pod>(
    { apiVersion: 'v1', plural: 'pods', namespace },
    { labelSelector, signal },
  )
  const living = items.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
  const best = living.find(({ status }) => status?.phase === 'Running') ?? living[0]
  return best?.metadata.name
}

/** A pod that will run within moments: not one whose image cannot be had. */
function isStarting(pod: Pod): boolean {
  return inMotion(pod) && pod.metadata.deletionTimestamp === undefined
}
