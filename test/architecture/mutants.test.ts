import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'

/** `npm run test:mutants` takes minutes and runs apart; what it rests on is looked at here. */
const ROOT = resolve(import.meta.dirname, '../..')
const { COPIED, mutants } = await import(pathToFileURL(join(ROOT, 'scripts/mutants/list.mjs')).href)

describe('the mutants of the policy engine', () => {
  it('are at least ten, each of a line that stands once in its file', () => {
    expect(mutants.length).toBeGreaterThanOrEqual(10)
    for (const { says, file, line } of mutants) {
      const text = readFileSync(join(ROOT, 'src/policy', file), 'utf8')
      expect(text.split(line).length - 1, says).toBe(1)
    }
  })

  it('run in a copy that has everything the tests import', () => {
    const copied = (path: string) =>
      COPIED.some((one: string) => path === one || path.startsWith(`${one}/`))
    const folder = join(ROOT, 'test/policy')
    const missing = readdirSync(folder).flatMap((name) =>
      [...readFileSync(join(folder, name), 'utf8').matchAll(/from '(\.[^']+)'/g)]
        .map(([, path = '']) => relative(ROOT, resolve(dirname(join(folder, name)), path)))
        .map((path) => path.replaceAll('\\', '/'))
        .filter((path) => !copied(path) || !existsSync(join(ROOT, path)))
        .map((path) => `${name} imports ${path}`),
    )
    expect(missing).toEqual([])
  })
})
