import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { openTerminal, type TerminalDriver } from './harness/open-terminal.ts'
import { programCommand } from './program.ts'
import { openLesson, typeCommand } from './support/open-lesson.ts'
import { readProgress, recordsOf } from './support/progress-file.ts'
import { expectUsableTerminal } from './support/usable-terminal.ts'

let terminal: TerminalDriver | undefined
afterEach(() => terminal?.close())

describe.skipIf(process.platform === 'win32')('Ctrl-C', () => {
  it('stops a command, says that nothing runs, opens the question of leaving, and leaves from there with 130', {
    timeout: 60_000,
  }, async () => {
    const { terminal: driver } = await openLesson()
    terminal = driver
    driver.keys('t')
    await driver.waitFor('━━ Terminal ━━')

    driver.type('kubectl exec -it bar -- ping 127.0.0.1\r')
    await driver.waitFor(/64 bytes from .* seq=0/)
    driver.keys('Ctrl-C')
    await driver.waitFor(/packets transmitted[\s\S]*lab\$$/m)

    await typeCommand(
      driver,
      'kubectl exec bar -- wget -qO- -T 9 http://192.0.2.1/',
      /runs\. Ctrl-C/,
    )
    driver.keys('Ctrl-C')
    await driver.waitFor(/\^C[\s\S]*lab\$$/m)

    driver.type('kubectl get po')
    await driver.waitFor(/^lab\$ kubectl get po$/m)
    driver.keys('Ctrl-C')
    await driver.waitFor(/^lab\$ kubectl get po\^C\nlab\$$/m)

    driver.keys('Ctrl-C')
    await driver.waitFor('Nothing runs here. Again to leave.')
    driver.keys('Ctrl-C')
    await driver.waitFor('What should happen to it?')
    driver.keys('Esc')
    await driver.waitFor('━━ Terminal ━━')

    driver.keys('Shift-Tab')
    await driver.waitFor('━━ Lesson ━━')
    driver.keys('Ctrl-C')
    await driver.waitFor('What should happen to it?')
    driver.keys('Ctrl-C')
    await expectUsableTerminal(driver, 130)
    expect(driver.screen()).toContain('You stopped at step 1 of 10')
  })

  it('stops the opening of a cluster, which cleans up after itself, and leaves from the start screen', {
    timeout: 60_000,
  }, async () => {
    const temporary = await mkdtemp(join(tmpdir(), 'netpol-lab-tmp-'))
    const driver = await openTerminal({
      command: programCommand('start'),
      env: { TMPDIR: temporary },
    })
    terminal = driver
    await driver.waitFor(/Now +Enter starts/)
    driver.keys('Enter')
    await driver.waitFor(/~ running +enforcement test/)
    driver.keys('Ctrl-C')
    await driver.waitFor('lessons')
    await driver.waitFor(/Now +Enter opens the marked lesson/)
    driver.keys('Ctrl-C')
    await expectUsableTerminal(driver, 130)
    expect(await readdir(temporary), 'nothing temporary is left').toEqual([])
    await rm(temporary, { recursive: true })
  })
})

describe.skipIf(process.platform === 'win32')('being ended from outside', () => {
  it.each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)(
    '%s saves, leaves the terminal as it was, and ends with 130',
    { timeout: 60_000 },
    async (signal) => {
      const { terminal: driver, player } = await openLesson()
      terminal = driver
      await player.playUntil((seen) => seen.kind === 'quiz')
      await driver.kill(signal)
      await expectUsableTerminal(driver, 130)
      const progress = await readProgress(driver.home)
      expect(recordsOf(progress, 'item-done')).toHaveLength(4)
    },
  )

  it('a closed window saves and ends the program', { timeout: 60_000 }, async () => {
    const { terminal: driver, player } = await openLesson()
    terminal = driver
    await player.playUntil((seen) => seen.kind === 'quiz')
    driver.hangUp()
    expect((await driver.ended).code).toBe(130)
    expect(recordsOf(await readProgress(driver.home), 'item-done')).toHaveLength(4)
  })
})
