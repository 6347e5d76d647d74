import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { LabError } from '../../base/errors.ts'
import { readVersionedFile, setAside, writeFileAtomically } from '../../platform/atomic-file.ts'
import { isNodeError } from '../../platform/node-error.ts'
import { createRealClock } from '../../platform/real-clock.ts'
import type { SavedCluster, SimulatedCluster } from '../../simulator/simulated-cluster.ts'
import { openTokenClient } from '../kube-client.ts'
import { tokenKubeconfig, writeKubeconfig } from '../kubeconfig-file.ts'
import type { Cluster, ClusterProvider, LeaveChoice, OpenOptions } from '../provider.ts'
import { loadIdentity, saveIdentity } from './identity.ts'
import { encodeSavedCluster, savedClusterFormat } from './saved-cluster.ts'
import { removeSlots, type Slot, takeSlot } from './slot.ts'
import { createStateWriter } from './state-writer.ts'

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

/** Changes come in bursts; the write after the burst is the one that counts. */
const SAVE_DELAY_MS = 300

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

/** Makes, saves and reopens the cluster in this process. */
export function createSimulatedProvider(options: SimulatedProviderOptions): ClusterProvider {
  return {
    kind: 'simulated',
    title: 'Simulated cluster',
    about: 'A Kubernetes API inside this program. Nothing to install or clean up.',
    detect: async () => ({
      state: 'ready',
      word: 'ready',
      found: 'It runs inside this program and needs nothing.',
      fixes: [],
    }),
    open: (open) => openSimulated(options, open),
    remove: () => removeSlots(options.folder),
  }
}

