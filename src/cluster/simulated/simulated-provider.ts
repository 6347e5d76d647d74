import type { Clock } from '../../base/clock.ts'
import { createRealClock } from '../../platform/real-clock.ts'
import { openTokenClient } from '../kube-client.ts'
import type { Cluster, ClusterProvider, LeaveChoice, OpenOptions } from '../provider.ts'
import { stopBackground } from './background.ts'
import { runningBackground } from './background-record.ts'
import { holdCluster } from './held-cluster.ts'
import { joinBackground } from './join-background.ts'
import { removeSlots, slotFolder, takeSlot } from './slot.ts'

export interface SimulatedProviderOptions {
  /** Folder of all clusters of the lab. */
  readonly folder: string
  /** Time inside the cluster. */
  readonly clock: Clock
  /** Whether the cluster is written down, to be opened again. @default true */
  readonly keeps?: boolean | undefined
  /** Where certificate and token are kept for the next time. @default with the cluster, where that is kept */
  readonly identityFolder?: string | undefined
}

const KEEPING: readonly LeaveChoice[] = [
  {
    id: 'save',
    label: 'Save and stop it',
    sentence: 'the next start goes on with it as it is',
  },
  {
    id: 'destroy',
    label: 'Destroy it',
    sentence: 'the steps so far run again by themselves at the next start',
  },
]

const PASSING: readonly LeaveChoice[] = [
  {
    id: 'destroy',
    label: 'Close it',
    sentence: 'another netpol-lab has the saved cluster; this one was made for this run alone',
  },
]

/** Makes, saves and reopens the cluster in this process, or uses the one that runs in the background. */
export function createSimulatedProvider(options: SimulatedProviderOptions): ClusterProvider {
  return {
    kind: 'simulated',
    title: 'Simulated cluster',
    about: 'A Kubernetes API inside this program. Nothing to install or clean up.',
    detect: async () => ({
      state: 'ready',
      word: 'ready',
      found:
        (await runningBackground(slotFolder(options.folder, 1))) === undefined
          ? 'It runs inside this program and needs nothing.'
          : 'One runs in the background; the lab uses it.',
      fixes: [],
    }),
    open: (open) => openSimulated(options, open),
    remove: async () => {
      await stopBackground(options.folder, 'destroy')
      await removeSlots(options.folder)
    },
  }
}

async function openSimulated(
  options: SimulatedProviderOptions,
  open: OpenOptions,
): Promise<Cluster> {
  const { signal, onAction } = open
  signal.throwIfAborted()
  const clock = createRealClock()
  const action = { id: 'simulated', title: 'simulated cluster' }
  const started = clock.now()
  const seconds = () => (clock.now() - started) / 1000
  onAction({ ...action, state: 'running' })
  try {
    const joined = options.keeps === false ? undefined : await joinBackground(options.folder, open)
    if (joined !== undefined) {
      const detail = 'the one in the background'
      onAction({ ...action, state: 'done', seconds: seconds(), detail })
      return joined
    }
    const { cluster, note } = await openHere(options, signal)
    onAction({
      ...action,
      state: 'done',
      seconds: seconds(),
      ...(note === undefined ? {} : { detail: note }),
    })
    return cluster
  } catch (error) {
    onAction({ ...action, state: 'failed', seconds: seconds() })
    throw error
  }
}

/** Runs the cluster in this process. */
async function openHere(options: SimulatedProviderOptions, signal: AbortSignal) {
  const taken = await takeSlot(options.folder)
  const slot = { ...taken, keeps: taken.keeps && options.keeps !== false }
  const held = await holdCluster({
    slot,
    clock: options.clock,
    identityFolder: options.identityFolder,
    signal,
  })
  try {
    const client = await openTokenClient(held.access)
    signal.throwIfAborted()
    const cluster: Cluster = {
      kind: 'simulated',
      title: 'simulated cluster',
      kubeconfig: held.kubeconfig,
      client,
      notes: held.warning === undefined ? [] : [held.warning],
      leaveChoices: slot.keeps ? KEEPING : PASSING,
      save: held.save,
      leave: async (choice) => {
        client.close()
        await held.leave(choice === 'destroy' ? 'destroy' : 'save')
      },
    }
    return { cluster, note: held.note }
  } catch (error) {
    await held.leave('save')
    throw error
  }
}
