import { describe, expect, it } from 'vitest'
import type { AppSnapshot } from '../../src/runner/snapshot.ts'
import { runLinear } from '../../src/tui/linear.ts'
import { createFakeConsole } from './support/fake-console.ts'
import { createFakeModel } from './support/fake-model.ts'
import { createManualClock } from './support/manual-clock.ts'
import { openScreen } from './support/screen-driver.ts'
import { answered, debrief, lesson, outcome, predict, run, SNAPSHOTS } from './support/snapshots.ts'
import { createTestTerminal } from './support/test-terminal.ts'

function open(snapshot: AppSnapshot, options: { columns?: number; ascii?: boolean } = {}) {
  const clock = createManualClock()
  const terminal = createTestTerminal(options.columns ?? 80, 24)
  const lab = createFakeConsole()
  const model = createFakeModel(snapshot, lab)
  const copied: string[] = []
  const linear = runLinear({
    model,
    input: terminal.input,
    output: terminal.output,
    env: { ascii: options.ascii ?? false },
    clock,
    writeCopy: async (text) => {
      copied.push(text)
      return 'copied.txt'
    },
  })
  const settle = async () => {
    for (let turn = 0; turn < 6; turn++) await new Promise<void>((resolve) => setImmediate(resolve))
  }
  return {
    clock,
    terminal,
    lab,
    model,
    linear,
    copied,
    settle,
    text: async () => {
      await settle()
      return terminal.written()
    },
    enter: async (line: string) => {
      await settle()
      terminal.forget()
      terminal.input.type(`${line}\n`)
      await settle()
      clock.advance(200)
      await settle()
    },
    show: async (next: AppSnapshot) => {
      await settle()
      terminal.forget()
      model.show(next)
      await settle()
    },
  }
}

