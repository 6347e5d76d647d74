import { runCommandLine } from '../../src/cli/main-command.ts'

export interface CommandResult {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs a command line of the program in this process, with its own environment, and keeps what it prints. */
export async function runCommand(
  words: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<CommandResult> {
  const printed = { out: '', err: '' }
  const { stdout, stderr, env } = process
  const writers = [stdout.write, stderr.write] as const
  const before = Object.entries({ LC_ALL: 'C.UTF-8', NO_COLOR: '1', ...variables }).map(
    ([name, value]) => {
      const old = env[name]
      env[name] = value
      return [name, old] as const
    },
  )
  stdout.write = (chunk: unknown, ...rest: readonly unknown[]) => {
    printed.out += String(chunk)
    for (const done of rest) if (typeof done === 'function') done()
    return true
  }
  stderr.write = (chunk: unknown) => {
    printed.err += String(chunk)
    return true
  }
  try {
    const code = await runCommandLine(words, '0.0.0')
    return { code, ...printed }
  } finally {
    ;[stdout.write, stderr.write] = writers
    for (const [name, old] of before) {
      if (old === undefined) delete env[name]
      else env[name] = old
    }
  }
}
