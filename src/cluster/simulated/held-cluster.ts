import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { LabError } from '../../base/errors.ts'
import { readVersionedFile, setAside, writeFileAtomically } from '../../platform/atomic-file.ts'
import { isNodeError } from '../../platform/node-error.ts'
import { createRealClock } from '../../platform/real-clock.ts'
import type {
  ListenOptions,
  SavedCluster,
  SimulatedCluster,
} from '../../simulator/simulated-cluster.ts'
import { tokenKubeconfig, writeKubeconfig } from '../kubeconfig-file.ts'
import { removeBackgroundRecord } from './background-record.ts'
import { loadIdentity, saveIdentity } from './identity.ts'
import { lastKubeconfig } from './last-kubeconfig.ts'
import { portError } from './port-error.ts'
import { encodeSavedCluster, savedClusterFormat } from './saved-cluster.ts'
import type { Slot } from './slot.ts'
import { createStateWriter } from './state-writer.ts'

export interface HoldOptions {
  readonly slot: Slot
  /** Time inside the cluster. */
  readonly clock: Clock
  /** Where certificate and token are kept for the next time. @default with the cluster, where that is kept */
  readonly identityFolder?: string | undefined
  /** @default that of the last time where it is free, else any */
  readonly port?: number | undefined
  /** Begins as this one, not as it was left. */
  readonly from?: SavedCluster | undefined
  /** Begins as a new one; what was left is forgotten. @default false */
  readonly anew?: boolean | undefined
  readonly aside?: ListenOptions['aside']
  readonly onDefect?: ((error: unknown) => void) | undefined
  /** A write that nobody waits for failed; the next change tries again. */
  readonly onSaveFailure?: ((error: unknown) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** A simulated cluster that runs and listens in this process and is written down as it changes. */
export interface HeldCluster {
  /** The lab's own kubeconfig file, mode 0600. */
  readonly kubeconfig: string
  readonly access: {
    readonly server: string
    readonly token: string
    readonly certificateAuthority: string
  }
  /** How it began. */
  readonly note: string | undefined
  /** Worth telling the learner: a saved cluster could not be reopened. */
  readonly warning: string | undefined
  state(): SavedCluster
  /** Writes the state down now. */
  save(): Promise<void>
  /** Ends the cluster, with what was chosen for its state, and lets go of the slot. Can run twice. */
  leave(choice: 'save' | 'destroy'): Promise<void>
}

/** Changes come in bursts; the write after the burst is the one that counts. */
const SAVE_DELAY_MS = 300

/** Makes or reopens the cluster of a slot. The slot is let go where this fails. */
export async function holdCluster(options: HoldOptions): Promise<HeldCluster> {
  const { slot } = options
  const clock = createRealClock()
  const identityFolder = options.identityFolder ?? slot.folder
  const closers: (() => Promise<unknown>)[] = [slot.release]
  const closeAll = async () => {
    const results = []
    for (const close of closers.splice(0).reverse()) results.push(await settled(close))
    const failed = results.find((result) => result.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }
  try {
    // What a killed background cluster left behind.
    if (slot.keeps) await removeBackgroundRecord(slot.folder)
    const [simulator, identity] = await Promise.all([
      // Too heavy for the way to the first screen, so loaded here.
      import('../../simulator/simulated-cluster.ts'),
      loadIdentity(identityFolder, clock.now()),
    ])
    const create = (saved?: SavedCluster) =>
      simulator.createSimulatedCluster({
        clock: options.clock,
        ...identity,
        ...(saved === undefined ? {} : { saved }),
        ...(options.onDefect === undefined ? {} : { onDefect: options.onDefect }),
      })
    const made: Made =
      options.from !== undefined
        ? { simulated: create(options.from), note: 'as it was saved' }
        : options.anew === true
          ? { simulated: create(), note: 'new' }
          : await makeOrReopen(slot, create, simulator.decodeSavedCluster, clock)
    const { simulated } = made
    closers.push(() => simulated.close())
    options.signal?.throwIfAborted()

    const kubeconfig = join(slot.folder, 'kubeconfig')
    const last = await lastKubeconfig(kubeconfig)
    const listening = await listen(simulated, last.port, options)
    if (identity === undefined && (slot.keeps || options.identityFolder !== undefined)) {
      await saveIdentity(identityFolder, listening)
    }
    await writeKubeconfig(
      kubeconfig,
      tokenKubeconfig({
        name: 'netpol-lab-simulated',
        ...listening,
        ...(slot.keeps && last.namespace !== undefined ? { namespace: last.namespace } : {}),
      }),
    )

    const statePath = join(slot.folder, 'state.json')
    const writer = createStateWriter({
      write: () => writeFileAtomically(statePath, encodeSavedCluster(simulated.save())),
      after: clock.after,
      delayMs: SAVE_DELAY_MS,
      // Whoever saves on purpose, or leaves, is told; until then the next change tries again.
      onFailure: options.onSaveFailure ?? (() => undefined),
    })
    const unsubscribe = slot.keeps ? simulated.onChange(writer.changed) : () => undefined
    // A new one is written down before anything changes too: after a kill it comes back as the same one.
    if (slot.keeps) writer.changed()

    let left: Promise<void> | undefined
    const leave = async (choice: 'save' | 'destroy') => {
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
    return {
      kubeconfig,
      access: listening,
      note: made.note,
      warning: made.warning,
      state: () => simulated.save(),
      save: () => (slot.keeps && left === undefined ? writer.flush() : Promise.resolve()),
      leave: (choice) => {
        left ??= leave(choice)
        return left
      },
    }
  } catch (error) {
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
async function listen(simulated: SimulatedCluster, port: number | undefined, options: HoldOptions) {
  const { aside } = options
  if (options.port !== undefined) {
    try {
      return await simulated.listen({ port: options.port, aside })
    } catch (error) {
      throw portError(options.port, error)
    }
  }
  if (port !== undefined) {
    try {
      return await simulated.listen({ port, aside })
    } catch (error) {
      if (!isNodeError(error, 'EADDRINUSE', 'EACCES')) throw error
    }
  }
  try {
    return await simulated.listen({ aside })
  } catch (error) {
    throw new LabError('ERR_INTERNAL', 'The simulated cluster cannot listen on 127.0.0.1.', {
      why: error instanceof Error ? error.message : String(error),
      next: ['Check what forbids programs to listen on 127.0.0.1, a sandbox or a firewall.'],
      cause: error,
    })
  }
}
