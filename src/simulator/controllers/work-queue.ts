import type { Clock } from '../../base/clock.ts'

/** Keys that wait to be looked at, each at most once. */
export interface WorkQueue {
  add(key: string): void
  /** Adds after that time on the clock; a sooner time that was asked for before stands. */
  addAfter(key: string, ms: number): void
  close(): void
}

/** How long a key waits after its first refusal, in milliseconds; twice as long after each one more. */
const FIRST_RETRY_MS = 5
const LAST_RETRY_MS = 1_000_000

/**
 * Calls `reconcile` for each added key, soon but never inside the call that added it. Models client-go's work queue: a key that
 * is added while it is looked at is looked at again, and one that the API refused comes again, later each time.
 */
export function createWorkQueue(options: {
  readonly clock: Clock
  readonly reconcile: (key: string) => void
  readonly onDefect: (error: unknown) => void
}): WorkQueue {
  const waiting = new Set<string>()
  const timers = new Map<string, { readonly due: number; readonly cancel: () => void }>()
  const failures = new Map<string, number>()
  let scheduled = false
  let closed = false

  const drain = () => {
    scheduled = false
    for (const key of [...waiting]) {
      if (closed) return
      waiting.delete(key)
      try {
        options.reconcile(key)
        failures.delete(key)
      } catch (error) {
        if (isRefusal(error)) retry(key)
        else options.onDefect(error)
      }
    }
  }
  const retry = (key: string) => {
    const count = failures.get(key) ?? 0
    failures.set(key, count + 1)
    addAfter(key, Math.min(FIRST_RETRY_MS * 2 ** count, LAST_RETRY_MS))
  }
  const add = (key: string) => {
    if (closed) return
    waiting.add(key)
    if (scheduled) return
    scheduled = true
    queueMicrotask(drain)
  }
  const addAfter = (key: string, ms: number) => {
    if (closed) return
    const due = options.clock.now() + ms
    const known = timers.get(key)
    if (known !== undefined && known.due <= due) return
    known?.cancel()
    const cancel = options.clock.after(ms, () => {
      timers.delete(key)
      add(key)
    })
    timers.set(key, { due, cancel })
  }
  return {
    add,
    addAfter,
    close() {
      closed = true
      waiting.clear()
      for (const timer of timers.values()) timer.cancel()
      timers.clear()
    },
  }
}

/** Whether the API refused what a controller asked for, which is no defect: it may not refuse the next time. */
export function isRefusal(error: unknown): error is Error {
  if (!(error instanceof Error)) return false
  const status: unknown = Reflect.get(error, 'status')
  return typeof status === 'object' && status !== null && Reflect.get(status, 'kind') === 'Status'
}
