import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LineResult } from '../shell/lab.ts'
import { isReading, openParityLabs, type ParityLabs } from './parity-labs.ts'
import { findKubectl } from './real-kubectl.ts'
import { formatTranscript, parseTranscript, type TranscriptEntry } from './transcript.ts'
import { formFor, withoutChance } from './without-chance.ts'

const FOLDER = join(import.meta.dirname, 'transcripts')

/** Writes what the real kubectl printed into the transcripts; `git diff` shows what became different. */
const recording = process.env.NETPOL_LAB_RECORD_PARITY === '1'

const kubectl = await findKubectl()
const reason = 'missing' in kubectl ? ` (skipped: ${kubectl.missing})` : ''

const names = (await readdir(FOLDER)).sort()

/** Words of a refusal that sends the learner to a kubectl of their own. */
const REFUSAL = /^error: the lab's kubectl does not have .*netpol-lab env/s

for (const name of names) {
  const path = join(FOLDER, name)
  const entries = parseTranscript(await readFile(path, 'utf8'))

  describe.skipIf('missing' in kubectl)(`kubectl, as in transcripts/${name}${reason}`, () => {
    let labs: ParityLabs
    const recorded: TranscriptEntry[] = []

    beforeAll(async () => {
      labs = await openParityLabs('path' in kubectl ? kubectl.path : '')
    })

    afterAll(async () => {
      await labs.close()
      if (recording) await writeFile(path, formatTranscript(recorded))
    })

    it.each(entries)('$line', async (entry) => {
      const { options } = entry
      const form = (result: LineResult) => formFor(options, withoutChance(result))
      const together = options.onlyReal !== true && options.differs === undefined
      const [real, own] = await Promise.all([labs.runReal(entry), labs.runOwn(entry)])
      const wanted = recording ? form(real) : entry.expected
      recorded.push({ ...entry, expected: wanted })
      expect(form(real)).toEqual(wanted)
      if (options.onlyReal === true) {
        expect(own).toEqual({ out: '', err: expect.stringMatching(REFUSAL), code: 1 })
        if (!isReading(entry)) await labs.repeatReal(entry)
      }
      if (!together) return
      expect(form(own)).toEqual(wanted)
      if (!isReading(entry)) return
      const [byReal, byOwn] = await labs.readTogether(entry, real)
      expect(form(byOwn)).toEqual(wanted)
      expect(formFor(options, byOwn)).toEqual(formFor(options, byReal))
    })
  })
}
