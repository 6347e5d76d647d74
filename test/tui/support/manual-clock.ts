import { type Clock, sleepOn } from '../../../src/base/clock.ts'

/** A clock that stands still until a test moves it. */
export interface ManualClock extends Clock {
  /** Moves on by `ms`; what is due fires in order. */
  advance(ms: number): void
}

export function createManualClock(): ManualClock {
  let now = 1_000_000
  let timers: { readonly due: number; readonly callback: () => void }[] = []
  const after: Clock['after'] = (ms, callback) => {
    const timer = { due: now + Math.max(0, ms), callback }
    timers.push(timer)
    return () => {
      timers = timers.filter((other) => other !== timer)
    }
  }
  return {
    now: () => now,
    after,
    sleep: (ms, options) => sleepOn(after, ms, options),
    advance: (ms) => {
      const end = now + ms
      for (;;) {
        const next = timers.filter((timer) => timer.due <= end).sort((a, b) => a.due - b.due)[0]
        if (next === undefined) break
        timers = timers.filter((timer) => timer !== next)
        now = Math.max(now, next.due)
        next.callback()
      }
      now = end
    },
  }
}
