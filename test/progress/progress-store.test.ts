import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createProgressStore } from '../../src/progress/progress-store.ts'
import type { LessonProgress } from '../../src/progress/records.ts'

const now = () => Date.parse('2026-01-02T03:04:05.000Z')
const some: LessonProgress = {
  format: 1,
  lesson: 'small',
  records: [
    { at: '2026-01-01T00:00:00.000Z', kind: 'run-started', cluster: 'simulated cluster' },
    { at: '2026-01-01T00:00:01.000Z', kind: 'step-entered', step: 'try-it' },
  ],
  best: { at: '2026-01-01T00:00:02.000Z', earned: 80, total: 100, passed: true },
}

describe('progress on disk', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'progress-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('comes back as it was saved', async () => {
    const store = createProgressStore(folder, now)
    store.save(some)
    expect(await createProgressStore(folder, now).load('small')).toEqual({
      progress: some,
      problem: undefined,
    })
  })

  it('is empty for a lesson that was never opened', async () => {
    expect(await createProgressStore(folder, now).load('small')).toEqual({
      progress: { format: 1, lesson: 'small', records: [] },
      problem: undefined,
    })
  })

  it.each([
    ['half a file', '{"format":1,"lesson":"small","rec', 'could not be read'],
    ['another lesson', '{"format":1,"lesson":"other","records":[]}', 'could not be read'],
    [
      'a record without a time',
      '{"format":1,"lesson":"small","records":[{"kind":"step-entered"}]}',
      'could not be read',
    ],
    ['a newer version', '{"format":2,"lesson":"small","records":[]}', 'newer netpol-lab'],
  ])('keeps %s aside, says so, and never writes over it', async (_what, text, says) => {
    await writeFile(join(folder, 'small.json'), text)
    const store = createProgressStore(folder, now)
    const { progress, problem } = await store.load('small')
    expect(progress.records).toEqual([])
    expect(problem).toContain(says)
    store.save(some)
    const kept = (await readdir(folder)).find((name) => name !== 'small.json')
    expect(kept).toBeDefined()
    expect(await readFile(join(folder, kept ?? ''), 'utf8')).toBe(text)
    expect(problem).toContain(kept)
  })
})
