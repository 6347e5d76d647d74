import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LabError } from '../../src/base/errors.ts'
import { createWorkFolder } from '../../src/platform/work-folder.ts'

let base: string
let root: string

beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'netpol-lab-work-')))
  root = join(base, 'work')
  await writeFile(join(base, 'secret.txt'), 'secret')
})

afterEach(() => rm(base, { recursive: true, force: true }))

const outside = async (attempt: Promise<unknown>) => {
  const error: unknown = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(LabError)
  if (error instanceof LabError) expect(error.code).toBe('ERR_FILE_OUTSIDE')
}

describe('the work folder', () => {
  it('writes, reads and lists files by relative name, making folders', async () => {
    const folder = await createWorkFolder(root)
    await folder.write('policies/deny.yaml', 'kind: NetworkPolicy\n')
    await folder.write('./a.yaml', 'a')
    expect(await folder.read('policies//deny.yaml')).toBe('kind: NetworkPolicy\n')
    expect(await folder.list('.')).toEqual([
      { name: 'a.yaml', kind: 'file' },
      { name: 'policies', kind: 'folder' },
    ])
    expect(await readFile(join(root, 'a.yaml'), 'utf8')).toBe('a')
  })

  it('has nothing where there is no such file or folder, and no text for a folder', async () => {
    const folder = await createWorkFolder(root)
    await folder.write('a/b.yaml', '')
    expect(await folder.read('missing.yaml')).toBeUndefined()
    expect(await folder.read('a')).toBeUndefined()
    expect(await folder.read('a/b.yaml/c')).toBeUndefined()
    expect(await folder.list('missing')).toBeUndefined()
    expect(await folder.list('a/b.yaml')).toBeUndefined()
  })

  it.each([
    '../secret.txt',
    'a/../../secret.txt',
    'a/..',
    '/etc/passwd',
    '~/secret.txt',
    '..\\secret.txt',
    'C:\\secret.txt',
    'C:secret.txt',
    'file.yaml:stream',
    'CON',
    'nul.yaml',
    'policies/com1.yaml',
    'name.',
    'name ',
    'zero\0byte',
  ])('refuses the name %j in every method', async (name) => {
    const folder = await createWorkFolder(root)
    await outside(folder.read(name))
    await outside(folder.write(name, 'x'))
    await outside(folder.list(name))
    expect(await readFile(join(base, 'secret.txt'), 'utf8')).toBe('secret')
  })

  it('refuses links that lead out, to files, to folders and to nothing', async (context) => {
    const folder = await createWorkFolder(root)
    try {
      await symlink(join(base, 'secret.txt'), join(root, 'link.txt'))
    } catch {
      context.skip('this system lets this user make no links')
    }
    await symlink(base, join(root, 'up'))
    await symlink(join(base, 'not-there.txt'), join(root, 'dangling.txt'))
    await outside(folder.read('link.txt'))
    await outside(folder.write('link.txt', 'x'))
    await outside(folder.read('up/secret.txt'))
    await outside(folder.write('up/new.txt', 'x'))
    await outside(folder.list('up'))
    await outside(folder.write('dangling.txt', 'x'))
    expect(await readFile(join(base, 'secret.txt'), 'utf8')).toBe('secret')
    await expect(readFile(join(base, 'not-there.txt'))).rejects.toThrow()
    await expect(readFile(join(base, 'new.txt'))).rejects.toThrow()
  })

  it('follows links that stay inside and leaves them out of lists', async (context) => {
    const folder = await createWorkFolder(root)
    await mkdir(join(root, 'real'))
    await folder.write('real/a.yaml', 'a')
    try {
      await symlink(join(root, 'real'), join(root, 'alias'))
    } catch {
      context.skip('this system lets this user make no links')
    }
    expect(await folder.read('alias/a.yaml')).toBe('a')
    expect(await folder.list('.')).toEqual([{ name: 'real', kind: 'folder' }])
  })

  it('is found behind a link of its own', async (context) => {
    await mkdir(root)
    try {
      await symlink(root, join(base, 'alias'))
    } catch {
      context.skip('this system lets this user make no links')
    }
    const folder = await createWorkFolder(join(base, 'alias'))
    await folder.write('a.yaml', 'a')
    expect(await folder.read('a.yaml')).toBe('a')
    expect(folder.path).toBe(root)
  })
})
