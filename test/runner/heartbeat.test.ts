import { describe, expect, it } from 'vitest'
import type { Clock } from '../../src/base/clock.ts'
import { sleepOn } from '../../src/base/clock.ts'
import { LabError } from '../../src/base/errors.ts'
import type { KubeClient } from '../../src/kube/client.ts'
import { type Silence, watchCluster } from '../../src/runner/heartbeat.ts'

/** Time that moves only when a test says so. */
function handClock() {
  const timers = new Set<{ due: number; callback: () => void }>()
  let now = 0
  const after: Clock['after'] = (ms, callback) => {
    const timer = { due: now + ms, callback }
    timers.add(timer)
    return () => timers.delete(timer)
  }
  return {
    now: () => now,
    after,
    sleep: (ms, options) => sleepOn(after, ms, options),
    async pass(ms: number) {
      const until = now + ms
      for (;;) {
        const next = [...timers]
          .filter((timer) => timer.due <= until)
          .sort((a, b) => a.due - b.due)[0]
        if (next === undefined) break
        now = next.due
        timers.delete(next)
        next.callback()
        await new Promise((resolve) => setImmediate(resolve))
      }
      now = until
    },
  } satisfies Clock & { pass(ms: number): Promise<void> }
}

function setUp() {
  const clock = handClock()
  const server = { answers: true, asked: 0 }
  const heard: (Silence | 'back')[] = []
  const client = {
    server: 'https://127.0.0.1:1',
    request: async () => {
      server.asked++
      if (!server.answers) throw new LabError('ERR_CLUSTER_UNREACHABLE', 'connection refused')
      return { status: 200, body: 'ok', warnings: [] }
    },
  } as Partial<KubeClient> as KubeClient
  const stop = watchCluster({
    client,
    clock,
    onSilence: (silence) => heard.push(silence),
    onBack: () => heard.push('back'),
  })
  return { clock, server, heard, stop }
}

describe('a cluster that is watched', () => {
  it('is not called lost while it answers', async () => {
    const { clock, server, heard } = setUp()
    await clock.pass(60_000)
    expect(server.asked).toBeGreaterThan(5)
    expect(heard).toEqual([])
  })

  it('is lost after two questions without an answer, and the tries are counted', async () => {
    const { clock, server, heard } = setUp()
    server.answers = false
    await clock.pass(5_000)
    expect(heard).toEqual([])
    await clock.pass(10_000)
    expect(heard).toMatchObject([
      { tries: 2, since: 5_000, why: 'connection refused' },
      { tries: 3 },
    ])
  })

  it('is back with its first answer, told once', async () => {
    const { clock, server, heard } = setUp()
    server.answers = false
    await clock.pass(10_000)
    server.answers = true
    await clock.pass(20_000)
    expect(heard.filter((each) => each === 'back')).toHaveLength(1)
  })

  it('is asked no more once the watch was stopped', async () => {
    const { clock, server, stop } = setUp()
    stop()
    await clock.pass(60_000)
    expect(server.asked).toBe(0)
  })
})
