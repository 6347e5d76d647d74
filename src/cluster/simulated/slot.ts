import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { LabError } from '../../base/errors.ts'
import { takeLock } from '../../platform/lock-file.ts'

/** One simulated cluster's folder, held by this process. */
export interface Slot {
  readonly folder: string
  /** The first slot keeps its cluster; the others are for runs beside it and keep nothing. */
  readonly keeps: boolean
  /** Can run twice. */
  release(): Promise<void>
}

const MOST = 32

/**
 * Takes the slot of the saved cluster, or, while another process has that one, a slot for a cluster of this run alone. The slots of
 * processes that were killed are taken over.
 */
export async function takeSlot(root: string): Promise<Slot> {
  for (let number = 1; number <= MOST; number++) {
    const folder = slotFolder(root, number)
    const attempt = await takeLock(join(folder, 'lock'))
    if (attempt.kind === 'taken') continue
    const keeps = number === 1
    if (keeps) await removeTornWrites(folder)
    else await empty(folder)
    return {
      folder,
      keeps,
      release: async () => {
        if (!keeps) await empty(folder)
        await attempt.release()
      },
    }
  }
  throw new LabError('ERR_LOCKED', `${MOST} simulated clusters are open already.`, {
    why: `Every slot in ${root} belongs to a running netpol-lab.`,
    next: ['Leave one of them, then try again.'],
  })
}

/**
 * Takes the slot of the saved cluster and no other.
 *
 * @throws LabError ERR_LOCKED where a running process has it
 */
export async function takeFirstSlot(root: string): Promise<Slot> {
  const folder = slotFolder(root, 1)
  const attempt = await takeLock(join(folder, 'lock'))
  if (attempt.kind === 'taken') throw inUse(attempt.pid)
  await removeTornWrites(folder)
  return { folder, keeps: true, release: attempt.release }
}

/** Removes every slot that no process holds. The saved one must be free. */
export async function removeSlots(root: string): Promise<void> {
  for (let number = 1; number <= MOST; number++) {
    const folder = slotFolder(root, number)
    if ((await filesIn(folder)) === undefined) continue
    const attempt = await takeLock(join(folder, 'lock'))
    if (attempt.kind === 'taken') {
      if (number > 1) continue
      throw inUse(attempt.pid)
    }
    await rm(folder, { recursive: true, force: true })
  }
}

function inUse(pid: number): LabError {
  return new LabError('ERR_LOCKED', 'The simulated cluster is in use.', {
    why: `A running netpol-lab has it (process ${pid}).`,
    next: ['Leave that netpol-lab first, then try again.'],
  })
}

/** Where the cluster of a slot keeps its files; the first is the saved one. */
export function slotFolder(root: string, number: number): string {
  return join(root, number === 1 ? 'simulated' : `simulated-${number}`)
}

/** An atomic write that was killed leaves its draft, `<name>.<digits>`, beside the file. */
async function removeTornWrites(folder: string): Promise<void> {
  for (const name of (await filesIn(folder)) ?? []) {
    if (/\.\d+$/.test(name)) await rm(join(folder, name), { force: true })
  }
}

async function empty(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const name of (await filesIn(folder)) ?? []) {
    if (name !== 'lock') await rm(join(folder, name), { recursive: true, force: true })
  }
}

async function filesIn(folder: string): Promise<string[] | undefined> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
