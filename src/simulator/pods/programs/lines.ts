import { FileError } from '../files/file-node.ts'
import type { ProgramContext, ProgramInput } from '../process/program.ts'
import { inputFrom, pathOf } from '../process/program-context.ts'
import { openTreeFile } from '../process/tree-file.ts'
import { calledAs } from './busybox-program.ts'

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
    const file = openNamed(context, name)
    if (file instanceof FileError) {
      if (!quiet)
        await context.stderr.write(
          `${calledAs(context)}: ${openProblem(calledAs(context), name, file)}\n`,
        )
      onMissing()
      continue
    }
    try {
      yield { name, input: inputFrom(file, context.signal, context.process) }
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
const QUOTING = new Set(['cat', 'tail', 'uniq', 'cksum'])

function openProblem(program: string, name: string, error: FileError): string {
  if (error.code === 'EISDIR') {
    return program === 'cat' ? `read error: ${error.message}` : `${name}: ${error.message}`
  }
  return QUOTING.has(program)
    ? `can't open '${name}': ${error.message}`
    : `${name}: ${error.message}`
}

function openNamed(context: ProgramContext, name: string) {
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

/** Every line of an input, with its newline. */
export async function* linesOf(input: ProgramInput): AsyncGenerator<string> {
  for (;;) {
    const line = await input.readLine()
    if (line === undefined) return
    yield line
  }
}
