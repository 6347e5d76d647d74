import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { keysMarkdown } from '../../src/tui/keys.ts'

it('docs/keys.md shows the one table of keys (npm run docs:keys writes it)', () => {
  const page = readFileSync(new URL('../../docs/keys.md', import.meta.url), 'utf8')
  expect(page).toContain(keysMarkdown())
})
