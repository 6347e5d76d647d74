import type { KubeClient } from '../kube/client.ts'
import type { Check, Lesson, ProbeSpec } from '../lessons/model.ts'
import { runChecks } from './check.ts'
import { createStateReader } from './cluster-state.ts'
import { runProbe } from './probe.ts'
import type { ResolverMemory } from './resolve-name.ts'
import type { CheckResult, ProbeResult } from './types.ts'

/** Grading of one lesson on one cluster. */
export interface Grader {
  probe(probe: ProbeSpec, signal: AbortSignal): Promise<ProbeResult>
  /** `outputs` are the lines that items of the lesson printed, by item id. */
  checks(
    checks: readonly Check[],
    outputs: Readonly<Record<string, readonly string[]>>,
    signal: AbortSignal,
  ): Promise<readonly CheckResult[]>
}

export interface GraderOptions {
  readonly client: KubeClient
  /** How a denied connection looks on this cluster: the canary measured it. */
  readonly denySignature: 'timeout' | 'refused'
  readonly lesson: Lesson
}

export function createGrader({ client, denySignature, lesson }: GraderOptions): Grader {
  const resolvers: ResolverMemory = new Map()
  return {
    probe: (probe, signal) => runProbe(client, probe, { signal, denySignature, resolvers }),
    checks: (checks, outputs, signal) => {
      // One reading serves one set: the next set sees what changed meanwhile.
      const state = createStateReader(client)
      const context = { client, signal, state, resolvers, denySignature, lesson, outputs }
      return runChecks(checks, context)
    },
  }
}
