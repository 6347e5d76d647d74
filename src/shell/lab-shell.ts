import { closest } from 'fastest-levenshtein'
import type { Clock } from '../base/clock.ts'
import type { KubeClient } from '../kube/client.ts'
import { LAB_COMMANDS } from './commands/commands.ts'
import { completeLine } from './complete-line.ts'
import { createKindResolver, type KindResolver } from './kubectl/kind-resolver.ts'
import { LineSyntaxError } from './line/line-syntax-error.ts'
import { parseLine, type SimpleCommand } from './line/parse-line.ts'
import { wrapLines } from './line/wrap-lines.ts'
import type { LabShell, ShellStreams } from './ports.ts'
import type { WorkFolder } from './work-folder.ts'

export interface LabShellOptions {
  readonly client: KubeClient
  readonly workFolder: WorkFolder
  readonly clock: Clock
  /** Where commands work without `-n`. @default the client's */
  readonly namespace?: string
  /** Ends every command that runs. */
  readonly signal?: AbortSignal
}

/** Exit code of a command that was stopped, as of a shell after SIGINT. */
const INTERRUPTED = 130
const NOT_FOUND = 127
const SYNTAX_ERROR = 2

/** The lab's command line on one cluster. It keeps nothing open between lines. */
export function createLabShell(options: LabShellOptions): LabShell {
  const kinds = createKindResolver(options.client)
  return {
    run: (line, streams) => runLine(options, kinds, line, streams),
    complete: (line, caret) => completeLine({ options, kinds }, line, caret),
  }
}

async function runLine(
  options: LabShellOptions,
  kinds: KindResolver,
  line: string,
  streams: ShellStreams,
): Promise<number> {
  let commands: readonly SimpleCommand[]
  try {
    commands = parseLine(line)
  } catch (error) {
    if (!(error instanceof LineSyntaxError)) throw error
    streams.stderr(`sh: ${error.message}\n`)
    return SYNTAX_ERROR
  }
  const signal =
    options.signal === undefined
      ? streams.signal
      : AbortSignal.any([options.signal, streams.signal])
  let code = 0
  for (const command of commands) {
    if (command.runs === 'after-success' && code !== 0) continue
    if (command.runs === 'after-failure' && code === 0) continue
    code = await runCommand(options, kinds, command, { ...streams, signal })
    if (signal.aborted) return INTERRUPTED
  }
  return code
}

async function runCommand(
  options: LabShellOptions,
  kinds: KindResolver,
  command: SimpleCommand,
  given: ShellStreams,
): Promise<number> {
  const [name = '', ...args] = command.words
  const found = LAB_COMMANDS.find((one) => one.name === name)
  if (found === undefined) {
    asProse(given).stderr(notFound(name))
    return NOT_FOUND
  }
  const streams = withHereDocument(found.prose ? asProse(given) : given, command.hereDocument)
  try {
    return await found.run(
      {
        client: options.client,
        folder: options.workFolder,
        clock: options.clock,
        kinds,
        streams,
        signal: given.signal,
        namespace: options.namespace ?? options.client.namespace,
        line: command.source,
        out: streams.stdout,
        err: streams.stderr,
      },
      args,
    )
  } catch (error) {
    if (given.signal.aborted) return INTERRUPTED
    const message = error instanceof Error ? error.message : String(error)
    streams.stderr(`${name}: ${message}\n`)
    return 1
  }
}

/** Where there is a terminal, text is broken to its width. */
function asProse(streams: ShellStreams): ShellStreams {
  const { terminal } = streams
  if (terminal === undefined) return streams
  const broken =
    (write: ShellStreams['stdout']): ShellStreams['stdout'] =>
    (text) =>
      write(typeof text === 'string' ? wrapLines(text, terminal.size().columns) : text)
  return { ...streams, stdout: broken(streams.stdout), stderr: broken(streams.stderr) }
}

/** A here-document is the command's whole input: there is no terminal then. */
function withHereDocument(streams: ShellStreams, text: string | undefined): ShellStreams {
  if (text === undefined) return streams
  const { terminal: _terminal, ...others } = streams
  return { ...others, stdin: once(new TextEncoder().encode(text)) }
}

async function* once(chunk: Uint8Array): AsyncGenerator<Uint8Array> {
  yield chunk
}

function notFound(name: string): string {
  const near = closest(
    name,
    LAB_COMMANDS.map((command) => command.name),
  )
  return `sh: ${name}: not found\nThe lab's command line starts no programs of your computer. The nearest command here is ${near}; help lists them all.\n`
}
