import { rm } from 'node:fs/promises'
import { LabError } from '../../base/errors.ts'
import { takeLock } from '../../platform/lock-file.ts'
import type { Cluster, LeaveChoice, OpenOptions } from '../provider.ts'
import { openBackgroundClient, stopBackground } from './background.ts'
import { backgroundFiles, runningBackground } from './background-record.ts'
import { slotFolder } from './slot.ts'

const LEAVING: readonly LeaveChoice[] = [
  {
    id: 'keep',
    label: 'Leave it running',
    sentence: 'it was there before; netpol-lab cluster stop saves and ends it',
  },
  {
    id: 'destroy',
    label: 'Destroy it',
    sentence: 'it stops, and the steps so far run again by themselves at the next start',
  },
]

/**
 * The background cluster for one lesson at a time, or `undefined` where none runs or another lesson has it.
 *
 * @throws LabError ERR_CLUSTER_UNREACHABLE where it runs and does not answer
 */
export async function joinBackground(
  root: string,
  { signal }: OpenOptions,
): Promise<Cluster | undefined> {
  const folder = slotFolder(root, 1)
  const running = await runningBackground(folder)
  if (running === undefined) return undefined
  const files = backgroundFiles(folder)
  const lesson = await takeLock(files.lesson)
  if (lesson.kind === 'taken') return undefined
  try {
    const client = await openBackgroundClient(root, running)
    const patience = AbortSignal.any([signal, AbortSignal.timeout(10_000)])
    try {
      await client.request({ method: 'GET', path: '/readyz', signal: patience })
    } catch (error) {
      client.close()
      signal.throwIfAborted()
      throw new LabError('ERR_CLUSTER_UNREACHABLE', 'The background cluster does not answer.', {
        why: error instanceof Error ? error.message : String(error),
        next: ['netpol-lab cluster stop ends it; then start again.', `Its log is ${files.log}`],
        cause: error,
      })
    }
    let left: Promise<void> | undefined
    const leave = async (choice: LeaveChoice['id']) => {
      client.close()
      try {
        if (choice === 'destroy') {
          await stopBackground(root, 'destroy', { lesson: true })
          await rm(files.state, { force: true })
        }
      } finally {
        await lesson.release()
      }
    }
    return {
      kind: 'simulated',
      title: 'simulated cluster',
      kubeconfig: files.kubeconfig,
      client,
      notes: [
        'This is the cluster that netpol-lab cluster create has started; it goes on when you leave.',
      ],
      leaveChoices: LEAVING,
      // Its own process writes it down.
      save: () => Promise.resolve(),
      leave: (choice) => {
        left ??= leave(choice)
        return left
      },
    }
  } catch (error) {
    await lesson.release()
    throw error
  }
}
