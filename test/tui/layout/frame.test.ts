import { describe, expect, it } from 'vitest'
import type { RunSnapshot } from '../../../src/runner/snapshot.ts'
import { headerLine, keysRow } from '../../../src/tui/layout/frame.ts'
import { layoutFor } from '../../../src/tui/place/layout.ts'
import { placeOf } from '../../../src/tui/place/place.ts'
import { createSurfaceState } from '../../../src/tui/place/surface-state.ts'
import { listOf } from '../../../src/tui/surface/lists.ts'
import { lineText, lineWidth } from '../../../src/tui/text/line.ts'
import { createTheme } from '../../../src/tui/theme/theme.ts'
import { lesson, SNAPSHOTS } from '../support/snapshots.ts'

const theme = createTheme({ color: false, ascii: false })
const header = (columns: number, change: Partial<RunSnapshot> = {}) =>
  lineText(headerLine(lesson(change), columns, theme)).trim()

describe('layout', () => {
  it.each([
    [100, 30, 'split'],
    [200, 60, 'split'],
    [99, 60, 'tabs'],
    [120, 29, 'tabs'],
    [80, 24, 'tabs'],
    [79, 40, 'tiny'],
    [200, 23, 'tiny'],
  ])('gives a window of %i by %i the layout %s', (columns, rows, kind) => {
    expect(layoutFor({ columns, rows }).kind).toBe(kind)
  })

  it('gives the lesson 54 columns, and 78 from 140 columns on', () => {
    expect(layoutFor({ columns: 120, rows: 36 })).toMatchObject({ left: 54, right: 65 })
    expect(layoutFor({ columns: 140, rows: 36 })).toMatchObject({ left: 78, right: 61 })
  })
})

describe('header', () => {
  it('loses cluster, lesson title and step title in this order, and never points and step', () => {
    expect(header(120)).toMatch(
      /^8 Deny egress from an application · step 3 of 6 · Allow DNS .*simulated cluster.* · 8\/20 points$/,
    )
    expect(header(80)).toMatch(/^8 Deny egress · step 3 of 6 · Allow DNS +8\/20 points$/)
    const long = {
      step: {
        number: 3,
        count: 6,
        title: 'A step whose title is as long as a line',
      },
    }
    expect(header(80, long)).toMatch(
      /^step 3 of 6 · A step whose title is as long as a line +8\/20 points$/,
    )
    const longest = { step: { number: 3, count: 6, title: 'x'.repeat(80) } }
    expect(header(80, longest)).toMatch(/^step 3 of 6 +8\/20 points$/)
  })
})

describe('keys row', () => {
  it.each(Object.keys(SNAPSHOTS))(
    'keeps the way on and the way out in a narrow window: %s',
    (name) => {
      const snapshot = SNAPSHOTS[name] ?? lesson()
      for (const columns of [80, 100, 200]) {
        const state = createSurfaceState({ columns, rows: 24 })
        const place = placeOf(snapshot, state)
        const list = listOf(place, snapshot, state)
        const line = keysRow({ place, snapshot, state, list, canSuspend: true }, theme)
        expect(lineWidth(line)).toBeLessThan(columns)
        expect(lineText(line)).toMatch(/\? all keys/)
        expect(lineText(line)).toMatch(/q (?:leave|quit)|Esc \w+|Ctrl-C stop/)
        expect(lineText(line)).not.toContain('[..]')
      }
    },
  )

  it('drops the least important entry first', () => {
    const state = createSurfaceState({ columns: 80, rows: 24 })
    const row = (columns: number) =>
      lineText(
        keysRow(
          {
            place: 'lesson',
            snapshot: lesson(),
            state: { ...state, size: { columns, rows: 24 } },
            list: undefined,
            canSuspend: true,
          },
          theme,
        ),
      ).trim()
    expect(row(120)).toBe(
      'Enter run   e edit first   t terminal   h hint   c checks   n next   v file   ? all keys   q leave',
    )
    expect(row(80)).toBe(
      'Enter run   t terminal   h hint   c checks   n next   ? all keys   q leave',
    )
  })
})
