import { type KubeClient, KubeStatusError } from '../kube/client.ts'
import type { Outcome, ProbeSource, ProbeSpec } from '../lessons/model.ts'
import { createStateReader, type StateReader } from './cluster-state.ts'
import { tryConnection } from './connect.ts'
import { resolveDestination } from './destination.ts'
import { findPod } from './find-pod.ts'
import { type ExecTarget, runScript } from './pod-exec.ts'
import { predictOutcome } from './predict.ts'
import { type ResolverMemory, resolveName } from './resolve-name.ts'
import type { ProbeFacts, ProbeResult } from './types.ts'

export interface ProbeOptions {
  readonly signal: AbortSignal
  /** Patience for a connection, in the pod's time; whole seconds are used. @default 2000 */
  readonly timeoutMs?: number
  /** Real time after which the whole probe is given up as inconclusive. @default 90000 */
  readonly deadlineMs?: number
  /** How a denied connection looks on this cluster; the canary knows. @default timeout */
  readonly denySignature?: 'timeout' | 'refused'
  /** Shares one reading of the cluster among probes. @default one of its own */
  readonly state?: StateReader
  /** Shares what is known of pods' resolvers. @default one of its own */
  readonly resolvers?: ResolverMemory
}

/** Policies take effect within seconds and nobody says when: an unexpected outcome is looked at again. */
const LOOKS = 3

/**
 * Tries a connection from inside a pod and gives back what happened, with a control and what the engine says.
 * Verdicts come from exit status and time alone. What cannot be shown is `inconclusive`, with the reason.
 *
 * @throws LabError where the cluster does not answer; the signal's reason when it aborts
 */
export async function runProbe(
  client: KubeClient,
  probe: ProbeSpec,
  options: ProbeOptions,
): Promise<ProbeResult> {
  const deadline = AbortSignal.timeout(options.deadlineMs ?? 90_000)
  const signal = AbortSignal.any([options.signal, deadline])
  const state = options.state ?? createStateReader(client)
  const resolvers = options.resolvers ?? new Map()
  try {
    for (let look = 1; ; look++) {
      const result = await probeOnce(client, probe, { ...options, signal, state, resolvers })
      if (result.kind !== 'observed' || !isSurprise(result) || look === LOOKS) return result
      state.forget()
      await pauseInPod(client, result, probe.from, signal)
    }
  } catch (error) {
    options.signal.throwIfAborted()
    if (deadline.aborted) {
      return inconclusive(probe, 'The probe took too long and was given up.')
    }
    if (error instanceof KubeStatusError) {
      return inconclusive(probe, `The cluster refused the probe: ${error.message}`)
    }
    throw error
  }
}

/** The engine says something else than was seen. */
export function isSurprise(result: Extract<ProbeResult, { kind: 'observed' }>): boolean {
  return result.engine !== undefined && result.engine.outcome !== result.facts.outcome
}

type Once = ProbeOptions & { readonly state: StateReader; readonly resolvers: ResolverMemory }

async function probeOnce(
  client: KubeClient,
  probe: ProbeSpec,
  options: Once,
): Promise<ProbeResult> {
  const [observed, control] = await Promise.all([
    observe(client, probe, probe.from, options),
    probe.control === undefined ? undefined : observe(client, probe, probe.control, options),
  ])
  const controlFacts = control?.kind === 'seen' ? control.facts : undefined
  if (observed.kind === 'not-seen' && observed.missing) {
    return { ...inconclusive(probe, observed.reason, controlFacts), sourceMissing: true }
  }
  if (control?.kind === 'not-seen') {
    return inconclusive(probe, `The control could not run. ${control.reason}`)
  }
  if (control?.kind === 'seen' && control.facts.outcome !== 'connected') {
    const where = `${control.pod.name} to ${describeTarget(probe)}`
    const reason = `The control failed (${control.facts.outcome}, ${where}), so this proves nothing.`
    return inconclusive(probe, reason, control.facts)
  }
  if (observed.kind === 'not-seen') return inconclusive(probe, observed.reason, controlFacts)
  const engine = predictOutcome({
    probe,
    from: observed.pod,
    facts: observed.facts,
    nameserver: observed.nameserver,
    control: controlFacts,
    state: await options.state.read(options.signal),
    denySignature: options.denySignature ?? 'timeout',
  })
  return {
    kind: 'observed',
    probe,
    fromPod: observed.pod.name,
    facts: observed.facts,
    ...(control?.kind === 'seen' ? { control: control.facts, controlPod: control.pod.name } : {}),
    ...(engine === undefined ? {} : { engine }),
  }
}

