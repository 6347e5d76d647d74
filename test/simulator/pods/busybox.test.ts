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
/** Whether it is BusyBox as the recordings were made with. */
const IS_RECORDED = process.env.NETPOL_LAB_BUSYBOX_ROOT !== undefined
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
      // The one that the recordings are of says the same but for races of its own; another version or build has other words here and there.
      expect(differing.length).toBeLessThanOrEqual(IS_RECORDED ? 3 : 250)
    },
    120_000,
  )

  // Other versions have other words for what is wrong with a script.
  test.runIf(IS_RECORDED)(
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
