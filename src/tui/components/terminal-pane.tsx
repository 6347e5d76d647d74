import { memo, useLayoutEffect } from 'react'
import type { ConsoleCell, LabConsole } from '../../shell/ports.ts'
import { terminalRows, terminalWindow } from '../layout/pane-rows.ts'
import type { Caret } from '../screen/screen-painter.ts'
import type { Line, Style } from '../text/line.ts'
import { useScreen } from './hooks.ts'
import { Rows } from './rows.tsx'

/** The cells of the lab's terminal. It alone draws when a character is typed. */
export const TerminalPane = memo(function TerminalPane(props: {
  readonly terminal: LabConsole | undefined
  readonly width: number
  readonly height: number
  /** First visible line while scrolled back. */
  readonly top: number | undefined
  readonly focused: boolean
  /** Where the pane begins on the screen. */
  readonly row: number
  readonly column: number
  readonly onCaret: (caret: Caret | undefined) => void
}) {
  const { terminal, width, height, top, focused, row, column, onCaret } = props
  const screen = terminal?.screen
  useScreen(screen)
  const count = screen?.lineCount ?? 0
  const first = top ?? (screen === undefined ? 0 : terminalWindow(screen, height))
  const lines: Line[] = []
  for (let index = first; index < Math.min(count, first + height); index++) {
    lines.push(
      (screen?.line(index) ?? []).map((cell) => ({ text: cell.text, style: styleOf(cell) })),
    )
  }
  const cursor = screen?.cursor
  const at = cursor === undefined ? -1 : cursor.line - first
  const seen = focused && cursor?.visible === true && at >= 0 && at < height
  const caretRow = seen ? row + at : undefined
  const caretColumn = seen ? column + Math.min(cursor.column, width - 1) : undefined
  useLayoutEffect(() => {
    if (!focused) return
    onCaret(
      caretRow === undefined || caretColumn === undefined
        ? undefined
        : { row: caretRow, column: caretColumn },
    )
  }, [focused, caretRow, caretColumn, onCaret])
  return <Rows rows={terminalRows(lines, width, height)} width={width} height={height} />
})

function styleOf(cell: ConsoleCell): Style | undefined {
  if (!cell.bold && !cell.underline && !cell.inverse && cell.color === undefined) return undefined
  return {
    bold: cell.bold,
    underline: cell.underline,
    inverse: cell.inverse,
    ...(cell.color === undefined ? {} : { color: cell.color }),
  }
}
