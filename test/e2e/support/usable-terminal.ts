import { expect } from 'vitest'
import type { TerminalDriver, TerminalEnd } from '../harness/open-terminal.ts'

/** The program is over, with this exit code, and whatever comes next finds the terminal as it was. */
export async function expectUsableTerminal(
  terminal: TerminalDriver,
  code: number,
): Promise<TerminalEnd> {
  const end = await terminal.ended
  expect(end.code, terminal.screen()).toBe(code)
  expect(end.stty).toMatch(/(?:^|\s)icanon\b/)
  expect(end.stty).toMatch(/(?:^|\s)echo\b/)
  expect(terminal.modes).toMatchObject({ alternateScreen: false, bracketedPaste: false })
  expect(terminal.cursor.visible).toBe(true)
  return end
}
