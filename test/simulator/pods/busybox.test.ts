import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { busyboxVersion, runBusybox } from '../../../scripts/busybox/oracle.mjs'
import { comparable, runSimulated } from './busybox-scripts.ts'
import differences from './fixtures/busybox/differences.json' with { type: 'json' }
import shell from './fixtures/busybox/shell.json' with { type: 'json' }
import tools from './fixtures/busybox/tools.json' with { type: 'json' }
import { script } from './random-scripts.ts'

/** Scripts where the pods do something else on purpose, and why. */
const reasons: ReadonlyMap<string, string> = new Map(Object.entries(differences))

const tables = [
  { table: 'shell', recorded: shell.recorded },
  { table: 'tools', recorded: tools.recorded },
]

describe.each(tables)('the recorded table $table', ({ recorded }) => {
  const same = recorded.filter(({ script }) => !reasons.has(script))
  const other = recorded.filter(({ script }) => reasons.has(script))

  test.each(same)('a pod prints what BusyBox printed ($group): $script', async (expected) => {
    const real = comparable(expected)
    expect(comparable(await runSimulated(expected.script))).toEqual(real)
  })

  test.runIf(other.length > 0).each(other)(
    'a pod differs for a reason: $script',
    async (expected) => {
      expect(comparable(await runSimulated(expected.script))).not.toEqual(comparable(expected))
    },
  )
})

const version = busyboxVersion()
if (version === undefined)
  process.stderr.write('No busybox on the PATH: the pods are compared with its recordings only.\n')

describe.skipIf(version === undefined)('a real BusyBox on this computer', () => {
  test.each(tables)(
    'still prints what is recorded: $table',
    async ({ recorded }) => {
      const differing: string[] = []
      for (const { script, ...expected } of recorded) {
        const { stdout, stderr, code } = comparable(await runBusybox(script))
        const real = comparable(expected)
        if (stdout !== real.stdout || stderr !== real.stderr || code !== real.code)
          differing.push(script)
      }
      // Another version of BusyBox has other words here and there; Debian's 1.35 has none.
      expect(differing.length).toBeLessThanOrEqual(version?.includes('1.35.0') ? 3 : 200)
    },
    120_000,
  )

  // Other versions have other words for what is wrong with an expression.
  test.runIf(version?.includes('1.35.0'))(
    'prints to random scripts what a pod prints',
    async () => {
      await fc.assert(
        fc.asyncProperty(script, async (text) => {
          expect(comparable(await runSimulated(text))).toEqual(comparable(await runBusybox(text)))
        }),
        { numRuns: 50, seed: 1 },
      )
    },
    120_000,
  )
})
