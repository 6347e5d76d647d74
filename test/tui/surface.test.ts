import { describe, expect, it } from 'vitest'
import { KEY, openScreen } from './support/screen-driver.ts'
import {
  answered,
  leave,
  lesson,
  outcome,
  predict,
  quiz,
  run,
  SNAPSHOTS,
} from './support/snapshots.ts'

const lastRow = (rows: readonly string[]) => rows.find((row) => row.startsWith(' Last')) ?? ''
const nowRow = (rows: readonly string[]) => rows.find((row) => row.startsWith(' Now')) ?? ''

describe('a question that opens by itself', () => {
  it('ignores keys for 300 ms and says that it did', async () => {
    const screen = openScreen(lesson())
    await screen.press('t')
    screen.model.show(lesson({ question: predict, enter: 'answer' }))
    screen.terminal.input.type('3')
    screen.clock.advance(299)
    screen.terminal.input.type('\r')
    await screen.settle()
    expect(screen.model.sent).toEqual([])
    expect(await screen.text()).not.toMatch(/> 3/)
    expect(lastRow(await screen.rows())).toMatch(/Keys were ignored for a moment/)
    screen.terminal.input.type('3')
    expect(await screen.text()).toMatch(/> 3 {2}timeout/)
  })

  it('goes in front of whatever the surface had open', async () => {
    const screen = openScreen(lesson())
    await screen.press('h')
    screen.model.show(lesson({ question: predict, enter: 'answer' }))
    expect(await screen.text()).toContain('━━ Predict ━━')
  })

  it('comes back to where the learner was typing', async () => {
    const screen = openScreen(lesson())
    await screen.press('t')
    screen.model.show(lesson({ outcome, outcomeOpen: true, enter: 'continue' }))
    expect(await screen.text()).toContain('━━ Outcome ━━')
    screen.model.show(lesson({ outcome }))
    expect(await screen.text()).toContain('━━ Terminal ━━')
  })

  it('goes back to the lesson where Enter in the lesson began it, unless something was typed meanwhile', async () => {
    for (const typed of [false, true]) {
      const screen = openScreen(lesson())
      await screen.press(KEY.enter)
      if (typed) await screen.press('x')
      screen.model.show(lesson({ question: predict, enter: 'answer' }))
      screen.model.show(lesson())
      expect(await screen.text()).toContain('━━ Terminal ━━')
      screen.model.show(lesson({ outcome, outcomeOpen: true, enter: 'continue' }))
      screen.model.show(lesson({ outcome }))
      expect(await screen.text()).toContain(typed ? '━━ Terminal ━━' : '━━ Lesson ━━')
    }
  })

  it('does not hold back keys of a question that the learner asked for', async () => {
    const screen = openScreen(lesson())
    await screen.settle()
    screen.model.show(lesson({ question: leave, enter: 'answer' }))
    screen.terminal.input.type('2')
    expect(await screen.text()).toMatch(/> 2 {2}Save and stop it/)
  })
})

