import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { TerminalDriver } from './harness/open-terminal.ts'
import { LESSON_FOLDER } from './program.ts'
import { openLesson, typeCommand } from './support/open-lesson.ts'
import { workFolder } from './support/player.ts'
import { readProgress, recordsOf } from './support/progress-file.ts'

let terminal: TerminalDriver | undefined
afterEach(() => terminal?.close())

describe.skipIf(process.platform === 'win32')('a policy that is not right', () => {
  it('gets the sentence that it deserves, and the repair passes', { timeout: 90_000 }, async () => {
    const { terminal: driver, player } = await openLesson()
    terminal = driver
    await player.playUntil((seen) => seen.kind === 'run' && seen.step === 2)
    await driver.waitFor('written to your folder: foo-deny-egress.yaml')
    const file = join(workFolder(driver), 'foo-deny-egress.yaml')
    const right = await readFile(file, 'utf8')
    // As any editor would write it.
    await writeFile(file, await readFile(join(LESSON_FOLDER, 'wrong/wrong-subject.yaml'), 'utf8'))
    const failed = await player.playUntil((seen) => seen.kind === 'failed')
    expect(failed.last).toMatch(/✗ 1 failed/)
    driver.keys('c')
    const checks = await driver.waitFor('━━ Checks')
    expect(checks.replace(/\s+/g, ' ')).toContain(
      'The caller must be selected: foo-srv -> web:80 still connects, and web itself lost its calls.',
    )
    expect(checks).toMatch(/✗ failed +0\/4 /)

    await writeFile(file, right)
    driver.keys('t')
    await driver.waitFor('━━ Terminal ━━')
    await typeCommand(driver, 'kubectl apply -f foo-deny-egress.yaml', 'configured')
    await driver.waitFor(/Step done\. Enter goes to step 3/)
    driver.keys('Shift-Tab', 'c')
    expect(await driver.waitFor('━━ Checks')).toMatch(/✓ passed +4\/4 /)
    // The file is written behind the screen.
    const results = async () =>
      recordsOf(await readProgress(driver.home), 'check-finished')
        .filter(({ check }) => check === 'policy-deny')
        .map(({ state, mistake }) => [state, mistake])
    await expect
      .poll(async () => (await results()).at(-1), { timeout: 10_000 })
      .toEqual(['passed', undefined])
    expect((await results())[0]).toEqual(['failed', 'wrong-subject'])
  })
})

describe.skipIf(process.platform === 'win32')('hints', () => {
  it('open in their order and cost no points', { timeout: 60_000 }, async () => {
    const { terminal: driver, player } = await openLesson()
    terminal = driver
    const step = await player.playUntil((seen) => seen.kind === 'step-done')
    for (const number of [2, 3, 4, 5, 6]) {
      driver.keys('n')
      await driver.waitFor(`step ${number} of 10`)
    }
    driver.keys('h')
    const closed = await driver.waitFor('Hints for step 6')
    expect(closed).toMatch(/> 1 {2}Where to look +closed/)
    expect(closed).toMatch(/· 2 {2}The rule +after hint 1/)
    driver.keys('3', 'Enter')
    await driver.waitFor(/Last +Hint 3 opens after hint 2/)
    for (const [number, text] of [
      [1, 'The failing line names the host'],
      [2, 'is one port and one protocol'],
      [3, 'These pods may keep their clocks right'],
      [4, 'name: foo-deny-egress'],
    ] as const) {
      driver.keys(String(number), 'Enter')
      await driver.waitFor(`hint ${number} opened`)
      for (;;) {
        const screen = driver.screen()
        if (screen.includes(text) || !/more below: Space/.test(screen)) break
        driver.keys('Space')
        await driver.waitFor((next) => next !== screen)
      }
      expect(driver.screen()).toContain(text)
    }
    expect(driver.screen()).toContain(`${step.points}/100 points`)
    expect(recordsOf(await readProgress(driver.home), 'hint-shown')).toMatchObject([
      { hint: 0, tier: 1 },
      { hint: 1, tier: 2 },
      { hint: 2, tier: 4 },
      { hint: 3, tier: 5 },
    ])
  })
})
