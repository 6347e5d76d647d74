import { LabError } from '../../base/errors.ts'
import { type ProgramResult, runProgram } from '../../platform/run-program.ts'
import type { Fix, Readiness } from '../provider.ts'
import { answers, type Engine, engineWords, findEngines } from './engine.ts'
import { fixLine, kindFixes, missingEngineFixes, silentEngineFixes } from './kind-fixes.ts'
import { isNewEnough, type KindVersion, LEAST_KIND, parseKindVersion } from './kind-version.ts'

/** What kind clusters need, as it was found on this computer. */
export type Prerequisites =
  | { readonly kind: 'ready'; readonly version: KindVersion; readonly engine: Engine }
  | { readonly kind: 'kind-missing' }
  | { readonly kind: 'kind-broken'; readonly answer: ProgramResult }
  | { readonly kind: 'kind-old'; readonly version: KindVersion }
  | { readonly kind: 'engine-missing'; readonly version: KindVersion }
  | { readonly kind: 'engine-silent'; readonly version: KindVersion; readonly engine: Engine }

export async function findPrerequisites(options: {
  readonly env: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}): Promise<Prerequisites> {
  const { env, signal } = options
  const [answer, engines] = await Promise.all([
    runProgram('kind', ['version'], { env, signal, timeoutMs: 20_000 }),
    findEngines(options),
  ])
  signal.throwIfAborted()
  if (answer.ended === 'not-found') return { kind: 'kind-missing' }
  const version = parseKindVersion(answer.stdout)
  if (answer.ended !== 'succeeded' || version === undefined) return { kind: 'kind-broken', answer }
  if (!isNewEnough(version)) return { kind: 'kind-old', version }
  const engine = engines[0]
  if (engine === undefined) return { kind: 'engine-missing', version }
  if (!answers(engine)) return { kind: 'engine-silent', version, engine }
  return { kind: 'ready', version, engine }
}

/** For the start screen. */
export function readinessOf(found: Prerequisites, platform: NodeJS.Platform): Readiness {
  if (found.kind === 'ready') {
    return {
      state: 'ready',
      word: 'ready',
      found: `${kindName(found.version)} and ${engineName(found.engine)} are ready.`,
      fixes: [],
    }
  }
  return {
    state: 'not-ready',
    word: 'not ready',
    found: sentence(found),
    fixes: fixesOf(found, platform),
    error: refusal(found, platform),
  }
}

/** What is there, or the error that says what is missing and how to get it. */
export function requireReady(found: Prerequisites, platform: NodeJS.Platform): Ready {
  if (found.kind === 'ready') return found
  throw refusal(found, platform)
}

type Ready = Extract<Prerequisites, { kind: 'ready' }>

function refusal(found: Exclude<Prerequisites, Ready>, platform: NodeJS.Platform): LabError {
  const next = [...fixesOf(found, platform).map(fixLine), 'Or use the simulated cluster.']
  switch (found.kind) {
    case 'kind-missing':
    case 'kind-old':
      return new LabError('ERR_KIND_MISSING', sentence(found), {
        why: `A kind cluster needs kind ${LEAST_KIND} or newer: older ones do not enforce NetworkPolicy.`,
        next,
      })
    case 'kind-broken':
      return new LabError('ERR_KIND_MISSING', sentence(found), {
        why: `${found.answer.message}\n${found.answer.output.trim()}`.trim(),
        next,
      })
    case 'engine-missing':
      return new LabError(
        'ERR_ENGINE_NOT_READY',
        'No container engine is installed, so kind cannot make a cluster.',
        { why: `${kindName(found.version)}; tried docker, podman, nerdctl.`, next },
      )
    case 'engine-silent':
      return new LabError(
        'ERR_ENGINE_NOT_READY',
        'No container engine answers, so kind cannot make a cluster.',
        {
          why: `${kindName(found.version)}, ${engineName(found.engine)}\n${found.engine.info.command}\n${engineWords(found.engine)}`,
          next,
        },
      )
  }
}

function sentence(found: Exclude<Prerequisites, { kind: 'ready' }>): string {
  switch (found.kind) {
    case 'kind-missing':
      return 'kind is not installed.'
    case 'kind-broken':
      return 'kind is installed but does not tell its version.'
    case 'kind-old':
      return `kind ${found.version.text} is installed; ${LEAST_KIND} or newer is needed.`
    case 'engine-missing':
      return `${kindName(found.version)} is installed. No container engine was found.`
    case 'engine-silent':
      return `${kindName(found.version)} is installed. ${found.engine.title} is installed but does not answer.`
  }
}

function fixesOf(
  found: Exclude<Prerequisites, { kind: 'ready' }>,
  platform: NodeJS.Platform,
): readonly Fix[] {
  if (found.kind === 'engine-missing') return missingEngineFixes()
  if (found.kind === 'engine-silent') return silentEngineFixes(platform, found.engine)
  return kindFixes(platform)
}

function kindName(version: KindVersion): string {
  return `kind ${version.text}`
}

function engineName(engine: Engine): string {
  return engine.version === undefined ? engine.title : `${engine.title} ${engine.version}`
}