describe('marks', () => {
  it('has no choice marked in a prediction, and says in Now what a marked one does', async () => {
    const screen = openScreen(lesson({ question: predict, enter: 'answer' }))
    expect(await screen.text()).not.toMatch(/^ {2}> /m)
    await screen.press('4')
    expect(nowRow(await screen.rows())).toContain(
      'Enter sends 4, dns-failure, and runs the command.',
    )
  })

  it('does not carry a mark over from a prediction to the pick of its reason', async () => {
    const screen = openScreen(lesson({ question: predict, enter: 'answer' }))
    await screen.press('4')
    screen.model.show(
      lesson({ question: { ...quiz, kind: 'because', id: predict.id }, enter: 'answer' }),
    )
    expect(await screen.text()).not.toMatch(/^ {2}> /m)
  })

  it('lets a reason be picked again until the right one is shown', async () => {
    const once = {
      ...answered,
      kind: 'because' as const,
      answered: { chosen: 1, right: -1, reasons: ['Look again.'], points: 'One more pick.' },
    }
    const screen = openScreen(lesson({ question: once, enter: 'answer' }))
    expect(await screen.text()).toMatch(/✗ 2 .*yours, not right/)
    await screen.press('3', KEY.enter)
    expect(screen.model.sent).toEqual([{ kind: 'choose', question: once.id, choice: 2 }])
  })

  it('makes one number of two digits that follow each other', async () => {
    const screen = openScreen(SNAPSHOTS['lessons'] ?? lesson())
    await screen.settle()
    screen.terminal.input.type('1')
    screen.clock.advance(200)
    screen.terminal.input.type('2')
    expect(await screen.text()).toMatch(/>12 {2}Lesson 12/)
    screen.clock.advance(1500)
    screen.terminal.input.type('3')
    expect(await screen.text()).toMatch(/> 3 {2}Let only some pods in/)
  })

  it('puts the real cursor on the marked line', async () => {
    const screen = openScreen(lesson({ question: leave, enter: 'answer' }))
    await screen.press(KEY.down)
    const rows = await screen.rows()
    const { row } = await screen.terminal.cursor()
    expect(rows[row]).toMatch(/> 2 {2}Save and stop it/)
  })
})

describe('typing into the wrong place', () => {
  it('drops the rest of a command typed in the lesson and says where to type it', async () => {
    const screen = openScreen(lesson())
    await screen.settle()
    for (const key of 'kubexyz') {
      screen.terminal.input.type(key)
      screen.clock.advance(80)
    }
    screen.terminal.input.type('\r')
    await screen.settle()
    expect(screen.model.sent).toEqual([])
    expect(lastRow(await screen.rows())).toContain('Typing a command? t goes to the terminal.')
  })
})

