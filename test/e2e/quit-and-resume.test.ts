import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openTerminal, type TerminalDriver } from './harness/open-terminal.ts'
import { programCommand } from './program.ts'
import { openLesson, typeCommand } from './support/open-lesson.ts'
import { readScreen } from './support/read-screen.ts'
import { expectUsableTerminal } from './support/usable-terminal.ts'

let home: string
let terminals: TerminalDriver[] = []
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'netpol-lab-resume-'))
})
afterEach(async () => {
  for (const terminal of terminals) await terminal.close()
  terminals = []
  await rm(home, { recursive: true, force: true })
})

/** Starts again without a word: the lab remembers cluster and lesson. */
const startAgain = async () => {
  const terminal = await openTerminal({ command: programCommand('start'), home })
  terminals.push(terminal)
  const list = await terminal.waitFor(/You stopped at step \d+ of \d+/)
  expect(list).toContain('simulated cluster')
  terminal.keys('Enter')
  return terminal
}

/** The lesson is where it was, and so is the cluster. */
const expectAsLeft = async (terminal: TerminalDriver, left: { step: number; points: number }) => {
  await terminal.waitFor((screen) => readScreen(screen).step > 0)
  expect(readScreen(terminal.screen())).toMatchObject(left)
  terminal.keys('t')
  await terminal.waitFor('━━ Terminal ━━')
  await typeCommand(terminal, 'kubectl get networkpolicy', /foo-deny-egress +app=foo/)
  await typeCommand(terminal, 'kubectl get pods', /^web +1\/1 +Running/m)
  terminal.keys('Shift-Tab')
  await terminal.waitFor('━━ Lesson ━━')
}

describe.skipIf(process.platform === 'win32')('coming back', () => {
  it('goes on at the same step with the same cluster and points: after leaving, after kill -9, after the cluster was destroyed', {
    timeout: 120_000,
  }, async () => {
    const { terminal: first, player } = await openLesson({ home, firstStart: true })
    terminals.push(first)
    await player.playUntil((seen) => seen.kind === 'predict')
    await player.awake()
    first.keys('Esc')
    await first.waitFor('not run; the command waits')
    const { step, points } = readScreen(first.screen())
    expect({ step, points }).toEqual({ step: 2, points: 6 })

    first.keys('Shift-Tab')
    await first.waitFor('━━ Lesson ━━')
    first.keys('q')
    expect(await first.waitFor('What should happen to it?')).toMatch(/> 1 {2}Save and stop it/)
    first.keys('Enter')
    await expectUsableTerminal(first, 0)
    expect(first.screen()).toContain('You stopped at step 2 of 10, Deny egress.')
    expect(first.screen()).toContain('Go on with: netpol-lab start deny-egress')

    const second = await startAgain()
    await expectAsLeft(second, { step, points })
    await second.kill('SIGKILL')
    await second.ended

    const third = await startAgain()
    await expectAsLeft(third, { step, points })
    third.keys('q')
    await third.waitFor('What should happen to it?')
    third.keys('2')
    await third.waitFor(/> 2 {2}Destroy it/)
    third.keys('Enter')
    await expectUsableTerminal(third, 0)

    const fourth = await startAgain()
    await expectAsLeft(fourth, { step, points })
  })

  it('finds what was finished in the second before kill -9', { timeout: 60_000 }, async () => {
    const { terminal: first, player } = await openLesson({ home, firstStart: true })
    terminals.push(first)
    const quiz = await player.playUntil((seen) => seen.kind === 'answered')
    await first.kill('SIGKILL')
    await first.ended
    const second = await startAgain()
    await second.waitFor((screen) => readScreen(screen).step === 1)
    expect(readScreen(second.screen()).points).toBe(quiz.points)
    expect(quiz.points).toBe(2)
  })
})
