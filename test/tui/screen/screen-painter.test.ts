import { describe, expect, it } from 'vitest'
import { createScreenPainter } from '../../../src/tui/screen/screen-painter.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { createTestTerminal } from '../support/test-terminal.ts'

function open(columns = 20, rows = 4) {
  const clock = createManualClock()
  const terminal = createTestTerminal(columns, rows)
  const painter = createScreenPainter({
    write: (text) => terminal.output.write(text),
    clock,
    size: { columns, rows },
  })
  const show = async (...lines: string[]) => {
    painter.show(lines.join('\n'))
    await Promise.resolve()
    clock.advance(40)
  }
  return { clock, terminal, painter, show }
}

describe('screen painter', () => {
  it('puts a frame on the screen, styles included', async () => {
    const { terminal, show } = open()
    await show('one', '\x1b[1mtwo\x1b[22m', 'three', 'four')
    expect(await terminal.rows()).toEqual(['one', 'two', 'three', 'four'])
  })

  it('writes only the columns that changed', async () => {
    const { terminal, show } = open()
    await show('one two three', 'same')
    terminal.forget()
    await show('one TWO three', 'same')
    expect(await terminal.rows()).toEqual(['one TWO three', 'same', '', ''])
    expect(terminal.written()).toContain('\x1b[1;5HTWO')
    expect(terminal.written()).not.toContain('three')
    expect(terminal.written()).not.toContain('same')
  })

  it('erases what a shorter row leaves behind', async () => {
    const { terminal, show } = open()
    await show('one two three', 'x')
    await show('one', 'x')
    expect(await terminal.rows()).toEqual(['one', 'x', '', ''])
  })

  it('fills the last column of the last row without scrolling', async () => {
    const { terminal, show } = open(5, 2)
    await show('aaaaa', 'bbbbb')
    expect(await terminal.rows()).toEqual(['aaaaa', 'bbbbb'])
  })

  it('writes nothing when nothing changed', async () => {
    const { terminal, show } = open()
    await show('one')
    terminal.forget()
    await show('one')
    expect(terminal.written()).toBe('')
  })

  it('never clears the screen or the scrollback, and wraps each frame in synchronized output', async () => {
    const { terminal, show } = open()
    await show('one')
    await show('two')
    expect(terminal.written()).not.toMatch(/\x1b\[[23]J/)
    expect(terminal.written().match(/\x1b\[\?2026h/g)).toHaveLength(2)
    expect(terminal.written().match(/\x1b\[\?2026l/g)).toHaveLength(2)
  })

  it('paints at most 30 times a second, the last frame included', async () => {
    const { clock, terminal, painter } = open()
    let frames = 0
    for (let step = 0; step < 1000; step++) {
      painter.show(`frame ${step}`)
      await Promise.resolve()
      clock.advance(1)
    }
    clock.advance(40)
    frames = terminal.written().match(/\x1b\[\?2026h/g)?.length ?? 0
    expect(frames).toBeLessThanOrEqual(32)
    expect(await terminal.rows()).toContain('frame 999')
  })

  it('redraws rows with wide characters as a whole', async () => {
    const { terminal, show } = open()
    await show('漢字 a')
    await show('漢x a')
    expect((await terminal.rows())[0]).toBe('漢x a')
  })

  it('puts the cursor at the caret and hides it where there is none', async () => {
    const { clock, terminal, painter, show } = open()
    painter.setCaret({ row: 1, column: 3 })
    await show('one', 'two')
    expect(await terminal.cursor()).toEqual({ row: 1, column: 3 })
    expect(terminal.written()).toContain('\x1b[?25h')
    painter.setCaret(undefined)
    await Promise.resolve()
    clock.advance(40)
    expect(terminal.written()).toContain('\x1b[?25l')
  })

  it('repaints everything after the screen was used by something else', async () => {
    const { clock, terminal, painter, show } = open()
    await show('one', 'two')
    terminal.output.write('\x1b[Hgarbage')
    painter.repaint()
    await Promise.resolve()
    clock.advance(40)
    expect(await terminal.rows()).toEqual(['one', 'two', '', ''])
  })

  it('writes nothing while paused or after it was closed', async () => {
    const { terminal, painter, show } = open()
    painter.setPaused(true)
    await show('one')
    expect(terminal.written()).toBe('')
    painter.setPaused(false)
    await show('one')
    expect(await terminal.rows()).toContain('one')
    terminal.forget()
    painter.close()
    await show('two')
    expect(terminal.written()).toBe('')
  })
})
