/** Waiting longer after each failure: 10 s, 20 s, 40 s … 5 min, as the kubelet does. */
export interface BackOff {
  /** How long to wait before the next try, in milliseconds; 0 the first time. */
  next(now: number): number
}

const FIRST_MS = 10_000
const LAST_MS = 300_000
/** After so long without a failure it starts again. */
const FORGET_MS = 2 * LAST_MS

/** @param options.immediately the first try after a failure does not wait */
export function createBackOff(options: { readonly immediately: boolean }): BackOff {
  let current = options.immediately ? 0 : FIRST_MS
  let last = Number.NEGATIVE_INFINITY
  return {
    next(now) {
      if (now - last > FORGET_MS) current = options.immediately ? 0 : FIRST_MS
      const wait = current
      current = current === 0 ? FIRST_MS : Math.min(current * 2, LAST_MS)
      last = now + wait
      return wait
    },
  }
}

/** `10s`, `1m20s`, `5m0s`: how Go prints a whole number of seconds. */
export function goSeconds(ms: number): string {
  const seconds = Math.round(ms / 1000)
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`
}

/** `850ms`, `1.204s`: how Go prints a duration cut to milliseconds. */
export function goMilliseconds(ms: number): string {
  const whole = Math.trunc(ms)
  if (whole === 0) return '0s'
  return whole < 1000 ? `${whole}ms` : `${whole / 1000}s`
}
