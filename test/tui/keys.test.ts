import { describe, expect, it } from 'vitest'
import { KEY_TABLE, keysMarkdown } from '../../src/tui/keys.ts'
import { KEY, openScreen } from './support/screen-driver.ts'
import { lesson, quiz, run, SNAPSHOTS } from './support/snapshots.ts'

const at = (name: string) => SNAPSHOTS[name] ?? lesson()

/** Where a key works: the place, the keys, and what shows it. `last` is a part of the `Last` row. */
interface Case {
  readonly command: string
  readonly place: string
  readonly keys: readonly string[]
  readonly sends?: unknown
  readonly shows?: RegExp
}

const WORKS: readonly Case[] = [
  { command: 'mark-number', place: 'predict', keys: ['3'], shows: /> 3 {2}timeout/ },
  { command: 'carry-out', place: 'lesson', keys: [KEY.enter], sends: { kind: 'enter' } },
  {
    command: 'carry-out',
    place: 'start',
    keys: [KEY.enter],
    sends: { kind: 'choose-cluster', index: 0 },
  },
  {
    command: 'carry-out',
    place: 'lessons',
    keys: [KEY.enter],
    sends: { kind: 'open-lesson', id: 'lesson-2' },
  },
  {
    command: 'carry-out',
    place: 'error',
    keys: ['2', KEY.enter],
    sends: { kind: 'choose-fix', index: 1 },
  },
  {
    command: 'carry-out',
    place: 'predict',
    keys: ['4', KEY.enter],
    sends: { kind: 'choose', question: 'predict-web', choice: 3 },
  },
  {
    command: 'carry-out',
    place: 'leave',
    keys: [KEY.enter],
    sends: { kind: 'choose', question: 'leave', choice: 0 },
  },
  {
    command: 'carry-out',
    place: 'start question',
    keys: ['2', KEY.enter],
    sends: { kind: 'choose', question: 'context', choice: 1 },
  },
  { command: 'carry-out', place: 'outcome', keys: [KEY.enter], sends: { kind: 'enter' } },
  { command: 'carry-out', place: 'answered', keys: [KEY.enter], sends: { kind: 'enter' } },
  { command: 'carry-out', place: 'debrief', keys: [KEY.enter], sends: { kind: 'enter' } },
  { command: 'leave-terminal', place: 'lesson', keys: ['t', KEY.shiftTab], shows: /━━ Lesson ━━/ },
  { command: 'next-pane', place: 'lesson', keys: [KEY.tab], shows: /━━ Terminal ━━/ },
  { command: 'mark-next', place: 'leave', keys: [KEY.down], shows: /> 2 {2}Save and stop it/ },
  { command: 'mark-next', place: 'quiz', keys: ['j', 'j'], shows: /> 2 {2}Connect to nothing/ },
  { command: 'mark-previous', place: 'quiz', keys: [KEY.up], shows: /> 4 {2}Connect to the name/ },
  { command: 'mark-previous', place: 'leave', keys: ['4', 'k'], shows: /> 3 {2}Destroy it/ },
  { command: 'page-down', place: 'lesson', keys: [' '], shows: /a remark/ },
  {
    command: 'page-up',
    place: 'lesson',
    keys: [KEY.pageDown, KEY.pageUp],
    shows: /The pod cannot look up/,
  },
  { command: 'to-end', place: 'lesson', keys: [KEY.end], shows: /a remark/ },
  {
    command: 'to-start',
    place: 'lesson',
    keys: [KEY.end, KEY.home],
    shows: /The pod cannot look up/,
  },
  {
    command: 'edit-first',
    place: 'lesson',
    keys: ['e'],
    sends: { kind: 'edit-first' },
    shows: /━━ Terminal ━━/,
  },
  { command: 'terminal', place: 'lesson', keys: ['t'], shows: /━━ Terminal ━━/ },
  { command: 'hints', place: 'lesson', keys: ['h'], shows: /Hints for step 3/ },
  { command: 'checks', place: 'lesson', keys: ['c'], shows: /━━ Checks 1\/3 ━━/ },
  { command: 'checks', place: 'lesson', keys: ['c', 'c'], sends: { kind: 'run-checks' } },
  { command: 'next-step', place: 'lesson', keys: ['n'], sends: { kind: 'next-step' } },
  { command: 'previous-step', place: 'lesson', keys: ['p'], sends: { kind: 'previous-step' } },
  { command: 'find', place: 'lessons', keys: ['/'], shows: /Find:/ },
  { command: 'details', place: 'start', keys: ['2', 'd'], shows: /sudo systemctl start docker/ },
  { command: 'details', place: 'opening', keys: ['d'], shows: /docker 27\.3\.1/ },
  { command: 'details', place: 'error', keys: ['d'], shows: /exit code 1/ },
  { command: 'settings', place: 'lessons', keys: ['s'], sends: { kind: 'show-settings' } },
  { command: 'settings', place: 'lesson', keys: ['s'], sends: { kind: 'show-settings' } },
  { command: 'copy', place: 'lesson', keys: ['y'], shows: /1 {2}Next command/ },
  { command: 'copy', place: 'error', keys: ['y'], shows: /1 {2}This message/ },
  { command: 'lesson', place: 'lesson', keys: ['c', 'l'], shows: /━━ Lesson ━━/ },
  { command: 'lesson', place: 'opening', keys: ['l'], shows: /The pod cannot look up/ },
  { command: 'reset', place: 'lesson', keys: ['r'], sends: { kind: 'ask-reset' } },
  { command: 'lessons', place: 'lesson', keys: ['g'], sends: { kind: 'show-lessons' } },
  { command: 'lessons', place: 'debrief', keys: ['g'], sends: { kind: 'show-lessons' } },
  { command: 'help', place: 'quiz', keys: ['?'], shows: /━━ All keys ━━/ },
  { command: 'back', place: 'predict', keys: [KEY.escape], sends: { kind: 'escape' } },
  { command: 'back', place: 'lesson', keys: ['c', KEY.escape], shows: /━━ Lesson ━━/ },
  { command: 'leave', place: 'lesson', keys: ['q'], sends: { kind: 'ask-leave' } },
  { command: 'leave', place: 'start', keys: ['q'], sends: { kind: 'ask-leave' } },
  { command: 'interrupt', place: 'lesson', keys: [KEY.ctrlC], sends: { kind: 'interrupt' } },
  { command: 'interrupt', place: 'leave', keys: [KEY.ctrlC], sends: { kind: 'interrupt' } },
  { command: 'interrupt', place: 'opening', keys: [KEY.ctrlC], sends: { kind: 'interrupt' } },
]

