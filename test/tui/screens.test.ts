import { describe, expect, it } from 'vitest'
import { textWidth } from '../../src/tui/text/line.ts'
import { KEY, openScreen } from './support/screen-driver.ts'
import { lesson, SNAPSHOTS } from './support/snapshots.ts'

const SIZES = [
  [80, 24],
  [100, 30],
  [120, 36],
  [200, 60],
] as const
const LOOKS = [
  ['colour', { color: true, ascii: false }],
  ['NO_COLOR', { color: false, ascii: false }],
  ['ASCII', { color: false, ascii: true }],
] as const

/** Screens of the surface's own, by the keys that open them from a lesson. */
const OPENED: Readonly<Record<string, readonly string[]>> = {
  terminal: ['t'],
  checks: ['c'],
  hints: ['h'],
  help: ['?'],
  copy: ['y'],
  zoomed: ['z'],
}

/** Each sign that stands for a meaning, and the words that may follow it. */
const WORDS =
  /^(?:done|next|then|passed|failed|later|running|connected|refused|timeout|dns-failure|no-such-name|answered|denied|allowed|shown|waiting|started|new|\d+ )/

function assertFrame(rows: readonly string[], columns: number, ascii: boolean) {
  for (const row of rows) expect(textWidth(row), row).toBeLessThanOrEqual(columns)
  const [rule = '', last = '', now = '', keys = ''] = rows.slice(-4)
  expect(rule).toMatch(ascii ? /^[-+]+$/ : /^[─┴]+$/)
  expect(last).toMatch(/^ Last {2}\S/)
  expect(now).toMatch(/^ Now {3}\S/)
  expect(keys).toMatch(/^ \S/)
  expect(rows[0]).toMatch(/^ \S/)
  if (ascii) for (const row of rows) expect(row).toMatch(/^[\x20-\x7e]*$/)
  for (const row of rows) {
    for (const match of row.matchAll(/[✓✗] (.*)/g)) expect(match[1], row).toMatch(WORDS)
  }
}

