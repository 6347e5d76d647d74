import { type Clock, sleepOn } from '../base/clock.ts'

interface Timer {
  readonly due: number
  readonly callback: () => void
  readonly background: boolean
}

/**
 * A clock that runs `speed` times faster than the computer's, for runs that nobody watches.
 *
 * Its time moves only from timer to timer, in the order of their due times, one per turn of the event loop. While
 * something is computed it stands still: a program that needs a millisecond of the processor has not lost a simulated second, and
 * "2 seconds later" comes after everything that "1 second later" set off, however busy the computer is.
 *
 * Timers in the background fire as time passes them by, and do not move it.
 *
 * @param options.speed simulated milliseconds for each real one. @default 1000
 */
export function createFastClock(options: { readonly speed?: number } = {}): Clock {
  const speed = options.speed ?? 1000
  const timers: Timer[] = []
  let now = Date.now()
  let cancelScheduled: (() => void) | undefined
  /** The timer whose wait is over: those in the background that come before it fire first, without a wait of their own. */
  let reached: Timer | undefined

  const nextToWaitFor = () => timers.find(({ background }) => !background)
  const schedule = () => {
    cancelScheduled?.()
    cancelScheduled = undefined
    const awaited = nextToWaitFor()
    if (awaited === undefined) return
    const realMs = awaited === reached ? 0 : (awaited.due - now) / speed
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
    reached = nextToWaitFor()
    const next = timers.shift()
    if (next === undefined) return
    now = Math.max(now, next.due)
    next.callback()
    schedule()
  }
  const after: Clock['after'] = (ms, callback, timerOptions = {}) => {
    const timer = {
      due: now + Math.max(0, ms),
      callback,
      background: timerOptions.background === true,
    }
    const index = timers.findIndex((other) => other.due > timer.due)
    if (index === -1) timers.push(timer)
    else timers.splice(index, 0, timer)
    if (nextToWaitFor() === timer) schedule()
    return () => {
      const at = timers.indexOf(timer)
      if (at === -1) return
      const wasAwaited = nextToWaitFor() === timer
      timers.splice(at, 1)
      if (wasAwaited) schedule()
    }
  }
  return { now: () => now, after, sleep: (ms, sleepOptions) => sleepOn(after, ms, sleepOptions) }
}