/** Where a key cannot work, and what `Last` says then. */
const REFUSES: readonly (readonly [
  command: string,
  place: string,
  keys: readonly string[],
  last: RegExp,
])[] = [
  ['mark-number', 'lesson', ['3'], /nothing to choose here/],
  ['carry-out', 'predict', [KEY.enter], /Nothing is marked yet/],
  ['carry-out', 'error', ['d', KEY.enter], /nothing to do here/],
  ['leave-terminal', 'predict', [KEY.shiftTab], /one pane here/],
  ['next-pane', 'quiz', [KEY.tab], /one pane here/],
  ['edit-first', 'quiz', ['e'], /A question is open/],
  ['terminal', 'lessons', ['t'], /No lesson is open/],
  ['hints', 'outcome', ['h'], /Enter goes on/],
  ['checks', 'start', ['c'], /No lesson is open yet/],
  ['next-step', 'predict', ['n'], /A prediction is open/],
  ['previous-step', 'opening', ['p'], /being opened/],
  ['find', 'predict', ['/'], /A prediction is open/],
  ['details', 'lesson', ['d'], /Details are for the start/],
  ['settings', 'opening', ['s'], /being opened/],
  ['copy', 'start', ['y'], /nothing to copy/],
  ['lesson', 'error', ['l'], /Choose a way on first/],
  ['zoom', 'lesson', ['z'], /the whole window already/],
  ['editor', 'start', ['v'], /No lesson is open yet/],
  ['reset', 'leave', ['r'], /A question is open/],
  ['lessons', 'error', ['g'], /Choose a way on first/],
  ['back', 'lessons', [KEY.escape], /no level above/],
  ['back', 'lesson', [KEY.escape], /no level above/],
  ['leave', 'predict', ['q'], /A question is open/],
  ['suspend', 'lesson', [KEY.ctrlZ], /cannot put the program into the background/],
]

