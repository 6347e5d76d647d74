import { mkdir, open, rename, stat } from 'node:fs/promises'
import { ERROR_CODES, type ErrorCode, LabError } from '../../base/errors.ts'
import { lockOwner } from '../../platform/lock-file.ts'
import { isNodeError } from '../../platform/node-error.ts'
import { startDetached } from '../../platform/start-detached.ts'
import { type BackgroundRecord, backgroundFiles, runningBackground } from './background-record.ts'
import { slotFolder } from './slot.ts'

export interface StartedBackground {
  readonly record: BackgroundRecord
  readonly kubeconfig: string
  /** How it began, where there is something to say. */
  readonly note?: string
  readonly warning?: string
}

/** A log beyond this is put aside when the next cluster starts; one old one is kept. */
const LOG_LIMIT = 1024 * 1024

/**
 * Starts the background cluster in a process of its own and waits until it answers.
 *
 * @param options.command the program and the arguments that host it
 * @throws LabError as the host does, or ERR_LOCKED where an open lab has the cluster
 */
export async function startBackground(options: {
  /** Folder of all clusters of the lab. */
  readonly root: string
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
}): Promise<StartedBackground> {
  const folder = slotFolder(options.root, 1)
  const files = backgroundFiles(folder)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const owner = await lockOwner(files.lock)
  if (owner !== undefined) {
    throw new LabError('ERR_LOCKED', 'The simulated cluster is in use.', {
      why: `An open lab has it (process ${owner}).`,
      next: [
        'Leave that lab first, then try again.',
        'Or use its cluster while it is open: netpol-lab env',
        'Or serve another one: netpol-lab cluster serve',
      ],
    })
  }
  await turnLog(files.log)
  const from = await sizeOf(files.log)
  const started = await startDetached({
    command: options.command,
    log: files.log,
    env: options.env,
  })
  if (started.kind === 'ended') throw await whyItEnded(started.message, files.log, from)
  const record = await runningBackground(folder)
  if (record === undefined) {
    throw await whyItEnded(undefined, files.log, from)
  }
  return { record, kubeconfig: files.kubeconfig, ...textsOf(started.message) }
}

function textsOf(message: unknown): { readonly note?: string; readonly warning?: string } {
  const ready = field(message, 'ready')
  const note = field(ready, 'note')
  const warning = field(ready, 'warning')
  return {
    ...(typeof note === 'string' ? { note } : {}),
    ...(typeof warning === 'string' ? { warning } : {}),
  }
}

/** The error that the process told before it ended, or the end of its log. */
async function whyItEnded(message: unknown, log: string, from: number): Promise<LabError> {
  const told = field(message, 'error')
  const code = field(told, 'code')
  const text = field(told, 'message')
  if (isErrorCode(code) && typeof text === 'string') {
    const why = field(told, 'why')
    const next = field(told, 'next')
    return new LabError(code, text, {
      ...(typeof why === 'string' ? { why } : {}),
      next: Array.isArray(next) ? next.filter((line) => typeof line === 'string') : [],
    })
  }
  const handle = await open(log, 'r')
  try {
    const { size } = await handle.stat()
    const start = Math.max(from, size - 4000)
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - start), 0, undefined, start)
    return new LabError('ERR_INTERNAL', 'The background cluster ended at once.', {
      why: buffer.subarray(0, bytesRead).toString('utf8').trim() || undefined,
      next: [`Its log is ${log}`],
    })
  } finally {
    await handle.close()
  }
}

function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERROR_CODES, code)
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

async function turnLog(path: string): Promise<void> {
  if ((await sizeOf(path)) > LOG_LIMIT) await rename(path, `${path}.old`)
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (isNodeError(error, 'ENOENT')) return 0
    throw error
  }
}
