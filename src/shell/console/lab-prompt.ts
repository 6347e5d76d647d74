import type { LabShell } from '../ports.ts'
import type { Emulator } from './emulator.ts'
import type { Key } from './keys.ts'
import { createLineEditor, type EditorAnswer } from './line-editor.ts'
import { eraseLine, type PaintedLine, paintLine } from './line-painter.ts'

export const LAB_PROMPT = 'lab$ '

/** The lab's own prompt, painted into the emulator. */
export interface LabPrompt {
  readonly text: string
  /** Paints the prompt on a fresh row. */
  open(): Promise<void>
  /** Takes the painted rows away, for others to print there; `open` paints them again. */
  lift(): void
  press(key: Key): Exclude<EditorAnswer, 'complete' | 'clear-screen'>
  insert(text: string): void
  set(text: string): void
  /** Leaves the line as it stands on the screen, remembers it, and moves to the next row. */
  take(): string
  /** Leaves the line with `^C` behind it and forgets it. */
  drop(): void
  /** Completes the word before the caret; lists the choices when asked twice. */
  complete(): Promise<void>
}

export function createLabPrompt(options: {
  readonly emulator: Emulator
  readonly shell: LabShell
}): LabPrompt {
  const { emulator, shell } = options
  const editor = createLineEditor()
  let painted: PaintedLine | undefined
  let listNext: string | undefined

  const paint = () => {
    const { text, caret, searchPrompt } = editor
    const result = paintLine(
      { prompt: searchPrompt ?? LAB_PROMPT, text, caret },
      emulator.screen.size.columns,
      painted,
    )
    painted = result.painted
    emulator.write(result.bytes)
  }
  const toEnd = () => {
    const result = paintLine(
      { prompt: LAB_PROMPT, text: editor.text, caret: editor.text.length },
      emulator.screen.size.columns,
      painted,
    )
    painted = undefined
    emulator.write(result.bytes)
  }
  const freshRow = async () => {
    await emulator.flush()
    if (emulator.screen.cursor.column > 0) emulator.write('\r\n')
  }

  return {
    get text() {
      return editor.text
    },
    async open() {
      if (painted === undefined) await freshRow()
      paint()
      await emulator.flush()
    },
    lift() {
      if (painted !== undefined) emulator.write(eraseLine(painted))
      painted = undefined
    },
    press(key) {
      const answer = editor.press(key)
      if (answer !== 'complete') listNext = undefined
      if (answer === 'clear-screen') {
        emulator.write('\x1b[H\x1b[2J')
        painted = undefined
        paint()
        return 'changed'
      }
      if (answer === 'changed') paint()
      return answer === 'complete' ? 'nothing' : answer
    },
    insert(text) {
      editor.insert(text)
      paint()
    },
    set(text) {
      editor.set(text)
      paint()
    },
    take() {
      toEnd()
      const line = editor.take()
      emulator.write('\r\n')
      return line
    },
    drop() {
      toEnd()
      editor.set('')
      emulator.write('^C\r\n')
    },
    async complete() {
      const { text, caret } = editor
      const { start, words } = await shell.complete(text, caret)
      if (editor.text !== text || editor.caret !== caret || words.length === 0) return
      const [only] = words
      if (words.length === 1 && only !== undefined) {
        editor.replace(start, /[/=,:]$/.test(only) ? only : `${only} `)
        return paint()
      }
      const common = commonStart(words)
      if (common.length > caret - start) {
        editor.replace(start, common)
        return paint()
      }
      if (listNext !== text) {
        listNext = text
        return
      }
      toEnd()
      emulator.write(`\r\n${inColumns(words, emulator.screen.size.columns)}\r\n`)
      paint()
    },
  }
}

function commonStart(words: readonly string[]): string {
  const [first = '', ...rest] = words
  let length = first.length
  for (const word of rest) while (!word.startsWith(first.slice(0, length))) length--
  return first.slice(0, length)
}

/** Down the columns, as bash lists completions. */
function inColumns(words: readonly string[], columns: number): string {
  const width = Math.max(...words.map((word) => word.length)) + 2
  const across = Math.max(1, Math.floor(columns / width))
  const rows = Math.ceil(words.length / across)
  return Array.from({ length: rows }, (_, row) =>
    words
      .filter((_word, index) => index % rows === row)
      .map((word) => word.padEnd(width))
      .join('')
      .trimEnd(),
  ).join('\r\n')
}
