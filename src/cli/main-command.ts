import { CommanderError } from 'commander'
import { LabError } from '../base/errors.ts'
import { watchStandardTerminals } from '../platform/lost-terminal.ts'
import { createProgram } from './program.ts'
import { renderError } from './render-error.ts'

/** Runs one command line and ends the process with its exit code. Errors are rendered here and nowhere else. */
export async function main(argv: readonly string[], version: string): Promise<void> {
  // What a library in the bundle should stop using is for those who build it; a learner can do nothing about it.
  Object.assign(process, { noDeprecation: true })
  const letGoOfLostTerminals = watchStandardTerminals()
  const exitCode = await runCommandLine(argv, version)
  letGoOfLostTerminals()
  process.exit(exitCode)
}

/** Runs one command line; resolves with the exit code. */
export async function runCommandLine(argv: readonly string[], version: string): Promise<number> {
  const outcome = { exitCode: 0 }
  try {
    // Without a word it does what people come for.
    const words = argv.length === 0 ? ['start'] : [...argv]
    await createProgram(version, outcome).parseAsync(words, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    process.stderr.write(`${renderError(error)}\n`)
    return error instanceof LabError ? error.exitCode : 70
  }
  return outcome.exitCode
}