describe('the terminal pane', () => {
  it('gets bytes as they were typed, arrows and Tab included', async () => {
    const screen = openScreen(lesson())
    await screen.press('t', 'l', 's', KEY.up, KEY.tab, '\x15')
    expect(screen.lab.typed).toEqual(['l', 's', KEY.up, KEY.tab, '\x15'])
    expect(screen.model.sent).toEqual([])
  })

  it('is left by Esc and by Shift-Tab', async () => {
    const screen = openScreen(lesson())
    await screen.press('t', KEY.escape)
    expect(await screen.text()).toContain('━━ Lesson ━━')
    await screen.press('t', KEY.shiftTab)
    expect(await screen.text()).toContain('━━ Lesson ━━')
  })

  it('gives Esc and the page keys to a program that has the whole screen; Shift-Tab still leaves', async () => {
    const screen = openScreen(lesson())
    screen.lab.setFullScreen(true)
    await screen.press('t', KEY.escape, KEY.pageUp)
    expect(screen.lab.typed).toEqual(['\x1b', KEY.pageUp])
    await screen.press(KEY.shiftTab)
    expect(await screen.text()).toContain('━━ Lesson ━━')
  })

  it('scrolls back, says how much is below, and goes to the end when something is typed', async () => {
    const screen = openScreen(lesson())
    screen.lab.print(...Array.from({ length: 40 }, (_, index) => `line ${index}`))
    await screen.press('t')
    expect(await screen.text()).toContain('line 39')
    await screen.press(KEY.pageUp)
    expect(await screen.text()).not.toContain('line 39')
    expect(lastRow(await screen.rows())).toContain('17 lines are below')
    screen.lab.print('one more')
    expect(lastRow(await screen.rows())).toContain('18 lines are below')
    await screen.press('x')
    expect(await screen.text()).toContain('one more')
    expect(screen.lab.typed).toEqual(['x'])
  })

  it('stays clear after it was cleared, with the old lines above', async () => {
    const screen = openScreen(lesson())
    screen.lab.print(...Array.from({ length: 30 }, (_, index) => `line ${index}`))
    Object.assign(screen.lab.screen, { top: 30 })
    await screen.press('t')
    expect(await screen.text()).not.toContain('line 29')
    await screen.press(KEY.pageUp)
    expect(await screen.text()).toContain('line 29')
  })

  it('sends Ctrl-C to the program, and Ctrl-L clears it and paints everything again', async () => {
    const screen = openScreen(lesson())
    await screen.press('t', KEY.ctrlC, KEY.ctrlL)
    expect(screen.lab.interrupts).toBe(1)
    expect(screen.lab.typed).toEqual([KEY.ctrlL])
  })

  it('puts the real cursor where the prompt has it', async () => {
    const screen = openScreen(lesson(), { columns: 120, rows: 36 })
    await screen.press('t')
    await screen.settle()
    expect(await screen.terminal.cursor()).toEqual({ row: 2, column: 60 })
  })

  it('carries out words that are typed at its prompts, and says which are none', async () => {
    const screen = openScreen(lesson())
    await screen.press('t')
    screen.lab.emit({ kind: 'word-typed', word: 'hint' })
    expect(await screen.text()).toContain('Hints for step 3')
    await screen.press(KEY.escape)
    expect(await screen.text()).toContain('━━ Terminal ━━')
    screen.lab.emit({ kind: 'word-typed', word: 'next' })
    expect(screen.model.sent).toEqual([{ kind: 'next-step' }])
    screen.lab.emit({ kind: 'word-typed', word: 'map' })
    expect(lastRow(await screen.rows())).toContain(':map is no word of the lab')
  })

  it('names the next command in Now, or the way to it', async () => {
    const now = async (change: Parameters<typeof lesson>[0]) => {
      const screen = openScreen(lesson(change))
      await screen.press('t')
      return nowRow(await screen.rows())
    }
    const atPod = { place: 'pod', session: 'test', busy: false, interruptible: false } as const
    expect(await now({ console: atPod })).toContain(
      'In pod test. Next: wget -qO- --timeout 2 http://web:80',
    )
    expect(await now({ console: { ...atPod, place: 'lab' } })).toContain(':pod goes to its prompt')
    const done = {
      enter: 'next-step',
      now: { parts: ['Step done. Enter goes to step 4, Leave.'] },
    } as const
    expect(await now(done)).toContain('Shift-Tab, then: Step done. Enter goes to step 4')
    const busy = { console: { ...atPod, busy: true }, now: { parts: ['ping runs in pod test.'] } }
    expect(await now(busy)).toContain('ping runs in pod test.')
  })

  it('goes on with Enter while Enter brought the learner there, and with the prompt once something was typed', async () => {
    const screen = openScreen(lesson())
    await screen.press(KEY.enter)
    expect(nowRow(await screen.rows())).toContain('Enter runs: wget -qO- --timeout 2 http://web:80')
    await screen.press(KEY.enter)
    expect(screen.model.sent).toEqual([{ kind: 'enter' }, { kind: 'enter' }])
    expect(screen.lab.typed).toEqual([])
    await screen.press('x', KEY.enter)
    expect(screen.model.sent).toHaveLength(2)
    expect(screen.lab.typed).toEqual(['x', '\r'])
  })

  it('keeps Enter from a command that reads nothing: it would start the next one unseen', async () => {
    const screen = openScreen(lesson())
    await screen.press(KEY.enter)
    screen.lab.setBusy(true, false)
    const atPod = { place: 'lab', session: undefined, busy: true, interruptible: true } as const
    screen.model.show(lesson({ console: atPod, enter: 'none' }))
    await screen.press(KEY.enter)
    expect(screen.lab.typed).toEqual([])
    expect(screen.model.sent, 'the run says that something runs').toHaveLength(2)
    // The run knows that the command is over a moment before its prompt is back.
    screen.model.show(lesson())
    await screen.press(KEY.enter)
    expect(screen.model.sent).toHaveLength(3)
    screen.lab.setBusy(false)
    expect(nowRow(await screen.rows()), 'still the place where Enter goes on').toContain(
      'Enter runs',
    )
  })

  it('gives Enter to a program that reads', async () => {
    const screen = openScreen(lesson())
    await screen.press(KEY.enter)
    screen.lab.setBusy(true)
    await screen.press(KEY.enter)
    expect(screen.model.sent).toHaveLength(1)
    expect(screen.lab.typed).toEqual(['\r'])
  })

  it('shows the lesson first where there is something to read before the next command', async () => {
    const screen = openScreen(lesson())
    await screen.press(KEY.enter)
    screen.model.show(lesson({ readFirst: true }))
    expect(nowRow(await screen.rows())).toContain(
      'Enter goes back to the lesson. There is more to read.',
    )
    await screen.press(KEY.enter)
    expect(screen.model.sent).toHaveLength(1)
    expect(await screen.text()).toContain('━━ Lesson ━━')
  })

  it('is told its size, in each layout', async () => {
    const screen = openScreen(lesson())
    await screen.settle()
    screen.terminal.resize(120, 36)
    await screen.settle()
    expect(screen.lab.sizes).toEqual([
      { columns: 80, rows: 18 },
      { columns: 65, rows: 30 },
    ])
  })

  it('is where a command runs that Enter starts, with one pane at a time', async () => {
    const screen = openScreen(lesson())
    await screen.press(KEY.enter)
    expect(await screen.text()).toContain('━━ Terminal ━━')
    const split = openScreen(lesson(), { columns: 120, rows: 36 })
    await split.press(KEY.enter)
    expect(await split.text()).toContain('━━ Lesson ━━')
  })
})

