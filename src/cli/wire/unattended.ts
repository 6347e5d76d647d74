import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import type { ClusterKind } from '../../cluster/provider.ts'
import { createFastClock } from '../../platform/fast-clock.ts'
import { createRealClock } from '../../platform/real-clock.ts'
import type { Lab } from './lab.ts'
import { openProvenCluster, type ProvenCluster } from './open-cluster.ts'

/** A cluster and folders for runs that nobody watches; nothing of the learner's is touched. */
export interface Unattended extends ProvenCluster {
  readonly clock: Clock
  readonly workFolders: string
  /** Closes the cluster and removes the folders. Can run twice. */
  close(): Promise<void>
}

/**
 * Opens a cluster for a run by itself. A simulated one is made anew, on a fast clock, and thrown away; any other one is used as it is,
 * on real time.
 */
export async function openUnattended(
  lab: Lab,
  options: {
    readonly kind: ClusterKind
    readonly context: string | undefined
    readonly consent: boolean
    readonly images: readonly string[]
    readonly signal: AbortSignal
  },
): Promise<Unattended> {
  const simulated = options.kind === 'simulated'
  const folder = await mkdtemp(join(tmpdir(), 'netpol-lab-'))
  const own: Lab = simulated
    ? {
        ...lab,
        home: {
          data: join(folder, 'data'),
          config: join(folder, 'config'),
          clusters: join(folder, 'data', 'clusters'),
        },
      }
    : lab
  const clock = simulated ? createFastClock() : createRealClock()
  try {
    const proven = await openProvenCluster(own, options.kind, {
      signal: options.signal,
      onAction: () => {},
      images: options.images,
      consent: options.consent,
      clock,
      keeps: !simulated,
      // A certificate costs more than all else that starts a cluster, so the next run has this one.
      identityFolder: simulated ? join(lab.home.clusters, 'unattended') : undefined,
      ...(options.context === undefined ? {} : { context: options.context }),
    })
    let closed: Promise<void> | undefined
    return {
      ...proven,
      clock,
      workFolders: join(folder, 'work'),
      close: () => {
        closed ??= (async () => {
          await proven.cluster.leave(
            simulated ? 'destroy' : (proven.cluster.leaveChoices[0]?.id ?? 'keep'),
          )
          await rm(folder, { recursive: true, force: true })
        })()
        return closed
      },
    }
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}