async function openSimulated(
  options: SimulatedProviderOptions,
  { signal, onAction }: OpenOptions,
): Promise<Cluster> {
  signal.throwIfAborted()
  const clock = createRealClock()
  const action = { id: 'simulated', title: 'simulated cluster' }
  const started = clock.now()
  const seconds = () => (clock.now() - started) / 1000
  onAction({ ...action, state: 'running' })

  const taken = await takeSlot(options.folder)
  const slot = { ...taken, keeps: taken.keeps && options.keeps !== false }
  const identityFolder = options.identityFolder ?? slot.folder
  const closers: (() => Promise<unknown>)[] = [slot.release]
  const closeAll = async () => {
    const results = []
    for (const close of closers.splice(0).reverse()) results.push(await settled(close))
    const failed = results.find((result) => result.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }
  try {
    const [simulator, identity] = await Promise.all([
      // Too heavy for the way to the first screen, so loaded here.
      import('../../simulator/simulated-cluster.ts'),
      loadIdentity(identityFolder, clock.now()),
    ])
    const made = await makeOrReopen(
      slot,
      (saved) =>
        simulator.createSimulatedCluster({
          clock: options.clock,
          ...identity,
          ...(saved === undefined ? {} : { saved }),
        }),
      simulator.decodeSavedCluster,
      clock,
    )
    const { simulated } = made
    closers.push(() => simulated.close())
    signal.throwIfAborted()

    const kubeconfig = join(slot.folder, 'kubeconfig')
    const listening = await listen(simulated, kubeconfig)
    if (identity === undefined && (slot.keeps || options.identityFolder !== undefined)) {
      await saveIdentity(identityFolder, listening)
    }
    await writeKubeconfig(
      kubeconfig,
      tokenKubeconfig({ name: 'netpol-lab-simulated', ...listening }),
    )
    const client = await openTokenClient(listening)
    closers.push(async () => client.close())
    signal.throwIfAborted()

    const statePath = join(slot.folder, 'state.json')
    const writer = createStateWriter({
      write: () => writeFileAtomically(statePath, encodeSavedCluster(simulated.save())),
      after: clock.after,
      delayMs: SAVE_DELAY_MS,
      // Whoever saves on purpose, or leaves, is told; until then the next change tries again.
      onFailure: () => undefined,
    })
    const unsubscribe = slot.keeps ? simulated.onChange(writer.changed) : () => undefined

    let left: Promise<void> | undefined
    const leave = async (choice: LeaveChoice['id']) => {
      unsubscribe()
      try {
        if (choice === 'destroy' || !slot.keeps) {
          await writer.discard()
          // A cluster of this run alone leaves a saved one as it is.
          if (slot.keeps) await rm(statePath, { force: true })
        } else {
          writer.changed()
          await writer.flush()
        }
      } finally {
        await closeAll()
      }
    }
    onAction({
      ...action,
      state: 'done',
      seconds: seconds(),
      ...(made.note === undefined ? {} : { detail: made.note }),
    })
    return {
      kind: 'simulated',
      title: 'simulated cluster',
      kubeconfig,
      client,
      notes: made.warning === undefined ? [] : [made.warning],
      leaveChoices: slot.keeps ? KEEPING : PASSING,
      save: () => (slot.keeps && left === undefined ? writer.flush() : Promise.resolve()),
      leave: (choice) => {
        left ??= leave(choice)
        return left
      },
    }
  } catch (error) {
    onAction({ ...action, state: 'failed', seconds: seconds() })
    await closeAll()
    throw error
  }
}

async function settled(close: () => Promise<unknown>) {
  const [result] = await Promise.allSettled([close()])
  return result
}

interface Made {
  readonly simulated: SimulatedCluster
  readonly note?: string
  /** Worth telling the learner: a saved cluster could not be reopened. */
  readonly warning?: string
}

/** The saved cluster of this slot, or an empty one; a saved one that cannot be read is kept aside. */
async function makeOrReopen(
  slot: Slot,
  create: (saved?: SavedCluster) => SimulatedCluster,
  decode: (value: unknown) => SavedCluster,
  clock: Clock,
): Promise<Made> {
  if (!slot.keeps) {
    return { simulated: create(), note: 'made for this run; another one has the saved cluster' }
  }
  const path = join(slot.folder, 'state.json')
  const read = await readVersionedFile(path, savedClusterFormat(decode), clock.now())
  if (read.kind === 'absent') return { simulated: create() }
  if (read.kind === 'read') {
    try {
      return { simulated: create(read.value), note: 'as it was left' }
    } catch (error) {
      const keptAs = await setAside(path, 'damaged', clock.now())
      const detail = error instanceof Error ? error.message : String(error)
      return { simulated: create(), ...told('damaged', detail, keptAs) }
    }
  }
  return { simulated: create(), ...told(read.reason, read.detail, read.keptAs) }
}

function told(reason: 'newer' | 'damaged', detail: string, keptAs: string) {
  const what =
    reason === 'newer'
      ? 'The saved cluster was written by a newer netpol-lab'
      : 'The saved cluster cannot be read'
  return {
    note:
      reason === 'newer'
        ? 'new; the saved one is of a newer version'
        : 'new; the saved one is damaged',
    warning: `${what}: ${detail}. It is kept as ${keptAs}; a new cluster was made.`,
  }
}

/** Listens where it listened the last time, so that a kubeconfig in somebody's other terminal stays good; else anywhere. */
async function listen(simulated: SimulatedCluster, kubeconfig: string) {
  const port = await lastPort(kubeconfig)
  if (port !== undefined) {
    try {
      return await simulated.listen({ port })
    } catch (error) {
      if (!isNodeError(error, 'EADDRINUSE', 'EACCES')) throw error
    }
  }
  try {
    return await simulated.listen()
  } catch (error) {
    throw new LabError('ERR_INTERNAL', 'The simulated cluster cannot listen on 127.0.0.1.', {
      why: error instanceof Error ? error.message : String(error),
      next: ['Check what forbids programs to listen on 127.0.0.1, a sandbox or a firewall.'],
      cause: error,
    })
  }
}

async function lastPort(kubeconfig: string): Promise<number | undefined> {
  try {
    const match = /"server": "https:\/\/127\.0\.0\.1:(\d+)"/.exec(
      await readFile(kubeconfig, 'utf8'),
    )
    return match === null ? undefined : Number(match[1])
  } catch (error) {
    if (isNodeError(error, 'ENOENT')) return undefined
    throw error
  }
}
