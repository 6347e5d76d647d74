import type { IBufferCell, IBufferLine, Terminal } from '@xterm/headless'
import type { ConsoleCell, ConsoleScreen } from '../ports.ts'

/** Characters that have no cell of their own and could still act on a terminal: controls and format characters. */
const UNSAFE = /[\p{Cc}\p{Cf}]/gu

/** The cells of an emulator as a `ConsoleScreen`. */
export function createConsoleScreen(
  terminal: Terminal,
  options: {
    readonly cursorVisible: () => boolean
    readonly subscribe: (listener: () => void) => () => void
  },
): ConsoleScreen {
  const buffer = () => terminal.buffer.active
  return {
    get size() {
      return { columns: terminal.cols, rows: terminal.rows }
    },
    get lineCount() {
      // Rows below the cursor that were never written are not lines yet.
      const { baseY, cursorY } = buffer()
      let last = baseY + terminal.rows - 1
      while (last > baseY + cursorY && isBlank(buffer().getLine(last))) last--
      return last + 1
    },
    get top() {
      return buffer().baseY
    },
    line(index) {
      const line = buffer().getLine(index)
      return line === undefined ? [] : runs(line, buffer().getNullCell())
    },
    text(index) {
      return (buffer().getLine(index)?.translateToString(true) ?? '').replace(UNSAFE, '').trimEnd()
    },
    get cursor() {
      const { baseY, cursorX, cursorY } = buffer()
      return {
        line: baseY + cursorY,
        column: Math.min(cursorX, terminal.cols - 1),
        visible: options.cursorVisible(),
      }
    },
    get fullScreen() {
      return buffer().type === 'alternate'
    },
    subscribe: options.subscribe,
  }
}

function isBlank(line: IBufferLine | undefined): boolean {
  return line === undefined || line.translateToString(true) === ''
}

function runs(line: IBufferLine, reused: IBufferCell): readonly ConsoleCell[] {
  const cells: ConsoleCell[] = []
  for (let x = 0; x < line.length; x++) {
    const cell = line.getCell(x, reused)
    // The second half of a wide character has width 0 and no text.
    if (cell === undefined || cell.getWidth() === 0) continue
    const chars = cell.isInvisible() ? '' : cell.getChars().replace(UNSAFE, '')
    const style = {
      bold: cell.isBold() !== 0,
      underline: cell.isUnderline() !== 0,
      inverse: cell.isInverse() !== 0,
      color: cell.isFgPalette() && cell.getFgColor() < 16 ? cell.getFgColor() : undefined,
    }
    const text = chars === '' ? ' '.repeat(cell.getWidth()) : chars
    const last = cells.at(-1)
    if (last !== undefined && sameStyle(last, style))
      cells[cells.length - 1] = { ...last, text: last.text + text }
    else cells.push({ text, ...style })
  }
  const last = cells.at(-1)
  if (last === undefined || last.inverse || last.underline) return cells
  const trimmed = last.text.trimEnd()
  return trimmed === '' ? cells.slice(0, -1) : [...cells.slice(0, -1), { ...last, text: trimmed }]
}

function sameStyle(a: Omit<ConsoleCell, 'text'>, b: Omit<ConsoleCell, 'text'>): boolean {
  return (
    a.bold === b.bold &&
    a.underline === b.underline &&
    a.inverse === b.inverse &&
    a.color === b.color
  )
}
