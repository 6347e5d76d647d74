import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { findLab } from '../../src/cli/wire/lab.ts'
import { composeRun } from '../../src/cli/wire/open-run.ts'
import { openUnattended } from '../../src/cli/wire/unattended.ts'
import { openLesson } from '../../src/lessons/load-lesson.ts'
import { createMemoryProgress, noProgress } from '../../src/progress/progress-store.ts'
import { playStep } from '../../src/runner/play.ts'
import type { RunSession } from '../../src/runner/run-session.ts'

describe('starting again', () => {
  const closers: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close()
  })

  /** Lesson 08 on a simulated cluster of its own, played to the end of step 2. */
  async function atEndOfStepTwo() {
    const lab = findLab()
    const folder = await mkdtemp(join(tmpdir(), 'restart-'))
    closers.push(() => rm(folder, { recursive: true, force: true }))
    const lesson = await openLesson(join(lab.lessonsFolder, '08-deny-egress'))
    const { signal } = new AbortController()
    const place = await openUnattended(lab, {
      kind: 'simulated',
      context: undefined,
      consent: false,
      images: [],
      signal,
    })
    closers.push(place.close)
    const run = await composeRun({
      ...place,
      workFolders: folder,
      lesson,
      progress: createMemoryProgress(),
      resume: noProgress(lesson.id),
      asks: false,
      nextLesson: undefined,
      size: { columns: 120, rows: 40 },
      signal,
      onAction: () => {},
    })
    closers.push(run.close)
    const options = { run, files: run.files, clock: place.clock, signal, onEvent: () => {} }
    await run.idle()
    await playStep(options)
    run.send({ kind: 'next-step' })
    await run.idle()
    await playStep(options)
    await run.idle()
    const names = async () =>
      (
        await place.cluster.client.list({ apiVersion: 'v1', plural: 'pods', namespace: 'default' })
      ).items
        .map((pod) => pod.metadata.name)
        .sort()
    const policies = async () =>
      (
        await place.cluster.client.list({
          apiVersion: 'networking.k8s.io/v1',
          plural: 'networkpolicies',
          namespace: 'default',
        })
      ).items.map((policy) => policy.metadata.name)
    return { run, names, policies, workFolder: run.files.path }
  }

  async function choose(run: RunSession, choice: number) {
    run.send({ kind: 'ask-reset' })
    run.send({ kind: 'choose', question: 'reset', choice })
    await run.idle()
  }

  it('brings the step back to how it began: earlier steps stand, its own things are gone, files are kept', async () => {
    const { run, names, policies, workFolder } = await atEndOfStepTwo()
    expect(await policies()).toEqual(['foo-deny-egress'])
    const before = run.state.achieved.items.size
    await choose(run, 1)
    expect(run.state.stepIndex).toBe(1)
    expect(run.state.achieved.items.size).toBeLessThan(before)
    expect(await names()).toEqual(['bar', 'foo-srv', 'web'])
    expect(await policies()).toEqual([])
    expect(await readdir(workFolder)).toContain('foo-deny-egress.1.yaml')
  })

  it('brings the lesson back to step 1 with no points', async () => {
    const { run, names, policies } = await atEndOfStepTwo()
    expect(run.snapshot.score.earned).toBeGreaterThan(0)
    await choose(run, 2)
    expect(run.state.stepIndex).toBe(0)
    expect(run.snapshot.score.earned).toBe(0)
    expect(await names()).toEqual(['bar', 'foo-srv'])
    expect(await policies()).toEqual([])
  })

  it('changes nothing when the learner goes on as it is', async () => {
    const { run, policies } = await atEndOfStepTwo()
    const { items } = run.state.achieved
    await choose(run, 0)
    expect(run.state.achieved.items).toBe(items)
    expect(await policies()).toEqual(['foo-deny-egress'])
  })
})
