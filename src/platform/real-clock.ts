import { type Clock, sleepOn } from '../base/clock.ts'

/** The clock of the computer. */
export function createRealClock(): Clock {
  const after: Clock['after'] = (ms, callback) => {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  }
  return { now: () => Date.now(), after, sleep: (ms, options) => sleepOn(after, ms, options) }
}
