import type { Clock } from '../../base/clock.ts'

/**
 * Asks again, with growing pauses, until the answer is as wanted, and gives the last answer. It gives up after `limitMs` of the clock, but
 * never before `least` answers: on a fast clock the limit can be over before a busy machine has answered once.
 */
export async function repeatUntil<T>(
  ask: () => Promise<T>,
  wanted: (answer: T) => boolean,
  options: {
    readonly limitMs: number
    readonly least: number
    readonly clock: Clock
    readonly signal: AbortSignal
  },
): Promise<T> {
  const { limitMs, least, clock, signal } = options
  const until = clock.now() + limitMs
  for (let turn = 1, pauseMs = 20; ; turn++, pauseMs = Math.min(pauseMs * 2, 500)) {
    const answer = await ask()
    if (wanted(answer) || (turn >= least && clock.now() >= until)) return answer
    await clock.sleep(pauseMs, { signal })
  }
}
