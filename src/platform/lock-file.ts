import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises'
import { uptime } from 'node:os'
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
  /** When the computer was started, in milliseconds since the epoch: no process outlives that. */
  readonly boot: number | null
  readonly token: string
}

/**
 * Takes the lock at `path`, or says who has it. The lock of a process that is gone, however it died, is taken over.
 *
 * The file appears whole (a link to one that was written before), so nobody meets a half-written owner.
 */
export async function takeLock(path: string): Promise<LockAttempt> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const mine: Owner = {
    pid: process.pid,
    birth: birthOf(process.pid),
    boot: bootTime(),
    token: randomUUID(),
  }
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

/** The process that has the lock now, or `undefined` where nobody has. Looking changes nothing. */
export async function lockOwner(path: string): Promise<number | undefined> {
  const owner = await readOwner(path)
  return owner !== undefined && owner !== 'gone' && isAlive(owner) ? owner.pid : undefined
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
    const boot = 'boot' in value && typeof value.boot === 'number' ? value.boot : null
    return { pid: value.pid, token: value.token, birth, boot }
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
  if (birth === 'ended') return false
  if (birth !== null && owner.birth !== null) return birth === owner.birth
  return owner.boot === null || Math.abs(bootTime() - owner.boot) < CLOCK_STEP_MS
}

/** A clock that was put right by less is no new start of the computer. */
const CLOCK_STEP_MS = 10 * 60_000

/** Windows and macOS tell no start of a process without starting another one; the computer's start they tell. */
function bootTime(): number {
  return Math.round(Date.now() - uptime() * 1000)
}

/**
 * When a process was born, as Linux tells it: the boot and the start time in ticks (proc(5), field 22 of stat). `ended` where it was killed
 * and nobody has collected it yet (field 3 is Z), as in a container whose first process does not.
 */
function birthOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? 'ended' : `${boot} ${fields[19] ?? ''}`
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