describe.each(SIZES)('every screen at %i by %i', (columns, rows) => {
  describe.each(LOOKS)('with %s', (_name, look) => {
    it.each(Object.keys(SNAPSHOTS))('fits its frame: %s', async (name) => {
      const screen = openScreen(SNAPSHOTS[name] ?? lesson(), { columns, rows, ...look })
      assertFrame(await screen.rows(), columns, look.ascii)
      // Without colour bold (1, 22), underline (4, 24) and reverse (7, 27) are all that is written.
      if (!look.color)
        expect(screen.terminal.written()).not.toMatch(/\x1b\[;?(?:\d+;)*(?:3|9)[0-9](?:;\d+)*m/)
      screen.screen.close()
    })

    it.each(Object.keys(OPENED))('fits its frame, opened from the lesson: %s', async (name) => {
      const screen = openScreen(lesson(), { columns, rows, ...look })
      await screen.press(...(OPENED[name] ?? []))
      assertFrame(await screen.rows(), columns, look.ascii)
      screen.screen.close()
    })
  })
})

describe('what screens say', () => {
  it('puts done, next and then before the commands of a step', async () => {
    const { text } = openScreen(lesson())
    expect(await text()).toContain('    ✓ done   lab$ kubectl apply -f foo-deny-egress.yaml')
    expect(await text()).toContain('  > ~ next   / #  wget -qO- --timeout 2 http://web:80')
    expect(await text()).toContain(
      '    · then   / #  wget -qO- --timeout 2 http://www.example.com:80',
    )
  })

  it('gives an excerpt its line numbers and the key that opens the file', async () => {
    const { text } = openScreen(lesson())
    expect(await text()).toMatch(/foo-deny-egress\.yaml, lines 12 to 18 +v opens it/)
    const without = openScreen(lesson({ files: [] }))
    expect(await without.text()).not.toContain('v opens it')
  })

  it('shows the whole next command in a narrow pane', async () => {
    const command =
      'kubectl run test --image=alpine --labels=app=foo --rm -it --restart=Never -- ash'
    const blocks = [
      {
        kind: 'items' as const,
        items: [{ id: 'run', prompt: 'lab$' as const, text: command, state: 'next' as const }],
      },
    ]
    const { rows } = openScreen(lesson({ blocks }), { columns: 100, rows: 30 })
    const shown = (await rows())
      .slice(2, 8)
      .map((row) => row.slice(0, 54).trim())
      .join(' ')
    expect(shown).toContain('--restart=Never -- ash')
  })

  it('says what became of an answer, with a word beside each sign', async () => {
    const { text } = openScreen(SNAPSHOTS['answered'] ?? lesson())
    expect(await text()).toMatch(
      /✗ 2 {2}Connect to nothing, and be reached by nobody +yours, not right/,
    )
    expect(await text()).toMatch(/✓ 3 {2}Connect to nothing, but be reached by others +right/)
  })

  it('shows predicted and observed side by side with evidence and reasons', async () => {
    const { text } = openScreen(SNAPSHOTS['outcome'] ?? lesson())
    expect(await text()).toContain('You predicted   ? dns-failure')
    expect(await text()).toMatch(/It was +✗ timeout +after 2\.0 s +not as predicted/)
    expect(await text()).toMatch(/control +bar {2}to web:80 +✓ connected +so web is up/)
    expect(await text()).toMatch(/Leaving test +✗ denied/)
  })

  it('opens the marked check with what was wanted and seen', async () => {
    const screen = openScreen(lesson())
    await screen.press('c')
    expect(await screen.text()).toMatch(/> ✗ failed +0\/4 +pod test reaches nothing but DNS/)
    expect(await screen.text()).toMatch(/wanted +timeout +test to dns\.google:53 TCP/)
    await screen.press(KEY.up)
    expect(await screen.text()).toMatch(/> ✓ passed/)
    expect(await screen.text()).not.toContain('wanted')
  })

  it('fills in the start screen while it is looked at', async () => {
    const screen = openScreen(SNAPSHOTS['start'] ?? lesson())
    expect(await screen.text()).toMatch(/3 {2}A cluster you have +looking/)
    const { snapshot } = screen.model
    if (snapshot.place !== 'start-cluster') throw new Error('not the start')
    const clusters = snapshot.start.clusters.map((cluster) =>
      cluster.kind === 'context'
        ? {
            ...cluster,
            word: '3 found',
            found: 'kind-dev, gke-team, minikube.',
            choices: ['kind-dev'],
          }
        : cluster,
    )
    screen.model.show({ place: 'start-cluster', start: { ...snapshot.start, clusters } })
    expect(await screen.text()).toMatch(/3 {2}A cluster you have +3 found +asks which one/)
  })

  it('lets the lesson be read while a cluster is opened, and comes back', async () => {
    const screen = openScreen(SNAPSHOTS['opening'] ?? lesson())
    expect(await screen.text()).toMatch(/~ running +lesson images copied into it: 3 of 5 +4 s/)
    await screen.press(KEY.enter)
    expect(await screen.text()).toContain('The pod cannot look up the name "web"')
    await screen.press(KEY.escape)
    expect(await screen.text()).toContain('~ running')
    expect(screen.model.sent).toEqual([])
  })

  it('shows the points of a finished lesson and what is worth another look', async () => {
    const { text } = openScreen(SNAPSHOTS['debrief'] ?? lesson())
    expect(await text()).toMatch(/Predictions +4\/4 +5 made, 4 right/)
    expect(await text()).toContain('Worth another look')
  })

  it('marks the place of focus in the split layout', async () => {
    const screen = openScreen(lesson(), { columns: 120, rows: 36 })
    const [, heading = ''] = await screen.rows()
    expect(heading).toMatch(/^━━ Lesson ━+┬── Terminal t ─+$/)
    await screen.press('t')
    const [, after = ''] = await screen.rows()
    expect(after).toMatch(/^── Lesson l ─+┬━━ Terminal ━+$/)
  })
})
