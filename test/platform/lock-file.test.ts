import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir, uptime } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { lockOwner, takeLock } from '../../src/platform/lock-file.ts'
import { bundleProgram } from './support/bundle-program.ts'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netpol-lab-lock-'))
  path = join(folder, 'deep', 'lock')
})
afterEach(() => rm(folder, { recursive: true }))

async function deadProcess(): Promise<number> {
  const child = spawn(process.execPath, ['-e', ''])
  await once(child, 'exit')
  return child.pid ?? 0
}

describe('a lock file', () => {
  test('has one owner at a time and names it to the second', async () => {
    const first = await takeLock(path)
    expect(first.kind).toBe('held')
    expect(await takeLock(path)).toEqual({ kind: 'taken', pid: process.pid })
    if (first.kind === 'held') {
      await first.release()
      await first.release()
    }
    expect((await takeLock(path)).kind).toBe('held')
  })

  test('tells who has it without changing anything', async () => {
    expect(await lockOwner(path)).toBeUndefined()
    const held = await heldBy()
    expect(await lockOwner(path)).toBe(process.pid)
    await held.release()
    expect(await lockOwner(path)).toBeUndefined()
    await writeFile(path, JSON.stringify({ pid: await deadProcess(), birth: null, token: 'dead' }))
    expect(await lockOwner(path)).toBeUndefined()
    expect(await readdir(join(folder, 'deep'))).toEqual(['lock'])
  })

  test('from before the computer was started is free, whoever has the number of its process now', async () => {
    await (await heldBy()).release()
    const owner = { pid: process.pid, birth: null, token: 'old' }
    const boot = Date.now() - uptime() * 1000
    await writeFile(path, JSON.stringify({ ...owner, boot }))
    expect(await lockOwner(path)).toBe(process.pid)
    await writeFile(path, JSON.stringify({ ...owner, boot: boot - 3_600_000 }))
    expect(await lockOwner(path)).toBeUndefined()
    expect((await takeLock(path)).kind).toBe('held')
  })

  test.runIf(process.platform === 'linux')(
    'of a process that was killed and not collected is free',
    async () => {
      const program = await bundleProgram(
        folder,
        'holder',
        `import { takeLock } from './src/platform/lock-file.ts'
         await takeLock(${JSON.stringify(path)})
         console.log(process.pid)
         setInterval(() => {}, 1e6)`,
      )
      // The shell becomes sleep, which collects no children.
      const parent = spawn('sh', ['-c', `${process.execPath} ${program} & exec sleep 1000`], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      try {
        const line = await createInterface(parent.stdout)[Symbol.asyncIterator]().next()
        const pid = Number(line.value)
        expect(await lockOwner(path)).toBe(pid)
        process.kill(pid, 'SIGKILL')
        while (!/\) Z/.test(await readFile(`/proc/${pid}/stat`, 'utf8'))) await setImmediate()
        expect(await lockOwner(path)).toBeUndefined()
      } finally {
        parent.kill('SIGKILL')
      }
    },
  )

  test('of a process that is gone is taken over by exactly one of many', async () => {
    await (await heldBy()).release()
    await writeFile(path, JSON.stringify({ pid: await deadProcess(), birth: null, token: 'dead' }))
    const attempts = await Promise.all(Array.from({ length: 8 }, () => takeLock(path)))
    expect(attempts.filter((attempt) => attempt.kind === 'held')).toHaveLength(1)
    expect(await readdir(join(folder, 'deep'))).toEqual(['lock'])
  })

  test('of a process that is gone is taken over by exactly one of many processes', async () => {
    const program = await bundleProgram(
      folder,
      'taker',
      `import { lockOwner, takeLock } from './src/platform/lock-file.ts'
       process.stdin.once('data', async () => {
         console.log((await takeLock(${JSON.stringify(path)})).kind)
       })
       console.log('up')`,
    )
    const takers = Array.from({ length: 6 }, () =>
      spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] }),
    )
    try {
      const lines = takers.map(({ stdout }) => createInterface(stdout)[Symbol.asyncIterator]())
      await Promise.all(lines.map((line) => line.next()))
      const dead = await deadProcess()
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, JSON.stringify({ pid: dead, birth: null, token: 'dead' }))
      for (const { stdin } of takers) stdin.write('go')
      const kinds = await Promise.all(lines.map(async (line) => (await line.next()).value))
      expect(kinds.sort()).toEqual(['held', 'taken', 'taken', 'taken', 'taken', 'taken'])
    } finally {
      for (const taker of takers) taker.kill()
    }
  })

  test.skipIf(process.platform !== 'linux')(
    'is taken over where another process has the number of the dead one now',
    async () => {
      await (await heldBy()).release()
      await writeFile(path, JSON.stringify({ pid: 1, birth: 'another boot 1', token: 'dead' }))
      expect((await takeLock(path)).kind).toBe('held')
    },
  )

  test('that cannot be read is taken over', async () => {
    await (await heldBy()).release()
    await writeFile(path, 'not json')
    expect((await takeLock(path)).kind).toBe('held')
  })

  test('of somebody else is never released by an old owner', async () => {
    const first = await heldBy()
    await writeFile(path, JSON.stringify({ pid: process.pid, birth: null, token: 'other' }))
    await first.release()
    expect(await takeLock(path)).toEqual({ kind: 'taken', pid: process.pid })
  })
})

async function heldBy() {
  const attempt = await takeLock(path)
  if (attempt.kind !== 'held') throw new Error('taken')
  return attempt
}
