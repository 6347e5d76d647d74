/** How long a pull takes on the clock, in milliseconds; less where only the registry is asked whether the image is still the same. */
const PULL_MS = 5
const CHECK_MS = 1

/** The node pulls one image at a time (`serializeImagePulls`). */
export class PullQueue {
  private freeAtMs = 0

  /** Takes a turn behind all others: how long the pull takes, and how long until it is done. */
  take(now: number, present: boolean): { readonly ownMs: number; readonly wholeMs: number } {
    const ownMs = present ? CHECK_MS : PULL_MS
    this.freeAtMs = Math.max(now, this.freeAtMs) + ownMs
    return { ownMs, wholeMs: this.freeAtMs - now }
  }
}
