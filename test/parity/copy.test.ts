import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRealClock } from '../../src/platform/real-clock.ts'
import { type Lab, openLab } from '../shell/lab.ts'
import { findKubectl, runKubectl } from './real-kubectl.ts'

const kubectl = await findKubectl()
const reason = 'missing' in kubectl ? ` (skipped: ${kubectl.missing})` : ''

/** Pods with BusyBox' tar, and one with GNU's. */
const IMAGES = ['alpine', 'busybox', 'nginx']

describe.skipIf('missing' in kubectl)(`the real kubectl cp${reason}`, () => {
  let lab: Lab
  let cache: string
  /** More than one read of any of the programs between. */
  const big = Buffer.from(Array.from({ length: 300_000 }, (_none, index) => (index * 7919) & 255))

  const call = (...args: string[]) =>
    runKubectl('path' in kubectl ? kubectl.path : '', args, {
      kubeconfig: lab.kubeconfig,
      cache,
      cwd: lab.folder,
    })

  beforeAll(async () => {
    cache = await mkdtemp(join(tmpdir(), 'netpol-lab-kubectl-cache-'))
    lab = await openLab({ clock: createRealClock() })
    for (const image of IMAGES)
      await call('run', image, `--image=${image}`, '--', 'sleep', 'infinity')
    await call('wait', '--for=condition=Ready', ...IMAGES.map((image) => `pod/${image}`))
    const folder = join(lab.folder, 'site')
    await mkdir(join(folder, 'sub'), { recursive: true })
    await writeFile(join(folder, 'big'), big)
    await writeFile(join(folder, 'sub/run.sh'), '#!/bin/sh\necho copied\n')
    await chmod(join(folder, 'sub/run.sh'), 0o755)
    await symlink('sub/run.sh', join(folder, 'link'))
  })

  afterAll(async () => {
    await lab.close()
    await rm(cache, { recursive: true, force: true })
  })

  it.each(IMAGES)('brings a folder into a pod of %s and back', async (pod) => {
    expect(await call('cp', 'site', `${pod}:/tmp/site`)).toEqual({ out: '', err: '', code: 0 })
    expect(await call('exec', pod, '--', '/tmp/site/link')).toMatchObject({ out: 'copied\n' })
    const back = join(lab.folder, `back-${pod}`)
    expect(await call('cp', `${pod}:/tmp/site`, back)).toMatchObject({ code: 0 })
    expect(await readFile(join(back, 'big'))).toEqual(big)
    // kubectl makes files anew: what may run in the pod does not here.
    expect(await readFile(join(back, 'sub/run.sh'), 'utf8')).toBe('#!/bin/sh\necho copied\n')
  })

  it.each(IMAGES)('brings single files into a pod of %s and back', async (pod) => {
    await call('cp', 'site/sub/run.sh', `${pod}:/tmp/other`)
    expect(await call('exec', pod, '--', '/tmp/other')).toMatchObject({ out: 'copied\n' })
    await call('cp', '--retries=2', `${pod}:/tmp/other`, `one-${pod}`)
    expect(await readFile(join(lab.folder, `one-${pod}`), 'utf8')).toBe('#!/bin/sh\necho copied\n')
  })

  it.each([
    [
      'alpine',
      1,
      "tar: can't change directory to '/nosuch/dir': No such file or directory\n",
      "tar: removing leading '/' from member names\n",
    ],
    [
      'nginx',
      2,
      'tar: /nosuch/dir: Cannot open: No such file or directory\n',
      "tar: Removing leading `/' from member names\n",
    ],
  ])("hands on what %s's tar says", async (pod, code, noFolder, stripped) => {
    expect(await call('cp', 'site/big', `${pod}:/nosuch/dir/big`)).toMatchObject({
      code,
      err: expect.stringContaining(noFolder),
    })
    expect((await call('cp', `${pod}:/etc/passwd`, 'passwd')).out).toBe(stripped)
  })
})