describe('each key where it works', () => {
  it.each(WORKS.map((entry) => [entry.command, entry.place, entry] as const))(
    '%s at %s',
    async (_c, _p, entry) => {
      const screen = openScreen(at(entry.place))
      await screen.settle()
      await screen.press(...entry.keys)
      if (entry.sends !== undefined) expect(screen.model.sent).toContainEqual(entry.sends)
      if (entry.shows !== undefined) expect(await screen.text()).toMatch(entry.shows)
      screen.screen.close()
    },
  )

  it('repaint: Ctrl-L paints every row again', async () => {
    const screen = openScreen(lesson())
    await screen.settle()
    screen.terminal.forget()
    await screen.press(KEY.ctrlL)
    expect(screen.terminal.written()).toContain('foo-deny-egress.yaml')
  })

  it('zoom: z gives a pane of the split layout the whole window, and takes it back', async () => {
    const screen = openScreen(lesson(), { columns: 120, rows: 36 })
    await screen.press('z')
    expect(await screen.text()).not.toContain('┬')
    await screen.press('z')
    expect(await screen.text()).toContain('┬')
  })

  it('suspend: Ctrl-Z puts the screen aside while the program is stopped', async () => {
    const calls: string[] = []
    const screen = openScreen(lesson(), {
      suspendProcess: async () => {
        calls.push(
          `raw ${screen.terminal.input.raw}, alternate ${await screen.terminal.alternate()}`,
        )
      },
    })
    await screen.press(KEY.ctrlZ)
    expect(calls).toEqual(['raw false, alternate false'])
    expect(await screen.text()).toContain('━━ Lesson ━━')
    expect(screen.terminal.input.raw).toBe(true)
  })

  it('editor: v opens the file of the step with the screen put aside, and Last says what came of it', async () => {
    const opened: string[] = []
    const screen = openScreen(lesson(), {
      openEditor: async (file) => {
        opened.push(`${file.path} alternate ${await screen.terminal.alternate()}`)
        return `${file.name} saved`
      },
    })
    await screen.press('v')
    expect(opened).toEqual(['/home/ada/work/foo-deny-egress.yaml alternate false'])
    expect(await screen.text()).toMatch(/Last {2}foo-deny-egress\.yaml saved/)
  })

  it('editor: without an editor Last says where the file is', async () => {
    const screen = openScreen(lesson())
    await screen.press('v')
    expect(await screen.text()).toMatch(
      /Last {2}No \$VISUAL or \$EDITOR is set\. foo-deny-egress\.yaml is/,
    )
  })

  it('editor: asks which of several files', async () => {
    const opened: string[] = []
    const files = [...(run.files ?? []), { name: 'b.yaml', path: '/b.yaml' }]
    const screen = openScreen(lesson({ files }), {
      openEditor: async (file) => {
        opened.push(file.path)
        return undefined
      },
    })
    await screen.press('v', '2', KEY.enter)
    expect(opened).toEqual(['/b.yaml'])
  })
})

