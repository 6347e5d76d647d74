import { chmod } from 'node:fs/promises'
import type { Clock } from '../../base/clock.ts'
import { LabError } from '../../base/errors.ts'
import type { KubeClient } from '../../kube/client.ts'
import type { Pod } from '../../kube/objects.ts'
import { createActions } from '../actions.ts'
import { openKubeClient } from '../kube-client.ts'
import type { OpenOptions } from '../provider.ts'
import { CLUSTER, type KindCommand } from './kind-command.ts'
import { isImagePhase } from './kind-phases.ts'

interface StepOptions {
  /** Node image, where the learner named one. */
  readonly image: string | undefined
  readonly clock: Clock
}

/** How long a cluster that runs may take to answer before it counts as broken. */
const HEALTHY_MS = 10_000
/** The same for one whose node was started a moment ago. */
const STARTED_MS = 90_000
const DNS_MS = 120_000

/** A client to the cluster of an earlier run, where it is healthy. A broken one is removed. */
export async function reuseCluster(
  kind: KindCommand,
  { clock }: StepOptions,
  { signal, onAction }: OpenOptions,
): Promise<KubeClient | undefined> {
  if (!(await kind.exists(signal))) return undefined
  const act = createActions(onAction, clock)
  return act('cluster', `cluster ${CLUSTER} of an earlier run`, async (progress) => {
    const healthy = await reach(kind, clock, signal, HEALTHY_MS).then(
      async (client) =>
        client ??
        ((await kind.startNode(signal)) ? reach(kind, clock, signal, STARTED_MS) : undefined),
    )
    if (healthy === undefined) {
      progress({ detail: 'it does not answer, so it is removed and made again' })
      await kind.delete()
    }
    return healthy
  })
}

/** Makes the cluster. What a failure leaves half made is for the caller to remove. */
export async function createCluster(
  kind: KindCommand,
  options: StepOptions,
  { signal, onAction }: OpenOptions,
): Promise<KubeClient> {
  const act = createActions(onAction, options.clock)
  // Two lines for the learner: the pull, which depends on the network, and kind's own work.
  let title = 'node image'
  let onPull: () => void = () => undefined
  let working: string | undefined
  let onWork: (phase: string) => void = () => undefined
  const pulled = new Promise<void>((resolve) => {
    onPull = resolve
  })
  const made = kind.create({
    image: options.image,
    signal,
    onPhase: (phase) => {
      if (isImagePhase(phase)) {
        const name = /\((.+)\)/.exec(phase.title)?.[1]
        title = name === undefined ? title : `node image ${name}`
        if (phase.state === 'done') onPull()
      } else {
        onPull()
        working = phase.title
        onWork(working)
      }
    },
  })
  await act('node-image', 'node image for kind', async (progress) => {
    await Promise.race([pulled, made])
    progress({ title })
  })
  await act('cluster', `cluster ${CLUSTER} created`, async (progress) => {
    onWork = (phase) => progress({ detail: phase })
    if (working !== undefined) onWork(working)
    await made
    progress({ detail: undefined })
  })
  await protect(kind)
  return openKubeClient({ kubeconfig: kind.kubeconfig })
}

/** A client where the API server says that it is ready before the time is over. */
async function reach(
  kind: KindCommand,
  clock: Clock,
  signal: AbortSignal,
  limitMs: number,
): Promise<KubeClient | undefined> {
  const until = clock.now() + limitMs
  do {
    try {
      // The port changes when a node is started again, so the file is written for each try.
      await kind.exportKubeconfig(signal)
      await protect(kind)
      const client = await openKubeClient({ kubeconfig: kind.kubeconfig })
      const answer = await client.request({
        method: 'GET',
        path: '/readyz',
        signal: AbortSignal.any([signal, AbortSignal.timeout(HEALTHY_MS)]),
      })
      if (answer.status === 200) return client
      client.close()
    } catch {
      // A node that starts refuses, resets and lacks its kubeconfig for a while; only the time limit decides.
      signal.throwIfAborted()
    }
    await clock.sleep(1000, { signal })
  } while (clock.now() < until)
  return undefined
}

/** kind writes the file with mode 0600; an older file keeps the mode that it had. */
async function protect(kind: KindCommand): Promise<void> {
  await chmod(kind.kubeconfig, 0o600)
}

/** Lessons begin with names, so the name service has to run before step 1. */
export async function waitForDns(
  client: KubeClient,
  { clock }: StepOptions,
  { signal, onAction }: OpenOptions,
): Promise<void> {
  const act = createActions(onAction, clock)
  await act('dns', "the cluster's name service", async () => {
    const until = clock.now() + DNS_MS
    for (;;) {
      const { items } = await client.list<Pod>(
        { apiVersion: 'v1', plural: 'pods', namespace: 'kube-system' },
        { labelSelector: 'k8s-app=kube-dns', signal },
      )
      const ready = items.some((pod) =>
        pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
      )
      if (ready) return
      if (clock.now() > until) {
        throw new LabError(
          'ERR_KIND_FAILED',
          'The name service of the kind cluster does not start.',
          {
            why: `No pod with k8s-app=kube-dns in kube-system is ready after ${DNS_MS / 1000} s.`,
            next: ['Remove the cluster and try again: netpol-lab cluster delete'],
          },
        )
      }
      await clock.sleep(500, { signal })
    }
  })
}

/** Copies the images into the node that it does not have yet. */
export async function loadImages(
  kind: KindCommand,
  images: readonly string[],
  { clock }: StepOptions,
  { signal, onAction }: OpenOptions,
): Promise<void> {
  const act = createActions(onAction, clock)
  const title = (done: number) => `lesson images copied into it: ${done} of ${images.length}`
  await act('images', title(0), async (progress) => {
    for (const [index, image] of images.entries()) {
      if (!(await kind.nodeHas(image, signal))) await kind.load(image, signal)
      progress({ title: title(index + 1) })
    }
  })
}
