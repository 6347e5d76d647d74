import { readFile, stat } from 'node:fs/promises'
import { LabError } from '../../base/errors.ts'
import type { KubeClient } from '../../kube/client.ts'
import type { Pod } from '../../kube/objects.ts'
import { endProcess } from '../../platform/end-process.ts'
import { lockOwner } from '../../platform/lock-file.ts'
import { isNodeError } from '../../platform/node-error.ts'
import { createRealClock } from '../../platform/real-clock.ts'
import { openTokenClient } from '../kube-client.ts'
import {
  type BackgroundRecord,
  backgroundFiles,
  readBackgroundRecord,
  removeBackgroundRecord,
  runningBackground,
} from './background-record.ts'
import { CONTROL } from './control.ts'
import { loadIdentity } from './identity.ts'
import { slotFolder } from './slot.ts'

/** What there is of the saved simulated cluster. Looking changes nothing. */
export type SimulatedStatus =
  /** Nothing was made, or nothing of it is kept. */
  | { readonly state: 'none' }
  /** `killed`: its process did not end by itself. */
  | { readonly state: 'saved'; readonly savedAt: string; readonly killed: boolean }
  /** An open lab has it. */
  | { readonly state: 'in-lab'; readonly pid: number; readonly kubeconfig: string }
  | (BackgroundRecord & {
      readonly state: 'running'
      readonly pods: { readonly running: number; readonly all: number }
      readonly lesson: boolean
      readonly kubeconfig: string
      readonly log: string
    })
  | (BackgroundRecord & {
      readonly state: 'not-answering'
      readonly why: string
      readonly log: string
    })

/** How long a background cluster may take to answer, or to end. */
const PATIENCE_MS = 10_000

/** @param root folder of all clusters of the lab */
export async function simulatedStatus(root: string): Promise<SimulatedStatus> {
  const folder = slotFolder(root, 1)
  const files = backgroundFiles(folder)
  const { kubeconfig, log } = files
  const running = await runningBackground(folder)
  if (running !== undefined) {
    try {
      const client = await openBackgroundClient(root, running)
      try {
        const signal = AbortSignal.timeout(PATIENCE_MS)
        const { items } = await client.list<Pod>({ apiVersion: 'v1', plural: 'pods' }, { signal })
        const up = items.filter((pod) => pod.status?.phase === 'Running').length
        const lesson = (await lockOwner(files.lesson)) !== undefined
        return {
          state: 'running',
          ...running,
          pods: { running: up, all: items.length },
          lesson,
          kubeconfig,
          log,
        }
      } finally {
        client.close()
      }
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      return { state: 'not-answering', ...running, why, log }
    }
  }
  const owner = await lockOwner(files.lock)
  if (owner !== undefined) return { state: 'in-lab', pid: owner, kubeconfig }
  const savedAt = await changedAt(files.state)
  if (savedAt === undefined) return { state: 'none' }
  return {
    state: 'saved',
    savedAt,
    killed: (await readBackgroundRecord(folder)) !== undefined,
  }
}

/** A client to the background cluster that runs. */
export async function openBackgroundClient(
  root: string,
  { server }: BackgroundRecord,
): Promise<KubeClient> {
  const identity = await loadIdentity(slotFolder(root, 1), createRealClock().now())
  if (identity === undefined) {
    throw new LabError('ERR_CLUSTER_UNREACHABLE', 'The key of the background cluster is gone.', {
      next: ['netpol-lab cluster delete --cluster simulated ends it.'],
    })
  }
  const { certificate, token } = identity
  return openTokenClient({ server, certificateAuthority: certificate.cert, token })
}

/**
 * The state of the saved cluster as a file of it holds it: asked of the background cluster where one runs, else as it was last
 * written down. `undefined` where there is none.
 */
export async function savedState(root: string): Promise<string | undefined> {
  const folder = slotFolder(root, 1)
  const running = await runningBackground(folder)
  if (running !== undefined) {
    const client = await openBackgroundClient(root, running)
    try {
      const { status, body } = await client.request({
        method: 'GET',
        path: CONTROL.state,
        signal: AbortSignal.timeout(PATIENCE_MS),
      })
      if (status !== 200) throw new TypeError(`saving was answered with ${status}`)
      return `${JSON.stringify(body)}\n`
    } finally {
      client.close()
    }
  }
  try {
    return await readFile(backgroundFiles(folder).state, 'utf8')
  } catch (error) {
    if (isNodeError(error, 'ENOENT')) return undefined
    throw error
  }
}

/**
 * Ends the background cluster; resolves with false where none runs. One that does not answer is ended as a process, with its last
 * saved state.
 *
 * @throws LabError ERR_LOCKED while a lesson is played on it, unless `lesson` says that this is known
 */
export async function stopBackground(
  root: string,
  choice: 'save' | 'destroy',
  options: { readonly lesson?: boolean } = {},
): Promise<boolean> {
  const folder = slotFolder(root, 1)
  const files = backgroundFiles(folder)
  const running = await runningBackground(folder)
  if (running === undefined) return false
  const player = options.lesson === true ? undefined : await lockOwner(files.lesson)
  if (player !== undefined) {
    throw new LabError('ERR_LOCKED', 'A lesson is played on the background cluster.', {
      why: `A running netpol-lab uses it (process ${player}).`,
      next: ['Leave that netpol-lab first, then try again.'],
    })
  }
  const isThere = async () => (await lockOwner(files.lock)) === running.pid
  if (await askToStop(root, running, choice)) {
    const clock = createRealClock()
    const until = clock.now() + PATIENCE_MS
    while ((await isThere()) && clock.now() < until) await clock.sleep(10)
  }
  if (await isThere()) await endProcess(running.pid, isThere, PATIENCE_MS)
  await removeBackgroundRecord(folder)
  return true
}

async function askToStop(
  root: string,
  running: BackgroundRecord,
  choice: 'save' | 'destroy',
): Promise<boolean> {
  try {
    const client = await openBackgroundClient(root, running)
    try {
      const { status } = await client.request({
        method: 'POST',
        path: CONTROL.stop,
        query: { state: choice },
        signal: AbortSignal.timeout(PATIENCE_MS),
      })
      return status === 200
    } finally {
      client.close()
    }
  } catch {
    // It is ended as a process then.
    return false
  }
}

async function changedAt(path: string): Promise<string | undefined> {
  try {
    return (await stat(path)).mtime.toISOString()
  } catch (error) {
    if (isNodeError(error, 'ENOENT')) return undefined
    throw error
  }
}