describe('each key where it does not work', () => {
  it.each(REFUSES)('%s says why at %s', async (_command, place, keys, last) => {
    const screen = openScreen(at(place))
    await screen.settle()
    await screen.press(...keys)
    const row = (await screen.rows()).find((text) => text.startsWith(' Last'))
    expect(row).toMatch(last)
    expect(screen.model.sent).toEqual([])
    screen.screen.close()
  })

  it('says so for a key that has no meaning', async () => {
    const screen = openScreen(lesson())
    await screen.press('m')
    expect(await screen.text()).toMatch(/Last {2}m does nothing here\. \? lists all keys\./)
  })

  it('says so for hints, steps and files that there are none of', async () => {
    const screen = openScreen(
      lesson({ hints: [], files: [], step: { number: 1, count: 2, title: 'One' } }),
    )
    await screen.press('h')
    expect(await screen.text()).toMatch(/Last {2}This step has no hints/)
    await screen.press('v')
    expect(await screen.text()).toMatch(/Last {2}This step has no file/)
    await screen.press('p')
    expect(await screen.text()).toMatch(/Last {2}This is the first step/)
  })
})

describe('the table of keys', () => {
  it('has a test for every key, where it works and where it says why not', () => {
    const works = new Set([
      ...WORKS.map((entry) => entry.command),
      'repaint',
      'zoom',
      'suspend',
      'editor',
    ])
    const refuses = new Set(REFUSES.map(([command]) => command))
    // These work wherever there is a screen.
    const everywhere = new Set([
      'mark-previous',
      'mark-next',
      'page-up',
      'page-down',
      'to-start',
      'to-end',
      'interrupt',
      'repaint',
      'help',
    ])
    for (const { command } of KEY_TABLE) {
      expect(works.has(command), `${command} works`).toBe(true)
      expect(refuses.has(command) || everywhere.has(command), `${command} refuses`).toBe(true)
    }
  })

  it('gives no key and no word two meanings', () => {
    const keys = KEY_TABLE.flatMap((binding) => binding.keys)
    const words = KEY_TABLE.flatMap((binding) => (binding.word === undefined ? [] : [binding.word]))
    expect(new Set(keys).size).toBe(keys.length)
    expect(new Set(words).size).toBe(words.length)
  })

  it('has no key for a screen that is not there yet', () => {
    const keys = KEY_TABLE.flatMap((binding) => binding.keys)
    for (const key of ['m', 'x', 'f', 'w', 'o']) expect(keys).not.toContain(key)
  })

  it('is written as a table of Markdown', () => {
    expect(keysMarkdown()).toContain(
      '| Shift-Tab | leave the terminal; previous pane | everywhere |  |',
    )
    expect(keysMarkdown()).toContain('| n | next step | lesson | `:next` |')
    expect(keysMarkdown().trim().split('\n')).toHaveLength(KEY_TABLE.length + 2)
  })
})

describe('the list of all keys', () => {
  it('filters by what is typed and runs the marked key at the place behind it', async () => {
    const screen = openScreen(lesson())
    await screen.press('?', 'h', 'i', 'n', 't')
    expect(await screen.text()).toMatch(/Find: hint/)
    expect(await screen.text()).toMatch(/> 1 {2}h +hints for this step/)
    await screen.press(KEY.enter)
    expect(await screen.text()).toContain('Hints for step 3')
  })

  it('says why a chosen key cannot work and stays open', async () => {
    const screen = openScreen(lesson({ question: quiz, enter: 'answer' }))
    await screen.settle()
    await screen.press('?', 'n', 'e', 'x', 't', ' ', KEY.enter)
    expect(await screen.text()).toMatch(/All keys/)
    expect(await screen.text()).toMatch(/Last {2}(?:A question is open|There is one pane)/)
  })

  it('marks by number, of two digits too', async () => {
    const screen = openScreen(lesson())
    await screen.press('?')
    screen.terminal.input.type('1')
    screen.terminal.input.type('2')
    expect(await screen.text()).toMatch(/>12 {2}n /)
  })
})
