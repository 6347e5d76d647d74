import { describe, expect, it } from 'vitest'
import { KEY, openScreen } from './support/screen-driver.ts'
import { lesson, SNAPSHOTS } from './support/snapshots.ts'

describe('opening and closing the terminal', () => {
  it('takes the alternate screen, raw mode and bracketed paste, and gives everything back', async () => {
    const screen = openScreen(lesson())
    await screen.settle()
    expect(await screen.terminal.alternate()).toBe(true)
    expect(screen.terminal.input.raw).toBe(true)
    expect(screen.terminal.written()).toContain('\x1b[?2004h')
    screen.terminal.forget()
    screen.screen.close()
    expect(await screen.terminal.alternate()).toBe(false)
    expect(screen.terminal.input.raw).toBe(false)
    expect(screen.terminal.input.flowing).toBe(false)
    for (const sequence of ['\x1b[?2004l', '\x1b[?25h', '\x1b[?1007r', '\x1b[?1049l']) {
      expect(screen.terminal.written()).toContain(sequence)
    }
  })

  it('writes nothing after it was closed, and can be closed twice', async () => {
    const screen = openScreen(lesson())
    await screen.settle()
    screen.screen.close()
    screen.terminal.forget()
    screen.screen.close()
    screen.model.show(lesson({ enter: 'none' }))
    screen.lab.print('late')
    await screen.settle()
    expect(screen.terminal.written()).toBe('')
  })

  it('is done when the app has ended', async () => {
    const screen = openScreen(lesson())
    await screen.settle()
    screen.model.end(0)
    await expect(screen.screen.done).resolves.toBe('ended')
    expect(await screen.terminal.alternate()).toBe(false)
  })

  it('gives the terminal to another program and paints everything afterwards', async () => {
    const screen = openScreen(lesson())
    await screen.settle()
    screen.screen.suspend()
    expect(await screen.terminal.alternate()).toBe(false)
    screen.terminal.output.write('something else')
    screen.screen.resume()
    expect(await screen.text()).toContain('━━ Lesson ━━')
    expect(await screen.text()).not.toContain('something else')
  })

  it('sees a size that changed while another program had the terminal', async () => {
    const screen = openScreen(lesson())
    await screen.settle()
    screen.screen.suspend()
    screen.terminal.resize(120, 36)
    screen.screen.resume()
    expect(await screen.text()).toContain('┬── Terminal t')
  })

  it('reports that its input ended', async () => {
    let ended = 0
    const screen = openScreen(lesson(), { onHangup: () => ended++ })
    await screen.settle()
    screen.terminal.input.end()
    expect(ended).toBe(1)
  })

  it('lets the wheel walk no shell history: arrows for the wheel only outside the terminal', async () => {
    const screen = openScreen(lesson())
    await screen.settle()
    expect(screen.terminal.written()).toContain('\x1b[?1007h')
    screen.terminal.forget()
    await screen.press('t')
    expect(screen.terminal.written()).toContain('\x1b[?1007l')
    screen.terminal.forget()
    await screen.press(KEY.shiftTab)
    expect(screen.terminal.written()).toContain('\x1b[?1007h')
  })
})

describe('what is written', () => {
  it.each([
    [80, 24],
    [120, 36],
    [200, 60],
  ])('is at most 200 bytes for one typed character at %i by %i', async (columns, rows) => {
    const screen = openScreen(lesson(), { columns, rows })
    screen.lab.print(...Array.from({ length: 5000 }, (_, index) => `line ${index} of some output`))
    await screen.press('t')
    screen.terminal.forget()
    await screen.press('x')
    expect(await screen.text()).toContain('lab$ x')
    expect(screen.terminal.written().length).toBeGreaterThan(0)
    expect(Buffer.byteLength(screen.terminal.written())).toBeLessThanOrEqual(200)
  })

  it('is nothing while nothing changes', async () => {
    const screen = openScreen(lesson())
    await screen.settle()
    screen.terminal.forget()
    screen.clock.advance(60_000)
    await screen.settle()
    expect(screen.terminal.written()).toBe('')
  })

  it('is no colour at all with NO_COLOR', async () => {
    const screen = openScreen(SNAPSHOTS['outcome'] ?? lesson(), { color: false })
    await screen.settle()
    expect(screen.terminal.written()).not.toMatch(/\x1b\[;?(?:3|9)[0-7]m/)
  })

  it('shows the whole screen, and one frame of it, after each of many sizes', async () => {
    const screen = openScreen(lesson())
    for (const [columns, rows] of [
      [200, 60],
      [80, 24],
      [100, 30],
      [140, 40],
      [81, 25],
    ] as const) {
      screen.terminal.resize(columns, rows)
      const lines = await screen.rows()
      expect(lines).toHaveLength(rows)
      expect(lines.filter((line) => line.startsWith(' Now'))).toHaveLength(1)
      expect(lines.at(-1)).toContain('? all keys')
    }
  })
})
