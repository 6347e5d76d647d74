/**
 * Time as a port. Everything that waits or looks at the time takes a `Clock`, so that a lesson can be
 * played on real time for a person and on a fast one for a machine.
 */
export interface Clock {
  /** Milliseconds since the Unix epoch, on this clock. */
  now(): number
  /** Resolves after `ms` of this clock's time; rejects with `signal.reason` when the signal aborts first. */
  sleep(ms: number, options?: { readonly signal?: AbortSignal | undefined }): Promise<void>
  /** Calls `callback` once after `ms` of this clock's time. Returns a function that cancels it; calling that twice is fine. */
  after(ms: number, callback: () => void, options?: TimerOptions): () => void
}

export interface TimerOptions {
  /**
   * Something that goes on for ever and that nobody waits for: a clock that moves from timer to timer does not move for it.
   * @default false
   */
  readonly background?: boolean
}

/** `sleep` in terms of `after`: shared by every clock, so that aborting means the same on all of them. */
export function sleepOn(
  after: Clock['after'],
  ms: number,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const { signal } = options
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason)
      return
    }
    const onAbort = () => {
      cancel()
      reject(signal?.reason)
    }
    const cancel = after(ms, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