describe('plain text', () => {
  it('names words where the full screen names keys', async () => {
    const now = { parts: ['A check failed: ', { wayTo: 'checks' as const }, ' says why.'] }
    const screen = open(lesson({ enter: 'check', now }))
    expect(await screen.text()).toContain('A check failed: :checks says why.')
    const full = openScreen(lesson({ enter: 'check', now }))
    expect((await full.rows()).at(-2)).toContain('A check failed: c says why.')
  })

  it('says where the learner is, the text of the step, and what Enter does next', async () => {
    const { text } = open(lesson())
    expect(
      await text(),
    ).toBe(`netpol-lab in plain text. Enter does the next thing. :help lists the words.
Cluster: simulated cluster, enforces both ways.
Lesson 8, step 3 of 6: Allow DNS. 8 of 20 points.
The pod cannot look up the name "web" at all, because the policy also closes
the way to the name servers. Open port 53 and no other.
foo-deny-egress.yaml, lines 12 to 18:
  egress:
  # name lookups
  - ports:
    - port: 53
      protocol: UDP
    - port: 53
      protocol: TCP
Apply it, then ask again from the pod with the label app=foo.
The name is found now. What about the page?
- one thing
- another thing
a: 1; b: 2
a remark
Enter runs the marked line in pod test. First you say what will happen.
lab> `)
  })

  it.each(Object.keys(SNAPSHOTS))(
    'is made of lines only, without escape, carriage return or frame: %s',
    async (name) => {
      for (const columns of [20, 40, 80, 200]) {
        const { text } = open(SNAPSHOTS[name] ?? lesson(), { columns })
        const written = await text()
        expect(written).not.toMatch(/[\x1b\r│─━┌]/)
        for (const row of written.split('\n'))
          expect(row.length).toBeLessThanOrEqual(Math.min(76, columns))
      }
    },
  )

  it('names the pod at the prompt', async () => {
    const screen = open(
      lesson({ console: { place: 'pod', session: 'test', busy: false, interruptible: false } }),
    )
    Object.assign(screen.lab, {
      place: 'pod',
      session: { namespace: 'default', pod: 'test', openedBy: 'kubectl run test', tty: true },
    })
    expect(await screen.text()).toMatch(
      /\nNext, in pod test: wget -qO- --timeout 2 http:\/\/web:80\npod test> $/,
    )
  })

  it('does the next thing on an empty line, and runs everything else at the prompt', async () => {
    const screen = open(lesson())
    await screen.enter('')
    expect(screen.model.sent).toEqual([{ kind: 'enter' }])
    await screen.enter('kubectl get pods')
    expect(screen.lab.ran).toEqual([{ line: 'kubectl get pods', place: 'lab' }])
  })

  it('asks a prediction by number, and takes the word too', async () => {
    const screen = open(lesson({ question: predict, enter: 'answer' }))
    expect(await screen.text()).toContain(
      'What will the pod see?\n1 connected. 2 refused. 3 timeout. 4 dns-failure. 5 not sure.\nNumber, then Enter: ',
    )
    await screen.enter('4')
    await screen.enter('timeout')
    await screen.enter('9')
    expect(screen.model.sent).toEqual([
      { kind: 'choose', question: 'predict-web', choice: 3 },
      { kind: 'choose', question: 'predict-web', choice: 2 },
    ])
    expect(screen.terminal.written()).toContain('There is no 9 here. The numbers go to 5.')
  })

  it('marks nothing beforehand in a prediction: an empty line asks for a number', async () => {
    const screen = open(lesson({ question: predict, enter: 'answer' }))
    await screen.enter('')
    expect(screen.model.sent).toEqual([])
    expect(screen.terminal.written()).toContain('Type a number, then Enter.')
    await screen.enter(':back')
    expect(screen.model.sent).toEqual([{ kind: 'escape' }])
  })

  it('prints what a command printed before it says what that means', async () => {
    const screen = open(lesson())
    await screen.settle()
    screen.terminal.forget()
    screen.lab.emit({ kind: 'command-started', place: 'pod', line: 'wget web' })
    screen.model.show(
      lesson({ outcome, outcomeOpen: true, enter: 'continue', now: { parts: ['Enter goes on.'] } }),
    )
    screen.lab.emit({
      kind: 'command-finished',
      place: 'pod',
      line: 'wget web',
      output: ['wget: download timed out'],
      exitCode: undefined,
      durationMs: 2000,
    })
    expect(await screen.text()).toBe(`
Output, 1 line.
wget: download timed out
Not as predicted. Observed timeout, predicted dns-failure. After 2.0 s.
Control connected: bar to web:80, so web is up.
Name answered: web is 10.96.14.7, by coredns, 53/UDP.
Probe timeout: test to web:80, wget: download timed out.
Why: Leaving test denied. foo-deny-egress lets out 53/UDP and 53/TCP; this
is 80/TCP.
Why: Entering web allowed. no policy selects web.
Both sides have to allow a connection.
New since the last try: the name is found. The connection still dies.
Enter goes on.
Enter: `)
  })

  it('says each sentence of the run once', async () => {
    const said = [{ id: 1, text: 'Check passed, 3 of 3 points: pod test does not reach web.' }]
    const screen = open(lesson())
    await screen.show(lesson({ said }))
    expect(screen.terminal.written()).toContain('Check passed, 3 of 3 points')
    await screen.show(lesson({ said: [...said, { id: 2, text: 'You are in pod test.' }] }))
    expect(screen.terminal.written()).not.toContain('Check passed')
    expect(screen.terminal.written()).toContain('You are in pod test.')
  })

  it('says what became of an answer, with the reasons', async () => {
    const screen = open(lesson({ question: { ...answered, answered: undefined }, enter: 'answer' }))
    await screen.show(
      lesson({ question: answered, enter: 'answer', now: { parts: ['Enter goes on.'] } }),
    )
    expect(screen.terminal.written()).toContain(
      'Not right: Connect to nothing, and be reached by nobody. Right is 3:',
    )
    expect(screen.terminal.written()).toContain('An empty egress list lets nothing out.')
    await screen.enter('')
    expect(screen.model.sent).toEqual([{ kind: 'enter' }])
  })

  it('says the new step when it changes', async () => {
    const screen = open(lesson())
    await screen.show(
      lesson({
        step: { number: 4, count: 6, title: 'Leave' },
        said: [{ id: 1, text: 'Step 4 of 6: Leave.' }],
        blocks: run.blocks.slice(2, 3),
      }),
    )
    expect(screen.terminal.written()).toMatch(/Step 4 of 6: Leave\.\nApply it, then ask again/)
  })

  it('opens hints one by one with :hint, and reads them', async () => {
    const screen = open(lesson())
    await screen.enter(':hint')
    expect(screen.model.sent).toEqual([{ kind: 'open-hint', index: 1 }])
    const hints = run.hints.map((hint, index) =>
      index === 1 ? { ...hint, state: 'open' as const } : hint,
    )
    await screen.show(lesson({ hints }))
    expect(screen.terminal.written()).toContain('Hint 2, What to write.\nTwo ports.')
  })

  it.each([
    [':next', { kind: 'next-step' }],
    [':back', { kind: 'previous-step' }],
    [':checks', { kind: 'run-checks' }],
    [':reset', { kind: 'ask-reset' }],
    [':lessons', { kind: 'show-lessons' }],
    [':settings', { kind: 'show-settings' }],
    [':quit', { kind: 'ask-leave' }],
  ])('knows the word %s', async (word, action) => {
    const screen = open(lesson())
    await screen.enter(word)
    expect(screen.model.sent).toEqual([action])
  })

  it('says which words there are, and which is none', async () => {
    const screen = open(lesson())
    await screen.enter(':help')
    expect(screen.terminal.written()).toMatch(/:next next step\./)
    expect(screen.terminal.written()).not.toContain(':zoom')
    await screen.enter(':map')
    expect(screen.terminal.written()).toContain(':map is no word of the lab here.')
  })

  it('writes no prompt between a line and what it begins', async () => {
    const screen = open(lesson())
    await screen.settle()
    screen.terminal.forget()
    screen.terminal.input.type('\n')
    await screen.settle()
    screen.lab.setBusy(true)
    screen.lab.emit({ kind: 'command-started', place: 'lab', line: 'kubectl get pods' })
    await screen.settle()
    screen.clock.advance(250)
    expect(await screen.text()).toBe('')
  })

  it('leaves from a question too, and gives a waiting command back first', async () => {
    const screen = open(lesson({ question: predict, enter: 'answer' }))
    await screen.enter(':quit')
    expect(screen.model.sent).toEqual([{ kind: 'escape' }, { kind: 'ask-leave' }])
    await screen.enter(':next')
    expect(screen.terminal.written()).toContain('A prediction is open. :back goes back')
  })

  it('copies by number into a file', async () => {
    const screen = open(lesson())
    await screen.enter(':copy')
    expect(screen.terminal.written()).toMatch(/1 Next command: wget[\s\S]*Number, then Enter: $/)
    await screen.enter('1')
    await screen.settle()
    expect(screen.copied).toEqual(['wget -qO- --timeout 2 http://web:80'])
    expect(screen.terminal.written()).toContain('Written to copied.txt.')
  })

  it('gives lines to a program that runs, and Ctrl-C to it', async () => {
    const screen = open(lesson())
    await screen.settle()
    screen.lab.setBusy(true)
    await screen.enter('yes')
    expect(screen.lab.typed).toEqual(['yes\r'])
    screen.linear.interrupt()
    expect(screen.lab.interrupts).toBe(1)
    screen.lab.setBusy(false)
    screen.linear.interrupt()
    expect(screen.model.sent).toEqual([{ kind: 'interrupt' }])
  })

  it('says at the start that something runs, and again after 5, 15, 30 and 60 seconds', async () => {
    const screen = open(lesson())
    await screen.settle()
    screen.lab.setBusy(true)
    screen.lab.emit({ kind: 'command-started', place: 'pod', line: 'ping web' })
    await screen.settle()
    screen.terminal.forget()
    const said: string[] = []
    for (let second = 0; second < 120; second++) {
      screen.clock.advance(1000)
      const text = await screen.text()
      if (text !== '') said.push(`${second + 1}: ${text.trim()}`)
      screen.terminal.forget()
    }
    expect(said).toEqual([
      '1: Running.',
      '5: Still running after 5 s. Ctrl-C stops it.',
      '15: Still running after 15 s. Ctrl-C stops it.',
      '30: Still running after 30 s. Ctrl-C stops it.',
      '60: Still running after 60 s. Ctrl-C stops it.',
    ])
  })

  it('prints finished lines of a program that goes on, and the rest when it ends', async () => {
    const screen = open(lesson())
    await screen.settle()
    screen.lab.setBusy(true)
    screen.lab.print('lab$ kubectl logs -f web', 'one', 'two')
    screen.lab.emit({ kind: 'command-started', place: 'lab', line: 'kubectl logs -f web' })
    screen.clock.advance(1500)
    expect(await screen.text()).toContain('one\ntwo\n')
    screen.terminal.forget()
    screen.lab.setBusy(false)
    screen.lab.emit({
      kind: 'command-finished',
      place: 'lab',
      line: 'kubectl logs -f web',
      output: ['one', 'two', 'three'],
      exitCode: 0,
      durationMs: 2000,
    })
    expect(await screen.text()).toBe('three\nlab> ')
  })

  it('says clusters as they are found, and starts with one by number', async () => {
    const screen = open(SNAPSHOTS['start'] ?? lesson())
    expect(await screen.text()).toContain('1 Simulated cluster: ready.')
    expect(await screen.text()).toContain('To fix it: Start Docker: sudo systemctl start docker.')
    await screen.enter('2')
    await screen.enter('')
    expect(screen.model.sent).toEqual([
      { kind: 'choose-cluster', index: 1 },
      { kind: 'choose-cluster', index: 0 },
    ])
  })

  it('opens lessons by their numbers', async () => {
    const screen = open(SNAPSHOTS['lessons'] ?? lesson())
    await screen.enter('12')
    expect(screen.model.sent).toEqual([{ kind: 'open-lesson', id: 'lesson-12' }])
  })

  it('reads the lesson while a cluster is opened', async () => {
    const screen = open(SNAPSHOTS['opening'] ?? lesson())
    expect(await screen.text()).toContain('Running: lesson images copied into it: 3 of 5.')
    await screen.enter('')
    expect(screen.terminal.written()).toContain('The pod cannot look up the name "web"')
  })

  it('reads the score card', async () => {
    const screen = open(lesson())
    await screen.show(lesson({ debrief, enter: 'next-step' }))
    expect(screen.terminal.written()).toContain('Lesson 8 done: 8 of 20 points.')
    expect(screen.terminal.written()).toContain('Predictions 4/4 5 made, 4 right.')
  })

  it('writes plain characters only where asked to', async () => {
    const { text } = open(lesson({ now: { parts: ['Enter – goes on…'] } }), { ascii: true })
    expect(await text()).toContain('Enter - goes on.')
  })

  it('keeps the open prompt out of what comes later, and asks again behind it', async () => {
    const screen = open(lesson())
    await screen.show(lesson({ said: [{ id: 1, text: 'The file changed.' }] }))
    expect(screen.terminal.written()).toBe('\nThe file changed.\nlab> ')
  })

  it('stops reading and ends its line when the app is over', async () => {
    const screen = open(lesson())
    await screen.settle()
    screen.model.end(0)
    await screen.linear.done
    expect(screen.terminal.written().endsWith('\n')).toBe(true)
    expect(screen.terminal.input.flowing).toBe(false)
  })
})
