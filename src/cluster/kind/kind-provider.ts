import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { LabError } from '../../base/errors.ts'
import type { KubeClient } from '../../kube/client.ts'
import { takeLock } from '../../platform/lock-file.ts'
import { createActions } from '../actions.ts'
import type { Cluster, ClusterProvider, LeaveChoice, OpenOptions } from '../provider.ts'
import { CLUSTER, createKindCommand } from './kind-command.ts'
import { createCluster, loadImages, reuseCluster, waitForDns } from './kind-steps.ts'
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
    client = await reuseCluster(kind, options, open)
    if (client === undefined) {
      ours = true
      client = await createCluster(kind, options, open)
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