type Observation =
  | {
      readonly kind: 'seen'
      readonly pod: { readonly namespace: string; readonly name: string }
      readonly facts: ProbeFacts
      /** Whom the pod asks for names, where it asked. */
      readonly nameserver: string | undefined
    }
  /** `missing`: there is no pod that the probe could run in. */
  | { readonly kind: 'not-seen'; readonly reason: string; readonly missing?: true }

async function observe(
  client: KubeClient,
  probe: ProbeSpec,
  source: ProbeSource,
  options: Once,
): Promise<Observation> {
  const { signal } = options
  const state = await options.state.read(signal)
  const found = await findPod(client, source, signal, state.pods)
  if (found.kind === 'missing') return { kind: 'not-seen', reason: found.reason, missing: true }
  const { metadata, spec } = found.pod
  // A pod that came up meanwhile is not in what was read.
  if (
    !state.policy.pods.some(
      (one) => one.name === metadata.name && one.namespace === source.namespace,
    )
  ) {
    options.state.forget()
  }
  const pod = { namespace: source.namespace, name: metadata.name }
  const target: ExecTarget = {
    namespace: source.namespace,
    pod: metadata.name,
    container: spec.containers[0]?.name,
    uid: metadata.uid ?? `${source.namespace}/${metadata.name}`,
  }
  let destination = resolveDestination(probe.to, probe.from.namespace, state)
  if (destination.kind === 'unknown') {
    options.state.forget()
    const now = await options.state.read(signal)
    destination = resolveDestination(probe.to, probe.from.namespace, now)
  }
  if (destination.kind === 'unknown') return { kind: 'not-seen', reason: destination.reason }
  if (destination.kind === 'address') {
    const name = { kind: 'not-asked', address: destination.address } as const
    return connect(
      client,
      target,
      pod,
      probe,
      { name, nameSeconds: 0, nameserver: undefined },
      options,
    )
  }
  const looked = await resolveName(client, target, destination.name, {
    signal,
    memory: options.resolvers,
  })
  if (looked.kind === 'not-run') return { kind: 'not-seen', reason: looked.reason }
  const { name, seconds: nameSeconds, nameserver } = looked
  return connect(client, target, pod, probe, { name, nameSeconds, nameserver }, options)
}

async function connect(
  client: KubeClient,
  target: ExecTarget,
  pod: { readonly namespace: string; readonly name: string },
  probe: ProbeSpec,
  looked: {
    readonly name: ProbeFacts['name']
    readonly nameSeconds: number
    readonly nameserver: string | undefined
  },
  options: Once,
): Promise<Observation> {
  const { name, nameSeconds, nameserver } = looked
  const seen = (outcome: Outcome, seconds: number, connection?: ProbeFacts['connection']) => ({
    kind: 'seen' as const,
    pod,
    nameserver,
    facts: { outcome, name, seconds, ...(connection === undefined ? {} : { connection }) },
  })
  if (name.kind === 'unreachable') return seen('dns-failure', nameSeconds)
  if (name.kind === 'no-such-name') return seen('no-such-name', nameSeconds)
  if (probe.protocol === 'DNS') return seen('connected', nameSeconds)
  const to = {
    address: name.address,
    protocol: probe.protocol,
    ...(probe.port === undefined ? {} : { port: probe.port }),
  }
  const limitSeconds = Math.max(1, Math.round((options.timeoutMs ?? 2000) / 1000))
  const result = await tryConnection(client, target, to, { limitSeconds, signal: options.signal })
  if (result.kind === 'not-run') return { kind: 'not-seen', reason: result.reason }
  const { connection } = result
  return seen(connection.kind, nameSeconds + connection.seconds, connection)
}

/** Lets a second pass on the cluster's own clock. */
async function pauseInPod(
  client: KubeClient,
  { fromPod }: Extract<ProbeResult, { kind: 'observed' }>,
  { namespace }: ProbeSource,
  signal: AbortSignal,
): Promise<void> {
  const target = { namespace, pod: fromPod, container: undefined, uid: '' }
  await runScript(client, target, 'sleep 1', signal)
}

function inconclusive(
  probe: ProbeSpec,
  reason: string,
  control?: ProbeFacts,
): Extract<ProbeResult, { kind: 'inconclusive' }> {
  return { kind: 'inconclusive', probe, reason, ...(control === undefined ? {} : { control }) }
}

/** `web:80 TCP`, `google.com (ICMP)`: the far end of a probe, for people. */
export function describeTarget({ to, port, protocol }: ProbeSpec): string {
  const name = to.replace(/^(service|pod)\//, '')
  return port === undefined ? `${name} (${protocol})` : `${name}:${port} ${protocol}`
}
