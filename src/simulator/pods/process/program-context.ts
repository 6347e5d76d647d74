import { absolutePath, FileError } from '../files/file-node.ts'
import type { OpenFile } from './open-file.ts'
import type { Process } from './process.ts'
import type {
  ContainerWorld,
  ProgramContext,
  ProgramInput,
  ProgramOutput,
  SpawnOptions,
} from './program.ts'

/** The context of one process. */
export function createProgramContext(
  container: ContainerWorld,
  process: Process,
  options: Pick<SpawnOptions, 'argv' | 'env' | 'cwd'>,
): ProgramContext {
  return {
    argv: options.argv,
    env: options.env,
    cwd: options.cwd,
    stdin: inputFrom(process.fds.get(0), process.abort),
    stdout: outputTo(process.fds.get(1), process.abort),
    stderr: outputTo(process.fds.get(2), process.abort),
    process,
    container,
    signal: process.abort,
    onSignal: (name, handler) => process.handle(name, handler),
  }
}

/** Reads an open file; a closed one gives the error of the system call. */
export function inputFrom(file: OpenFile | undefined, signal: AbortSignal): ProgramInput {
  const read = async (max = 65_536) => {
    signal.throwIfAborted()
    if (file === undefined) throw new FileError('EBADF', '')
    return file.read(max, signal)
  }
  return {
    read,
    terminal: file?.terminal,
    async readLine() {
      const parts: Uint8Array[] = []
      for (;;) {
        const chunk = await read()
        if (chunk === undefined) return parts.length === 0 ? undefined : decode(parts)
        const at = chunk.indexOf(10)
        if (at === -1) {
          parts.push(chunk)
          continue
        }
        parts.push(chunk.subarray(0, at + 1))
        file?.unread(chunk.subarray(at + 1))
        return decode(parts)
      }
    },
    async readAll() {
      const parts: Uint8Array[] = []
      for (;;) {
        const chunk = await read()
        if (chunk === undefined) return concat(parts)
        parts.push(chunk)
      }
    },
  }
}

export function outputTo(file: OpenFile | undefined, signal: AbortSignal): ProgramOutput {
  return {
    terminal: file?.terminal,
    async write(data) {
      signal.throwIfAborted()
      if (file === undefined) throw new FileError('EBADF', '')
      await file.write(typeof data === 'string' ? new TextEncoder().encode(data) : data, signal)
    },
  }
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

function decode(parts: readonly Uint8Array[]): string {
  return new TextDecoder().decode(concat(parts))
}

/** A path of a program's argument, from its working folder. */
export function pathOf(context: Pick<ProgramContext, 'cwd'>, path: string): string {
  return absolutePath(context.cwd, path)
}
