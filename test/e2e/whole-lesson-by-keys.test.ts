import { afterEach, describe, expect, it } from 'vitest'
import { openTerminal, type TerminalDriver } from './harness/open-terminal.ts'
import { programCommand } from './program.ts'
import { readAnswers } from './support/lesson-answers.ts'
import { createPlayer, type Player } from './support/player.ts'
import { readProgress, recordsOf } from './support/progress-file.ts'
import { expectUsableTerminal } from './support/usable-terminal.ts'

let terminal: TerminalDriver | undefined
afterEach(() => terminal?.close())

/** The screens of a story on which `pattern` was to be read. */
const shown = (player: Player, pattern: RegExp | string) =>
  player.story.filter(({ screen }) =>
    typeof pattern === 'string' ? screen.includes(pattern) : pattern.test(screen),
  )

describe.skipIf(process.platform === 'win32')('the whole lesson, at 80 by 24', () => {
  it('is done with numbers, Enter and Shift-Tab alone, from the first start to the score card', {
    timeout: 170_000,
  }, async () => {
    const driver = await openTerminal({ command: programCommand('start') })
    terminal = driver
    const player = createPlayer({
      terminal: driver,
      answers: await readAnswers(),
      // One of the predictions is a miss: it has to cost nothing.
      choose: ({ kind, id, right }) =>
        kind === 'predict' && id === 'predict-web-name' ? 1 : right,
    })
    const first = await player.playUntil((seen) => seen.kind === 'start')
    await driver.waitFor(/> 1 {2}Simulated cluster {4}ready/)
    expect(first.screen).toContain('first start')
    await player.playUntil((seen) => seen.kind === 'outcome' && seen.step === 4)
    await player.once(await player.look())
    driver.keys('t')
    const inThePod = await driver.waitFor("wget: bad address 'web:80'")
    expect(inThePod).toMatch(/^\/ # wget -qO- --timeout 1 http:\/\/web:80\/$/m)
    driver.keys('Shift-Tab')
    await driver.waitFor('━━ Lesson ━━')
    const end = await player.playUntil((seen) => seen.kind === 'finished')

    // Steps 1 and 2: a server that works, then a policy.
    expect(shown(player, 'pod/web condition met')).not.toHaveLength(0)
    expect(shown(player, 'foo-deny-egress created')).not.toHaveLength(0)
    expect(shown(player, 'foo-deny-egress configured')).not.toHaveLength(0)
    // Step 3: both files mean the same.
    expect(shown(player, 'mean the same')).not.toHaveLength(0)
    // Step 4: names cannot be looked up.
    const [missed] = shown(player, /You predicted +✓ connected\s+It was +\? dns-failure/)
    expect(missed?.screen).toMatch(/It was .* not as predicted/)
    expect(missed?.screen).toMatch(/wget: bad address\s+'web:80'/)
    expect(missed?.screen).toMatch(/control +bar to web:80 +✓ connected/)
    expect(shown(player, /wget: bad address\s+'www\.example\.com'/)).not.toHaveLength(0)
    // Step 5: the address is known, the connection dies.
    const [byAddress] = shown(player, /probe +test to web:80 +✗ timeout/)
    expect(byAddress?.screen).toContain('/ # wget -qO- --timeout 1 http://$WEB_SERVICE_HOST:80/')
    // Step 7: the name is found now.
    expect(
      shown(player, 'New since the last try: the name is found. The connection still dies.'),
    ).not.toHaveLength(0)
    // Step 8: ping says nothing until it is stopped.
    const [ping] = player.story.filter((seen) => seen.kind === 'endless')
    expect(ping?.screen).toMatch(/PING google\.com \([0-9a-f.:]+\): 56 data bytes\n{2,}/)
    expect(shown(player, 'predicted   ✗ timeout')).not.toHaveLength(0)
    // Step 9: anybody answers on port 53, until the rule is narrow.
    expect(shown(player, 'lighthouse, port 53: not a name server')).not.toHaveLength(0)
    expect(shown(player, 'No resources found in default namespace.')).not.toHaveLength(0)

    const points = player.story.map((seen) => seen.points)
    expect(points, 'points never go down').toEqual(points.toSorted((a, b) => a - b))
    expect(end.screen).toContain('100/100 points')
    expect(end.screen).toMatch(/Checks +50\/50 +30 of 30 checks passed/)
    expect(end.screen).toMatch(/Reasons +20\/20/)
    expect(end.screen).toMatch(/Predictions +10\/10 +10 made, 9 right/)
    expect(end.screen).toMatch(/Quiz +20\/20 +7 of 7 at the first try/)
    expect(end.screen).toMatch(/Hints +0 of \d+ opened/)
    driver.keys('Space')
    await driver.waitFor('step 4: you said connected, it was dns-failure')

    const progress = await readProgress(driver.home)
    expect(recordsOf(progress, 'run-finished')).toMatchObject([
      { passed: true, earned: 100, total: 100 },
    ])
    expect(progress.best).toMatchObject({ earned: 100, total: 100, passed: true })

    driver.keys('q')
    await driver.waitFor('What should happen to it?')
    driver.keys('Enter')
    await expectUsableTerminal(driver, 0)
    expect(driver.screen()).toMatch(/You stopped at step 10 of 10[\s\S]*Your files: /)
  })
})
