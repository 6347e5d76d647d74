import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readVersionedFile, writeFileAtomically } from '../../src/platform/atomic-file.ts'
import { bundleProgram } from './support/bundle-program.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netpol-lab-file-'))
})
afterEach(() => rm(folder, { recursive: true }))

const format = {
  format: 2,
  decode: (json: unknown, found: number) => {
    if (typeof json !== 'object' || json === null || !('name' in json)) throw new Error('no name')
    return `${String(json.name)} of format ${found}`
  },
}
const NOW = Date.UTC(2026, 0, 2, 3, 4, 5)

describe('writing', () => {
  test('makes the folder, keeps the file private and leaves nothing beside it', async () => {
    const path = join(folder, 'a', 'b', 'state.json')
    await writeFileAtomically(path, 'one')
    await writeFileAtomically(path, new TextEncoder().encode('two'))
    expect(await readFile(path, 'utf8')).toBe('two')
    expect(await readdir(join(folder, 'a', 'b'))).toEqual(['state.json'])
    if (process.platform !== 'win32') expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  test('is never half done, however often the writer is killed', async () => {
    const program = await bundleProgram(
      folder,
      'writer',
      `import { writeFileAtomically } from './src/platform/atomic-file.ts'
       const path = process.argv[2] ?? ''
       for (let turn = 0; ; turn++) {
         await writeFileAtomically(path, JSON.stringify({ turn, text: 'x'.repeat(200_000), end: turn }))
         if (turn === 0) console.log('started')
       }`,
    )
    const path = join(folder, 'state.json')
    for (let turn = 0; turn < 5; turn++) {
      const child = spawn(process.execPath, [program, path], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])
      expect(child.exitCode).toBeNull()
      child.kill('SIGKILL')
      await once(child, 'exit')
      const value: unknown = JSON.parse(await readFile(path, 'utf8'))
      expect(value).toHaveProperty('end')
    }
  })
})

describe('reading a versioned file', () => {
  test('gives the value of this and of older formats, and says where there is none', async () => {
    const path = join(folder, 'state.json')
    expect(await readVersionedFile(path, format, NOW)).toEqual({ kind: 'absent' })
    await writeFile(path, '{"format":1,"name":"web"}')
    expect(await readVersionedFile(path, format, NOW)).toEqual({
      kind: 'read',
      value: 'web of format 1',
    })
  })

  test.each([
    ['newer', '{"format":3,"name":"web"}', 'it has format 3'],
    ['damaged', '{"format":2', 'JSON'],
    ['damaged', '{"name":"web"}', 'no format number'],
    ['damaged', '{"format":2}', 'no name'],
    ['damaged', '', 'JSON'],
  ])('sets a %s file aside with its text: %s', async (reason, text, detail) => {
    const path = join(folder, 'state.json')
    await writeFile(path, text)
    expect(await readVersionedFile(path, format, NOW)).toEqual({
      kind: 'set-aside',
      reason,
      keptAs: `${path}.${reason}-2026-01-02T03-04-05`,
      detail: expect.stringContaining(detail),
    })
    expect(await readFile(`${path}.${reason}-2026-01-02T03-04-05`, 'utf8')).toBe(text)
    expect(await readVersionedFile(path, format, NOW)).toEqual({ kind: 'absent' })
  })

  test('never sets one file aside onto another', async () => {
    const path = join(folder, 'state.json')
    for (const text of ['one', 'two']) {
      await writeFile(path, text)
      await readVersionedFile(path, format, NOW)
    }
    expect((await readdir(folder)).sort()).toEqual([
      'state.json.damaged-2026-01-02T03-04-05',
      'state.json.damaged-2026-01-02T03-04-05-2',
    ])
  })
})
