import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { listFolders, readFolder, readTextFile } from '../../src/platform/read-folder.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netpol-lab-read-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

describe('reading a folder', () => {
  test('gives the texts by name, with slashes between the parts', async () => {
    await mkdir(join(folder, 'a', 'b'), { recursive: true })
    await writeFile(join(folder, 'lesson.md'), 'one')
    await writeFile(join(folder, 'a', 'b', 'two.yaml'), 'two')
    expect([...(await readFolder(folder))]).toEqual([
      ['a/b/two.yaml', 'two'],
      ['lesson.md', 'one'],
    ])
  })

  test('leaves out hidden files and files that are too large', async () => {
    await writeFile(join(folder, '.secret'), 'x')
    await writeFile(join(folder, 'large.yaml'), 'x'.repeat(1_000_001))
    expect([...(await readFolder(folder))]).toEqual([])
  })

  test.skipIf(process.platform === 'win32')(
    'follows no links, to files or to folders',
    async () => {
      await mkdir(join(folder, 'inside'))
      await writeFile(join(folder, 'secret.yaml'), 'x')
      await symlink(join(folder, 'secret.yaml'), join(folder, 'inside', 'file.yaml'))
      await symlink(folder, join(folder, 'inside', 'folder'))
      expect([...(await readFolder(join(folder, 'inside')))]).toEqual([])
    },
  )

  test('lists folders in order, and none where there is nothing', async () => {
    await mkdir(join(folder, 'b'))
    await mkdir(join(folder, 'a'))
    await writeFile(join(folder, 'c'), '')
    expect(await listFolders(folder)).toEqual(['a', 'b'])
    expect(await listFolders(join(folder, 'none'))).toEqual([])
  })

  test('reads one file, or says that there is none', async () => {
    await writeFile(join(folder, 'a'), 'text')
    expect(await readTextFile(join(folder, 'a'))).toBe('text')
    expect(await readTextFile(join(folder, 'b'))).toBeUndefined()
    expect(await readTextFile(folder)).toBeUndefined()
  })
})
