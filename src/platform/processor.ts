import type { Clock } from '../base/clock.ts'

/** What programs that share one thread compute in a row before the event loop turns, in milliseconds of the computer's time. */
const TURN_MS = 5

/**
 * The one processor that all simulated programs share. A program asks `breathe` often; when what ran since the event loop last turned
 * has used up its time, the program waits in a queue, and each turn of the loop lets one of the queue go on. So timers, sockets and
 * whoever else waits get their turn after some milliseconds, however many programs are busy, and every program gets its share.
 *
 * Time that was computed passes on the clock too: on a fast clock, which stands still meanwhile, it is made up for, or a script
 * that looks at the time in a loop would look for ever.
 */
export interface Processor {
  /** `undefined` while the turn lasts; else resolves when it is this program's turn again, and rejects with the reason of `abort`. */
  breathe(waiter: Pick<Waiter, 'abort'>): Promise<void> | undefined
}

/** Somebody who may have to wait, and whose wait may be ended. The signal is asked for only where there is something to wait for. */
export interface Waiter {
  readonly abort: AbortSignal
  /** Throws the reason of `abort` where it has aborted. */
  throwIfAborted(): void
}

/** Who waits under a signal. */
export function waiterOf(signal: AbortSignal): Waiter {
  return { abort: signal, throwIfAborted: () => signal.throwIfAborted() }
}

interface Waiting {
  readonly goOn: () => void
}

export function createProcessor(options: {
  readonly clock: Clock
  /** Milliseconds of the computer. @default performance.now */
  readonly now?: () => number
}): Processor {
  const { clock, now = () => performance.now() } = options
  const queue = new Set<Waiting>()
  let turn: { readonly beganMs: number; readonly clockMs: number } | undefined
  let last = { beganMs: 0, clockMs: 0 }
  let scheduled = false

  const beginTurn = () => {
    const begun = { beganMs: now(), clockMs: clock.now() }
    turn = begun
    last = begun
    setImmediate(() => {
      if (turn === begun) turn = undefined
    })
  }
  const release = () => {
    scheduled = false
    const [next] = queue
    if (next === undefined) return
    beginTurn()
    next.goOn()
    schedule()
  }
  const schedule = () => {
    if (scheduled || queue.size === 0) return
    scheduled = true
    setImmediate(() => {
      const owedMs = now() - last.beganMs - (clock.now() - last.clockMs)
      if (owedMs > TURN_MS / 2) clock.after(owedMs, release)
      else release()
    })
  }

  return {
    breathe(waiter) {
      if (turn === undefined) {
        beginTurn()
        return undefined
      }
      if (now() - turn.beganMs < TURN_MS) return undefined
      const signal = waiter.abort
      return new Promise((resolve, reject) => {
        const leave = () => {
          queue.delete(entry)
          signal.removeEventListener('abort', onAbort)
        }
        const onAbort = () => {
          leave()
          reject(signal.reason)
        }
        const entry: Waiting = {
          goOn() {
            leave()
            resolve()
          },
        }
        if (signal.aborted) {
          reject(signal.reason)
          return
        }
        signal.addEventListener('abort', onAbort, { once: true })
        queue.add(entry)
        schedule()
      })
    },
  }
}
