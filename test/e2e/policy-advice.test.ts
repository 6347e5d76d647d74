import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { openTerminal, type TerminalDriver } from './harness/open-terminal.ts'
import { programCommand } from './program.ts'
import { readAnswers } from './support/lesson-answers.ts'
import { createLinePlayer } from './support/line-player.ts'
import { openLesson, typeCommand } from './support/open-lesson.ts'
import { workFolder } from './support/player.ts'

let terminal: TerminalDriver | undefined
afterEach(() => terminal?.close())

const TYPO = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: mine}
spec:
  podSelector: {matchLabels: {app: fooo}}
  policyTypes: [Egress]
`

describe.skipIf(process.platform === 'win32')('a policy that lint has a remark on', () => {
  it('is named in Last when it is applied, and the terminal shows what kubectl prints only', {
    timeout: 60_000,
  }, async () => {
    const opened = await openLesson()
    terminal = opened.terminal
    const driver = opened.terminal
    await writeFile(join(workFolder(driver), 'mine.yaml'), TYPO)
    driver.keys('t')
    await driver.waitFor('━━ Terminal ━━')
    await typeCommand(
      driver,
      'kubectl apply -f mine.yaml',
      'networkpolicy.networking.k8s.io/mine created',
    )
    const screen = await driver.waitFor(/Last .*mine: No pod in namespace default has app=fooo/)
    expect(screen.split('app=fooo')).toHaveLength(2)
    await typeCommand(driver, 'lint', /Correct app=fooo/)
  })

  it('is told in plain text, too', { timeout: 60_000 }, async () => {
    const driver = await openTerminal({
      command: programCommand('start', 'deny-egress', '--cluster', 'simulated', '--linear'),
      env: { NO_COLOR: '1' },
    })
    terminal = driver
    const player = createLinePlayer({ terminal: driver, answers: await readAnswers() })
    await player.look()
    await writeFile(join(workFolder(driver), 'mine.yaml'), TYPO)
    const applied = await player.enter('kubectl apply -f mine.yaml')
    const story = `${applied.text}${(await player.enter('kubectl get netpol')).text}`
    expect(story.replace(/\s+/g, ' ')).toContain(
      'Worth a look, mine: No pod in namespace default has app=fooo. The policy does nothing. The command lint tells more.',
    )
  })
})
