/** Writes a state down soon after it changes, never two writes at once, the newest state last. */
export interface StateWriter {
  /** The state changed: it is written after a short while. */
  changed(): void
  /** Writes now, if anything changed since the last write; resolves when it is on the disk. */
  flush(): Promise<void>
  /** Forgets what was not written. Resolves when no write is under way. */
  discard(): Promise<void>
}

/**
 * @param options.write writes the state as it is now
 * @param options.after calls back after a while; of the computer's time even where the cluster lives on a faster clock
 */
export function createStateWriter(options: {
  readonly write: () => Promise<void>
  readonly after: (ms: number, callback: () => void) => () => void
  readonly delayMs: number
  /** A write that nobody waits for failed; it is tried again at the next change and at `flush`. */
  readonly onFailure: (error: unknown) => void
}): StateWriter {
  let dirty = false
  let cancel: (() => void) | undefined
  let writing: Promise<void> = Promise.resolve()

  const writeNow = () => {
    cancel?.()
    cancel = undefined
    writing = writing
      .catch(() => undefined)
      .then(async () => {
        if (!dirty) return
        dirty = false
        try {
          await options.write()
        } catch (error) {
          dirty = true
          throw error
        }
      })
    return writing
  }
  return {
    changed: () => {
      dirty = true
      cancel ??= options.after(options.delayMs, () => {
        writeNow().catch(options.onFailure)
      })
    },
    flush: writeNow,
    discard: async () => {
      cancel?.()
      cancel = undefined
      dirty = false
      await writing.catch(() => undefined)
    },
  }
}
