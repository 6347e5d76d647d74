import { type Clock, sleepOn } from '../base/clock.ts'

interface Timer {
  readonly due: number
  readonly order: number
  readonly callback: () => void
}

/**
 * A clock that runs `speed` times faster than the computer's, for runs that nobody watches.
 *
 * Timers fire strictly in the order of their due times, one per turn of the event loop, and `now()` never
 * runs past a timer that has not fired: however long the process was busy, "2 seconds later" still comes
 * after "1 second later" and everything that the earlier one set off.
 *
 * @param options.speed simulated milliseconds for each real one. @default 1000
 */
export function createFastClock(options: { readonly speed?: number } = {}): Clock {
  const speed = options.speed ?? 1000
  const timers: Timer[] = []
  let order = 0
  let cancelScheduled: (() => void) | undefined
  let base = Date.now()
  let realBase = performance.now()

  const now = () => {
    const flowing = base + (performance.now() - realBase) * speed
    const next = timers[0]
    return next === undefined ? flowing : Math.min(flowing, Math.max(base, next.due))
  }
  const settle = (at: number) => {
    base = at
    realBase = performance.now()
  }
  const schedule = () => {
    cancelScheduled?.()
    cancelScheduled = undefined
    const next = timers[0]
    if (next === undefined) return
    const realMs = (next.due - now()) / speed
    // A wait of less than a millisecond is rounded to one turn of the event loop.
    if (realMs < 1) {
      const handle = setImmediate(fire)
      cancelScheduled = () => clearImmediate(handle)
    } else {
      const handle = setTimeout(fire, realMs)
      cancelScheduled = () => clearTimeout(handle)
    }
  }
  const fire = () => {
    cancelScheduled = undefined
    const next = timers[0]
    if (next === undefined) return
    const reached = base + (performance.now() - realBase) * speed
    if (next.due <= reached) {
      timers.shift()
      settle(Math.max(base, next.due))
      next.callback()
    }
    schedule()
  }
  const after: Clock['after'] = (ms, callback) => {
    const timer = { due: now() + Math.max(0, ms), order: order++, callback }
    const index = timers.findIndex((other) => other.due > timer.due)
    if (index === -1) timers.push(timer)
    else timers.splice(index, 0, timer)
    if (timers[0] === timer) schedule()
    return () => {
      const at = timers.indexOf(timer)
      if (at === -1) return
      timers.splice(at, 1)
      if (at === 0) schedule()
    }
  }
  return { now, after, sleep: (ms, sleepOptions) => sleepOn(after, ms, sleepOptions) }
}
