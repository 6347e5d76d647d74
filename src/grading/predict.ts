import type { Outcome, ProbeSpec } from '../lessons/model.ts'
import { type PreparedPolicies, prepare } from '../policy/evaluate.ts'
import type { Endpoint, Flow, Verdict } from '../policy/types.ts'
import type { ClusterState } from './cluster-state.ts'
import { translate } from './translate.ts'
import type { ProbeFacts, ProbeResult } from './types.ts'

/** What the engine says of a probe, or `undefined` where it cannot say. */
export type Engine = Extract<ProbeResult, { kind: 'observed' }>['engine']

export interface PredictOptions {
  readonly probe: ProbeSpec
  readonly from: { readonly namespace: string; readonly name: string }
  /** What was observed: it gives the address of an outside name, and tells a closed port from an open one. */
  readonly facts: ProbeFacts
  /** Whom the pod asks for names, where it asked: its resolv.conf says so. */
  readonly nameserver: string | undefined
  /** How the control ended, where there was one. */
  readonly control: ProbeFacts | undefined
  readonly state: ClusterState
  /** How a denied connection looks on this cluster. */
  readonly denySignature: 'timeout' | 'refused'
}

/**
 * The outcome that the specification promises for a probe: the lookup is a connection to the name server that the pod asks, then the
 * connection itself, each judged on both sides by the policies of the cluster. Policies say nothing of what listens: where they
 * allow, a refusal is taken as seen.
 */
export function predictOutcome(options: PredictOptions): Engine {
  const { probe, facts, state } = options
  const { namespace, name } = options.from
  const isKnown = state.policy.pods.some((one) => one.name === name && one.namespace === namespace)
  // A pod that went away between the probe and the reading: nothing can be said of it.
  if (!isKnown) return undefined
  const prepared = prepare(state.policy)
  const from: Endpoint = { kind: 'pod', namespace, name }
  if (facts.name.kind !== 'not-asked') {
    const lookup = judge(prepared, from, options.nameserver, 53, 'UDP', state)
    if (lookup === undefined) return undefined
    if (!lookup.allowed) return { outcome: 'dns-failure', verdict: lookup }
    if (facts.name.kind === 'no-such-name') return { outcome: 'no-such-name', verdict: lookup }
    if (probe.protocol === 'DNS') return { outcome: 'connected', verdict: lookup }
  }
  const address = addressOf(options)
  if (address === undefined || probe.protocol === 'DNS') return undefined
  const translated = translate(address, probe.port, probe.protocol, state)
  if (translated.kind === 'rejected') return { outcome: 'refused' }
  if (translated.kind === 'nowhere') return { outcome: 'timeout' }
  const verdict = judge(prepared, from, address, probe.port, probe.protocol, state)
  if (verdict === undefined) return undefined
  if (!verdict.allowed) {
    const outcome = probe.protocol === 'ICMP' ? 'timeout' : options.denySignature
    return { outcome, verdict }
  }
  const outcome = allowedOutcome(options, prepared.resolve(verdict.flow.to).kind === 'address')
  return outcome === undefined ? undefined : { outcome, verdict }
}

/** What is seen of a connection that policies allow. */
function allowedOutcome(
  { facts, control }: PredictOptions,
  isOutside: boolean,
): Outcome | undefined {
  if (facts.connection?.kind === 'refused' || facts.connection?.kind === 'connected') {
    return facts.connection.kind
  }
  // Outside the cluster an address may belong to nobody: only a control shows that somebody is there.
  if (isOutside && control?.outcome !== 'connected') return undefined
  return 'connected'
}

/** One verdict on every pod that may be picked; `undefined` where they differ, so that chance decides. */
function judge(
  prepared: PreparedPolicies,
  from: Endpoint,
  address: string | undefined,
  port: number | undefined,
  protocol: Flow['protocol'],
  state: ClusterState,
): Verdict | undefined {
  if (address === undefined) return undefined
  const translated = translate(address, port, protocol, state)
  if (translated.kind !== 'flows') return undefined
  const verdicts = translated.to.map((end) =>
    prepared.evaluate({ from, protocol, ...end, to: named(prepared, end.to) }),
  )
  const [first] = verdicts
  return verdicts.every(({ allowed }) => allowed === first?.allowed) ? first : undefined
}

/** Verdicts are read by people: a pod is named, where an address is one. */
function named(prepared: PreparedPolicies, endpoint: Endpoint): Endpoint {
  const end = prepared.resolve(endpoint)
  if (end.kind === 'address' || end.pod === undefined) return endpoint
  return { kind: 'pod', namespace: end.pod.namespace, name: end.pod.name }
}

function addressOf({ facts, probe, from, state }: PredictOptions): string | undefined {
  if (facts.name.kind === 'answered' || facts.name.kind === 'not-asked') return facts.name.address
  // The lookup failed though policies allow it: what it would have said is known for Services.
  const [name, namespace = from.namespace, kind = 'svc'] = probe.to.split('.')
  if (kind !== 'svc') return undefined
  return state.services.find(
    ({ metadata }) => metadata.name === name && metadata.namespace === namespace,
  )?.spec.clusterIP
}
