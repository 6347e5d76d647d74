/** Keys that wait to be looked at, each at most once. */
export interface WorkQueue {
  add(key: string): void
  /** Adds after that time on the clock. */
  addAfter(key: string, ms: number): void
  close(): void
}

/**
 * Calls `reconcile` for each added key, soon but never inside the call that added it. Models client-go's work queue: a key that
 * is added while it is looked at is looked at again.
 */
export function createWorkQueue(options: {
  readonly after: (ms: number, callback: () => void) => () => void
  readonly reconcile: (key: string) => void
  readonly onDefect: (error: unknown) => void
}): WorkQueue {
  const waiting = new Set<string>()
  const timers = new Map<string, () => void>()
  let scheduled = false
  let closed = false

  const drain = () => {
    scheduled = false
    for (const key of [...waiting]) {
      if (closed) return
      waiting.delete(key)
      try {
        options.reconcile(key)
      } catch (error) {
        options.onDefect(error)
      }
    }
  }
  const add = (key: string) => {
    if (closed) return
    waiting.add(key)
    if (scheduled) return
    scheduled = true
    queueMicrotask(drain)
  }
  return {
    add,
    addAfter(key, ms) {
      if (closed) return
      timers.get(key)?.()
      timers.set(
        key,
        options.after(ms, () => {
          timers.delete(key)
          add(key)
        }),
      )
    },
    close() {
      closed = true
      waiting.clear()
      for (const cancel of timers.values()) cancel()
      timers.clear()
    },
  }
}
