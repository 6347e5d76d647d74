import { chmod, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { LabError } from '../../base/errors.ts'
import type { KubeClient } from '../../kube/client.ts'
import type { Pod } from '../../kube/objects.ts'
import { takeLock } from '../../platform/lock-file.ts'
import { createActions } from '../actions.ts'
import { openKubeClient } from '../kube-client.ts'
import type { Cluster, ClusterProvider, LeaveChoice, OpenOptions } from '../provider.ts'
import { CLUSTER, createKindCommand, type KindCommand } from './kind-command.ts'
import { isImagePhase } from './kind-phases.ts'
import { findPrerequisites, readinessOf, requireReady } from './prerequisites.ts'

export interface KindProviderOptions {
  /** Folder of all clusters of the lab. */
  readonly folder: string
  /** The environment of kind and the engine. */
  readonly env: Readonly<Record<string, string>>
  readonly platform: NodeJS.Platform
  /** Node image, where the learner named one. */
  readonly image: string | undefined
  /** Of the computer. */
  readonly clock: Clock
  /** Images that every run needs, beside those of the lesson: the canary's. */
  readonly images: readonly string[]
}

const CHOICES: readonly LeaveChoice[] = [
  { id: 'keep', label: 'Keep it running', sentence: 'the next start is instant' },
  { id: 'save', label: 'Save and stop it', sentence: 'the next start takes about 20 s' },
  {
    id: 'destroy',
    label: 'Destroy it',
    sentence: 'deletes the cluster; the steps so far run again by themselves at the next start',
  },
]

/** How long a cluster that runs may take to answer before it counts as broken. */
const HEALTHY_MS = 10_000
/** The same for one whose node was started a moment ago. */
const STARTED_MS = 90_000
const DNS_MS = 120_000

/** Makes, reuses and removes the kind cluster `netpol-lab` with the `kind` program. */
export function createKindProvider(options: KindProviderOptions): ClusterProvider {
  const folder = join(options.folder, 'kind')
  const { env, platform } = options
  return {
    kind: 'kind',
    title: 'kind cluster',
    about: 'A real cluster in a container of this computer, made and removed by kind.',
    detect: async ({ signal }) => readinessOf(await findPrerequisites({ env, signal }), platform),
    open: (open) => openKind(options, folder, open),
    remove: async ({ signal }) => {
      const found = await findPrerequisites({ env, signal })
      // Without kind or an engine there is no cluster that could be removed.
      if (found.kind === 'ready') {
        await createKindCommand({ folder, engine: found.engine, env }).delete()
      }
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function openKind(
  options: KindProviderOptions,
  folder: string,
  open: OpenOptions,
): Promise<Cluster> {
  const { signal } = open
  const { clock } = options
  const act = createActions(open.onAction, clock)
  const found = await act('engine', 'container engine and kind', async (progress) => {
    const ready = requireReady(
      await findPrerequisites({ env: options.env, signal }),
      options.platform,
    )
    progress({ title: `${ready.engine.title} answers` })
    return ready
  })
  const lock = await takeLock(join(folder, 'lock'))
  if (lock.kind === 'taken') {
    throw new LabError('ERR_LOCKED', 'Another netpol-lab opens the kind cluster now.', {
      why: `Process ${lock.pid} has it.`,
      next: ['Wait until it is open, then try again.'],
    })
  }
  const kind = createKindCommand({ folder, engine: found.engine, env: options.env })
  /** Whether what stands now was made by this call: then a failure takes it away again. */
  let ours = false
  let client: KubeClient | undefined
  try {
    client = await reuse(kind, options, open)
    if (client === undefined) {
      ours = true
      client = await create(kind, options, open)
    }
    await waitForDns(client, options, open)
    await loadImages(kind, [...new Set([...open.images, ...options.images])], options, open)
  } catch (error) {
    client?.close()
    const cause = signal.aborted ? signal.reason : error
    if (ours) {
      try {
        await act('clean-up', 'what was half made is removed', () => kind.delete())
      } catch (failure) {
        throw notCleanedUp(cause, failure)
      }
    }
    throw cause
  } finally {
    await lock.release()
  }

  const opened = client
  let left: Promise<void> | undefined
  const leave = async (choice: LeaveChoice['id']) => {
    opened.close()
    if (choice === 'save') await kind.stopNode()
    if (choice === 'destroy') await kind.delete()
  }
  return {
    kind: 'kind',
    title: `kind cluster ${CLUSTER}`,
    kubeconfig: kind.kubeconfig,
    client,
    leaveChoices: CHOICES,
    // The cluster keeps its own state.
    save: () => Promise.resolve(),
    leave: (choice) => {
      left ??= leave(choice)
      return left
    },
  }
}

/** A client to the cluster of an earlier run, where it is healthy. A broken one is removed. */
async function reuse(
  kind: KindCommand,
  { clock }: KindProviderOptions,
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

async function create(
  kind: KindCommand,
  options: KindProviderOptions,
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
async function waitForDns(
  client: KubeClient,
  { clock }: KindProviderOptions,
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

async function loadImages(
  kind: KindCommand,
  images: readonly string[],
  { clock }: KindProviderOptions,
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

/** The first failure stays the one that is told; that something is left goes with it. */
function notCleanedUp(cause: unknown, failure: unknown): LabError {
  const known = cause instanceof LabError ? cause : undefined
  const left = failure instanceof LabError ? [failure.message, failure.why] : [String(failure)]
  return new LabError(known?.code ?? 'ERR_KIND_FAILED', known?.message ?? String(cause), {
    why: [known?.why, ...left].filter((line) => line !== undefined).join('\n'),
    next: [`Remove what is left: kind delete cluster --name ${CLUSTER}`, ...(known?.next ?? [])],
    cause,
  })
}
