import { type PreparedPolicies, prepare } from '../../policy/evaluate.ts'
import type { Endpoint, Flow, PolicyState, Verdict } from '../../policy/types.ts'
import type { ResolvedEnd } from './resolve-end.ts'

/** What the policies say about a connection to an end that was resolved, and what else is to be known of it. */
export interface Judgement {
  readonly verdict: Verdict
  readonly notes: readonly string[]
}

/**
 * Judges a connection after translation. Where a node rewrites the sender, the pod's side is judged with the node as sender.
 * @throws UnknownEndError for ends that the state does not have
 */
export function judgeEnd(
  state: PolicyState,
  from: Endpoint,
  end: ResolvedEnd,
  protocol: Flow['protocol'],
): Judgement {
  const prepared = prepare(state)
  const verdict = verdictOf(prepared, from, end, end.endpoint, protocol)
  const differs = (end.others ?? []).filter(
    (other) => verdictOf(prepared, from, end, other, protocol).allowed !== verdict.allowed,
  )
  const [first] = differs
  if (first === undefined) return { verdict, notes: end.note === undefined ? [] : [end.note] }
  const many = differs.length === 1 ? '' : ` and ${differs.length - 1} more`
  const name = first.kind === 'pod' ? `pod ${first.name}` : first.kind
  return {
    verdict,
    notes: [
      ...(end.note === undefined ? [] : [end.note]),
      `The service picks one of ${(end.others?.length ?? 0) + 1} pods for each connection, and those to ${name}${many} are ${verdict.allowed ? 'denied' : 'allowed'}: it works now and then.`,
    ],
  }
}

function verdictOf(
  prepared: PreparedPolicies,
  from: Endpoint,
  { port, viaService, family, rewrittenBy }: ResolvedEnd,
  to: Endpoint,
  protocol: Flow['protocol'],
): Verdict {
  const flow: Flow = {
    from,
    to,
    protocol,
    port,
    ...(viaService === true ? { viaService } : {}),
    ...(family === undefined ? {} : { family }),
  }
  const verdict = prepared.evaluate(flow)
  if (rewrittenBy === undefined) return verdict
  const { ingress } = prepared.evaluate({ ...flow, from: { kind: 'node', name: rewrittenBy } })
  return { ...verdict, ingress, allowed: verdict.egress.allowed && ingress.allowed }
}
