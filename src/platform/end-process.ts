import { isNodeError } from './node-error.ts'

/**
 * Asks a process to end, and ends it where it does not within `graceMs`. On Windows it is ended at once: there is no asking.
 * Whoever calls has to know that the number still belongs to the process that is meant.
 *
 * @param isThere whether the process still is what is meant
 */
export async function endProcess(
  pid: number,
  isThere: () => Promise<boolean>,
  graceMs: number,
): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    try {
      process.kill(pid, signal)
    } catch (error) {
      if (isNodeError(error, 'ESRCH')) return
      throw error
    }
    const until = Date.now() + graceMs
    while (Date.now() < until) {
      if (!(await isThere())) return
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}
