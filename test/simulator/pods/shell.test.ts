import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RunningContainer } from '../../../src/simulator/ports.ts'
import recorded from './fixtures/shell-scripts.json' with { type: 'json' }
import { createWorld, type World } from './world.ts'

/*
 * fixtures/shell-scripts.json holds what `busybox sh -c SCRIPT` printed (BusyBox 1.35.0, empty environment but for HOME=/root and
 * PATH=/bin:/usr/bin, working folder /, no standard input).
 */
let world: World
let pod: RunningContainer

beforeAll(() => {
  world = createWorld()
  pod = world.addPod({
    name: 'test',
    ip: '10.244.0.7',
    image: 'alpine',
    container: { command: ['sleep', 'infinity'] },
  })
})

afterAll(() => world.close())

describe('the shell of a pod', () => {
  test.each(recorded)('does what busybox sh does: $script', async ({ script, ...expected }) => {
    const { stdout, stderr, code } = await world.run(pod, script)
    expect({ stdout, stderr, code }).toEqual(expected)
  })
})

const ORACLE = 'busybox'
const busybox = spawnSync(ORACLE, ['sh', '-c', 'true']).status === 0

describe.skipIf(!busybox)('a real busybox sh on this computer', () => {
  test('prints to these scripts what is recorded', () => {
    const differing = recorded.filter(({ script, stdout, code }) => {
      const real = spawnSync(ORACLE, ['sh', '-c', script], {
        cwd: '/',
        env: { HOME: '/root', PATH: '/bin:/usr/bin' },
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      return real.stdout !== stdout || real.status !== code
    })
    expect(differing.map(({ script }) => script)).toEqual([])
  })
})
