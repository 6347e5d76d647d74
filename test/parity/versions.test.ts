import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openParityLabs, type ParityLabs } from './parity-labs.ts'
import { findOtherKubectls } from './real-kubectl.ts'
import { parseTranscript } from './transcript.ts'
import { formFor, withoutChance } from './without-chance.ts'

const path = join(import.meta.dirname, 'transcripts/smoke.txt')
const entries = parseTranscript(await readFile(path, 'utf8'))
const others = await findOtherKubectls()

it.skipIf(others.length > 0)(
  'other versions of kubectl (skipped: none beside the one on the PATH)',
  () => {},
)

/** Each version of kubectl gets a cluster of its own, and does there what 1.32 does. */
describe.each(others)('kubectl 1.$minor, as in transcripts/smoke.txt', ({ minor, path }) => {
  let labs: ParityLabs

  beforeAll(async () => {
    labs = await openParityLabs(path)
  })

  afterAll(() => labs.close())

  it.each(entries)('$line', async (entry) => {
    const real = await labs.runReal(entry)
    expect(formFor(entry.options, ofAllVersions(withoutChance(real), minor))).toEqual(
      ofAllVersions(entry.expected, minor),
    )
  })
})

/** Without what later versions say otherwise: since 1.34 they name the namespace in which they deleted something. */
function ofAllVersions<T extends { readonly out: string }>(result: T, minor: number): T {
  return minor < 34 ? result : { ...result, out: result.out.replace(/ from \S+ namespace$/gm, '') }
}
