import type { Clock } from '../../../base/clock.ts'
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
    stdin: inputFrom(process.fds.get(0), process.abort, process),
    stdout: outputTo(process.fds.get(1), process.abort, process),
    stderr: outputTo(process.fds.get(2), process.abort, process),
    process,
    container: { ...container, clock: clockOf(process, container.clock) },
    signal: process.abort,
    onSignal: (name, handler) => process.handle(name, handler),
  }
}

/** The clock as a process sees it: a wait that ends while the process is stopped ends for it when it goes on. */
function clockOf(process: Process, clock: Clock): Clock {
  return {
    now: () => clock.now(),
    after: (ms, callback) =>
      clock.after(ms, () => {
        if (process.stopped) void process.whenRunning().then(callback, () => {})
        else callback()
      }),
    async sleep(ms, options) {
      await clock.sleep(ms, options)
      if (process.stopped) await process.whenRunning()
    },
  }
}

/**
 * Reads an open file; a closed one gives the error of the system call. `process`: who reads. While it is stopped it reads nothing, and
 * from a terminal that another process group has it is stopped.
 */
export function inputFrom(
  file: OpenFile | undefined,
  signal: AbortSignal,
  process?: Process,
): ProgramInput {
  const read = async (max = 65_536): Promise<Uint8Array | undefined> => {
    signal.throwIfAborted()
    if (file === undefined) throw new FileError('EBADF', '')
    if (process === undefined) return file.read(max, signal)
    const turn = process.breathe()
    if (turn !== undefined) await turn
    for (;;) {
      if (process.stopped) await process.whenRunning()
      const { terminal } = file
      if (terminal === undefined) {
        const chunk = await file.read(max, signal)
        if (process.stopped) await process.whenRunning()
        return chunk
      }
      if (terminal.foreground !== undefined && terminal.foreground !== process.group) {
        process.signal('SIGTTIN')
        // Ignored, or the first process of the container: the read fails as the kernel lets it.
        if (!process.stopped) throw new FileError('EIO', '')
        continue
      }
      const over = new AbortController()
      const stopped = process.untilStopped(over.signal).then(
        () => over.abort('stopped'),
        () => {},
      )
      try {
        return await file.read(max, AbortSignal.any([signal, over.signal]))
      } catch (error) {
        if (error !== 'stopped') throw error
      } finally {
        over.abort('over')
        await stopped
      }
    }
  }
  return {
    read,
    terminal: file?.terminal,
    async readLine() {
      const parts: Uint8Array[] = []
      let held = 0
      for (;;) {
        const chunk = await read()
        held = withinMemory(held + (chunk?.length ?? 0))
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
      let held = 0
      for (;;) {
        const chunk = await read()
        held = withinMemory(held + (chunk?.length ?? 0))
        if (chunk === undefined) return concat(parts)
        parts.push(chunk)
      }
    },
  }
}

/** The most that a program may hold of what it reads, in bytes. */
export const MOST_HELD = 64 * 1024 * 1024

/** The bytes again, where a program may hold so many. Throws ENOMEM beyond, where a container runs out of memory. */
export function withinMemory(bytes: number): number {
  if (bytes > MOST_HELD) throw new FileError('ENOMEM', '')
  return bytes
}

export function outputTo(
  file: OpenFile | undefined,
  signal: AbortSignal,
  process?: Process,
): ProgramOutput {
  return {
    terminal: file?.terminal,
    async write(data) {
      signal.throwIfAborted()
      const turn = process?.breathe()
      if (turn !== undefined) await turn
      if (process?.stopped) await process.whenRunning()
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
