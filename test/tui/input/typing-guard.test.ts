import { describe, expect, it } from 'vitest'
import { createTypingGuard } from '../../../src/tui/input/typing-guard.ts'

/** Keys with the milliseconds between them; a dropped one is upper case. */
function typed(keys: string, gapMs: number) {
  const guard = createTypingGuard()
  return [...keys]
    .map((name, index) => (guard.drops({ name }, index * gapMs) ? name.toUpperCase() : name))
    .join('')
}

describe('typing guard', () => {
  it('drops the fourth letter of a burst and everything after it', () => {
    expect(typed('kubectl', 100)).toBe('kubECTL')
  })

  it('lets slow letters through', () => {
    expect(typed('kubectl', 250)).toBe('kubectl')
  })

  it('lets a held key through', () => {
    expect(typed('jjjjjjjj', 30)).toBe('jjjjjjjj')
  })

  it('lets digits and arrows through', () => {
    const guard = createTypingGuard()
    expect(
      ['1', '2', '3', '4', 'up', 'down'].some((name, index) => guard.drops({ name }, index * 10)),
    ).toBe(false)
  })

  it('listens again after a pause', () => {
    const guard = createTypingGuard()
    for (const [index, name] of [...'kubec'].entries()) guard.drops({ name }, index * 50)
    expect(guard.drops({ name: 't' }, 500)).toBe(true)
    expect(guard.drops({ name: 't' }, 1100)).toBe(false)
  })
})
