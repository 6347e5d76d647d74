import xterm from '@xterm/headless'
import type { TerminalSize } from '../../kube/client.ts'
import { measureWithCharWidth } from './char-width.ts'

/**
 * What a command printed, as lines on a screen: its bytes played through an emulator of their own, so that
 * progress lines and cursor moves come out as a person saw them. Blank lines at the end are left out.
 */
export async function renderedOutput(
  chunks: readonly (string | Uint8Array)[],
  size: TerminalSize,
): Promise<readonly string[]> {
  if (chunks.length === 0) return []
  const terminal = new xterm.Terminal({
    allowProposedApi: true,
    cols: size.columns,
    rows: size.rows,
    scrollback: 5000,
    logLevel: 'off',
  })
  measureWithCharWidth(terminal)
  for (const chunk of chunks) terminal.write(chunk)
  await new Promise<void>((resolve) => terminal.write('', resolve))
  const buffer = terminal.buffer.normal
  const lines: string[] = []
  for (let row = 0; row < buffer.length; row++) {
    const line = buffer.getLine(row)
    if (line === undefined) break
    const text = line.translateToString(false)
    if (line.isWrapped && lines.length > 0) lines.push((lines.pop() ?? '') + text)
    else lines.push(text)
  }
  terminal.dispose()
  const trimmed = lines.map((line) => line.trimEnd())
  while (trimmed.at(-1) === '') trimmed.pop()
  return trimmed
}

/** Leaves out the echo of the command itself: everything up to the first line feed after Enter. */
export function afterEcho(chunks: readonly Uint8Array[]): readonly Uint8Array[] {
  for (const [index, chunk] of chunks.entries()) {
    const at = chunk.indexOf(0x0a)
    if (at !== -1) return [chunk.subarray(at + 1), ...chunks.slice(index + 1)]
  }
  return []
}

/** The lines without the shell's next prompt, which ends them. */
export function withoutPrompt(
  lines: readonly string[],
  prompt: string | undefined,
): readonly string[] {
  const last = lines.at(-1)
  const end = prompt?.trimEnd()
  if (end === undefined || end === '' || last === undefined || !last.endsWith(end)) return lines
  const rest = last.slice(0, -end.length)
  return rest === '' ? trimBlank(lines.slice(0, -1)) : [...lines.slice(0, -1), rest]
}

function trimBlank(lines: readonly string[]): readonly string[] {
  let length = lines.length
  while (length > 0 && lines[length - 1] === '') length--
  return lines.slice(0, length)
}
