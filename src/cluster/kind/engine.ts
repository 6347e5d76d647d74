import { type ProgramResult, runProgram } from '../../platform/run-program.ts'

/** A container engine that kind can use. */
export interface Engine {
  readonly program: 'docker' | 'podman' | 'nerdctl'
  /** `Docker`. */
  readonly title: string
  /** Of the client; `undefined` where it does not tell. */
  readonly version: string | undefined
  /** The answer to `<program> info`. */
  readonly info: ProgramResult
}

const ENGINES = [
  { program: 'docker', title: 'Docker', info: '{{.ServerVersion}}' },
  { program: 'podman', title: 'Podman', info: '{{.Version.Version}}' },
  { program: 'nerdctl', title: 'nerdctl', info: '{{.ServerVersion}}' },
] as const

const PATIENCE_MS = 20_000

/**
 * Looks for engines: the one that `KIND_EXPERIMENTAL_PROVIDER` names, else all. The first in the list is one that answers, where there is one.
 * Looking changes nothing.
 */
export async function findEngines(options: {
  readonly env: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}): Promise<readonly Engine[]> {
  const { env, signal } = options
  const wanted = env.KIND_EXPERIMENTAL_PROVIDER
  const known = ENGINES.some((engine) => engine.program === wanted)
  const asked = ENGINES.filter((engine) => !known || engine.program === wanted)
  const found = await Promise.all(
    asked.map(async ({ program, title, info }): Promise<Engine | undefined> => {
      const run = (...args: readonly string[]) =>
        runProgram(program, args, { env, signal, timeoutMs: PATIENCE_MS })
      const [answer, version] = await Promise.all([run('info', '--format', info), run('--version')])
      signal.throwIfAborted()
      if (answer.ended === 'not-found') return undefined
      return {
        program,
        title,
        version: /\d+\.\d+(\.\d+)?/.exec(version.stdout)?.[0],
        info: answer,
      }
    }),
  )
  return found
    .filter((engine) => engine !== undefined)
    .sort((one, other) => Number(answers(other)) - Number(answers(one)))
}

export function answers(engine: Engine): boolean {
  return engine.info.ended === 'succeeded'
}

/** What the engine said when it did not answer: its own words. */
export function engineWords(engine: Engine): string {
  const { info } = engine
  if (info.ended === 'timed-out') return `no answer in ${PATIENCE_MS / 1000} s`
  return info.stderr.trim() || info.stdout.trim() || info.message
}
