import type { TerminalSize } from '../../ports.ts'
import type { RemoteCommand, RemoteProcess } from '../http/remote-command.ts'
import { ApiError, errors } from '../status.ts'
import type { RemoteInput } from './remote-input.ts'

/** How a remote command ended: with an exit code (none for an attach), or without having run. */
export type CommandEnding =
  | { readonly kind: 'exited'; readonly code: number | undefined }
  | { readonly kind: 'failed'; readonly error: ApiError }

/** A remote command that runs, or has just failed to. */
export interface RunningCommand {
  resize(size: TerminalSize): void
  /** The client is gone. */
  hangUp(): void
}

/** Until a terminal says its size. */
const DEFAULT_SIZE: TerminalSize = { columns: 80, rows: 24 }

/** Starts a command and gives out what it prints, by the streams that were asked for. `finish` is called once at most, never at once. */
export function runCommand(
  command: RemoteCommand,
  client: {
    /** What it types. */
    readonly input: RemoteInput
    /** The promise, where there is one, is settled when the client has read enough for more. */
    stdout(chunk: Uint8Array): Promise<void> | undefined
    stderr(chunk: Uint8Array): Promise<void> | undefined
    finish(ending: CommandEnding): void
  },
): RunningCommand {
  const { input } = client
  let process: RemoteProcess | undefined
  const finish = (ending: CommandEnding) => {
    process = undefined
    input.end()
    client.finish(ending)
  }
  const start = async (): Promise<number | undefined> => {
    process = command.start({
      stdin: command.stdin ? input : undefined,
      stdout: (chunk) => (command.stdout ? client.stdout(chunk) : undefined),
      stderr: (chunk) => {
        if (command.tty) return client.stdout(chunk)
        return command.stderr ? client.stderr(chunk) : undefined
      },
      ...(command.tty ? { terminal: DEFAULT_SIZE } : {}),
    })
    return process.ended
  }
  const ran = async () => {
    try {
      finish({ kind: 'exited', code: await start() })
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      finish({
        kind: 'failed',
        error: error instanceof ApiError ? error : errors.internal(message),
      })
    }
  }
  void ran()
  return {
    resize: (size) => process?.resize(size),
    hangUp() {
      input.end()
      process?.hangUp()
    },
  }
}
