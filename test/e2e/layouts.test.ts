import { afterEach, describe, expect, it } from 'vitest'
import type { TerminalDriver } from './harness/open-terminal.ts'
import { openLesson } from './support/open-lesson.ts'

let terminal: TerminalDriver | undefined
afterEach(() => terminal?.close())

/** Parameters of the SGR sequences in what was written: 30 to 49 and 90 to 107 are colours. */
function colours(raw: string): readonly string[] {
  return [...raw.matchAll(/\x1b\[([\d;]*)m/g)]
    .flatMap((match) => (match[1] ?? '').split(';'))
    .filter((code) => /^(?:3\d|4\d|9\d|10[0-7])$/.test(code))
}

describe.skipIf(process.platform === 'win32')('the split layout, at 120 by 36', () => {
  it('shows lesson, checks and terminal side by side, and keeps the focus in the lesson', {
    timeout: 60_000,
  }, async () => {
    const { terminal: driver, player } = await openLesson({ columns: 120, rows: 36 })
    terminal = driver
    const end = await player.playUntil((seen) => seen.kind === 'step-done')
    expect(end.screen).toMatch(/^━━ Lesson ━+┬── Terminal t ─+$/m)
    expect(end.screen).toMatch(/^── Checks c 4\/4 ─+┤/m)
    expect(end.screen, 'the terminal').toMatch(/│<\/html>$/m)
    expect(end.screen, 'the checks').toMatch(/✓ passed +1\/1 +pod web is ready/)
    expect(end.points).toBe(6)
    for (const row of driver.screen().split('\n')) expect(row.length).toBeLessThanOrEqual(120)
    expect(colours(driver.raw), 'symbols are coloured').not.toHaveLength(0)
  })

  it('has no colour with NO_COLOR; the words stay', { timeout: 60_000 }, async () => {
    const { terminal: driver, player } = await openLesson({
      columns: 120,
      rows: 36,
      env: { NO_COLOR: '1' },
    })
    terminal = driver
    const end = await player.playUntil((seen) => seen.kind === 'step-done')
    expect(end.screen).toMatch(/✓ passed +1\/1 +pod web is ready/)
    expect(colours(driver.raw)).toEqual([])
  })
})

describe.skipIf(process.platform === 'win32')('a terminal that knows ASCII only', () => {
  it('gets no other character with --ascii', { timeout: 60_000 }, async () => {
    const { terminal: driver, player } = await openLesson({ args: ['--ascii'] })
    terminal = driver
    const end = await player.playUntil((seen) => seen.kind === 'outcome')
    expect(end.screen).toMatch(/It was +\+ connected/)
    driver.resize(120, 36)
    await driver.waitFor((screen) => screen.split('\n').length === 36)
    driver.keys('Enter')
    await driver.waitFor('== Lesson')
    driver.keys('?')
    await driver.waitFor('Shift-Tab')
    expect(driver.raw.match(/[^\x00-\x7f]/g) ?? []).toEqual([])
  })
})
