import { afterEach, describe, expect, it } from 'vitest'
import type { TerminalDriver } from './harness/open-terminal.ts'
import { openLesson, typeCommand } from './support/open-lesson.ts'

let terminal: TerminalDriver | undefined
afterEach(() => terminal?.close())

describe.skipIf(process.platform === 'win32')('commands typed by hand', () => {
  it('count as the items of the lesson, at the lab prompt and in the shell of a pod', {
    timeout: 90_000,
  }, async () => {
    const opened = await openLesson()
    const { player } = opened
    terminal = opened.terminal
    const driver = opened.terminal

    // Step 1, with the flags in an order and a writing of one's own.
    driver.keys('t')
    await driver.waitFor('━━ Terminal ━━')
    await typeCommand(
      driver,
      'kubectl run web --expose --labels=app=web --port=80 --image=nginx',
      'pod/web created',
    )
    await driver.waitFor('In the lab. Next: kubectl wait')
    await typeCommand(driver, 'kubectl wait pod/web --for=condition=Ready', 'condition met')
    await typeCommand(driver, 'kubectl get pods,svc web', /service\/web +ClusterIP/)
    await typeCommand(driver, 'kubectl exec bar -- wget -qO- -T 1 web', '</html>')
    await driver.waitFor(/Now +Shift-Tab, then: Enter opens the question/)
    driver.keys('Shift-Tab')
    const ticked = await driver.waitFor('━━ Lesson ━━')
    expect(ticked).toContain('✓ done   lab$ kubectl exec bar -- wget')
    const step2 = await player.playUntil((seen) => seen.step === 2)
    expect(step2.points, 'four checks and a question').toBe(6)

    // Step 2: another tool for the same connection opens the same prediction.
    driver.keys('t')
    await driver.waitFor('━━ Terminal ━━')
    await typeCommand(driver, 'kubectl apply -f foo-deny-egress.yaml', 'foo-deny-egress created')
    const typed = 'kubectl exec bar -- nc -zv -w 1 foo-srv 80'
    await typeCommand(driver, typed, '━━ Predict ━━')
    await player.awake()
    expect(driver.screen()).toContain(`lab$ ${typed}`)
    driver.keys('Esc')
    await driver.waitFor('━━ Terminal ━━')
    await driver.waitFor(/Last +not run; the command waits at the prompt/)
    expect(driver.line(driver.cursor.row)).toBe(`lab$ ${typed}`)
    driver.keys('Enter')
    await driver.waitFor('━━ Predict ━━')
    const predicted = await player.playUntil((seen) => seen.kind === 'outcome')
    expect(predicted.screen).toContain('as you predicted')
    driver.keys('Enter')
    const back = await driver.waitFor('━━ Terminal ━━')
    expect(back, 'back to where the learner was typing').toContain('foo-srv')

    // Step 4: in the shell of a pod.
    driver.keys('Shift-Tab')
    await driver.waitFor('━━ Lesson ━━')
    driver.keys('n')
    await driver.waitFor('step 3 of')
    driver.keys('n')
    await driver.waitFor('step 4 of')
    driver.keys('t')
    await driver.waitFor('━━ Terminal ━━')
    await typeCommand(
      driver,
      'kubectl run test --rm -it --restart=Never --image=alpine -l app=foo -- ash',
      /^\/ #$/m,
    )
    await typeCommand(driver, 'hostname', /^test$/m)
    await typeCommand(driver, 'nonsense --at all', 'ash: nonsense: not found')
    await typeCommand(driver, 'wget -qO- -T 1 http://web', '━━ Predict ━━')
    await player.playUntil((seen) => seen.kind === 'outcome')
    expect(player.story.at(-1)?.step).toBe(4)
    expect(player.story.some(({ screen }) => /It was +\? dns-failure/.test(screen))).toBe(true)
    driver.keys('Enter')
    await driver.waitFor("wget: bad address 'web'")
    // The two of the lab and the pod know each other.
    await typeCommand(driver, ':lab', /lab\$$/m)
    await typeCommand(driver, 'kubectl get pod test', /test +1\/1 +Running/)
    await typeCommand(driver, ':pod', /Now +In pod test/)
  })

  it('are taken as typed by somebody who is faster than the prompt', {
    timeout: 60_000,
  }, async () => {
    const { terminal: driver } = await openLesson()
    terminal = driver
    driver.keys('t')
    await driver.waitFor('━━ Terminal ━━')
    await typeCommand(driver, 'kubectl exec -it bar -- sh', /^\/ #$/m)
    for (let count = 1; count <= 12; count++) {
      driver.type(`echo word-${count}`)
      await driver.waitFor(new RegExp(`echo word-${count}$`, 'm'))
      driver.keys('Enter')
      await driver.waitFor(new RegExp(`^word-${count}$`, 'm'))
    }
    expect(driver.screen()).toContain('━━ Terminal ━━')
    await driver.waitFor(/Now +The next command is for the lab/)
  })
})