describe('pasting', () => {
  const paste = (text: string) => `\x1b[200~${text}\x1b[201~`

  it('puts one line at the prompt without running it', async () => {
    const screen = openScreen(lesson())
    await screen.press('t', paste('$ kubectl get pods\n'))
    expect(screen.lab.pasted).toEqual(['kubectl get pods'])
    expect(screen.lab.typed).toEqual([])
  })

  it('asks about several lines', async () => {
    const screen = openScreen(lesson())
    await screen.press('t', paste('kubectl get pods\nkubectl get svc\n'))
    expect(screen.model.sent).toEqual([
      { kind: 'paste', text: 'kubectl get pods\nkubectl get svc' },
    ])
  })

  it('gives a program that runs the text', async () => {
    const screen = openScreen(lesson())
    screen.lab.setBusy(true)
    await screen.press('t', paste('a\nb'))
    expect(screen.lab.typed).toEqual(['a\rb'])
  })

  it('never acts as keys outside the terminal', async () => {
    const screen = openScreen(lesson())
    await screen.press(paste('q'))
    expect(screen.model.sent).toEqual([])
    expect(lastRow(await screen.rows())).toContain('A paste goes to the terminal only')
  })
})

describe('copying', () => {
  it('sends the chosen text to the clipboard and to a file, and names both', async () => {
    const written: string[] = []
    const screen = openScreen(lesson({ outcome }), {
      writeCopy: async (text) => {
        written.push(text)
        return 'copied.txt'
      },
    })
    screen.lab.emit({
      kind: 'command-finished',
      place: 'pod',
      line: 'wget web',
      output: ['timed out'],
      exitCode: undefined,
      durationMs: 5,
    })
    await screen.press('y')
    expect(await screen.text()).toMatch(
      /1 {2}Next command[\s\S]*2 {2}Last command[\s\S]*3 {2}Reasons[\s\S]*4 {2}Folder/,
    )
    await screen.press('2', KEY.enter)
    expect(written).toEqual(['/ # wget web\ntimed out'])
    expect(screen.terminal.written()).toContain(
      Buffer.from('/ # wget web\ntimed out').toString('base64'),
    )
    expect(lastRow(await screen.rows())).toMatch(/clipboard.*copied\.txt/)
  })
})

