import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isNodeError } from './node-error.ts'

/** A lock that is ours, or the process that has it. */
export type LockAttempt =
  | { readonly kind: 'held' /** Can run twice. */; readonly release: () => Promise<void> }
  | { readonly kind: 'taken'; readonly pid: number }

interface Owner {
  readonly pid: number
  /** Tells a process from a later one with the same number, where the system can say. */
  readonly birth: string | null
  readonly token: string
}

/**
 * Takes the lock at `path`, or says who has it. The lock of a process that is gone, however it died, is taken over.
 *
 * The file appears whole (a link to one that was written before), so nobody meets a half-written owner.
 */
export async function takeLock(path: string): Promise<LockAttempt> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const mine: Owner = { pid: process.pid, birth: birthOf(process.pid), token: randomUUID() }
  const draft = `${path}.${mine.token}`
  await writeFile(draft, JSON.stringify(mine), { mode: 0o600 })
  try {
    for (;;) {
      try {
        await link(draft, path)
        return { kind: 'held', release: () => release(path, mine) }
      } catch (error) {
        if (!isNodeError(error, 'EEXIST')) throw error
      }
      const owner = await readOwner(path)
      if (owner === 'gone') continue
      if (owner !== undefined && isAlive(owner)) return { kind: 'taken', pid: owner.pid }
      await removeStale(path, draft)
    }
  } finally {
    await unlinkIfThere(draft)
  }
}

/**
 * Removes a dead owner's lock. Takeovers wait for each other, because between "it is dead" and "it is removed" another process may have
 * taken the lock, and its living lock must not be removed.
 */
async function removeStale(path: string, draft: string): Promise<void> {
  const guard = `${path}.takeover`
  try {
    await link(draft, guard)
  } catch (error) {
    if (!isNodeError(error, 'EEXIST')) throw error
    const other = await readOwner(guard)
    // Killed in the middle of its takeover.
    if (other !== 'gone' && (other === undefined || !isAlive(other))) await unlinkIfThere(guard)
    await new Promise((resolve) => setTimeout(resolve, 5))
    return
  }
  try {
    const owner = await readOwner(path)
    if (owner === undefined || (owner !== 'gone' && !isAlive(owner))) await unlinkIfThere(path)
  } finally {
    await unlinkIfThere(guard)
  }
}

async function release(path: string, mine: Owner): Promise<void> {
  const owner = await readOwner(path)
  if (owner !== undefined && owner !== 'gone' && owner.token === mine.token) {
    await unlinkIfThere(path)
  }
}

async function readOwner(path: string): Promise<Owner | undefined | 'gone'> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (isNodeError(error, 'ENOENT')) return 'gone'
    throw error
  }
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) return undefined
    if (!('pid' in value) || typeof value.pid !== 'number') return undefined
    if (!('token' in value) || typeof value.token !== 'string') return undefined
    const birth = 'birth' in value && typeof value.birth === 'string' ? value.birth : null
    return { pid: value.pid, token: value.token, birth }
  } catch {
    return undefined
  }
}

function isAlive(owner: Owner): boolean {
  try {
    process.kill(owner.pid, 0)
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return isNodeError(error, 'EPERM')
  }
  const birth = birthOf(owner.pid)
  return birth === null || owner.birth === null || birth === owner.birth
}

/** When a process was born, as Linux tells it: the boot and the start time in ticks (proc(5), field 22 of stat). */
function birthOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return `${boot} ${fields[19] ?? ''}`
  } catch {
    return null
  }
}

async function unlinkIfThere(path: string): Promise<void> {
  try {
    await unlink(path)
  } catch (error) {
    if (!isNodeError(error, 'ENOENT')) throw error
  }
}
