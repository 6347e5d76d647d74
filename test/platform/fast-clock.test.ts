import { describe, expect, it } from 'vitest'
import { createFastClock } from '../../src/platform/fast-clock.ts'
import { createRealClock } from '../../src/platform/real-clock.ts'

describe.each([
  ['the real clock', createRealClock, 1],
  ['the fast clock', createFastClock, 1000],
])('%s', (_name, create, factor) => {
  it('fires timers in the order of their times, whatever the order they were set in', async () => {
    const clock = create()
    const fired: number[] = []
    await Promise.all([30, 10, 20].map((ms) => clock.sleep(ms * factor).then(() => fired.push(ms))))
    expect(fired).toEqual([10, 20, 30])
  })

  it('has at least the time of a timer when it fires', async () => {
    const clock = create()
    const before = clock.now()
    await clock.sleep(5 * factor)
    // Timers of the computer may fire up to a millisecond early.
    expect(clock.now() - before).toBeGreaterThanOrEqual(5 * factor - 1)
  })

  it('fires nothing that was cancelled', async () => {
    const clock = create()
    let fired = false
    const cancel = clock.after(2 * factor, () => {
      fired = true
    })
    cancel()
    cancel()
    await clock.sleep(4 * factor)
    expect(fired).toBe(false)
  })

  it('rejects a sleep with the reason of the abort', async () => {
    const clock = create()
    const abort = new AbortController()
    const sleep = clock.sleep(1_000_000, { signal: abort.signal })
    abort.abort('enough')
    await expect(sleep).rejects.toBe('enough')
    await expect(clock.sleep(1, { signal: abort.signal })).rejects.toBe('enough')
  })
})

describe('the fast clock', () => {
  it('keeps what a timer set off before a later one, however long the process was busy', async () => {
    const clock = createFastClock()
    const order: string[] = []
    const early = clock.sleep(1000).then(async () => {
      order.push('early')
      await clock.sleep(500)
      order.push('set off by early')
    })
    const late = clock.sleep(2000).then(() => order.push('late'))
    const until = performance.now() + 20
    while (performance.now() < until) {
      // Both are long due on the computer's clock when this ends.
    }
    await Promise.all([early, late])
    expect(order).toEqual(['early', 'set off by early', 'late'])
  })

  it('fires a short timer that was set after a long one without waiting for the long one', async () => {
    const clock = createFastClock()
    const cancel = clock.after(60_000_000, () => {})
    await clock.sleep(10)
    cancel()
  })

  it('lets timers in the background fire when time passes them by, and is not moved by them', async () => {
    const clock = createFastClock()
    const begun = clock.now()
    const fired: number[] = []
    clock.after(10_000, () => fired.push(clock.now() - begun), { background: true })
    const cancel = clock.after(60_000_000, () => {})
    const until = performance.now() + 30
    while (performance.now() < until) await new Promise((resolve) => setImmediate(resolve))
    expect(clock.now()).toBe(begun)
    expect(fired).toEqual([])
    await clock.sleep(20_000)
    expect(clock.now() - begun).toBe(20_000)
    expect(fired).toEqual([10_000])
    cancel()
  })
})
