import { afterEach, describe, expect, it } from 'vitest'
import { openTerminal, type TerminalDriver } from './harness/open-terminal.ts'
import { programCommand } from './program.ts'
import { readAnswers } from './support/lesson-answers.ts'
import { createLinePlayer } from './support/line-player.ts'
import { readProgress, recordsOf } from './support/progress-file.ts'
import { expectUsableTerminal } from './support/usable-terminal.ts'

let terminal: TerminalDriver | undefined
afterEach(() => terminal?.close())

const open = async (options: {
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}) => {
  const driver = await openTerminal({
    command: programCommand('start', 'deny-egress', '--cluster', 'simulated', ...options.args),
    ...(options.env === undefined ? {} : { env: options.env }),
  })
  terminal = driver
  return { driver, player: createLinePlayer({ terminal: driver, answers: await readAnswers() }) }
}

describe.skipIf(process.platform === 'win32')('the whole lesson in plain text', () => {
  it('is done with Enter, numbers and typed commands, for the same points, without a control character', {
    timeout: 170_000,
  }, async () => {
    const { driver, player } = await open({ args: ['--linear'], env: { NO_COLOR: '1' } })
    const first = await player.look()
    expect(first.text).toContain('netpol-lab in plain text. Enter does the next thing.')
    expect(first.text).toContain(
      'Lesson 8, step 1 of 10: A web server to talk to. 0 of 100 points.',
    )
    expect(first.prompt).toBe('lab> ')
    expect((await player.enter(':help')).text).toMatch(/:hint/)
    const typed = await player.enter(
      'kubectl run web --labels=app=web --expose --port=80 --image=nginx',
    )
    expect(typed.text).toContain('Output, 2 lines.\nservice/web created\npod/web created\n')
    expect(typed.text).toContain('Next, in the lab: kubectl wait')

    const end = await player.playUntil(({ text }) => text.includes('Lesson 8 done'))
    expect(end.text).toContain('Lesson 8 done: 100 of 100 points.')
    expect(end.text).toMatch(/^Reasons 20\/20\.$/m)
    expect(end.text).toMatch(/^Predictions 10\/10 10 made, 10 right\.$/m)

    const story = player.story.map(({ text }) => text).join('')
    // Every sentence of an outcome.
    const outcome =
      player.story.find(({ text }) => text.includes('Observed dns-failure'))?.text ?? ''
    expect(outcome.replace(/\s+/g, ' ')).toMatch(
      /As you predicted\. Observed dns-failure, predicted dns-failure\. After \d+\.\d s\. Control connected: bar to web:80, so the other end is up\. Name no answer: web, the name server was not reached\. Probe dns-failure: test to web:80, wget: bad address 'web:80'\. Why: Leaving test denied\. .* Both sides have to allow a connection\./,
    )
    expect(story).toContain("wget: bad address 'web:80'")
    expect(story).toContain('New since the last try: the name is found. The connection still dies.')
    expect(story).toMatch(/^PING google\.com .* data bytes$/m)
    expect(story).toMatch(/^You are in pod test\.$/m)
    expect(story).toMatch(/^Check passed, \d of \d points: /m)

    // The terminal itself writes CR LF for a line end; the program writes neither CR nor ESC.
    expect(driver.raw.match(/\x1b|\r(?!\n)|\x08/g) ?? []).toEqual([])
    expect(driver.raw.match(/[\u2500-\u259f]/g) ?? [], 'box drawing').toEqual([])

    const progress = await readProgress(driver.home)
    expect(recordsOf(progress, 'run-finished')).toMatchObject([
      { passed: true, earned: 100, total: 100 },
    ])
    const leave = await player.enter(':quit')
    expect(leave.text).toContain('What should happen to it?')
    driver.type('1\r')
    await expectUsableTerminal(driver, 0)
  })
})

describe.skipIf(process.platform === 'win32')('plain text', () => {
  it.each([
    [{ ACCESSIBLE: '1' }],
    [{ NETPOL_LAB_DISPLAY: 'linear' }],
    [{ TERM: 'dumb' }],
    [{ INK_SCREEN_READER: 'true' }],
  ])('opens by itself with %o', { timeout: 30_000 }, async (env) => {
    const driver = await openTerminal({ command: programCommand('start'), env })
    terminal = driver
    await driver.waitFor('netpol-lab in plain text.')
    await driver.waitFor(/Number, then Enter:/)
    expect(driver.modes.alternateScreen).toBe(false)
    driver.keys('Ctrl-C')
    await expectUsableTerminal(driver, 130)
  })

  it('writes what Ctrl-C brings on lines of its own', { timeout: 40_000 }, async () => {
    const { driver, player } = await open({ args: ['--linear'] })
    await player.look()
    driver.keys('Ctrl-C')
    await driver.waitFor(/\^C\nLeave\.\n/)
    driver.keys('Ctrl-C')
    await expectUsableTerminal(driver, 130)
    expect(driver.screen()).toMatch(/\^C\nYou stopped at step 1 of 10/)
  })

  it('opens in a window that is too small for the full screen', { timeout: 30_000 }, async () => {
    const driver = await openTerminal({ command: programCommand('start'), columns: 60, rows: 15 })
    terminal = driver
    await driver.waitFor(/Number, then Enter:/)
    for (const row of driver.screen().split('\n')) expect(row.length).toBeLessThanOrEqual(60)
    driver.keys('Ctrl-C')
    await expectUsableTerminal(driver, 130)
  })
})
