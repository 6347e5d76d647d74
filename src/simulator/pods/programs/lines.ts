import { FileError } from '../files/file-node.ts'
import type { OpenFile } from '../process/open-file.ts'
import type { ProgramContext, ProgramInput } from '../process/program.ts'
import { concat, inputFrom, pathOf, withinMemory } from '../process/program-context.ts'
import { openTreeFile } from '../process/tree-file.ts'
import { calledAs } from './busybox-program.ts'

/** What a line that is held takes beside its text. */
export const LINE_BYTES = 32
/** So many lines are written in one piece. */
export const LINES_AT_ONCE = 1000

/** One input of a filter: a file's name and its stream. */
export interface NamedInput {
  readonly name: string
  readonly input: ProgramInput
}

/**
 * The inputs that operands name, standard input for none and for `-`. What cannot be opened is reported as BusyBox
 * does, and `onMissing` is told.
 */
export async function* inputs(
  context: ProgramContext,
  operands: readonly string[],
  onMissing: () => void,
  quiet = false,
): AsyncGenerator<NamedInput> {
  for (const name of operands.length === 0 ? ['-'] : operands) {
    if (name === '-') {
      yield { name: '(standard input)', input: context.stdin }
      continue
    }
    const file = openToRead(context, name)
    if (file instanceof FileError) {
      if (!quiet)
        await context.stderr.write(
          `${calledAs(context)}: ${openProblem(calledAs(context), name, file)}\n`,
        )
      onMissing()
      continue
    }
    try {
      // Nobody else reads it, so what is read ahead need not go back.
      yield { name, input: buffered(inputFrom(file, context.signal, context.process), 65_536) }
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      await context.stderr.write(`${calledAs(context)}: read error: ${error.message}\n`)
      onMissing()
    } finally {
      file.release()
    }
  }
}

/** BusyBox has two ways to say it, by the function that opened the file. */
const QUOTING = new Set(['cat', 'tail', 'uniq', 'cksum', 'less', 'more'])

/** What a program says of a file that it cannot open. */
export function openProblem(program: string, name: string, error: FileError): string {
  if (error.code === 'EISDIR') {
    return program === 'cat' ? `read error: ${error.message}` : `${name}: ${error.message}`
  }
  return QUOTING.has(program)
    ? `can't open '${name}': ${error.message}`
    : `${name}: ${error.message}`
}

/** A file that an operand names, to be released; or why it cannot be read. */
export function openToRead(context: ProgramContext, name: string): OpenFile | FileError {
  const path = pathOf(context, name)
  if (path === '/dev/stdin' || path === '/dev/tty') {
    const file = context.process.fds.get(0)
    return file === undefined ? new FileError('ENOENT', name) : file.retain()
  }
  try {
    if (context.container.files.stat(path)?.kind === 'directory')
      return new FileError('EISDIR', name)
    return openTreeFile(context.container.files, path, 'read')
  } catch (error) {
    if (error instanceof FileError) return error
    throw error
  }
}

async function* textsOf(input: ProgramInput, end: string): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let held = ''
  for (let chunk = await input.read(); chunk !== undefined; chunk = await input.read()) {
    const texts = (held + decoder.decode(chunk, { stream: true })).split(end)
    held = texts.pop() ?? ''
    withinMemory(held.length)
    for (const text of texts) yield text + end
  }
  if (held !== '') yield held
}

/** An input that is read in pieces of some bytes, which it keeps to itself. */
export function buffered(input: ProgramInput, size: number): ProgramInput {
  let held: Uint8Array = new Uint8Array(0)
  const read = async (max = size) => {
    if (held.length === 0) {
      const chunk = await input.read(size)
      if (chunk === undefined) return undefined
      held = chunk
    }
    const taken = held.subarray(0, max)
    held = held.subarray(taken.length)
    return taken
  }
  return {
    terminal: input.terminal,
    read,
    async readAll() {
      const rest = held
      held = new Uint8Array(0)
      return concat([rest, await input.readAll()])
    },
    async readLine() {
      const parts: Uint8Array[] = []
      let bytes = 0
      for (;;) {
        if (held.length === 0) {
          const chunk = await read(size)
          if (chunk === undefined) break
          held = chunk
        }
        const end = held.indexOf(10)
        const part = held.subarray(0, end === -1 ? undefined : end + 1)
        bytes = withinMemory(bytes + part.length)
        parts.push(part)
        held = held.subarray(part.length)
        if (end !== -1) break
      }
      return parts.length === 0 ? undefined : new TextDecoder().decode(concat(parts))
    },
  }
}

/** Every line of an input, with its newline, or with what ends a line in its place. */
export async function* linesOf(input: ProgramInput, end = '\n'): AsyncGenerator<string> {
  if (end !== '\n') {
    yield* textsOf(input, end)
    return
  }
  for (;;) {
    const line = await input.readLine()
    if (line === undefined) return
    yield line
  }
}
