import { execFile } from 'node:child_process'
import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import type { Options } from 'execa'
import { isNodeError } from './node-error.ts'

export interface ProgramOptions {
  /** The whole environment of the program; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>
  readonly signal?: AbortSignal | undefined
  readonly timeoutMs?: number | undefined
  readonly cwd?: string | undefined
  readonly input?: string | undefined
  /** Called with each finished line of both outputs. */
  readonly onLine?: ((line: string) => void) | undefined
}

/** How a program went. Success and failure have the same shape; nothing is thrown. */
export interface ProgramResult {
  /** As it could be pasted into a shell. */
  readonly command: string
  readonly ended: 'succeeded' | 'failed' | 'not-found' | 'timed-out' | 'aborted'
  readonly exitCode: number | undefined
  readonly stdout: string
  readonly stderr: string
  /** Both outputs as they came. */
  readonly output: string
  readonly seconds: number
  /** One line: the command and how it ended. */
  readonly message: string
}

/** How long a program that was told to stop may take before it is killed. */
const GRACE_MS = 10_000

/**
 * Runs a program of the host to its end. It is never given to a shell. An abort, or the end of this process, ends the
 * program with everything that it started.
 */
export async function runProgram(
  file: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<ProgramResult> {
  const { execa } = await import('execa')
  const { signal, onLine } = options
  const settings = {
    reject: false,
    all: true,
    env: { ...options.env },
    extendEnv: false,
    // A group of its own, so that the program ends with its children and Ctrl-C reaches it through us alone.
    detached: process.platform !== 'win32',
    windowsHide: true,
    cleanup: true,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
  } satisfies Options

  const started = performance.now()
  const child = execa(file, [...args], settings)
  let stopped: 'aborted' | 'timed-out' | undefined
  const timers: NodeJS.Timeout[] = []
  const stop = (why: 'aborted' | 'timed-out') => {
    if (stopped !== undefined) return
    stopped = why
    endGroup(child.pid, 'SIGTERM')
    timers.push(setTimeout(() => endGroup(child.pid, 'SIGKILL'), GRACE_MS))
  }
  const onAbort = () => stop('aborted')
  const onExit = () => endGroup(child.pid, 'SIGTERM')
  process.once('exit', onExit)
  if (signal?.aborted) onAbort()
  else signal?.addEventListener('abort', onAbort, { once: true })
  if (options.timeoutMs !== undefined) {
    timers.push(setTimeout(() => stop('timed-out'), options.timeoutMs))
  }
  if (onLine !== undefined) splitLines(child.all, onLine)

  const result = await child
  for (const timer of timers) clearTimeout(timer)
  signal?.removeEventListener('abort', onAbort)
  process.off('exit', onExit)
  // The program is gone; what it left behind in its group goes too.
  if (stopped !== undefined) endGroup(child.pid, 'SIGKILL')

  const notFound = result.failed && result.code === 'ENOENT'
  const ended = notFound ? 'not-found' : (stopped ?? (result.failed ? 'failed' : 'succeeded'))
  const command = result.escapedCommand
  const seconds = (performance.now() - started) / 1000
  return {
    command,
    ended,
    exitCode: result.exitCode,
    stdout: result.stdout ?? '',
    stderr: result.stderr ?? '',
    output: result.all ?? '',
    seconds,
    message: `${command}: ${describe(ended, result.exitCode, result.signal, seconds)}`,
  }
}

function describe(
  ended: ProgramResult['ended'],
  exitCode: number | undefined,
  signal: string | undefined,
  seconds: number,
): string {
  if (ended === 'succeeded') return `done after ${seconds.toFixed(1)} s`
  if (ended === 'not-found') return 'there is no such program on the PATH'
  if (ended === 'timed-out') return `no answer after ${seconds.toFixed(1)} s`
  if (ended === 'aborted') return 'stopped'
  if (signal !== undefined) return `ended by ${signal}`
  return exitCode === undefined ? 'could not be started' : `exit code ${exitCode}`
}

function splitLines(stream: Readable, onLine: (line: string) => void): void {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split(/\r\n|\n|\r/)
    rest = lines.pop() ?? ''
    for (const line of lines) onLine(line)
  })
  stream.once('end', () => {
    rest += decoder.end()
    if (rest !== '') onLine(rest)
  })
}

/** Signals a program and everything in its group. Fine where it is gone. */
function endGroup(pid: number | undefined, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (pid === undefined) return
  if (process.platform === 'win32') {
    // There are no groups; taskkill follows the tree. It fails where the program is gone, which is fine.
    execFile('taskkill', ['/pid', String(pid), '/t', '/f'], () => undefined)
    return
  }
  try {
    process.kill(-pid, signal)
  } catch (error) {
    // EPERM: macOS says so of a group whose last process is a zombie.
    if (!isNodeError(error, 'ESRCH', 'EPERM')) throw error
  }
}
