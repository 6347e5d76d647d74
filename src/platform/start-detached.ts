import { spawn } from 'node:child_process'
import { open } from 'node:fs/promises'
import { dirname } from 'node:path'

/** How a program that goes on without this one began. */
export type DetachedStart =
  | { readonly kind: 'ready'; readonly pid: number; readonly message: unknown }
  | { readonly kind: 'ended'; readonly exitCode: number | null; readonly message: unknown }

/**
 * Starts a Node program that outlives this process and its terminal: a session of its own, its output in a file, no inherited stream
 * or folder. It tells over the channel of `process.send` when it is ready, with `{ready: …}`, or why it ends, with any other message.
 *
 * @param options.command the program and its arguments
 * @param options.log file that its output is added to
 */
export async function startDetached(options: {
  readonly command: readonly string[]
  readonly log: string
  readonly env: Readonly<Record<string, string>>
}): Promise<DetachedStart> {
  const [program = process.execPath, ...args] = options.command
  const log = await open(options.log, 'a', 0o600)
  try {
    const child = spawn(program, args, {
      detached: true,
      windowsHide: true,
      // A folder that stays, so that the one the learner stands in can be removed.
      cwd: dirname(options.log),
      env: { ...options.env },
      stdio: ['ignore', log.fd, log.fd, 'ipc'],
    })
    return await new Promise((resolve, reject) => {
      let last: unknown
      child.once('error', reject)
      child.on('message', (message: unknown) => {
        last = message
        if (typeof message !== 'object' || message === null || !('ready' in message)) return
        child.disconnect()
        child.unref()
        resolve({ kind: 'ready', pid: child.pid ?? 0, message })
      })
      child.once('exit', (exitCode) => resolve({ kind: 'ended', exitCode, message: last }))
    })
  } finally {
    await log.close()
  }
}