describe('finding', () => {
  it('filters the list of lessons, and Esc shows all again', async () => {
    const screen = openScreen(SNAPSHOTS['lessons'] ?? lesson())
    await screen.press('/', 'd', 'e', 'n', 'y')
    expect(await screen.text()).toContain('Deny all traffic')
    expect(await screen.text()).not.toContain('Let only some pods in')
    await screen.press(KEY.down, KEY.enter)
    expect(screen.model.sent).toEqual([{ kind: 'open-lesson', id: 'lesson-2' }])
  })

  it('scrolls a text to the next place that has the words', async () => {
    const screen = openScreen(lesson())
    await screen.press('/', 'r', 'e', 'm', KEY.enter)
    expect(lastRow(await screen.rows())).toContain('Find: rem   1 of 1')
    expect(await screen.text()).toContain('a remark')
    await screen.press(KEY.escape, 'n')
    expect(screen.model.sent).toEqual([{ kind: 'next-step' }])
  })
})

describe('the window', () => {
  it('keeps focus, an open question and its mark through every size', async () => {
    const screen = openScreen(lesson({ question: predict, enter: 'answer' }))
    await screen.press('3')
    for (const [columns, rows] of [
      [120, 36],
      [60, 15],
      [200, 60],
      [100, 30],
      [80, 24],
    ] as const) {
      screen.terminal.resize(columns, rows)
      await screen.settle()
      if (columns >= 80) expect(await screen.text()).toMatch(/> 3 {2}timeout/)
    }
    screen.model.show(lesson())
    await screen.press('t')
    screen.terminal.resize(120, 36)
    expect(await screen.text()).toMatch(/━━ Terminal ━/)
    screen.terminal.resize(80, 24)
    expect(await screen.text()).toMatch(/━━ Terminal ━/)
  })

  it('keeps the first visible words when the width changes', async () => {
    const text = Array.from({ length: 200 }, (_, index) => `word${index}`).join(' ')
    const blocks = [
      {
        kind: 'prose' as const,
        node: {
          type: 'paragraph' as const,
          children: [{ type: 'text' as const, value: `${text}` }],
        },
      },
      ...run.blocks,
    ]
    const screen = openScreen(lesson({ blocks }))
    await screen.press(KEY.down, KEY.down, KEY.down, KEY.down)
    const first = (await screen.rows())[2]?.trim().split(' ')[0] ?? ''
    screen.terminal.resize(100, 30)
    await screen.settle()
    const [row = ''] = (await screen.rows()).slice(2)
    expect(row).toContain(first)
  })

  it('offers plain text, waiting or leaving when it is too small, down to 20 by 4', async () => {
    const screen = openScreen(lesson())
    screen.terminal.resize(60, 15)
    expect(await screen.text()).toMatch(
      /This window is 60 by 15\. The full screen needs 80 by 24\.\n1 plain text 2 wait for a larger window 3 leave/,
    )
    screen.terminal.resize(20, 4)
    const rows = await screen.rows()
    expect(rows.join(' ')).toMatch(/20 by 4, needs 80 by +24\. +1 plain text +2 wait +3 leave/)
    await screen.press('3', KEY.enter)
    expect(screen.model.sent).toEqual([{ kind: 'ask-leave' }])
  })

  it('ends with plain text where that is chosen', async () => {
    const screen = openScreen(lesson(), { columns: 40, rows: 10 })
    await screen.press('1', KEY.enter)
    await expect(screen.screen.done).resolves.toBe('plain-text')
    expect(await screen.terminal.alternate()).toBe(false)
  })
})

describe('the debrief', () => {
  it('is put aside to look at a pane, and Esc brings it back', async () => {
    const screen = openScreen(SNAPSHOTS['debrief'] ?? lesson())
    await screen.press('c')
    expect(await screen.text()).toContain('━━ Checks 1/3 ━━')
    await screen.press(KEY.escape, KEY.escape)
    expect(await screen.text()).toContain('You have shown that')
  })
})

describe('hints', () => {
  it('opens the next one and says why a later one is closed', async () => {
    const screen = openScreen(lesson())
    await screen.press('h')
    expect(await screen.text()).toContain('Which server does a pod ask first?')
    await screen.press(KEY.enter)
    expect(screen.model.sent).toEqual([{ kind: 'open-hint', index: 1 }])
    await screen.press('3', KEY.enter)
    expect(lastRow(await screen.rows())).toContain('Hint 3 opens after hint 2')
  })
})
