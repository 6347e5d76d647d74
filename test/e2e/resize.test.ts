import { afterEach, describe, expect, it } from 'vitest'
import type { TerminalDriver } from './harness/open-terminal.ts'
import { openLesson, typeCommand } from './support/open-lesson.ts'

let terminal: TerminalDriver | undefined
afterEach(() => terminal?.close())

const SIZES = [
  [120, 36],
  [60, 15],
  [100, 30],
  [200, 60],
  [79, 24],
  [80, 24],
] as const

/** Goes through all sizes; `kept` is what has to be on every screen that is large enough. */
async function throughAllSizes(driver: TerminalDriver, kept: (screen: string) => boolean) {
  for (const [columns, rows] of SIZES) {
    driver.resize(columns, rows)
    if (columns < 80) {
      const tiny = await driver.waitFor(`This window is ${columns} by ${rows}.`)
      expect(tiny.replace(/\s+/g, ' ')).toMatch(/The full screen needs 80 by 24/)
    } else {
      await driver.waitFor((screen) => kept(screen) && filled(screen, columns, rows))
      const lines = driver.screen().split('\n')
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns)
    }
  }
}

/** The frame fills the window: its rule is as wide, its lower rows stand at the bottom. */
function filled(screen: string, columns: number, rows: number): boolean {
  const lines = screen.split('\n')
  return (
    lines.length === rows &&
    lines[rows - 4]?.length === columns &&
    lines[rows - 2]?.startsWith(' Now') === true
  )
}

describe.skipIf(process.platform === 'win32')('another size of the window', () => {
  it('keeps the focus and what was typed', { timeout: 60_000 }, async () => {
    const { terminal: driver } = await openLesson()
    terminal = driver
    driver.keys('t')
    await driver.waitFor('━━ Terminal')
    driver.type('kubectl get pods --no-hea')
    const typed = /lab\$ kubectl get pods --no-hea *$/m
    await driver.waitFor(typed)
    await throughAllSizes(driver, (screen) => /━ Terminal/.test(screen) && typed.test(screen))
    expect(driver.line(driver.cursor.row).slice(0, driver.cursor.column)).toBe(
      'lab$ kubectl get pods --no-hea',
    )
    await typeCommand(driver, 'ders', /^bar +1\/1 +Running/m)
  })

  it('keeps an open question and its mark', { timeout: 60_000 }, async () => {
    const { terminal: driver, player } = await openLesson()
    terminal = driver
    await player.playUntil((seen) => seen.kind === 'quiz')
    await player.awake()
    driver.keys('2')
    await driver.waitFor(/> 2 {2}A database/)
    await throughAllSizes(
      driver,
      (screen) => /━ Quiz/.test(screen) && /> 2 {2}A database/.test(screen),
    )
    driver.keys('Enter')
    await driver.waitFor('2 of 2 points.')
  })
})
